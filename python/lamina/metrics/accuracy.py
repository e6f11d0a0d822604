"""How often predictions are right."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.losses.loss import as_float, match_ranks
from lamina.metrics.reduction import FunctionMetric
from lamina.utils import check


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1.0 where both are equal, else 0.0."""
    y_true, y_pred = match_ranks(as_float(y_true), as_float(y_pred))
    return _ones(ops.equal(y_true, y_pred))


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """1.0 where y_pred > threshold agrees with y_true, else 0.0."""
    y_true, y_pred = match_ranks(as_float(y_true), as_float(y_pred))
    return _ones(ops.equal(y_true, _ones(ops.greater(y_pred, threshold))))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1.0 where the largest of y_true and of y_pred is in the same place, else 0.0."""
    return ops.categorical_accuracy(as_float(y_true), as_float(y_pred))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1.0 where the label y_true is the place of the largest of y_pred, else 0.0."""
    y_true, y_pred = _labels(as_float(y_true), as_float(y_pred))
    return _ones(ops.equal(y_true, ops.argmax(y_pred, axis=-1)))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1.0 where the place of the largest of y_true is among the k largest of y_pred, else 0.0."""
    return sparse_top_k_categorical_accuracy(ops.argmax(as_float(y_true), axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Any:
    """1.0 where the label y_true is among the k largest of y_pred, else 0.0; of y_true's shape.

    With `from_sorted_ids`, y_pred holds labels, the best first.
    """
    y_true = as_float(y_true)
    labels, y_pred = _labels(y_true, as_float(y_pred))
    if from_sorted_ids:
        found = ops.max(_ones(ops.equal(ops.expand_dims(labels, -1), y_pred[..., :k])), axis=-1)
    else:
        found = _ones(ops.in_top_k(labels, y_pred, k))
    return found if labels is y_true else ops.expand_dims(found, -1)


def _labels(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Labels (...) for scores (..., classes); they may be given as (..., 1)."""
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    return y_true, y_pred


def _ones(condition: Any) -> Any:
    return ops.where(condition, 1.0, 0.0)


class Accuracy(FunctionMetric):
    """How often y_pred equals y_true."""

    _direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: str | None = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(FunctionMetric):
    """How often y_pred > threshold agrees with y_true."""

    _direction = "up"

    def __init__(
        self,
        name: str | None = "binary_accuracy",
        dtype: str | None = None,
        threshold: float = 0.5,
    ) -> None:
        self.threshold = check.number("threshold", threshold, 0, 1)
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(FunctionMetric):
    """How often the largest prediction is at the one of a one-hot target."""

    _direction = "up"

    def __init__(self, name: str | None = "categorical_accuracy", dtype: str | None = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(FunctionMetric):
    """How often the largest prediction is at the label.

    Examples:
        >>> metric = lamina.metrics.SparseCategoricalAccuracy()
        >>> metric.update_state(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]]))
        >>> float(metric.result())
        0.5
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "sparse_categorical_accuracy", dtype: str | None = None
    ) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(FunctionMetric):
    """How often the one of a one-hot target is among the k largest predictions."""

    _direction = "up"

    def __init__(
        self,
        k: int = 5,
        name: str | None = "top_k_categorical_accuracy",
        dtype: str | None = None,
    ) -> None:
        self.k = check.integer("k", k, 1)
        super().__init__(top_k_categorical_accuracy, name, dtype, k=self.k)


class SparseTopKCategoricalAccuracy(FunctionMetric):
    """How often the label is among the k largest predictions.

    Args:
        from_sorted_ids: predictions are labels, the best first, instead of scores.
    """

    _direction = "up"

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: str | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        self.k = check.integer("k", k, 1)
        super().__init__(
            sparse_top_k_categorical_accuracy, name, dtype,
            k=self.k, from_sorted_ids=from_sorted_ids,
        )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """As Keras writes it: `from_sorted_ids` only where it is True."""
        config = super().get_config()
        if not config["from_sorted_ids"]:
            del config["from_sorted_ids"]
        return config
