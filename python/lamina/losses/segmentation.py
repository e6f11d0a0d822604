"""Losses of overlap, for masks of two classes: 0 for the same mask, 1 for no common element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.losses import targets
from lamina.losses.loss import FunctionLoss, as_float
from lamina.utils import check
from lamina.utils.epsilon import epsilon

Axis = int | Sequence[int] | None


def _overlap(y_true: Any, y_pred: Any, axis: Axis) -> tuple[Any, Any, Any]:
    """The sums of y_true * y_pred, of y_true and of y_pred over `axis` (all axes when None)."""
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    both = ops.sum(ops.multiply(y_true, y_pred), axis=axis)
    return both, ops.sum(y_true, axis=axis), ops.sum(y_pred, axis=axis)


@targets.checked_by(targets.within(0, 1))
def dice(y_true: Any, y_pred: Any, axis: Axis = None) -> Any:
    """1 - 2 sum(y_true * y_pred) / (sum(y_true) + sum(y_pred) + config.epsilon()) over `axis`.

    One number for the whole batch when `axis` is None.
    """
    both, true, predicted = _overlap(y_true, y_pred, axis)
    size = ops.add(ops.add(true, predicted), epsilon())
    return ops.subtract(1.0, ops.divide(ops.multiply(2.0, both), size))


@targets.checked_by(targets.within(0, 1))
def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Axis = None
) -> Any:
    """1 - b / (b + alpha * missed + beta * too_much + config.epsilon()) over `axis`.

    b = sum(y_true * y_pred), missed = sum(y_true) - b, too_much = sum(y_pred) - b (Salehi et al.,
    2017).  With alpha = beta = 0.5 it is `dice`.
    """
    both, true, predicted = _overlap(y_true, y_pred, axis)
    missed = ops.multiply(ops.subtract(true, both), check.number("alpha", alpha, 0))
    too_much = ops.multiply(ops.subtract(predicted, both), check.number("beta", beta, 0))
    size = ops.add(ops.add(both, ops.add(missed, too_much)), epsilon())
    return ops.subtract(1.0, ops.divide(both, size))


class Dice(FunctionLoss):
    """`dice` as a loss.

    Examples:
        >>> loss = lamina.losses.Dice()
        >>> round(float(loss(np.array([[1.0, 1.0]]), np.array([[1.0, 0.0]]))), 4)
        0.3333
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: Axis = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


class Tversky(FunctionLoss):
    """`tversky` as a loss."""

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: Axis = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(
            tversky, reduction, name, dtype,
            alpha=check.number("alpha", alpha, 0), beta=check.number("beta", beta, 0), axis=axis,
        )  # fmt: skip
