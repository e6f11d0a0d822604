"""MLPRegressor."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if

from lamina.sklearn.base import BaseMLP, Taken


class MLPRegressor(RegressorMixin, BaseMLP):
    """A multi-layer perceptron that learns numbers by their squared error.

    Takes the place of `sklearn.neural_network.MLPRegressor`: the same parameters with the same
    defaults, and with the same `random_state` the same weights, orders of samples and results, up to
    rounding. Weights and predictions are in `lamina.config.floatx()`, float32 unless set: scale
    targets whose digits matter.

    Args:
        loss: "squared_error", or "poisson" for counts y >= 0: half their deviance, of exp(output).

    The others are those of `MLPClassifier`, without `class_weight`; the validation score is R^2.

    Examples:
        >>> from lamina.sklearn import MLPRegressor
        >>> X = np.linspace(-1, 1, 50)[:, None]
        >>> mlp = MLPRegressor(hidden_layer_sizes=16, solver="lbfgs", random_state=0).fit(X, X[:, 0] ** 2)
        >>> mlp.score(X, X[:, 0] ** 2) > 0.99
        True
    """

    _parameter_constraints: dict[str, Any] = {
        **BaseMLP._parameter_constraints,
        "loss": [StrOptions({"squared_error", "poisson"})],
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: Any = 10,
        max_fun: int = 15000,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(
            hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate,
            learning_rate_init, power_t, max_iter, shuffle, random_state, tol, verbose, warm_start,
            momentum, nesterovs_momentum, early_stopping, validation_fraction, beta_1, beta_2,
            epsilon, n_iter_no_change, max_fun, dropout,
        )  # fmt: skip
        self.loss = loss

    @available_if(lambda self: self._check_solver())
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Trains for one epoch, and goes on with the optimizer where it was.

        Args: X, y, sample_weight: as in `fit`.

        Errors: AttributeError for the solver "lbfgs".
        """
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> np.ndarray:
        """The numbers for rows X, (n_samples,) or (n_samples, n_outputs)."""
        return self._numbers(self._outputs(X))

    def _numbers(self, outputs: np.ndarray) -> np.ndarray:
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def _validation_arguments(self) -> dict[str, Any]:
        return {"y_numeric": True}

    def _targets(self, y: Any, incremental: bool) -> tuple[np.ndarray, Any, np.ndarray | None]:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if self.loss == "poisson" and (y < 0).any():
            raise ValueError(f"`y` must not be negative for loss='poisson'. Received: {y.min()}")
        return np.ascontiguousarray(y.reshape(len(y), -1)), y, None

    def _stratified(self, targets: np.ndarray) -> bool:
        return False

    def _output(self, targets: np.ndarray) -> tuple[str, int]:
        return "exp" if self.loss == "poisson" else "identity", targets.shape[1]

    def _score(self, held_out: Taken) -> float:
        numbers = self._numbers(self._computed(held_out.x))
        if not np.isfinite(numbers).all():
            return float("nan")
        return float(r2_score(held_out.labels, numbers, sample_weight=held_out.own_weight))
