"""NumPy's shorthands for tensors that are joined, cut, turned and spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina.ops.creation import diag
from lamina.ops.indexing import flip
from lamina.ops.joining import concatenate, split
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import broadcast_to, expand_dims, normalize_axis, ravel, reshape, swapaxes
from lamina.utils import check

Sections = int | Sequence[int]


def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """x2 behind x1 along `axis` (both as rows of all their elements when None)."""
    if axis is None:
        return concatenate([ravel(x1), ravel(x2)])
    return concatenate([x1, x2], axis)


def _at_least(x: Any, rank: int) -> Any:
    """x with so many axes: a row (1, n), or a layer (1, n, 1) or (m, n, 1)."""
    x = as_operand(x)
    if len(x.shape) == 0:
        return reshape(x, (1,) * rank)
    if len(x.shape) == 1 and rank > 1:
        x = expand_dims(x, 0)
    return expand_dims(x, 2) if len(x.shape) == 2 and rank == 3 else x


def hstack(xs: Sequence[Any]) -> Any:
    """The tensors side by side: along the second axis, vectors along their only one."""
    rows = [_at_least(x, 1) for x in xs]
    return concatenate(rows, 0 if rows and len(rows[0].shape) == 1 else 1)


def vstack(xs: Sequence[Any]) -> Any:
    """The tensors below one another: along the first axis, vectors as rows."""
    return concatenate([_at_least(x, 2) for x in xs], 0)


def dstack(xs: Sequence[Any]) -> Any:
    """The tensors behind one another: along the third axis."""
    return concatenate([_at_least(x, 3) for x in xs], 2)


def array_split(x: Any, indices_or_sections: Sections, axis: int = 0) -> list[Any]:
    """The parts of x along `axis`: so many of nearly equal size, or cut before the indices."""
    x = as_operand(x)
    size = dims_of(x)[normalize_axis("array_split", axis, len(x.shape))]
    if size < 0 or not hasattr(indices_or_sections, "__index__"):
        return split(x, indices_or_sections, axis)
    sections = check.integer("indices_or_sections", indices_or_sections, 1)
    least, longer = divmod(size, sections)
    return split(x, [i * least + min(i, longer) for i in range(1, sections)], axis)


def hsplit(x: Any, indices_or_sections: Sections) -> list[Any]:
    """The parts of x along its second axis, a vector's along its only one."""
    x = as_operand(x)
    return split(x, indices_or_sections, 0 if len(x.shape) == 1 else 1)


def vsplit(x: Any, indices_or_sections: Sections) -> list[Any]:
    """The parts of x, of two axes or more, along its first axis."""
    return split(_of_rank("vsplit", x, 2), indices_or_sections, 0)


def dsplit(x: Any, indices_or_sections: Sections) -> list[Any]:
    """The parts of x along its third axis."""
    return split(_of_rank("dsplit", x, 3), indices_or_sections, 2)


def _of_rank(name: str, x: Any, rank: int) -> Any:
    x = as_operand(x)
    if len(x.shape) < rank:
        raise ValueError(
            f"{name}: expected at least {rank} axes. Received: x of shape {tuple(x.shape)}"
        )
    return x


def fliplr(x: Any) -> Any:
    """x with its second axis reversed."""
    return flip(_of_rank("fliplr", x, 2), 1)


def flipud(x: Any) -> Any:
    """x with its first axis reversed."""
    return flip(_of_rank("flipud", x, 1), 0)


def rot90(array: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """The array turned k times by a right angle, from the first of two axes to the second."""
    array = _of_rank("rot90", array, 2)
    rank = len(array.shape)
    if len(axes) != 2 or normalize_axis("rot90", axes[0], rank) == normalize_axis(
        "rot90", axes[1], rank
    ):
        raise ValueError(f"rot90: expected two different axes. Received: axes={axes}")
    first, second = axes
    quarter = check.integer("k", k) % 4
    if quarter == 0:
        return array
    if quarter == 2:
        return flip(array, (first, second))
    if quarter == 1:
        return swapaxes(flip(array, second), first, second)
    return flip(swapaxes(array, first, second), second)


def meshgrid(*x: Any, indexing: str = "xy") -> list[Any]:
    """The coordinates of a grid: tensor i has x[i] along axis i and repeats it along the others.

    With indexing "xy" the first two axes change places.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(
            f'meshgrid: indexing must be "xy" or "ij". Received: indexing={indexing!r}'
        )
    rows = [ravel(row) for row in x]
    sizes = [dims_of(row)[0] for row in rows]
    places = list(range(len(rows)))
    if indexing == "xy":
        places[:2] = places[:2][::-1]
    shape = [sizes[place] for place in places]
    grids = []
    for i, row in enumerate(rows):
        own = [size if place == i else 1 for place, size in zip(places, shape)]
        grids.append(broadcast_to(reshape(row, own), shape))
    return grids


def diagflat(x: Any, k: int = 0) -> Any:
    """A matrix with all of x's elements on its k-th diagonal."""
    return diag(ravel(x), k)
