"""What the classifier and the regressor have in common."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.config import floatx
from lamina.data.arrays import first_nonfinite
from lamina.data.samples import Samples
from lamina.sklearn import lbfgs
from lamina.sklearn.network import PREDICT_ROWS, Network, Recipe
from lamina.sklearn.parameters import CONSTRAINTS
from lamina.sklearn.rows import as_rows
from lamina.sklearn.stochastic import Training, new_optimizer
from lamina.sklearn.weights import as_sample_weight

DTYPES = (np.float32, np.float64)  # other numbers become float32


class Taken(NamedTuple):
    """Checked samples: rows, targets as programs read them, weights; labels for scores, and what a
    split keeps in proportion."""

    x: Any
    y: np.ndarray
    weight: np.ndarray | None
    labels: Any
    own_weight: np.ndarray | None  # sample_weight without class_weight
    strata: np.ndarray | None

    def part(self, rows: np.ndarray) -> Taken:
        """Some of the rows."""
        x = self.x[rows]
        return Taken(x, *(None if a is None else a[rows] for a in self[1:]))  # type: ignore[arg-type]


class BaseMLP(BaseEstimator, metaclass=ABCMeta):
    """A multi-layer perceptron with scikit-learn's parameters, on a lamina network."""

    _parameter_constraints: dict[str, Any] = CONSTRAINTS

    @abstractmethod
    def __init__(
        self, hidden_layer_sizes: Any, activation: str, solver: str, alpha: float, batch_size: Any,
        learning_rate: str, learning_rate_init: float, power_t: float, max_iter: int, shuffle: bool,
        random_state: Any, tol: float, verbose: Any, warm_start: bool, momentum: float,
        nesterovs_momentum: bool, early_stopping: bool, validation_fraction: float, beta_1: float,
        beta_2: float, epsilon: float, n_iter_no_change: Any, max_fun: int, dropout: float,
    ) -> None:  # fmt: skip
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.dropout = dropout

    # --- fit --------------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Trains on rows X and targets y.

        Args:
            X: (n_samples, n_features), dense or sparse.
            y: (n_samples,) or (n_samples, n_outputs).
            sample_weight: (n_samples,): how much each counts in the loss.

        Errors: ValueError or TypeError for parameters, data and weights that do not fit.
        """
        return self._fit(X, y, sample_weight, incremental=False)

    def _check_solver(self) -> bool:
        if self.solver == "lbfgs":
            raise AttributeError(
                "partial_fit is there for the solvers 'adam' and 'sgd' only. Received: solver='lbfgs'"
            )
        return True

    def _fit(self, X: Any, y: Any, sample_weight: Any, incremental: bool) -> Any:
        self._validate_params()
        sizes = self._hidden_sizes()
        fresh = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        taken = self._take(X, y, sample_weight, fresh, incremental)
        self._random = check_random_state(self.random_state)
        if fresh:
            self._begin(sizes, taken)
        self._prepare(sizes, anew=fresh or not incremental)
        if self.solver == "lbfgs":
            lbfgs.train(self, taken)
        else:
            if fresh or self._compares_otherwise():
                self._begin_curves()
            Training(self, taken, incremental).run()
        if not all(np.isfinite(v.array).all() for v in self._network.weights):
            raise ValueError(
                "The weights have become NaN or infinite: scale the data, or lower the learning "
                f"rate. Received: learning_rate_init={self.learning_rate_init}"
            )
        return self

    def _hidden_sizes(self) -> list[int]:
        sizes = self.hidden_layer_sizes
        sizes = [int(size) for size in (sizes if np.iterable(sizes) else [sizes])]
        if any(size <= 0 for size in sizes):
            raise ValueError(
                f"`hidden_layer_sizes` must be positive. Received: hidden_layer_sizes={sizes}"
            )
        if self.dropout and self.solver == "lbfgs":
            raise ValueError(
                "`dropout` needs the solver 'adam' or 'sgd'. Received: "
                f"dropout={self.dropout}, solver='lbfgs'"
            )
        return sizes

    def _take(self, X: Any, y: Any, sample_weight: Any, fresh: bool, incremental: bool) -> Taken:
        """The samples, checked; sets what they say of classes and features."""
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], multi_output=True, dtype=DTYPES, reset=fresh,
            **self._validation_arguments(),
        )  # fmt: skip
        weight = None if sample_weight is None else as_sample_weight(sample_weight, X)
        targets, labels, class_weight = self._targets(y, incremental)
        own = weight
        if class_weight is not None:
            weight = class_weight if weight is None else weight * class_weight
        strata = labels if self._stratified(targets) else None
        return Taken(as_rows(X), targets, weight, labels, own, strata)

    def _begin(self, hidden: list[int], taken: Taken) -> None:
        """Draws first weights as scikit-learn does."""
        self.n_iter_ = 0
        self.t_ = 0
        self.out_activation_, self.n_outputs_ = self._output(taken.y)
        sizes = [taken.x.shape[1], *hidden, self.n_outputs_]
        self.n_layers_ = len(sizes)
        self.coefs_, self.intercepts_ = [], []
        for fan_in, fan_out in pairwise(sizes):
            factor = 2.0 if self.activation == "logistic" else 6.0
            bound = np.sqrt(factor / (fan_in + fan_out))  # Glorot and Bengio, 2010
            self.coefs_.append(self._random.uniform(-bound, bound, (fan_in, fan_out)))
            self.intercepts_.append(self._random.uniform(-bound, bound, fan_out))

    def _compares_otherwise(self) -> bool:
        """Whether the fits before compared no epochs, or losses in the place of scores."""
        return not hasattr(self, "loss_curve_") or (
            (self.best_loss_ is None) != self.early_stopping
        )

    def _begin_curves(self) -> None:
        """Sets what compares epochs to the start."""
        early = self.early_stopping
        self._no_improvement_count = 0
        self._best = [*self.coefs_, *self.intercepts_] if early else []
        self.loss_curve_: list[float] = []
        self.best_loss_: Any = None if early else np.inf
        self.validation_scores_: Any = [] if early else None
        self.best_validation_score_: Any = -np.inf if early else None

    def _prepare(self, hidden: list[int], anew: bool) -> None:
        """A network of the weights that are there: with its optimizer, or for partial_fit the one
        that is at work."""
        known = [c.shape[1] for c in self.coefs_[:-1]]
        if known != hidden:
            raise ValueError(
                f"Training goes on with the layers it began with, {known}. Received: "
                f"hidden_layer_sizes={self.hidden_layer_sizes}"
            )
        if anew or (self._network.optimizer is None and self.solver != "lbfgs"):
            optimizer = None if self.solver == "lbfgs" else new_optimizer(self)
            seed = int(self._random.randint(2**31)) if self.dropout else 0
            self._rate = float(self.learning_rate_init)
            self._use(Network(self.coefs_, self.intercepts_, optimizer, seed, floatx()))
        self._network.take(self.coefs_, self.intercepts_)
        self._use(self._network)

    def _use(self, network: Network) -> None:
        """The network's memory is what `coefs_` and `intercepts_` show."""
        self._network = network
        self.coefs_ = [v.array for v in network.coefs]
        self.intercepts_ = [v.array for v in network.intercepts]

    def _recipe(self) -> Recipe:
        return Recipe(self.activation, self.out_activation_, float(self.alpha), float(self.dropout))

    # --- predict ----------------------------------------------------------------------------------

    def _outputs(self, X: Any, activation: str | None = None) -> np.ndarray:
        """The outputs for rows X, (n_samples, n_outputs); with another activation if told."""
        check_is_fitted(self)
        if not self._is_plain(X):
            X = validate_data(self, X, accept_sparse=["csr", "csc"], dtype=DTYPES, reset=False)
        self._network.take(self.coefs_, self.intercepts_)
        return self._computed(as_rows(X), activation)

    def _is_plain(self, X: Any) -> bool:
        """Whether X is what `validate_data` would give back, which takes it longer than a small
        network needs for its outputs."""
        return (
            type(X) is np.ndarray
            and X.dtype in DTYPES
            and X.shape[1:] == (self.n_features_in_,)
            and len(X) > 0
            and not hasattr(self, "feature_names_in_")
            and first_nonfinite(X) is None
        )

    def _computed(self, x: Any, activation: str | None = None) -> np.ndarray:
        samples = Samples(x)
        recipe = Recipe(self.activation, activation or self.out_activation_)
        program = self._network.predict_program(recipe, samples)
        result = np.empty((len(samples), self.n_outputs_), self._network.dtype)
        gather = samples.gatherer()
        if gather is None:
            program.map(samples.arrays, len(samples), [result])
            return result
        for first in range(0, len(samples), PREDICT_ROWS):
            rows = np.arange(first, min(first + PREDICT_ROWS, len(samples)))
            program.map(gather(rows), len(rows), [result[rows[0] : rows[-1] + 1]])
        return result

    # --- for subclasses ---------------------------------------------------------------------------

    @abstractmethod
    def _validation_arguments(self) -> dict[str, Any]:
        """What `validate_data` is told beside."""

    @abstractmethod
    def _targets(self, y: Any, incremental: bool) -> tuple[np.ndarray, Any, np.ndarray | None]:
        """The targets of programs, those of scores, and a weight per sample from class weights."""

    @abstractmethod
    def _stratified(self, targets: np.ndarray) -> bool:
        """Whether a split keeps classes in proportion."""

    @abstractmethod
    def _output(self, targets: np.ndarray) -> tuple[str, int]:
        """The output activation, and the number of outputs."""

    @abstractmethod
    def _score(self, held_out: Taken) -> float:
        """How well held out samples are predicted."""

    # --- scikit-learn's protocols -----------------------------------------------------------------

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if "_network" in state:
            state = {**state, "_network": self._network.get_state()}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_network" in state:
            self._use(Network.of_state(self.coefs_, self.intercepts_, state["_network"]))
