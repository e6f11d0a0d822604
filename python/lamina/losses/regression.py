"""Losses of differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import ops
from lamina.losses.loss import FunctionLoss, as_float, match_ranks


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of (y_true - y_pred)^2 along the last axis."""
    y_true, y_pred = match_ranks(as_float(y_true), as_float(y_pred))
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of |y_true - y_pred| along the last axis."""
    y_true, y_pred = match_ranks(as_float(y_true), as_float(y_pred))
    return ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1)


def check_shapes(y: np.ndarray, output_shape: tuple[int | None, ...]) -> None:
    """Targets for a loss of differences: of the shape of the output, or broadcast to it."""
    own, wanted = y.shape[1:], tuple(output_shape[1:])
    if own == (*wanted, 1):  # `match_ranks` drops it
        own = wanted
    elif (*own, 1) == wanted:
        wanted = own
    if len(own) != len(wanted) or any(a != b and 1 not in (a, b) for a, b in zip(own, wanted)):
        raise ValueError(
            f"`y` must have the shape of the output, {(None, *output_shape[1:])}. "
            f"Received: y.shape={y.shape}"
        )


mean_squared_error.check_targets = check_shapes  # type: ignore[attr-defined]
mean_absolute_error.check_targets = check_shapes  # type: ignore[attr-defined]


class MeanSquaredError(FunctionLoss):
    """`mean_squared_error` as a loss."""

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
