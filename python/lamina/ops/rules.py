"""What shape and gradient rules share."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.graph import dims as _dims
from lamina.graph.operators import Operators
from lamina.graph.tensor import Spec, Tensor

_FLOATS = ("float16", "float32", "float64")


def as_operand(x: Any) -> Any:
    """x, or its array when it has no shape: a number, a list.  Tensors in a list are stacked."""
    if hasattr(x, "shape"):
        return x
    if isinstance(x, (list, tuple)) and any(isinstance(y, Operators) for y in x):
        from lamina.ops.joining import stack

        return stack(x)
    return as_array(x)


def as_array(x: Any) -> np.ndarray:
    """x as an array; Python's floats, also in lists, become `floatx()`, its integers int32 (or int64)."""
    array = np.asarray(x)
    if hasattr(x, "dtype"):
        return array
    if array.dtype == np.float64:
        return array.astype(floatx())
    if array.dtype == np.int64 and np.array_equal(narrow := array.astype(np.int32), array):
        return narrow
    return array


def dims_of(x: Any) -> _dims.Dims:
    """The dims of a tensor, variable or array."""
    return x.dims if isinstance(x, Tensor) else tuple(x.shape)


def float_dtype(*specs: Any) -> str:
    """float64 if one operand is, else float32."""
    return "float64" if any(s.dtype == "float64" for s in specs) else "float32"


def common_dtype(*specs: Any) -> str:
    """The dtype of arithmetic: floats win over integers, integers over booleans."""
    if any(s.dtype in _FLOATS for s in specs):
        return float_dtype(*specs)
    return "bool" if all(s.dtype == "bool" for s in specs) else "int32"


def number_dtype(*specs: Any) -> str:
    """The dtype of sums and differences: booleans are counted, True + True is 2."""
    dtype = common_dtype(*specs)
    return "int32" if dtype == "bool" else dtype


def is_whole(x: Any) -> bool:
    """Whether a tensor, variable or array, or a number or list, has integers or truth values."""
    return as_operand(x).dtype not in _FLOATS


def like(x: Any) -> Spec:
    """Same shape, float."""
    return Spec(x.dims, float_dtype(x))


def broadcast(name: str, *specs: Any, dtype: str | None = None) -> Spec:
    """The shape of an elementwise call on several operands."""
    return Spec(_dims.broadcast(name, *(s.dims for s in specs)), dtype or common_dtype(*specs))


def unbroadcast(dy: Any, x: Any) -> Any:
    """The gradient for an operand that was broadcast: summed over the axes it was repeated on."""
    if dy.dims == x.dims:
        return dy
    from lamina.ops.reductions import sum
    from lamina.ops.shapes import reshape

    extra = len(dy.dims) - len(x.dims)
    axes = [a for a, d in enumerate(dy.dims) if a < extra or (x.dims[a - extra] == 1 and d != 1)]
    total = sum(dy, axis=axes) if axes else dy
    return reshape(total, x.dims) if total.dims != x.dims else total


def same_shape(name: str, a: Any, b: Any, what: str = "operands") -> None:
    """Refuses two shapes that differ."""
    if a.dims != b.dims:
        raise ValueError(
            f"{name}: {what} must have the same shape. Received: {_dims.visible(a.dims)} and "
            f"{_dims.visible(b.dims)}"
        )


def rank_at_least(name: str, x: Any, rank: int) -> None:
    if len(x.dims) < rank:
        raise ValueError(
            f"{name}: expected at least {rank} axes. Received: shape={_dims.visible(x.dims)}"
        )
