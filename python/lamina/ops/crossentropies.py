"""Cross-entropies.

Where a prediction was made by a softmax or sigmoid, they are computed from what went into it (the
logits), as Keras does on TensorFlow: nothing is clipped and the gradient is exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.graph.tensor import Tensor
from lamina.ops import elementwise as e
from lamina.ops.composite import clip, log_softmax, one_hot
from lamina.ops.reductions import sum
from lamina.ops.rows import softmax_cross_entropy
from lamina.ops.rules import as_operand
from lamina.ops.shapes import moveaxis, normalize_axis, squeeze
from lamina.utils.epsilon import epsilon


def logits_of(y_pred: Any, made_by: str) -> Any:
    """What went into the softmax or sigmoid that made the prediction, or None."""
    node = y_pred.node if isinstance(y_pred, Tensor) else None
    return node.inputs[0] if node is not None and node.operation.name == made_by else None


def clipped(p: Any) -> Any:
    """Probabilities that have a logarithm: in [epsilon(), 1 - epsilon()]."""
    return clip(p, epsilon(), 1 - epsilon())


def class_logits(y_pred: Any, from_logits: bool, axis: int) -> Any:
    """The logits of a distribution along `axis`, or None where there are only probabilities."""
    last = axis == len(y_pred.shape) - 1
    return y_pred if from_logits else logits_of(y_pred, "softmax") if last else None


def log_probabilities(y_pred: Any, from_logits: bool, axis: int) -> Any:
    """The logarithms of probabilities, made to add up to 1 and clipped, or of logits' softmax."""
    logits = class_logits(y_pred, from_logits, axis)
    if logits is not None:
        return log_softmax(logits, axis=axis)
    return e.log(clipped(e.divide(y_pred, sum(y_pred, axis=axis, keepdims=True))))


def binary_values(y_true: Any, y_pred: Any, from_logits: bool) -> Any:
    """-(y log p + (1 - y) log(1 - p)) for each element."""
    logits = y_pred if from_logits else logits_of(y_pred, "sigmoid")
    if logits is not None:  # log(1 + exp(x)) - x y
        return e.subtract(e.softplus(logits), e.multiply(logits, y_true))
    p = clipped(y_pred)
    positive = e.multiply(y_true, e.log(p))
    negative = e.multiply(e.subtract(1.0, y_true), e.log(e.subtract(1.0, p)))
    return e.negative(e.add(positive, negative))


def categorical_values(y_true: Any, y_pred: Any, from_logits: bool, axis: int) -> Any:
    """-sum(y_true * log(p)) along `axis`, which is not negative."""
    logits = class_logits(y_pred, from_logits, axis)
    if logits is not None and axis == len(y_pred.shape) - 1:
        return softmax_cross_entropy(logits, y_true)[0]
    return e.negative(
        sum(e.multiply(y_true, log_probabilities(y_pred, from_logits, axis)), axis=axis)
    )


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """-sum(target * log(p)) along `axis`.

    `output` holds probabilities, which are made to add up to 1 and clipped to [e, 1 - e] with e =
    `config.epsilon()`, or logits, which go through log_softmax.

    Errors: ValueError for shapes that differ, and for single numbers.

    Examples:
        >>> y = lamina.ops.categorical_crossentropy(np.eye(2), np.array([[0.5, 0.5], [0.25, 0.75]]))
        >>> [round(float(value), 4) for value in y]
        [0.6931, 0.2877]
    """
    target, output = _alike(target, output)
    if not output.shape:
        raise ValueError(
            "categorical_crossentropy: `target` and `output` must have an axis of classes. Received: "
            "target.shape=(), output.shape=()"
        )
    axis = normalize_axis("categorical_crossentropy", axis, len(output.shape))
    return categorical_values(target, output, from_logits, axis)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """-(y log p + (1 - y) log(1 - p)) for each element.

    Probabilities are clipped to [e, 1 - e] with e = `config.epsilon()`; logits go through a sigmoid.

    Errors: ValueError for shapes that differ.
    """
    target, output = _alike(target, output)
    return binary_values(target, output, from_logits)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """categorical_crossentropy for labels 0 .. classes - 1: `target` without `axis`, or of size 1 there.

    Errors: ValueError for shapes that do not fit, and (on arrays) labels outside or with decimals.
    """
    name = "sparse_categorical_crossentropy"
    target, output = as_operand(target), as_operand(output)
    axis = normalize_axis(name, axis, len(output.shape))
    if len(target.shape) == len(output.shape) and target.shape[axis] == 1:
        target = squeeze(target, axis)
    output = moveaxis(output, axis, -1)
    if tuple(target.shape) != tuple(output.shape[:-1]):
        raise ValueError(
            f"{name}: `output` must have the shape of `target` and an axis of classes. Received: "
            f"target.shape={tuple(target.shape)}, output.shape={tuple(output.shape)} (classes last)"
        )
    classes = output.shape[-1]
    if isinstance(target, np.ndarray):
        wrong = (target < 0) | (target >= classes) | (target != np.floor(target))
        if wrong.any():
            raise ValueError(
                f"{name}: labels must be whole numbers from 0 to {classes - 1}. Received: "
                f"{target[wrong].flat[0]}"
            )
    hot = one_hot(target, num_classes=classes)
    return categorical_values(hot, output, from_logits, len(output.shape) - 1)


def _alike(target: Any, output: Any) -> tuple[Any, Any]:
    """Operands of the same shape."""
    target, output = as_operand(target), as_operand(output)
    if tuple(target.shape) != tuple(output.shape):
        raise ValueError(
            "`target` and `output` must have the same shape. Received: "
            f"target.shape={tuple(target.shape)}, output.shape={tuple(output.shape)}"
        )
    return target, output
