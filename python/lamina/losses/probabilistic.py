"""Losses of distributions and rates."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.losses import targets
from lamina.losses.loss import FunctionLoss, as_float
from lamina.utils.epsilon import epsilon


@targets.checked_by(targets.within(0, 1))
def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """sum(y_true * log(y_true / y_pred)) along the last axis, both clipped to [config.epsilon(), 1]."""
    y_true = ops.clip(as_float(y_true), epsilon(), 1.0)
    y_pred = ops.clip(as_float(y_pred), epsilon(), 1.0)
    return ops.sum(ops.multiply(y_true, ops.log(ops.divide(y_true, y_pred))), axis=-1)


@targets.checked_by(targets.within(0))
def poisson(y_true: Any, y_pred: Any) -> Any:
    """The mean of y_pred - y_true * log(y_pred + config.epsilon()) along the last axis, y_pred rates."""
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    likelihood = ops.multiply(y_true, ops.log(ops.add(y_pred, epsilon())))
    return ops.mean(ops.subtract(y_pred, likelihood), axis=-1)


class KLDivergence(FunctionLoss):
    """`kl_divergence` as a loss.

    Examples:
        >>> loss = lamina.losses.KLDivergence()
        >>> round(float(loss(np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]]))), 4)
        0.1438
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "kl_divergence",
        dtype: str | None = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


class Poisson(FunctionLoss):
    """`poisson` as a loss."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "poisson",
        dtype: str | None = None,
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)
