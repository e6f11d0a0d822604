"""Functions made of operations."""

from __future__ import annotations

from typing import Any

from lamina.graph.operation import Operation, operation
from lamina.graph.tensor import Spec
from lamina.ops import elementwise as e
from lamina.ops import rows
from lamina.ops.reductions import Axis, sum
from lamina.ops.rules import as_operand
from lamina.ops.shapes import moveaxis, normalize_axis, transpose
from lamina.utils import check


@operation
def stop_gradient(x):
    """x, through which no gradient flows."""
    return Spec(x.dims, x.dtype)


def zeros_like(x: Any) -> Any:
    """Zeros of x's shape."""
    return e.multiply(0.0, e.where(e.isfinite(x), x, 0.0))


def ones_like(x: Any) -> Any:
    """Ones of x's shape."""
    return e.add(1.0, zeros_like(x))


def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """x, at least x_min and at most x_max; NaN stays."""
    return e.minimum(e.maximum(x, x_min), x_max)


def norm(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The Euclidean norm over `axis` (all axes when None)."""
    return e.sqrt(sum(e.square(x), axis=axis, keepdims=keepdims))


def _along(operation: Operation, x: Any, axis: int, keeps_axis: bool = True) -> Any:
    """An operation on the last axis, on another one."""
    x = as_operand(x)
    rank = len(x.shape)
    if not isinstance(axis, int) or not -rank <= axis < rank:
        raise ValueError(f"{operation.name}: axis {axis} is out of bounds for shape {x.shape}")
    if axis % rank == rank - 1:
        return operation(x)
    order = [a for a in range(rank) if a != axis % rank] + [axis % rank]
    y = operation(transpose(x, order))
    return transpose(y, [order.index(a) for a in range(rank)]) if keeps_axis else y


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x - max) / sum along `axis`."""
    return _along(rows.softmax, x, axis)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of softmax along `axis`, without overflow."""
    return _along(rows.log_softmax, x, axis)


def one_hot(
    x: Any, num_classes: int, axis: int = -1, dtype: str | None = None, sparse: bool = False
) -> Any:
    """A new axis of `num_classes`: 1.0 at place x, else 0.0; all 0.0 for x outside.

    `dtype` is "float32" (or None), `sparse` False.
    """
    if dtype not in (None, "float32") or sparse:
        raise ValueError(
            f"one_hot: the result is dense float32. Received: dtype={dtype!r}, sparse={sparse}"
        )
    x = as_operand(x)
    axis = normalize_axis("one_hot", axis, len(x.shape) + 1)
    y = rows.one_hot(x, num_classes=check.integer("num_classes", num_classes, 0))
    return moveaxis(y, -1, axis)


def argmax(x: Any, axis: int = -1) -> Any:
    """The first index of the largest value along `axis`, int32."""
    return _along(rows.argmax, x, axis, keeps_axis=False)
