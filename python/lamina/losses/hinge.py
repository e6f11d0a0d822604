"""Losses of margins: 0 where the right side is ahead by 1."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.losses import targets
from lamina.losses.loss import FunctionLoss, as_float


def _shortfall(y_true: Any, y_pred: Any) -> Any:
    """max(1 - y_true * y_pred, 0); where all of y_true is 0 or 1, 0 means -1."""
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    bit = ops.logical_or(ops.equal(y_true, 0.0), ops.equal(y_true, 1.0))
    all_bits = ops.greater(ops.min(ops.where(bit, 1.0, 0.0)), 0.0)
    signs = ops.where(all_bits, ops.subtract(ops.multiply(2.0, y_true), 1.0), y_true)
    return ops.maximum(ops.subtract(1.0, ops.multiply(signs, y_pred)), 0.0)


@targets.checked_by(targets.within(-1, 1))
def hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of max(1 - y_true * y_pred, 0) along the last axis.

    Targets are -1 or 1; where all are 0 or 1, 0 is taken as -1.
    """
    return ops.mean(_shortfall(y_true, y_pred), axis=-1)


@targets.checked_by(targets.within(-1, 1))
def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of max(1 - y_true * y_pred, 0)^2 along the last axis, for targets as in `hinge`."""
    return ops.mean(ops.square(_shortfall(y_true, y_pred)), axis=-1)


@targets.checked_by(targets.one_hot)
def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """max(1 + max((1 - y_true) * y_pred) - sum(y_true * y_pred), 0) along the last axis."""
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    right = ops.sum(ops.multiply(y_true, y_pred), axis=-1)
    wrong = ops.max(ops.multiply(ops.subtract(1.0, y_true), y_pred), axis=-1)
    return ops.maximum(ops.add(ops.subtract(wrong, right), 1.0), 0.0)


class Hinge(FunctionLoss):
    """`hinge` as a loss.

    Examples:
        >>> float(lamina.losses.Hinge()(np.array([[1.0], [-1.0]]), np.array([[0.5], [0.5]])))
        1.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "hinge",
        dtype: str | None = None,
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(FunctionLoss):
    """`squared_hinge` as a loss."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "squared_hinge",
        dtype: str | None = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(FunctionLoss):
    """`categorical_hinge` as a loss."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: str | None = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
