"""Elements looked up by indices, and sums by them.

In a program indices are whole numbers held as floats.  -n .. n - 1 stand for the n places, as in
Python; a number outside cannot be refused there: what is looked up is NaN, and sums leave it out.
On arrays such an index raises ValueError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.graph import dims as _dims
from lamina.graph.operation import operation
from lamina.graph.operators import Operators
from lamina.graph.tensor import Spec
from lamina.ops import elementwise as e
from lamina.ops.reductions import count
from lamina.ops.rules import as_operand, common_dtype, dims_of
from lamina.ops.shapes import broadcast_to, moveaxis, normalize_axis, ravel, reshape
from lamina.utils import check


@operation(name="take")
def _take(x, indices, *, axis):
    dims = (*x.dims[:axis], *indices.dims, *x.dims[axis + 1 :])
    _dims.size(dims)  # refuses two batch axes
    return Spec(dims, x.dtype)


@operation(name="segment_sum")
def _segment_sum(x, indices, *, axis, shape):
    """Zeros of `shape`, and each slice of x, of index i along `axis`, added to slice i."""
    return Spec(shape, common_dtype(x))


@operation(name="take_along_axis")
def _take_along_axis(x, indices):
    return Spec(indices.dims, x.dtype)


@operation(name="add_along_axis")
def _add_along_axis(x, indices, *, shape):
    """Zeros of `shape`, and each element of x, of index i, added to place i of its row."""
    return Spec(shape, common_dtype(x))


@_take.gradient
def _(node, dy):
    x, indices = node.inputs
    return _segment_sum(dy, indices, axis=node.attributes["axis"], shape=x.dims), None


@_segment_sum.gradient
def _(node, dy):
    indices, axis = node.inputs[1], node.attributes["axis"]
    safe, inside = _inside(indices, dy, axis)
    after = len(dy.dims) - axis - 1
    inside = reshape(inside, (*inside.dims, *(1,) * after))
    return e.where(inside, _take(dy, safe, axis=axis), 0.0), None


@_take_along_axis.gradient
def _(node, dy):
    x, indices = node.inputs
    return _add_along_axis(dy, indices, shape=x.dims), None


@_add_along_axis.gradient
def _(node, dy):
    safe, inside = _inside(node.inputs[1], dy, len(dy.dims) - 1)
    return e.where(inside, _take_along_axis(dy, safe), 0.0), None


def _inside(indices: Any, x: Any, axis: int) -> tuple[Any, Any]:
    """Indices of which those outside are 0, and which are not."""
    n = count(x, axes=(axis,))
    inside = e.logical_and(e.greater_equal(indices, e.negative(n)), e.less(indices, n))
    return e.where(inside, indices, 0.0), inside


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The slices of x at `indices` along `axis` (of all elements in a row when None).

    For the rows of a table: take(table, indices, axis=0), of shape (*indices, *row).

    Examples:
        >>> print(lamina.ops.take(np.array([[1, 2], [3, 4], [5, 6]]), [2, 0], axis=0))
        [[5 6]
         [1 2]]
    """
    x = as_operand(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = normalize_axis("take", axis, len(x.shape))
    return _take(x, _whole_numbers("take", indices, dims_of(x)[axis]), axis=axis)


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """x[..., indices[..., j], ...]: for each place of `indices` the element of x along `axis`.

    x and `indices` have as many axes; the others than `axis` are broadcast.  Without an axis x is taken
    as a row, and `indices` are a vector.
    """
    x, indices = as_operand(x), as_operand(indices)
    if axis is None:
        x, axis = ravel(x), 0
    rank = len(x.shape)
    if len(indices.shape) != rank:
        raise ValueError(
            "take_along_axis: x and indices must have as many axes. Received: shapes "
            f"{tuple(x.shape)} and {tuple(indices.shape)}"
        )
    axis = normalize_axis("take_along_axis", axis, rank)
    indices = _whole_numbers("take_along_axis", indices, dims_of(x)[axis])
    x, indices = moveaxis(x, axis, -1), moveaxis(indices, axis, -1)
    lead = _dims.broadcast("take_along_axis", dims_of(x)[:-1], dims_of(indices)[:-1])
    x, indices = (broadcast_to(t, (*lead, dims_of(t)[-1])) for t in (x, indices))
    return moveaxis(_take_along_axis(x, indices), -1, axis)


def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """(num_segments, ...): row i is the sum, in order, of the rows of `data` with id i.

    Args:
        segment_ids: one for each row of `data`; rows with an id outside are left out.
        num_segments: needed while a graph is recorded; else one more than the largest id if None.
        sorted: whether the ids are in order; changes nothing.
    """
    data, ids = as_operand(data), as_operand(segment_ids)
    if len(ids.shape) != 1 or dims_of(ids) != dims_of(data)[:1]:
        raise ValueError(
            "segment_sum: expected an id for each row. Received: data of shape "
            f"{tuple(data.shape)}, segment_ids of shape {tuple(ids.shape)}"
        )
    if num_segments is None:
        if isinstance(ids, Operators):
            raise ValueError(
                "segment_sum: `num_segments` must be given for tensors. Received: num_segments=None"
            )
        num_segments = int(ids.max(initial=-1)) + 1
    n = check.integer("num_segments", num_segments, 0)
    kept = e.where(e.less(ids, 0), n, ids)  # Python's negative indices are none here
    return _segment_sum(data, kept, axis=0, shape=(n, *dims_of(data)[1:]))


def _whole_numbers(name: str, indices: Any, n: int) -> Any:
    """Indices as an operand; those of arrays are checked."""
    indices = as_operand(indices)
    if isinstance(indices, Operators):
        return indices
    wrong = indices != np.floor(indices)
    if n >= 0:
        wrong = wrong | (indices < -n) | (indices >= n)
    if np.any(wrong):
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{name}: indices must be whole numbers from {-n} to {n - 1}. "
            f"Received: {indices[at]} at {at}"
        )
    return indices
