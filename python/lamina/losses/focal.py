"""Focal cross-entropies: samples that are already right count less (Lin et al., 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import ops
from lamina.losses import formulas, targets
from lamina.losses.loss import FunctionLoss, as_float
from lamina.utils import check

Alpha = float | Sequence[float]


@targets.checked_by(targets.within(0, 1))
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """(1 - p_t)^gamma times the binary cross-entropy, averaged along `axis`.

    p_t is the probability of the true class, y p + (1 - y)(1 - p).  `apply_class_balancing` weighs
    class 1 by `alpha` and class 0 by 1 - alpha.
    """
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    formulas.check_same_shape(y_true, y_pred)
    gamma = check.number("gamma", gamma, 0)
    y_true = formulas.smoothed(y_true, label_smoothing, 2)
    values = formulas.binary_values(y_true, y_pred, from_logits)
    p = ops.sigmoid(y_pred) if from_logits else y_pred
    wrong = ops.add(y_true, ops.multiply(p, ops.subtract(1.0, ops.multiply(2.0, y_true))))
    values = ops.multiply(formulas.power(wrong, gamma), values)
    if apply_class_balancing:
        alpha = check.number("alpha", alpha, 0, 1)
        weight = ops.add(ops.multiply(y_true, 2.0 * alpha - 1.0), 1.0 - alpha)
        values = ops.multiply(weight, values)
    return ops.mean(values, axis=axis)


@targets.checked_by(targets.one_hot)
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Alpha = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """-sum(alpha (1 - p)^gamma y log p) along `axis`; one value per sample.

    `alpha` is one number, or one for each class along the last axis.
    """
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    axis = formulas.class_axis("categorical_focal_crossentropy", axis, y_pred)
    classes = formulas.check_distribution("categorical_focal_crossentropy", y_true, y_pred, axis)
    gamma = check.number("gamma", gamma, 0)
    y_true = formulas.smoothed(y_true, label_smoothing, classes)
    log_p = formulas.log_probabilities(y_pred, from_logits, axis)
    factor = formulas.power(ops.maximum(ops.subtract(1.0, ops.exp(log_p)), 0.0), gamma)
    factor = ops.multiply(factor, np.asarray(alpha, np.dtype(factor.dtype)))
    return ops.negative(ops.sum(ops.multiply(factor, ops.multiply(y_true, log_p)), axis=axis))


def _checked_alpha(alpha: Alpha) -> Alpha:
    if isinstance(alpha, (list, tuple, np.ndarray)):
        return [check.number("alpha", a, 0) for a in np.asarray(alpha).tolist()]
    return check.number("alpha", alpha, 0)


class BinaryFocalCrossentropy(FunctionLoss):
    """`binary_focal_crossentropy` as a loss: targets in [0, 1]."""

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: str | None = None,
    ) -> None:
        check.number("label_smoothing", label_smoothing, 0, 1)
        super().__init__(
            binary_focal_crossentropy, reduction, name, dtype,
            apply_class_balancing=bool(apply_class_balancing),
            alpha=check.number("alpha", alpha, 0, 1), gamma=check.number("gamma", gamma, 0),
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


class CategoricalFocalCrossentropy(FunctionLoss):
    """`categorical_focal_crossentropy` as a loss: targets (n, classes)."""

    def __init__(
        self,
        alpha: Alpha = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: str | None = None,
    ) -> None:
        check.number("label_smoothing", label_smoothing, 0, 1)
        super().__init__(
            categorical_focal_crossentropy, reduction, name, dtype,
            alpha=_checked_alpha(alpha), gamma=check.number("gamma", gamma, 0),
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip
