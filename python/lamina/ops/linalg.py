"""Matrix products."""

from __future__ import annotations

from typing import Any

from lamina.graph import dims as _dims
from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.rules import as_operand, dims_of, float_dtype
from lamina.ops.shapes import reshape


@operation(name="matmul")
def _matmul(a, b, *, transpose_a, transpose_b):
    rows = a.dims[::-1][:1] if transpose_a else a.dims[:-1]
    inner_a = a.dims[0] if transpose_a else a.dims[-1]
    inner_b, columns = b.dims[::-1] if transpose_b else b.dims
    if inner_a != inner_b:
        raise ValueError(
            f"matmul: the inner sizes must agree. Received: shapes {_dims.visible(a.dims)} and "
            f"{_dims.visible(b.dims)}"
        )
    return Spec((*rows, columns), float_dtype(a, b))


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


def matmul(a: Any, b: Any) -> Any:
    """The product over a's last axis and b's first: (..., k) times (k, n) gives (..., n).

    A vector a is a row, a vector b a column, and that axis is dropped from the result.
    """
    a, b = as_operand(a), as_operand(b)
    rank_a, rank_b = len(a.shape), len(b.shape)
    if rank_a == 0 or rank_b not in (1, 2):
        raise ValueError(
            f"matmul: b must be a matrix or a vector. Received: shapes {a.shape} and {b.shape}"
        )
    rows = reshape(a, (1, *dims_of(a))) if rank_a == 1 else a
    columns = reshape(b, (*dims_of(b), 1)) if rank_b == 1 else b
    y = _product(rows, columns)
    shape = dims_of(y)
    shape = shape[1:] if rank_a == 1 else shape
    return reshape(y, shape[:-1] if rank_b == 1 else shape)
