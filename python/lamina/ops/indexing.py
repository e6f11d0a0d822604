"""Parts of tensors: Python's indexing, slices, and tensors put into larger ones."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from lamina.graph import dims as _dims
from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops import elementwise as e
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import _reshape, broadcast_to


@operation(name="slice")
def _slice(x, *, starts, steps, shape):
    return Spec(shape, x.dtype)


@operation(name="place")
def _place(x, *, starts, steps, value, shape):
    """`value` everywhere but at starts + i * steps, where x is: the gradient of a slice is so made."""
    return Spec(shape, x.dtype)


@_slice.gradient
def _(node, dy):
    where = {name: node.attributes[name] for name in ("starts", "steps")}
    return (_place(dy, **where, value=0.0, shape=node.inputs[0].dims),)


@_place.gradient
def _(node, dy):
    where = {name: node.attributes[name] for name in ("starts", "steps")}
    return (_slice(dy, **where, shape=node.inputs[0].dims),)


def cut(x: Any, parts: Sequence[tuple[int, int, int]]) -> Any:
    """x[start : : step] of so many elements along each axis, given as (start, step, size)."""
    starts, steps, shape = (tuple(numbers) for numbers in zip(*parts)) if parts else ((), (), ())
    dims = dims_of(x)
    if shape == dims and not any(starts) and all(step == 1 for step in steps):
        return x
    return _slice(x, starts=starts, steps=steps, shape=shape)


def whole(x: Any) -> list[tuple[int, int, int]]:
    """The parts of `cut` that leave x as it is."""
    return [(0, 1, d) for d in dims_of(x)]


def get_item(x: Any, key: Any) -> Any:
    """x[key] for integers, slices, None and Ellipsis.

    Errors: IndexError for too many indices and one that is out of bounds; ValueError for the batch
    axis, which only `:` may stand for; TypeError for other keys (see `take`, `where`).
    """
    x = as_operand(x)
    dims = dims_of(x)
    parts: list[tuple[int, int, int]] = []
    shape: list[int] = []
    for entry in _one_for_each_axis(key, dims):
        if entry is None:
            shape.append(1)
            continue
        part = _part(entry, len(parts), dims)
        parts.append(part)
        if isinstance(entry, slice):
            shape.append(part[2])
    y = cut(x, parts)
    return y if tuple(shape) == dims_of(y) else _reshape(y, shape=tuple(shape))


def _one_for_each_axis(key: Any, dims: _dims.Dims) -> list[Any]:
    """The entries of an index, with slices for what it leaves out; None is a new axis."""
    entries = list(key) if isinstance(key, tuple) else [key]
    used = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if used > len(dims):
        raise IndexError(
            f"too many indices for shape {_dims.visible(dims)}. Received: index={key!r}"
        )
    dots = [i for i, entry in enumerate(entries) if entry is Ellipsis]
    if len(dots) > 1:
        raise IndexError(f"an index can have one `...`. Received: index={key!r}")
    at = dots[0] if dots else len(entries)
    return entries[:at] + [slice(None)] * (len(dims) - used) + entries[at + 1 :]


def _part(entry: Any, axis: int, dims: _dims.Dims) -> tuple[int, int, int]:
    """(start, step, size) of an integer or a slice."""
    size = dims[axis]
    if isinstance(entry, slice):
        if size < 0:
            if (entry.start or 0, entry.stop, entry.step or 1) != (0, None, 1):
                raise ValueError(
                    f"The batch axis can only be indexed by `:`. Received: index={entry!r}"
                )
            return 0, 1, size
        found = range(*entry.indices(size))
        return (found.start if len(found) else 0), found.step, len(found)
    if isinstance(entry, bool) or not hasattr(entry, "__index__"):
        raise TypeError(
            "An index is made of integers, slices, None and `...`; see ops.take and ops.where for "
            f"others. Received: {entry!r}"
        )
    if size < 0:
        raise ValueError(f"The batch axis can only be indexed by `:`. Received: index={entry!r}")
    index = operator.index(entry)
    if not -size <= index < size:
        raise IndexError(
            f"index {index} is out of bounds for axis {axis} of shape {_dims.visible(dims)}"
        )
    return index % size, 1, 1


def slice_(inputs: Any, start_indices: Sequence[int], shape: Sequence[int | None]) -> Any:
    """The block of `shape` that starts at `start_indices`, one for each axis.

    Errors: ValueError when it leaves `inputs`, or takes a part of the batch.
    """
    x = as_operand(inputs)
    dims = dims_of(x)
    if len(start_indices) != len(dims) or len(shape) != len(dims):
        raise ValueError(
            f"slice: expected a start and a size for each axis of shape {_dims.visible(dims)}. "
            f"Received: start_indices={start_indices}, shape={shape}"
        )
    parts = []
    for start, size, d in zip(map(int, start_indices), shape, dims):
        length = d if size is None or (d < 0 and size == -1) else int(size)
        fits = (start, length) == (0, d) if d < 0 else 0 <= start <= start + length <= d
        if not fits:
            raise ValueError(
                f"slice: the block leaves shape {_dims.visible(dims)}, or the batch is not whole. "
                f"Received: start_indices={start_indices}, shape={shape}"
            )
        parts.append((start, 1, length))
    return cut(x, parts)


slice_.__name__ = "slice"


def flip(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """The elements in the reverse order along `axis` (all axes when None)."""
    x = as_operand(x)
    dims = dims_of(x)
    parts = whole(x)
    for a in _dims.normalize_axes("flip", axis, len(dims)):
        if dims[a] < 0:
            raise ValueError(f"flip: the batch axis keeps its order. Received: axis={axis}")
        parts[a] = (max(dims[a] - 1, 0), -1, dims[a])
    return cut(x, parts)


def slice_update(inputs: Any, start_indices: Sequence[int], updates: Any) -> Any:
    """`inputs` with the block that starts at `start_indices` replaced by `updates`."""
    x, updates = as_operand(inputs), as_operand(updates)
    dims, own = dims_of(x), dims_of(updates)
    starts = tuple(int(i) for i in start_indices)
    fits = len(starts) == len(own) == len(dims) and all(
        (start, size) == (0, d) if d < 0 else 0 <= start <= start + size <= d
        for start, size, d in zip(starts, own, dims)
    )
    if not fits:
        raise ValueError(
            f"slice_update: the block leaves shape {_dims.visible(dims)}, or the batch is not whole. "
            f"Received: start_indices={start_indices}, updates of shape {_dims.visible(own)}"
        )
    where_to = {"starts": starts, "steps": (1,) * len(dims), "value": 0.0, "shape": dims}
    inside = _place(broadcast_to(1.0, own), **where_to)
    return e.where(inside, _place(updates, **where_to), x)
