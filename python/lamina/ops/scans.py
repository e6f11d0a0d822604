"""Sums and products of all elements up to each one, and of whole axes."""

from __future__ import annotations

from typing import Any

from lamina.dtype_policies.floatx import FLOATS
from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops import elementwise as e
from lamina.ops.creation import cast
from lamina.ops.indexing import _place, cut, whole
from lamina.ops.reductions import Axis, reduce
from lamina.ops.rules import as_operand, dims_of, number_dtype, same_shape
from lamina.ops.shapes import broadcast_to, normalize_axis, ravel, reshape

_DTYPES = ("int32", *FLOATS)


@operation(name="cumsum")
def _cumsum(x, *, axis, reverse):
    return Spec(x.dims, number_dtype(x))


@_cumsum.gradient
def _(node, dy):
    a = node.attributes
    return (_cumsum(dy, axis=a["axis"], reverse=not a["reverse"]),)


@operation(name="recurrence")
def _recurrence(a, b, *, axis, reverse):
    """y[i] = a[i] y[i - 1] + b[i] along an axis, or from y[i + 1] in reverse; 0 before the start."""
    same_shape("recurrence", a, b)
    return Spec(b.dims, number_dtype(a, b))


@_recurrence.gradient
def _(node, dy):
    """db is the same recurrence the other way, each step by the factor of the next one."""
    axis, reverse = node.attributes["axis"], node.attributes["reverse"]
    factors = _shifted(node.inputs[0], axis, forward=reverse)
    db = _recurrence(factors, dy, axis=axis, reverse=not reverse)
    return e.multiply(db, _shifted(node.output, axis, forward=not reverse)), db


def _shifted(x: Any, axis: int, forward: bool) -> Any:
    """x[i - 1] at i, or x[i + 1]; 0 where there is none."""
    dims = dims_of(x)
    if dims[axis] in (0, 1):
        return e.multiply(x, 0.0)
    parts = whole(x)
    parts[axis] = (0 if forward else 1, 1, dims[axis] - 1)
    starts = tuple(int(forward and a == axis) for a in range(len(dims)))
    return _place(cut(x, parts), starts=starts, steps=(1,) * len(dims), value=0.0, shape=dims)


def _cumprod(x: Any, axis: int, reverse: bool) -> Any:
    dims = dims_of(x)
    first = (dims[axis] - 1 if reverse else 0) if dims[axis] > 0 else 0
    parts = whole(x)
    parts[axis] = (first, 1, min(dims[axis], 1))
    starts = tuple(start for start, _, _ in parts)
    steps = (1,) * len(dims)
    start = _place(cut(x, parts), starts=starts, steps=steps, value=0.0, shape=dims)
    return _recurrence(x, start, axis=axis, reverse=reverse)


def _of_dtype(name: str, x: Any, dtype: str | None) -> Any:
    """x in the dtype that is asked for, if one is."""
    if dtype is None:
        return as_operand(x)
    if dtype not in _DTYPES:
        raise ValueError(f"{name}: `dtype` must be one of {_DTYPES}. Received: dtype={dtype!r}")
    return cast(x, dtype)


def _along(name: str, x: Any, axis: int | None, dtype: str | None) -> tuple[Any, int]:
    x = _of_dtype(name, x, dtype)
    if axis is None:
        x, axis = ravel(x), 0
    axis = normalize_axis(name, axis, len(x.shape))
    if dims_of(x)[axis] < 0:
        raise ValueError(f"{name}: the batch has no order. Received: axis={axis}")
    return x, axis


def cumsum(x: Any, axis: int | None = None, dtype: str | None = None) -> Any:
    """The sums of all elements up to each one along `axis` (of all in a row when None).

    Examples:
        >>> print(lamina.ops.cumsum(np.array([1.0, 2.0, 3.0])))
        [1. 3. 6.]
    """
    x, axis = _along("cumsum", x, axis, dtype)
    return _cumsum(x, axis=axis, reverse=False)


def cumprod(x: Any, axis: int | None = None, dtype: str | None = None) -> Any:
    """The products of all elements up to each one along `axis` (of all in a row when None)."""
    x, axis = _along("cumprod", x, axis, dtype)
    return _cumprod(x, axis, reverse=False)


def prod(x: Any, axis: Axis = None, keepdims: bool = False, dtype: str | None = None) -> Any:
    """The product over `axis` (all axes when None); its gradient is right at zeros too."""
    return reduce("prod", _prod, _of_dtype("prod", x, dtype), axis, keepdims)


def _prod(x: Any, axes: tuple[int, ...]) -> Any:
    """The last of the products along neighbouring axes, made one."""
    dims, at = dims_of(x), axes[0]
    kept = (*dims[:at], *dims[at + len(axes) :])
    if 0 in dims:
        return broadcast_to(1.0, kept)
    if any(dims[a] < 0 for a in axes):
        raise ValueError(f"prod: the batch has no order. Received: axis={axes}")
    size = 1
    for a in axes:
        size *= dims[a]
    x = reshape(x, (*dims[:at], size, *dims[at + len(axes) :]))
    parts = whole(x)
    parts[at] = (size - 1, 1, 1)
    return reshape(cut(_cumprod(x, at, reverse=False), parts), kept)
