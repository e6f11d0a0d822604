"""Sizes of axes.  A size is known (>= 0) or a multiple of the batch: -1 is the batch, -3 thrice it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lamina.utils import check

Dims = tuple[int, ...]


class MixedSamplesError(ValueError):
    """Broadcasting would pair each sample with each: (None,) beside (None, 1), as a rule by mistake."""


def visible(dims: Dims) -> tuple[int | None, ...]:
    """The shape as a user reads it: None where it depends on the batch."""
    return tuple(None if d < 0 else d for d in dims)


def resolve(dims: Sequence[int], batch: int) -> tuple[int, ...]:
    """The sizes for a batch of that many rows."""
    return tuple(-d * batch if d < 0 else d for d in dims)


def size(dims: Sequence[int]) -> int:
    """The number of elements, negative when it is a multiple of the batch."""
    if sum(d < 0 for d in dims) > 1:
        raise ValueError(
            f"Only one axis may depend on the batch. Received: shape={visible(tuple(dims))}"
        )
    return math.prod(dims)


def broadcast(name: str, *operands: Dims) -> Dims:
    """NumPy's broadcasting of shapes.

    Errors: ValueError for shapes that do not fit; MixedSamplesError for batches of other ranks of
    which each would stand on an axis of its own.
    """
    rank = max(len(dims) for dims in operands)
    result = [1] * rank
    for dims in operands:
        for axis, d in enumerate(dims, start=rank - len(dims)):
            if d == 1 or d == result[axis]:
                continue
            if result[axis] != 1:
                shapes = " and ".join(str(visible(dims)) for dims in operands)
                raise ValueError(f"{name}: shapes {shapes} cannot be broadcast together")
            result[axis] = d
    if sum(d < 0 for d in result) > 1 and len({len(dims) for dims in operands if dims}) > 1:
        shapes = " and ".join(str(visible(dims)) for dims in operands)
        raise MixedSamplesError(
            f"{name}: shapes {shapes} would be broadcast to {visible(tuple(result))}, each sample with "
            "each. Reshape one to the rank of the other if it is meant"
        )
    return tuple(result)


def normalize_axes(name: str, axis: int | Sequence[int] | None, rank: int) -> tuple[int, ...]:
    """Axes as sorted non-negative numbers; None means all."""
    if axis is None:
        return tuple(range(rank))
    given = axis if isinstance(axis, (list, tuple)) else [axis]
    axes = [check.integer(f"{name}: axis", a) for a in given]
    for a in axes:
        if not -rank <= a < rank:
            raise ValueError(f"{name}: axis {a} is out of bounds for an array of rank {rank}")
    unique = sorted({a % rank for a in axes})
    if len(unique) != len(axes):
        raise ValueError(f"{name}: an axis stands twice. Received: axis={axis}")
    return tuple(unique)


def reshape(dims: Dims, target: Sequence[int | None]) -> Dims:
    """The dims of a reshape: one -1 (or None) in `target` is inferred."""
    wanted = [-1 if d is None else int(d) for d in target]
    total = size(dims)
    known = math.prod(d for d in wanted if d != -1)
    free = wanted.count(-1)
    message = f"reshape: {visible(dims)} cannot take the shape {tuple(target)}"
    if free > 1:
        raise ValueError(message)
    if free == 1:
        if known == 0 or total % known:
            raise ValueError(message)
        wanted[wanted.index(-1)] = total // known
    elif known != total:
        raise ValueError(message)
    return tuple(wanted)
