"""What several losses are made of."""

from __future__ import annotations

import warnings
from typing import Any

from lamina import ops
from lamina.graph import dims as _dims
from lamina.ops import crossentropies
from lamina.utils import check

binary_values = crossentropies.binary_values
categorical_values = crossentropies.categorical_values
log_probabilities = crossentropies.log_probabilities
logits_of = crossentropies.logits_of


def smoothed(y_true: Any, label_smoothing: float, classes: int) -> Any:
    """y (1 - label_smoothing) + label_smoothing / classes."""
    part = check.number("label_smoothing", label_smoothing, 0, 1)
    return y_true if not part else ops.add(ops.multiply(y_true, 1.0 - part), part / classes)


def power(base: Any, exponent: float) -> Any:
    """base^exponent for a fixed exponent >= 0, NaN for a base < 0; the slope at 0 is finite."""
    if exponent == 0:
        return ops.ones_like(base)
    if exponent == 1:
        return base
    if exponent == 2:
        return ops.square(base)
    zero = ops.equal(base, 0.0)
    return ops.where(zero, 0.0, ops.power(ops.where(zero, 1.0, base), exponent))


def class_axis(loss: str, axis: int, y_pred: Any) -> int:
    """`axis` counted from the front."""
    if isinstance(axis, bool):
        raise ValueError(f"`axis` must be of type `int`. Received: axis={axis} of type bool")
    return _dims.normalize_axes(loss, check.integer("axis", axis), len(y_pred.shape))[0]


def check_same_shape(y_true: Any, y_pred: Any, hint: str = "") -> None:
    """Refuses targets of another shape than the prediction's."""
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "Arguments `target` and `output` must have the same shape. Received: "
            f"target.shape={tuple(y_true.shape)}, output.shape={tuple(y_pred.shape)}{hint}"
        )


def check_distribution(loss: str, y_true: Any, y_pred: Any, axis: int) -> int:
    """The number of classes along `axis`; warns of a single one."""
    check_same_shape(
        y_true,
        y_pred,
        ". For labels that are integers use sparse_categorical_crossentropy, or make them one-hot "
        "with to_categorical",
    )
    classes = y_pred.shape[axis]
    if classes == 1:
        warnings.warn(
            f"In loss {loss}, expected y_pred.shape to be (batch_size, num_classes) with "
            f"num_classes > 1. Received: y_pred.shape={tuple(y_pred.shape)}. "
            "Consider using 'binary_crossentropy' if you only have 2 classes.",
            SyntaxWarning,
            stacklevel=3,
        )
    return int(classes)
