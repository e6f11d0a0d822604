"""MLPClassifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

from lamina import ops
from lamina.sklearn.base import BaseMLP, Taken


class MLPClassifier(ClassifierMixin, BaseMLP):
    """A multi-layer perceptron that learns classes by their log-loss.

    Takes the place of `sklearn.neural_network.MLPClassifier`: the same parameters with the same
    defaults, and with the same `random_state` the same weights, orders of samples and results, up to
    rounding. Weights and probabilities are in `lamina.config.floatx()`, float32 unless set; X may be
    of another dtype, and is converted batch by batch.

    Args:
        hidden_layer_sizes: units of each hidden layer.
        activation: of the hidden layers: "identity", "logistic", "tanh" or "relu".
        solver: "adam", "sgd" or "lbfgs" (SciPy's, for small data).
        alpha: of the penalty alpha / 2 * sum(coefs ** 2), which is divided by the samples of a batch.
        batch_size: samples per step; "auto" is min(200, n_samples).
        learning_rate: of "sgd": "constant"; "invscaling", learning_rate_init / t ** power_t after t
            samples; "adaptive", a fifth wherever nothing got better.
        learning_rate_init: of "adam" and "sgd".
        power_t: of "invscaling".
        max_iter: epochs at most, or iterations of "lbfgs".
        shuffle: a new order of samples in each epoch.
        random_state: seeds first weights, orders, the split of early stopping, and dropout.
        tol: what counts as better, of the loss or the validation score.
        verbose: print a line per epoch.
        warm_start: `fit` goes on with the weights that are there.
        momentum, nesterovs_momentum: of "sgd".
        early_stopping: hold `validation_fraction` of the samples out, stop by their score, and end
            with the weights of the best one.
        validation_fraction: of early stopping.
        beta_1, beta_2, epsilon: of "adam".
        n_iter_no_change: epochs without anything better until training ends.
        max_fun: evaluations of "lbfgs" at most.
        class_weight: how much classes count: a dict of label: weight, "balanced" for equal sums, or
            for multilabel y a list of dicts. scikit-learn's has none.
        dropout: the share of each hidden layer's outputs that a training step leaves out, in [0, 1).
            scikit-learn's has none.

    Attributes:
        classes_: the labels, sorted.
        coefs_, intercepts_: of each layer, (inputs, outputs) and (outputs,).
        loss_, loss_curve_: the loss of the last epoch, and of all.
        best_loss_: the least loss, None with early stopping.
        validation_scores_, best_validation_score_: accuracies, with early stopping.
        n_iter_, t_: epochs of the last fit, and samples seen.
        n_layers_, n_outputs_, out_activation_: what the network is like.
        n_features_in_, feature_names_in_: what X was like.

    Examples:
        >>> from lamina.sklearn import MLPClassifier
        >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), ["low", "low", "high", "high"]
        >>> mlp = MLPClassifier((8,), solver="lbfgs", random_state=0).fit(X, y)
        >>> print(mlp.predict([[0.5], [2.5]]))
        ['low' 'high']
    """

    _parameter_constraints: dict[str, Any] = {
        **BaseMLP._parameter_constraints,
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
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
        class_weight: Any = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(
            hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate,
            learning_rate_init, power_t, max_iter, shuffle, random_state, tol, verbose, warm_start,
            momentum, nesterovs_momentum, early_stopping, validation_fraction, beta_1, beta_2,
            epsilon, n_iter_no_change, max_fun, dropout,
        )  # fmt: skip
        self.class_weight = class_weight

    @available_if(lambda self: self._check_solver())
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Any:
        """Trains for one epoch, and goes on with the optimizer where it was.

        Args:
            X, y, sample_weight: as in `fit`.
            classes: all labels there are; needed in the first call.

        Errors: ValueError where `classes` is missing, or not those of the first call; AttributeError
        for the solver "lbfgs".
        """
        known = getattr(self, "classes_", None)
        if classes is not None:
            classes = unique_labels(classes)
            if known is None:
                self.classes_, self._multilabel = classes, _is_multilabel(y)
            elif not np.array_equal(classes, known):
                raise ValueError(
                    f"`classes` must be those of the first call, {known}. Received: {classes}"
                )
        elif known is None:
            raise ValueError("`classes` is needed in the first call of partial_fit. Received: None")
        return self._fit(X, y, sample_weight, incremental=True)

    # --- predict ----------------------------------------------------------------------------------

    def predict(self, X: Any) -> np.ndarray:
        """The labels for rows X, (n_samples,); of multilabel targets 0 or 1, (n_samples, n_outputs)."""
        return self._labels(self._outputs(X))

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, (n_samples, n_classes)."""
        if getattr(self, "n_outputs_", 0) == 1:
            return np.asarray(ops.sigmoid(self._logits(X)))
        return self._outputs(X)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithms of `predict_proba`, finite where that has become 0."""
        logits = self._logits(X)
        logarithm = ops.log_softmax if self.out_activation_ == "softmax" else ops.log_sigmoid
        return np.asarray(logarithm(logits))

    def _logits(self, X: Any) -> np.ndarray:
        """A logit per class: of the one output of two classes its negative for the first."""
        z = self._outputs(X, "identity")
        return np.hstack([-z, z]) if self.n_outputs_ == 1 else z

    def _labels(self, outputs: np.ndarray) -> Any:
        if self._multilabel:
            found = (outputs > 0.5).astype(np.int64)
            return sparse.csr_matrix(found) if self._sparse_targets else found
        if len(self.classes_) == 1:
            return np.repeat(self.classes_, len(outputs))
        if self.n_outputs_ == 1:
            return self.classes_[(outputs[:, 0] > 0.5).astype(np.intp)]
        return self.classes_[outputs.argmax(axis=1)]

    # --- targets ----------------------------------------------------------------------------------

    def _validation_arguments(self) -> dict[str, Any]:
        return {}

    def _targets(self, y: Any, incremental: bool) -> tuple[np.ndarray, Any, np.ndarray | None]:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        if y.ndim == 2 and not _is_multilabel(y):
            raise ValueError(
                "`y` must be labels (n_samples,), or 0 and 1 for multilabel targets (n_samples, "
                f"n_outputs). Received: y of type {type_of_target(y)} and shape {y.shape}"
            )
        self._take_classes(y, incremental)
        weight = self._class_weights(y, incremental)
        if self._multilabel:
            targets = np.asarray(y.toarray() if sparse.issparse(y) else y, np.float32)
            return targets, targets.astype(np.int64), weight
        places = np.searchsorted(self.classes_, y)
        if len(self.classes_) > 2:
            return places.astype(np.int32), y, weight
        return places.astype(np.float32)[:, None], y, weight

    def _take_classes(self, y: Any, incremental: bool) -> None:
        """Learns the classes, or compares with those that are known."""
        found = unique_labels(y)
        if not hasattr(self, "classes_") or not (self.warm_start or incremental):
            self.classes_, self._multilabel = found, _is_multilabel(y)
            self._sparse_targets = sparse.issparse(y)
            return
        self._sparse_targets = sparse.issparse(y)
        if self.warm_start and not incremental and set(found) != set(self.classes_):
            raise ValueError(
                f"`warm_start` goes on with the classes of the last fit, {self.classes_}. Received: y "
                f"with {found}"
            )
        if not set(found) <= set(self.classes_) or _is_multilabel(y) != self._multilabel:
            raise ValueError(f"`y` must have classes of {self.classes_}. Received: {found}")

    def _class_weights(self, y: Any, incremental: bool) -> np.ndarray | None:
        if self.class_weight is None:
            return None
        if incremental and not isinstance(self.class_weight, (dict, list)):
            raise ValueError(
                "`class_weight` must be weights by class in partial_fit, which does not see all "
                f"samples. Received: class_weight={self.class_weight!r}"
            )
        if isinstance(self.class_weight, dict):
            unknown = [key for key in self.class_weight if key not in self.classes_]
            if unknown:
                raise ValueError(
                    f"`class_weight` must name classes of y, {self.classes_}. Received: {unknown}"
                )
        weight: np.ndarray = compute_sample_weight(self.class_weight, y)
        return weight

    def _stratified(self, targets: np.ndarray) -> bool:
        return targets.shape[1:] == (1,)  # two classes only, as scikit-learn's

    def _output(self, targets: np.ndarray) -> tuple[str, int]:
        if targets.ndim == 1:
            return "softmax", len(self.classes_)
        return "logistic", targets.shape[1]

    def _score(self, held_out: Taken) -> float:
        outputs = self._computed(held_out.x)
        if not np.isfinite(outputs).all():
            return float("nan")
        labels = (outputs > 0.5).astype(np.int64) if self._multilabel else self._labels(outputs)
        return float(accuracy_score(held_out.labels, labels, sample_weight=held_out.own_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _is_multilabel(y: Any) -> bool:
    return bool(type_of_target(y).startswith("multilabel"))
