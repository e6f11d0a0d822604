"""How often predictions are right."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.losses.loss import as_float, match_ranks
from lamina.metrics.metric import MeanMetricWrapper
from lamina.utils import check


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1.0 where both are equal, else 0.0."""
    y_true, y_pred = match_ranks(as_float(y_true), as_float(y_pred))
    return ops.where(ops.equal(y_true, y_pred), 1.0, 0.0)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """1.0 where y_pred > threshold agrees with y_true, else 0.0; the mean over the last axis."""
    y_true, y_pred = match_ranks(as_float(y_true), as_float(y_pred))
    predicted = ops.where(ops.greater(y_pred, threshold), 1.0, 0.0)
    return ops.where(ops.equal(y_true, predicted), 1.0, 0.0)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1.0 where the largest of y_true and of y_pred is in the same place, else 0.0."""
    return ops.categorical_accuracy(as_float(y_true), as_float(y_pred))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1.0 where the label y_true is the place of the largest of y_pred, else 0.0."""
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    return ops.where(ops.equal(y_true, ops.argmax(y_pred)), 1.0, 0.0)


class Accuracy(MeanMetricWrapper):
    """How often y_pred equals y_true."""

    def __init__(self, name: str | None = "accuracy", dtype: str | None = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often y_pred > threshold agrees with y_true."""

    def __init__(
        self,
        name: str | None = "binary_accuracy",
        dtype: str | None = None,
        threshold: float = 0.5,
    ) -> None:
        check.number("threshold", threshold, 0, 1)
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is at the one of a one-hot target."""

    def __init__(self, name: str | None = "categorical_accuracy", dtype: str | None = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is at the label."""

    def __init__(
        self, name: str | None = "sparse_categorical_accuracy", dtype: str | None = None
    ) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)
