"""Functions made of operations."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.graph import dims as _dims
from lamina.graph.operation import Operation, operation
from lamina.graph.tensor import Spec
from lamina.ops import elementwise as e
from lamina.ops import rows
from lamina.ops.arrays import nonzero
from lamina.ops.creation import cast
from lamina.ops.reductions import Axis
from lamina.ops.rules import as_operand, dims_of, float_dtype, is_whole
from lamina.ops.shapes import expand_dims, moveaxis, normalize_axis, ravel, reshape
from lamina.utils import check


@operation
def stop_gradient(variable):
    """`variable`, through which no gradient flows."""
    return Spec(variable.dims, variable.dtype)


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """x1 where the condition is not 0, else x2; without them, on arrays, the places: `nonzero`.

    Examples:
        >>> print(lamina.ops.where(np.array([True, False]), np.array([1.0, 2.0]), 0.0))
        [1. 0.]
    """
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        raise ValueError(f"where: expected both `x1` and `x2`, or none. Received: x1={x1}, x2={x2}")
    return e.where(condition, x1, x2)


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """Each element of the first choice whose condition is true there, `default` where none is."""
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError(
            "select: expected a choice for each condition. Received: "
            f"{len(condlist)} conditions, {len(choicelist)} choices"
        )
    y = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist)):
        y = e.where(condition, choice, y)
    return y


def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """x, at least x_min and at most x_max; NaN stays."""
    return e.minimum(e.maximum(x, x_min), x_max)


def _along(operation: Operation, x: Any, axis: Axis) -> Any:
    """An operation on the last axis, on another one, or on several as one."""
    x = as_operand(x)
    axes = _dims.normalize_axes(operation.name, axis, len(x.shape))
    if axes == (len(x.shape) - 1,):
        return operation(x)
    ends = range(-len(axes), 0)
    moved = moveaxis(x, axes, ends)
    dims, kept = dims_of(moved), len(x.shape) - len(axes)
    y = operation(reshape(moved, (*dims[:kept], _dims.size(dims[kept:]))))
    return moveaxis(reshape(y, dims), ends, axes)


def softmax(x: Any, axis: Axis = -1) -> Any:
    """exp(x - max) / sum along `axis`, or over several together (all when None).

    Examples:
        >>> print(lamina.ops.softmax(np.array([1.0, 1.0, 1.0, 1.0])))
        [0.25 0.25 0.25 0.25]
    """
    x = as_operand(x)
    if isinstance(axis, int) and x.shape[normalize_axis("softmax", axis, len(x.shape))] == 1:
        warnings.warn(
            f"softmax along an axis of size 1 is always 1. Received: axis={axis}, x.shape={x.shape}. "
            "For one number between 0 and 1 take sigmoid",
            stacklevel=2,
        )
    return _along(rows.softmax, x, axis)


def log_softmax(x: Any, axis: Axis = -1) -> Any:
    """The logarithm of softmax along `axis` (one, several, or all when None), without overflow."""
    return _along(rows.log_softmax, x, axis)


def one_hot(
    x: Any, num_classes: int, axis: int = -1, dtype: str | None = None, sparse: bool = False
) -> Any:
    """A new axis of `num_classes`: 1.0 at place x, else 0.0; all 0.0 for x outside.

    `dtype` is that of the result, `floatx()` when None; `sparse` is False.

    Examples:
        >>> print(lamina.ops.one_hot(np.array([1, 0]), 3))
        [[0. 1. 0.]
         [1. 0. 0.]]
    """
    if sparse:
        raise ValueError(f"one_hot: the result is dense. Received: sparse={sparse}")
    x = as_operand(x)
    axis = normalize_axis("one_hot", axis, len(x.shape) + 1)
    y = rows.one_hot(x, num_classes=check.integer("num_classes", num_classes, 1))
    return cast(moveaxis(y, -1, axis), floatx() if dtype is None else dtype)


def sparsemax(x: Any, axis: int = -1) -> Any:
    """The distribution nearest to x along `axis`; small x give 0 (Martins and Astudillo, 2016)."""
    return _along(rows.sparsemax, x, axis)


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The first index of the largest value along `axis` (of all in a row when None), int32."""
    x = as_operand(x)
    rank = len(x.shape)
    if axis is None:
        y = rows.argmax(ravel(x))
        return reshape(y, (1,) * rank) if keepdims else y
    axis = normalize_axis("argmax", axis, rank)
    y = rows.argmax(moveaxis(x, axis, -1))
    return expand_dims(y, axis) if keepdims else y


# --- elementwise ----------------------------------------------------------------------------------


def trunc(x: Any) -> Any:
    """x without its decimals."""
    x = as_operand(x)
    if is_whole(x):
        return x
    return e.where(e.less(x, 0.0), e.ceil(x), e.floor(x))


def isinf(x: Any) -> Any:
    """True where x is infinite.  No gradient."""
    return e.equal(e.abs(x), float("inf"))


def logical_xor(x1: Any, x2: Any) -> Any:
    """True where exactly one is not 0.  No gradient."""
    return e.not_equal(e.logical_not(x1), e.logical_not(x2))


def nan_to_num(x: Any, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """x with `nan` for NaN, and the ends of its dtype's range, or the numbers given, for infinities."""
    x = as_operand(x)
    if is_whole(x):
        return x
    largest = float(np.finfo(float_dtype(x)).max)
    x = e.where(e.isnan(x), nan, x)
    x = e.where(e.equal(x, float("inf")), largest if posinf is None else posinf, x)
    return e.where(e.equal(x, float("-inf")), -largest if neginf is None else neginf, x)


def deg2rad(x: Any) -> Any:
    """Degrees as radians."""
    return e.multiply(math.pi / 180, x)


def rad2deg(x: Any) -> Any:
    """Radians as degrees."""
    return e.multiply(180 / math.pi, x)


def true_divide(x1: Any, x2: Any) -> Any:
    """x1 / x2: `divide` by the name of Python's operator."""
    return e.divide(x1, x2)
