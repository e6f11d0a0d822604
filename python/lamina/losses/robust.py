"""A cross-entropy for labels of which some are wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import ops
from lamina.losses import formulas, targets
from lamina.losses.loss import FunctionLoss, as_float
from lamina.utils import check


@targets.checked_by(targets.labels)
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """(1 - p^q) / q for the probability p of the label; one value per sample.

    Between cross-entropy (q near 0) and mean absolute error (q near 1), after Zhang and Sabuncu
    (2018): a wrong label pulls less.  Labels are whole numbers from 0 to classes - 1.

    Errors: ValueError for q outside (0, 1), shapes that do not fit, or (on arrays) labels out of
    range.
    """
    q = _checked(q)
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    if len(y_pred.shape) == 0 or tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "`y_true` must hold one label for each distribution of `y_pred`. Received: "
            f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}"
        )
    classes = y_pred.shape[-1]
    if isinstance(y_true, np.ndarray):
        targets.check_labels(y_true, classes)
    target = ops.one_hot(y_true, num_classes=classes)
    logits = formulas.logits_of(y_pred, "softmax")
    if logits is not None:
        powered = ops.exp(ops.multiply(-q, ops.softmax_cross_entropy(logits, target)[0]))
    else:
        powered = formulas.power(ops.sum(ops.multiply(y_pred, target), axis=-1), q)
    return ops.divide(ops.subtract(1.0, powered), q)


def _checked(q: Any) -> float:
    q = check.number("q", q)
    if not 0 < q < 1:
        raise ValueError(f"`q` must be in the interval (0, 1). Received: q={q}")
    return q


class CategoricalGeneralizedCrossEntropy(FunctionLoss):
    """`categorical_generalized_cross_entropy` as a loss: labels (n,) or (n, 1)."""

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(
            categorical_generalized_cross_entropy, reduction, name, dtype, q=_checked(q)
        )

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if len(y_true.shape) == len(y_pred.shape) and tuple(y_true.shape[-1:]) == (1,):
            y_true = ops.squeeze(y_true, -1)
        return self.function(y_true, y_pred, **self.arguments)
