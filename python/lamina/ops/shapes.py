"""Operations that move elements or repeat them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.graph import dims as _dims
from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.rules import as_operand, dims_of, unbroadcast
from lamina.utils import check


@operation(name="reshape")
def _reshape(x, *, shape):
    return Spec(shape, x.dtype)


@_reshape.gradient
def _(node, dy):
    return (_reshape(dy, shape=node.inputs[0].dims),)


@operation(name="broadcast_to")
def _broadcast_to(x, *, shape):
    return Spec(shape, x.dtype)


@_broadcast_to.gradient
def _(node, dy):
    return (unbroadcast(dy, node.inputs[0]),)


@operation(name="transpose")
def _transpose(x, *, axes):
    return Spec(tuple(x.dims[a] for a in axes), x.dtype)


@_transpose.gradient
def _(node, dy):
    axes = node.attributes["axes"]
    return (_transpose(dy, axes=tuple(axes.index(a) for a in range(len(axes)))),)


def reshape(x: Any, newshape: int | Sequence[int | None]) -> Any:
    """The same elements in another shape, an integer for one axis; one size may be -1 (inferred)."""
    x = as_operand(x)
    sizes = (newshape,) if isinstance(newshape, (int, np.integer)) else newshape
    shape = _dims.reshape(dims_of(x), sizes)
    return x if shape == dims_of(x) else _reshape(x, shape=shape)


def broadcast_to(x: Any, shape: Sequence[int]) -> Any:
    """Repeated to a larger shape by NumPy's rules."""
    x = as_operand(x)
    wanted = tuple(shape)
    if _dims.broadcast("broadcast_to", dims_of(x), wanted) != wanted:
        raise ValueError(f"broadcast_to: {x.shape} cannot be broadcast to {_dims.visible(wanted)}")
    return x if wanted == dims_of(x) else _broadcast_to(x, shape=wanted)


def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed when `axes` is None."""
    x = as_operand(x)
    rank = len(x.shape)
    order = tuple(range(rank))[::-1] if axes is None else tuple(a % rank for a in axes)
    if sorted(order) != list(range(rank)):
        raise ValueError(
            f"transpose: axes must name each of {rank} axes once. Received: axes={axes}"
        )
    return x if order == tuple(range(rank)) else _transpose(x, axes=order)


def normalize_axis(name: str, axis: int, rank: int) -> int:
    """One axis as a non-negative number."""
    check.integer(f"{name}: axis", axis)
    return _dims.normalize_axes(name, axis, rank)[0]


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
    """The axes `source` at the places `destination`; the others keep their order."""
    x = as_operand(x)
    rank = len(x.shape)
    sources, places = ([a] if isinstance(a, int) else list(a) for a in (source, destination))
    if len(sources) != len(places):
        raise ValueError(
            "moveaxis: source and destination must name as many axes. Received: "
            f"source={source}, destination={destination}"
        )
    for axes in (sources, places):
        _dims.normalize_axes("moveaxis", axes, rank)
    order = [a for a in range(rank) if a not in {s % rank for s in sources}]
    for place, a in sorted((place % rank, a % rank) for a, place in zip(sources, places)):
        order.insert(place, a)
    return transpose(x, order)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    x = as_operand(x)
    order = list(range(len(x.shape)))
    first, second = (normalize_axis("swapaxes", a, len(order)) for a in (axis1, axis2))
    order[first], order[second] = second, first
    return transpose(x, order)


def ravel(x: Any) -> Any:
    """All elements in a row."""
    x = as_operand(x)
    return reshape(x, (_dims.size(dims_of(x)),))


def expand_dims(x: Any, axis: int | Sequence[int]) -> Any:
    """New axes of size 1, at the places `axis` of the result."""
    x = as_operand(x)
    axes = [axis] if isinstance(axis, int) else list(axis)
    sizes = list(dims_of(x))
    for place in _dims.normalize_axes("expand_dims", axes, len(sizes) + len(axes)):
        sizes.insert(place, 1)
    return reshape(x, sizes)


def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """Without axes of size 1: those named, or all."""
    x = as_operand(x)
    sizes = dims_of(x)
    ones = [a for a, d in enumerate(sizes) if d == 1]
    axes = ones if axis is None else list(_dims.normalize_axes("squeeze", axis, len(sizes)))
    if any(a not in ones for a in axes):
        raise ValueError(f"squeeze: axis {axis} of shape {x.shape} is not of size 1")
    return reshape(x, [d for a, d in enumerate(sizes) if a not in axes])
