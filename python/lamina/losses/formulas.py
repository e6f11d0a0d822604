"""What several losses are made of.

Where a prediction was made by a softmax or sigmoid, its loss is computed from what went into it (the
logits), as Keras does on TensorFlow: nothing is clipped and the gradient is exact.
"""

from __future__ import annotations

import warnings
from typing import Any

from lamina import ops
from lamina.graph import dims as _dims
from lamina.graph.tensor import Tensor
from lamina.utils import check

EPSILON = 1e-7


def logits_of(y_pred: Any, made_by: str) -> Any:
    """What went into the softmax or sigmoid that made the prediction, or None."""
    node = y_pred.node if isinstance(y_pred, Tensor) else None
    return node.inputs[0] if node is not None and node.operation.name == made_by else None


def clipped(p: Any) -> Any:
    """Probabilities that have a logarithm: in [1e-7, 1 - 1e-7]."""
    return ops.clip(p, EPSILON, 1 - EPSILON)


def class_logits(y_pred: Any, from_logits: bool, axis: int) -> Any:
    """The logits of a distribution along `axis`, or None where there are only probabilities."""
    last = axis == len(y_pred.shape) - 1
    return y_pred if from_logits else logits_of(y_pred, "softmax") if last else None


def log_probabilities(y_pred: Any, from_logits: bool, axis: int) -> Any:
    """The logarithms of probabilities, made to add up to 1 and clipped, or of logits' softmax."""
    logits = class_logits(y_pred, from_logits, axis)
    if logits is not None:
        return ops.log_softmax(logits, axis=axis)
    return ops.log(clipped(ops.divide(y_pred, ops.sum(y_pred, axis=axis, keepdims=True))))


def binary_values(y_true: Any, y_pred: Any, from_logits: bool) -> Any:
    """-(y log p + (1 - y) log(1 - p)) for each element."""
    logits = y_pred if from_logits else logits_of(y_pred, "sigmoid")
    if logits is not None:  # log(1 + exp(x)) - x y
        return ops.subtract(ops.softplus(logits), ops.multiply(logits, y_true))
    p = clipped(y_pred)
    positive = ops.multiply(y_true, ops.log(p))
    negative = ops.multiply(ops.subtract(1.0, y_true), ops.log(ops.subtract(1.0, p)))
    return ops.negative(ops.add(positive, negative))


def smoothed(y_true: Any, label_smoothing: float, classes: int) -> Any:
    """y (1 - label_smoothing) + label_smoothing / classes."""
    part = check.number("label_smoothing", label_smoothing, 0, 1)
    return y_true if not part else ops.add(ops.multiply(y_true, 1.0 - part), part / classes)


def power(base: Any, exponent: float) -> Any:
    """base^exponent for a base >= 0 and a fixed exponent >= 0; the slope at 0 is finite."""
    if exponent == 0:
        return ops.ones_like(base)
    if exponent == 1:
        return base
    if exponent == 2:
        return ops.square(base)
    some = ops.greater(base, 0.0)
    return ops.where(some, ops.power(ops.where(some, base, 1.0), exponent), 0.0)


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
