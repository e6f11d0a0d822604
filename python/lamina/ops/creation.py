"""New tensors and arrays, matrices of diagonals, conversions.

Arrays have the dtype that is asked for; a tensor of a program holds float32 numbers, whole ones and
truth values too (see docs/numbers.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import FLOATS, floatx
from lamina.graph import dims as _dims
from lamina.graph.operation import operation
from lamina.graph.operators import Operators
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import current_trace
from lamina.ops import elementwise as e
from lamina.ops.indexing import _place, cut
from lamina.ops.reductions import count, sum
from lamina.ops.rules import as_array, as_operand, dims_of
from lamina.ops.shapes import broadcast_to, reshape, transpose
from lamina.utils import check

Shape = int | Sequence[int | None]


@operation(name="cast")
def _cast(x, *, dtype):
    return Spec(x.dims, dtype)


@_cast.gradient
def _(node, dy):
    kept = node.output.dtype.startswith("float")
    return (cast(dy, node.inputs[0].dtype) if kept and node.inputs[0].dtype in FLOATS else None,)


def cast(x: Any, dtype: str) -> Any:
    """x as another dtype: booleans are x != 0, integers are cut off towards 0.

    Tensors take "bool", integers (held exactly to 2^24, without wrapping around), "float32" and
    "float64".
    """
    name = dtype_name("cast", dtype)
    if not _records(x):
        return np.asarray(x).astype(name)
    if name == "bool":
        return e.not_equal(x, 0.0)
    if np.dtype(name).kind == "f":
        if name not in FLOATS:
            raise ValueError(f"cast: tensors hold one of {FLOATS}. Received: dtype={dtype!r}")
        return x if isinstance(x, Tensor) and x.dtype == name else _cast(x, dtype=name)
    if isinstance(x, Tensor) and not x.dtype.startswith("float"):
        return x if x.dtype != "bool" else _cast(x, dtype="int32")
    return _cast(e.multiply(e.sign(x), e.floor(e.abs(x))), dtype="int32")


def _records(x: Any) -> bool:
    """Whether x is a tensor, or a variable that is read while a graph is recorded."""
    return isinstance(x, Tensor) or (isinstance(x, Operators) and current_trace() is not None)


def dtype_name(function: str, dtype: Any) -> str:
    """The name of a dtype of numbers or truth values."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found.kind not in "biuf":
        raise ValueError(f"{function}: expected a dtype of numbers. Received: dtype={dtype!r}")
    return found.name


def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None) -> Any:
    """x as an array, or the tensor it is; Python's floats become `floatx()`, its integers int32."""
    if sparse:
        raise ValueError(f"convert_to_tensor: tensors are dense. Received: sparse={sparse}")
    if not isinstance(x, Operators):
        x = as_array(x)
    return x if dtype is None else cast(x, dtype)


def convert_to_numpy(x: Any) -> np.ndarray:
    """The numbers of x as an array."""
    return np.array(x)


# --- filled ---------------------------------------------------------------------------------------


def full(shape: Shape, fill_value: Any, dtype: Any = None) -> Any:
    """`fill_value` everywhere, in `floatx()` when no dtype is given.

    A first size None is the batch's, while a graph is recorded.
    """
    sizes = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    if None in sizes:
        trace = current_trace()
        if trace is None or trace.eager or sizes[0] is not None or None in sizes[1:]:
            raise ValueError(
                "Only the first size can be the batch's, while a graph is recorded. "
                f"Received: shape={shape}"
            )
        return broadcast_to(as_operand(fill_value), [-1, *sizes[1:]])  # type: ignore[list-item]
    if _records(fill_value):
        return broadcast_to(fill_value, sizes)  # type: ignore[arg-type]
    return np.full(sizes, fill_value, dtype_name("full", dtype or floatx()))


def zeros(shape: Shape, dtype: Any = None) -> Any:
    """0 everywhere; see `full`."""
    return full(shape, 0.0, dtype)


def ones(shape: Shape, dtype: Any = None) -> Any:
    """1 everywhere; see `full`."""
    return full(shape, 1.0, dtype)


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """`fill_value` everywhere, of x's shape, and its dtype when none is given."""
    if _records(x) or _records(fill_value):
        y = broadcast_to(as_operand(fill_value), dims_of(as_operand(x)))
        return y if dtype is None else cast(y, dtype)
    return np.full_like(convert_to_tensor(x), fill_value, dtype=dtype)


def zeros_like(x: Any, dtype: Any = None) -> Any:
    """0 everywhere, of x's shape."""
    return full_like(x, 0.0, dtype)


def ones_like(x: Any, dtype: Any = None) -> Any:
    """1 everywhere, of x's shape."""
    return full_like(x, 1.0, dtype)


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> np.ndarray:
    """The numbers from start (0 when only one is given) to before stop; int32 or `floatx()`."""
    y = np.arange(start, stop, 1 if step is None else step)
    if dtype is None:
        dtype = floatx() if y.dtype.kind == "f" else "int32"
    return y.astype(dtype_name("arange", dtype))


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """`num` numbers at equal distances from start to stop (or before it, without `endpoint`)."""
    y, step = np.linspace(start, stop, num, endpoint, retstep=True, axis=axis)
    y = y.astype(dtype_name("linspace", dtype or floatx()))
    return (y, np.asarray(step, floatx())[()]) if retstep else y


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> np.ndarray:  # noqa: N803
    """(N, M): 1 on the k-th diagonal, else 0."""
    return np.eye(N, M, k, dtype_name("eye", dtype or floatx()))


def identity(n: int, dtype: Any = None) -> np.ndarray:
    """(n, n): 1 on the diagonal, else 0."""
    return eye(n, dtype=dtype)


# --- diagonals ------------------------------------------------------------------------------------


def diag(x: Any, k: int = 0) -> Any:
    """A matrix with the vector x on its k-th diagonal; of a matrix, that diagonal."""
    x, k = as_operand(x), check.integer("k", k)
    if len(x.shape) == 2:
        return diagonal(x, k)
    if len(x.shape) != 1 or dims_of(x)[0] < 0:
        raise ValueError(f"diag: expected a vector or a matrix. Received: shape={tuple(x.shape)}")
    n = dims_of(x)[0] + abs(k)
    if dims_of(x)[0] == 0:
        return zeros((n, n))
    start = k if k > 0 else -k * n
    return reshape(_place(x, starts=(start,), steps=(n + 1,), value=0.0, shape=(n * n,)), (n, n))


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements [i, i + offset] of two axes, along a last axis."""
    x, offset = as_operand(x), check.integer("offset", offset)
    rank = len(x.shape)
    first, second = (_dims.normalize_axes("diagonal", a, rank)[0] for a in (axis1, axis2))
    rest = [a for a in range(rank) if a not in (first, second)]
    x = transpose(x, [*rest, first, second])
    *lead, rows, columns = dims_of(x)
    if min(rows, columns) < 0:
        raise ValueError("diagonal: the batch axis has no diagonal. "
                         f"Received: axis1={axis1}, axis2={axis2}")  # fmt: skip
    n = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    start = offset if offset > 0 else -offset * columns
    parts = [(0, 1, d) for d in lead]
    flat = reshape(x, (*lead, rows * columns))
    return cut(flat, [*parts, (start if n else 0, columns + 1, n)])


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal: of the elements [i, i + offset] of two axes."""
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)


def tril(x: Any, k: int = 0) -> Any:
    """x with zeros above the k-th diagonal of its last two axes."""
    return _masked("tril", x, k, lower=True)


def triu(x: Any, k: int = 0) -> Any:
    """x with zeros below the k-th diagonal of its last two axes."""
    return _masked("triu", x, k, lower=False)


def _masked(name: str, x: Any, k: int, lower: bool) -> Any:
    x = as_operand(x)
    sizes = dims_of(x)[-2:]
    if len(sizes) < 2 or min(sizes) < 0:
        raise ValueError(f"{name}: expected matrices. Received: shape={tuple(x.shape)}")
    mask = np.tri(sizes[0], sizes[1], k if lower else k - 1, dtype=bool)
    return e.where(mask if lower else ~mask, x, False)


# --- shapes ---------------------------------------------------------------------------------------


def shape(x: Any) -> tuple[int | None, ...]:
    """The sizes of x's axes, None for the batch."""
    return tuple(as_operand(x).shape)


def ndim(x: Any) -> int:
    """The number of x's axes."""
    return len(shape(x))


def size(x: Any) -> Any:
    """The number of x's elements; a tensor where it depends on the batch."""
    x = as_operand(x)
    n = _dims.size(dims_of(x))
    return n if n >= 0 else count(x, axes=tuple(range(len(x.shape))))
