"""Errors of predicted numbers: means over samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import losses, ops
from lamina.graph.trace import current_trace
from lamina.losses.loss import match_ranks
from lamina.metrics.reduction import FunctionMetric, Mean


class MeanSquaredError(FunctionMetric):
    """The mean of (y_true - y_pred)^2."""

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_error", dtype: str | None = None) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


class RootMeanSquaredError(Mean):
    """The root of the mean of (y_true - y_pred)^2."""

    _direction = "down"

    def __init__(
        self, name: str | None = "root_mean_squared_error", dtype: str | None = None
    ) -> None:
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        y_true, y_pred = match_ranks(self._as_float(y_true), self._as_float(y_pred))
        super().update_state(ops.square(ops.subtract(y_pred, y_true)), sample_weight)

    def result(self) -> Any:
        mean = super().result()
        return ops.sqrt(mean) if current_trace() else np.sqrt(mean)


class MeanAbsoluteError(FunctionMetric):
    """The mean of |y_true - y_pred|.

    Examples:
        >>> metric = lamina.metrics.MeanAbsoluteError()
        >>> metric.update_state(np.array([[0.0], [0.0]]), np.array([[1.0], [-2.0]]))
        >>> float(metric.result())
        1.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_error", dtype: str | None = None) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(FunctionMetric):
    """The mean of 100 |y_true - y_pred| / |y_true|."""

    _direction = "down"

    def __init__(
        self, name: str | None = "mean_absolute_percentage_error", dtype: str | None = None
    ) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(FunctionMetric):
    """The mean of (log(y_true + 1) - log(y_pred + 1))^2."""

    _direction = "down"

    def __init__(
        self, name: str | None = "mean_squared_logarithmic_error", dtype: str | None = None
    ) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


class LogCoshError(FunctionMetric):
    """The mean of log(cosh(y_pred - y_true))."""

    _direction = "down"

    def __init__(self, name: str | None = "logcosh", dtype: str | None = None) -> None:
        super().__init__(losses.log_cosh, name, dtype)


def _cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    return ops.negative(losses.cosine_similarity(y_true, y_pred, axis=axis))


class CosineSimilarity(FunctionMetric):
    """The mean of the cosine of the angle between y_true and y_pred along `axis`."""

    _direction = "up"

    def __init__(
        self,
        name: str | None = "cosine_similarity",
        dtype: str | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(_cosine_similarity, name, dtype, axis=axis)
