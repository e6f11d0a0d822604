"""Matrix products."""

from __future__ import annotations

from typing import Any

from lamina.graph import dims as _dims
from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.rules import as_operand, dims_of, number_dtype, unbroadcast
from lamina.ops.shapes import reshape


@operation(name="matmul")
def _matmul(a, b, *, transpose_a, transpose_b):
    rows = a.dims[::-1][:1] if transpose_a else a.dims[:-1]
    inner_a = a.dims[0] if transpose_a else a.dims[-1]
    inner_b, columns = b.dims[::-1] if transpose_b else b.dims
    if inner_a != inner_b:
        raise _inner_sizes(a, b)
    return Spec((*rows, columns), number_dtype(a, b))


@_matmul.gradient
def _(node, dy):
    a, b = node.inputs
    if not node.attributes["transpose_a"]:
        da = _product(dy, b, transpose_b=not node.attributes["transpose_b"])
    else:
        da = _product(b, dy, transpose_a=node.attributes["transpose_b"], transpose_b=True)
    rows = a if len(a.dims) == 2 else reshape(a, (_rows(a), a.dims[-1]))
    dy = dy if len(dy.dims) == 2 else reshape(dy, (_rows(dy), dy.dims[-1]))
    if not node.attributes["transpose_b"]:
        db = _product(rows, dy, transpose_a=not node.attributes["transpose_a"])
    else:
        db = _product(dy, rows, transpose_a=True, transpose_b=node.attributes["transpose_a"])
    return da, db


def _rows(x: Any) -> int:
    return _dims.size(x.dims[:-1])


def _product(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False) -> Any:
    return _matmul(a, b, transpose_a=transpose_a, transpose_b=transpose_b)


@operation(name="batched_matmul")
def _batched_matmul(a, b, *, transpose_a, transpose_b):
    rows, inner_a = a.dims[-2:][::-1] if transpose_a else a.dims[-2:]
    inner_b, columns = b.dims[-2:][::-1] if transpose_b else b.dims[-2:]
    if inner_a != inner_b:
        raise _inner_sizes(a, b)
    lead = _dims.broadcast("matmul", a.dims[:-2], b.dims[:-2])
    return Spec((*lead, rows, columns), number_dtype(a, b))


@_batched_matmul.gradient
def _(node, dy):
    a, b = node.inputs
    ta, tb = node.attributes["transpose_a"], node.attributes["transpose_b"]
    da = _products(b, dy, tb, True) if ta else _products(dy, b, False, not tb)
    db = _products(dy, a, True, ta) if tb else _products(a, dy, not ta, False)
    return unbroadcast(da, a), unbroadcast(db, b)


def _products(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False) -> Any:
    return _batched_matmul(a, b, transpose_a=transpose_a, transpose_b=transpose_b)


def _inner_sizes(a: Any, b: Any) -> ValueError:
    return ValueError(
        f"matmul: the inner sizes must agree. Received: shapes {_dims.visible(a.dims)} and "
        f"{_dims.visible(b.dims)}"
    )


def matmul(x1: Any, x2: Any) -> Any:
    """The product over x1's last axis and x2's last but one: (..., m, k) times (..., k, n).

    The leading axes are broadcast.  A vector x1 is a row, a vector x2 a column, and that axis is
    dropped from the result.

    Examples:
        >>> print(lamina.ops.matmul(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])))
        [[11.]]
    """
    a, b = as_operand(x1), as_operand(x2)
    rank_a, rank_b = len(a.shape), len(b.shape)
    if rank_a == 0 or rank_b == 0:
        raise ValueError(
            "matmul: both must be matrices or vectors. Received: shapes "
            f"{tuple(a.shape)} and {tuple(b.shape)}"
        )
    rows = reshape(a, (1, *dims_of(a))) if rank_a == 1 else a
    columns = reshape(b, (*dims_of(b), 1)) if rank_b == 1 else b
    y = _product(rows, columns) if rank_b < 3 else _products(rows, columns)
    shape = dims_of(y)
    shape = (*shape[:-2], shape[-1]) if rank_a == 1 else shape
    return reshape(y, shape[:-1] if rank_b == 1 else shape)
