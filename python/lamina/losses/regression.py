"""Losses of differences."""

from __future__ import annotations

import math
from typing import Any

from lamina import ops
from lamina.losses import targets
from lamina.losses.loss import FunctionLoss, as_pair
from lamina.utils import check
from lamina.utils.epsilon import epsilon


@targets.checked_by(targets.shapes)
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of (y_true - y_pred)^2 along the last axis."""
    y_true, y_pred = as_pair(y_true, y_pred)
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


@targets.checked_by(targets.shapes)
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of |y_true - y_pred| along the last axis."""
    y_true, y_pred = as_pair(y_true, y_pred)
    return ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1)


@targets.checked_by(targets.shapes)
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """100 times the mean of |y_true - y_pred| / |y_true| along the last axis.

    |y_true| is at least `config.epsilon()`.
    """
    y_true, y_pred = as_pair(y_true, y_pred)
    size = ops.maximum(ops.abs(y_true), epsilon())
    share = ops.abs(ops.divide(ops.subtract(y_true, y_pred), size))
    return ops.multiply(100.0, ops.mean(share, axis=-1))


@targets.checked_by(targets.shapes)
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of (log(1 + y_true) - log(1 + y_pred))^2 along the last axis.

    Numbers below `config.epsilon()` count as that.
    """
    logs = [ops.log1p(ops.maximum(y, epsilon())) for y in as_pair(y_true, y_pred)]
    return ops.mean(ops.square(ops.subtract(*logs)), axis=-1)


@targets.checked_by(targets.shapes)
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """-cos of the angle between the two along `axis`: -1 for the same direction, 1 for opposite.

    A vector shorter than `config.epsilon()` is divided by that.
    """
    directions = [ops.normalize(y, axis) for y in as_pair(y_true, y_pred)]
    return ops.negative(ops.sum(ops.multiply(*directions), axis=axis))


@targets.checked_by(targets.shapes)
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """The mean along the last axis of e^2 / 2 where e = |y_true - y_pred| <= delta, else of
    delta e - delta^2 / 2 (Huber, 1964)."""
    y_true, y_pred = as_pair(y_true, y_pred)
    error = ops.abs(ops.subtract(y_pred, y_true))
    near = ops.minimum(error, check.number("delta", delta, 0))
    values = ops.multiply(near, ops.subtract(error, ops.multiply(0.5, near)))
    return ops.mean(values, axis=-1)


@targets.checked_by(targets.shapes)
def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """The mean of log(cosh(y_pred - y_true)) along the last axis, without overflow."""
    y_true, y_pred = as_pair(y_true, y_pred)
    error = ops.subtract(y_pred, y_true)
    values = ops.add(error, ops.subtract(ops.softplus(ops.multiply(-2.0, error)), math.log(2.0)))
    return ops.mean(values, axis=-1)


class MeanSquaredError(FunctionLoss):
    """`mean_squared_error` as a loss.

    Examples:
        >>> loss = lamina.losses.MeanSquaredError()
        >>> float(loss(np.array([[0.0, 1.0]]), np.array([[1.0, 3.0]])))
        2.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(FunctionLoss):
    """`mean_absolute_error` as a loss."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(FunctionLoss):
    """`mean_absolute_percentage_error` as a loss."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(FunctionLoss):
    """`mean_squared_logarithmic_error` as a loss."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: str | None = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class CosineSimilarity(FunctionLoss):
    """`cosine_similarity` as a loss.

    Examples:
        >>> float(lamina.losses.CosineSimilarity()(np.array([[1.0, 0.0]]), np.array([[3.0, 0.0]])))
        -1.0
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: str | None = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


class Huber(FunctionLoss):
    """`huber` as a loss.

    Examples:
        >>> float(lamina.losses.Huber()(np.array([[0.0], [0.0]]), np.array([[1.0], [3.0]])))
        1.5
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: str | None = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=check.number("delta", delta, 0))


class LogCosh(FunctionLoss):
    """`log_cosh` as a loss."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "log_cosh",
        dtype: str | None = None,
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)
