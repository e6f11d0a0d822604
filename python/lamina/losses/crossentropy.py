"""Cross-entropies.

Where the prediction was made by a softmax or sigmoid, the loss is computed from what went into it
(the logits), as Keras does on TensorFlow: nothing is clipped and the gradient is exactly p - y.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from lamina import ops
from lamina.graph import dims as _dims
from lamina.graph.tensor import Tensor
from lamina.losses.loss import FunctionLoss, as_float
from lamina.utils import check

_EPSILON = 1e-7


def _logits(y_pred: Any, made_by: str) -> Any:
    """What went into the softmax or sigmoid that made the prediction, or None."""
    node = y_pred.node if isinstance(y_pred, Tensor) else None
    return node.inputs[0] if node is not None and node.operation.name == made_by else None


def _smoothed(y_true: Any, label_smoothing: float, classes: int | None) -> Any:
    if not label_smoothing:
        return y_true
    part = 0.5 if classes is None else 1.0 / classes
    return ops.add(ops.multiply(y_true, 1.0 - label_smoothing), label_smoothing * part)


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """-sum(y_true * log(p)) along `axis`; one value per sample.

    Probabilities are normalised to a sum of 1 and clipped to [1e-7, 1 - 1e-7]; logits go through
    log_softmax.  `label_smoothing` s: y (1 - s) + s / classes.

    Errors: ValueError for shapes that differ or a smoothing outside [0, 1].
    """
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "Arguments `target` and `output` must have the same shape. Received: "
            f"target.shape={tuple(y_true.shape)}, output.shape={tuple(y_pred.shape)}. For labels "
            "that are integers use sparse_categorical_crossentropy, or make them one-hot with "
            "to_categorical"
        )
    axis = _dims.normalize_axes("categorical_crossentropy", axis, len(y_pred.shape))[0]
    classes = y_pred.shape[axis]
    if classes == 1:
        warnings.warn(
            "In loss categorical_crossentropy, expected y_pred.shape to be (batch_size, "
            f"num_classes) with num_classes > 1. Received: y_pred.shape={tuple(y_pred.shape)}. "
            "Consider using 'binary_crossentropy' if you only have 2 classes.",
            SyntaxWarning,
            stacklevel=2,
        )
    y_true = _smoothed(y_true, check.number("label_smoothing", label_smoothing, 0, 1), classes)
    last = axis == len(y_pred.shape) - 1
    logits = y_pred if from_logits else _logits(y_pred, "softmax") if last else None
    if logits is not None and last:
        return ops.softmax_cross_entropy(logits, y_true)[0]
    if logits is not None:
        log_p = ops.log_softmax(logits, axis=axis)
    else:
        p = ops.divide(y_pred, ops.sum(y_pred, axis=axis, keepdims=True))
        log_p = ops.log(ops.clip(p, _EPSILON, 1 - _EPSILON))
    return ops.negative(ops.sum(ops.multiply(y_true, log_p), axis=axis))


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """categorical_crossentropy for labels 0 .. classes - 1: y_true (...) or (..., 1).

    Errors: ValueError for an axis that is not the last, or (on arrays) labels out of range.
    """
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    rank = len(y_pred.shape)
    if _dims.normalize_axes("sparse_categorical_crossentropy", axis, rank) != (rank - 1,):
        raise ValueError(f"`axis` must be the last one. Received: axis={axis} for rank {rank}")
    if len(y_true.shape) == rank and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "Argument `output` must have the shape of `target` and a last axis of classes. Received: "
            f"target.shape={tuple(y_true.shape)}, output.shape={tuple(y_pred.shape)}"
        )
    classes = y_pred.shape[-1]
    if isinstance(y_true, np.ndarray):
        check_labels(y_true, classes)
    target = ops.one_hot(y_true, num_classes=classes)
    return categorical_crossentropy(target, y_pred, from_logits=from_logits)


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """-(y log p + (1 - y) log(1 - p)), averaged along `axis`; one value per sample.

    Probabilities are clipped to [1e-7, 1 - 1e-7].  `label_smoothing` s: y (1 - s) + s / 2.
    """
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "Arguments `target` and `output` must have the same shape. Received: "
            f"target.shape={tuple(y_true.shape)}, output.shape={tuple(y_pred.shape)}"
        )
    y_true = _smoothed(y_true, check.number("label_smoothing", label_smoothing, 0, 1), None)
    logits = y_pred if from_logits else _logits(y_pred, "sigmoid")
    if logits is not None:  # log(1 + exp(x)) - x y
        values = ops.subtract(ops.softplus(logits), ops.multiply(logits, y_true))
    else:
        p = ops.clip(y_pred, _EPSILON, 1 - _EPSILON)
        positive = ops.multiply(y_true, ops.log(p))
        negative = ops.multiply(ops.subtract(1.0, y_true), ops.log(ops.subtract(1.0, p)))
        values = ops.negative(ops.add(positive, negative))
    return ops.mean(values, axis=axis)


def check_one_hot(y: np.ndarray, output_shape: tuple[int | None, ...]) -> None:
    """Targets for categorical_crossentropy: one number per class."""
    if y.shape[1:] != tuple(output_shape[1:]):
        hint = ""
        if y.ndim == 1 or y.shape[1:] == (1,):
            hint = (
                ". For labels that are integers use sparse_categorical_crossentropy, or make them "
                f"one-hot with to_categorical(y, {output_shape[-1]})"
            )
        raise ValueError(
            f"categorical_crossentropy needs `y` of shape {(None, *output_shape[1:])}, one number "
            f"per class. Received: y.shape={y.shape}{hint}"
        )
    _check_range(y, 0.0, 1.0, "categorical_crossentropy")


def check_binary(y: np.ndarray, output_shape: tuple[int | None, ...]) -> None:
    """Targets for binary_crossentropy: in [0, 1]."""
    _check_range(y, 0.0, 1.0, "binary_crossentropy")


def _check_range(y: np.ndarray, least: float, most: float, loss: str) -> None:
    wrong = (y < least) | (y > most) if y.dtype.kind != "b" else np.zeros(1, bool)
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{loss} needs targets in [{least:g}, {most:g}]. Received: y[{', '.join(map(str, index))}]"
            f" = {y[index]}"
        )


def check_labels(y: np.ndarray, classes: int) -> None:
    """Labels for sparse_categorical_crossentropy: whole numbers in 0 .. classes - 1."""
    flat = y.reshape(-1)
    wrong = (flat < 0) | (flat >= classes)
    if flat.dtype.kind == "f":
        wrong |= flat != np.floor(flat)
    if wrong.any():
        index = int(np.argmax(wrong))
        raise ValueError(
            f"Labels must be whole numbers from 0 to {classes - 1} for an output of {classes} "
            f"classes. Received: y[{index}] = {flat[index]}"
        )


def _check_sparse(y: np.ndarray, output_shape: tuple[int | None, ...]) -> None:
    shape = y.shape[:-1] if y.ndim == len(output_shape) and y.shape[-1] == 1 else y.shape
    if shape[1:] != tuple(output_shape[1:-1]):
        raise ValueError(
            f"sparse_categorical_crossentropy needs `y` of shape {(None, *output_shape[1:-1])}, one "
            f"label per sample. Received: y.shape={y.shape}. For one-hot targets use "
            "categorical_crossentropy"
        )
    assert output_shape[-1] is not None
    check_labels(y, output_shape[-1])


categorical_crossentropy.check_targets = check_one_hot  # type: ignore[attr-defined]
sparse_categorical_crossentropy.check_targets = _check_sparse  # type: ignore[attr-defined]
binary_crossentropy.check_targets = check_binary  # type: ignore[attr-defined]


class CategoricalCrossentropy(FunctionLoss):
    """`categorical_crossentropy` as a loss: targets (n, classes)."""

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: str | None = None,
    ) -> None:
        check.number("label_smoothing", label_smoothing, 0, 1)
        super().__init__(
            categorical_crossentropy, reduction, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


class SparseCategoricalCrossentropy(FunctionLoss):
    """`sparse_categorical_crossentropy` as a loss: labels (n,)."""

    def __init__(
        self,
        from_logits: bool = False,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "sparse_categorical_crossentropy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy, reduction, name, dtype,
            from_logits=from_logits, axis=axis,
        )  # fmt: skip

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.function(y_true, y_pred, **self.arguments)


class BinaryCrossentropy(FunctionLoss):
    """`binary_crossentropy` as a loss: targets in [0, 1]."""

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: str | None = None,
    ) -> None:
        check.number("label_smoothing", label_smoothing, 0, 1)
        super().__init__(
            binary_crossentropy, reduction, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip
