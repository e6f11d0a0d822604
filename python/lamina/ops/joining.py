"""Tensors put side by side, cut apart, repeated and padded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.graph import dims as _dims
from lamina.graph.operation import operation
from lamina.graph.tensor import Spec, Tensor
from lamina.ops.indexing import _place, cut, flip, get_item, whole
from lamina.ops.lookup import take
from lamina.ops.rules import as_operand, common_dtype, dims_of
from lamina.ops.shapes import broadcast_to, expand_dims, normalize_axis, ravel, reshape
from lamina.utils import check

Widths = int | Sequence[int] | Sequence[Sequence[int]]


@operation(name="concatenate")
def _concatenate(*xs, axis):
    first = xs[0].dims
    for x in xs:
        if (*x.dims[:axis], *x.dims[axis + 1 :]) != (*first[:axis], *first[axis + 1 :]):
            raise ValueError(
                f"concatenate: all axes but axis {axis} must have the same size. "
                f"Received: shapes {[_dims.visible(x.dims) for x in xs]}"
            )
    total = sum(x.dims[axis] for x in xs)
    return Spec((*first[:axis], total, *first[axis + 1 :]), common_dtype(*xs))


@_concatenate.gradient
def _(node, dy):
    axis, start, parts = node.attributes["axis"], 0, []
    for x in node.inputs:
        block = whole(dy)
        block[axis] = (start, 1, x.dims[axis])
        parts.append(cut(dy, block))
        start += x.dims[axis]
    return parts


def concatenate(xs: Sequence[Any], axis: int = 0) -> Any:
    """The tensors one behind the other along `axis`; their other axes must have the same sizes.

    Along the batch axis, tensors of one shape can be joined.

    Examples:
        >>> lamina.ops.concatenate([np.zeros((2, 3)), np.zeros((2, 1))], axis=1).shape
        (2, 4)
    """
    operands = _operands("concatenate", xs)
    rank = len(operands[0].shape)
    if any(len(x.shape) != rank for x in operands):
        raise ValueError(
            "concatenate: all tensors must have the same number of axes. Received: shapes "
            f"{[tuple(x.shape) for x in operands]}"
        )
    axis = normalize_axis("concatenate", axis, rank)
    dims = dims_of(operands[0])
    if not any(dims_of(x)[axis] < 0 for x in operands):
        return _concatenate(*operands, axis=axis)
    if axis or any(dims_of(x) != dims for x in operands):
        raise ValueError(
            "concatenate: along the batch axis all shapes must be equal, and it must be the first. "
            f"Received: shapes {[tuple(x.shape) for x in operands]}, axis={axis}"
        )
    stacked = stack(operands)
    return reshape(stacked, (len(operands) * dims[0], *dims[1:]))


def stack(x: Sequence[Any], axis: int = 0) -> Any:
    """The tensors, all of one shape, along a new axis."""
    operands = _operands("stack", x)
    if any(dims_of(y) != dims_of(operands[0]) for y in operands):
        raise ValueError(
            "stack: all tensors must have the same shape. Received: shapes "
            f"{[tuple(y.shape) for y in operands]}"
        )
    axis = normalize_axis("stack", axis, len(operands[0].shape) + 1)
    return _concatenate(*(expand_dims(y, axis) for y in operands), axis=axis)


def _operands(name: str, xs: Sequence[Any]) -> list[Any]:
    if isinstance(xs, Tensor) or not hasattr(xs, "__iter__") or len(xs) == 0:
        raise ValueError(f"{name}: expected a list of one or more tensors. Received: {xs!r}")
    return [as_operand(x) for x in xs]


def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """The parts of x along `axis`: so many of equal size, or cut before each of the indices."""
    x = as_operand(x)
    axis = normalize_axis("split", axis, len(x.shape))
    size = dims_of(x)[axis]
    if size < 0:
        raise ValueError(f"split: the batch axis cannot be split. Received: axis={axis}")
    if isinstance(indices_or_sections, (int, np.integer)):
        sections = check.integer("indices_or_sections", indices_or_sections, 1)
        if size % sections:
            raise ValueError(
                f"split: an axis of size {size} cannot be split into equal parts. "
                f"Received: indices_or_sections={sections}"
            )
        inner = list(range(0, size, size // sections))[1:] if size else [0] * (sections - 1)
    else:
        inner = [int(i) for i in indices_or_sections]
    before = (slice(None),) * axis
    return [get_item(x, (*before, slice(a, b))) for a, b in zip([0, *inner], [*inner, None])]


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """The slices of x along `axis`, without it; there must be `num`, when that is given."""
    x = as_operand(x)
    axis = normalize_axis("unstack", axis, len(x.shape))
    size = dims_of(x)[axis]
    if size < 0 or num not in (None, size):
        raise ValueError(
            f"unstack: axis {axis} of shape {tuple(x.shape)} has no {num} slices. "
            f"Received: num={num}"
        )
    return [get_item(x, (*(slice(None),) * axis, i)) for i in range(size)]


def roll(x: Any, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Any:
    """The elements moved on by `shift` along `axis` (of all in a row when None); what leaves the
    end comes in at the start."""
    x = as_operand(x)
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), dims_of(x))
    axes = [axis] if isinstance(axis, int) else list(axis)
    shifts = [shift] * len(axes) if isinstance(shift, int) else list(shift)
    if len(shifts) != len(axes):
        raise ValueError(
            f"roll: expected a shift for each axis. Received: shift={shift}, axis={axis}"
        )
    for own, by in zip(axes, shifts):
        own = normalize_axis("roll", own, len(x.shape))
        size = dims_of(x)[own]
        if size < 0:
            raise ValueError(f"roll: the batch axis keeps its order. Received: axis={axis}")
        if size and by % size:
            x = _concatenate(*split(x, [size - by % size], own)[::-1], axis=own)
    return x


def pad(x: Any, pad_width: Widths, mode: str = "constant", constant_values: Any = None) -> Any:
    """x with elements before and after it along each axis.

    Args:
        pad_width: (before, after) for each axis; one pair or one number stands for all axes.
        mode: "constant"; "reflect", the mirror image without the edge; "symmetric", with it.
        constant_values: one number, for mode "constant" only; 0 when None.
    """
    x = as_operand(x)
    widths = _widths(x, pad_width)
    if mode not in ("constant", "reflect", "symmetric"):
        raise ValueError(
            f'pad: mode must be "constant", "reflect" or "symmetric". Received: mode={mode!r}'
        )
    if mode == "constant":
        value = float(0 if constant_values is None else constant_values)
        starts = tuple(before for before, _ in widths)
        shape = tuple(before + d + after for d, (before, after) in zip(dims_of(x), widths))
        if shape == dims_of(x):
            return x
        return _place(x, starts=starts, steps=(1,) * len(shape), value=value, shape=shape)
    if constant_values is not None:
        raise ValueError(
            "Argument `constant_values` can only be provided when `mode == 'constant'`. "
            f"Received: mode={mode}"
        )
    for axis, pair in enumerate(widths):
        x = _mirrored(x, axis, pair, edge=0 if mode == "symmetric" else 1)
    return x


def _widths(x: Any, pad_width: Widths) -> list[tuple[int, int]]:
    """(before, after) for each axis; the batch has none."""
    dims = dims_of(x)
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu" or widths.shape not in (
        (),
        (1,),
        (2,),
        (1, 2),
        (len(dims), 2),
    ):
        raise ValueError(
            f"pad: expected (before, after) for each of {len(dims)} axes. Received: "
            f"pad_width={pad_width}"
        )
    pairs = [(int(a), int(b)) for a, b in np.broadcast_to(widths, (len(dims), 2))]
    for d, pair in zip(dims, pairs):
        if min(pair) < 0 or (d < 0 and any(pair)):
            raise ValueError(
                "pad: widths must not be negative, and the batch cannot be padded. Received: "
                f"pad_width={pad_width} for shape {_dims.visible(dims)}"
            )
    return pairs


def _mirrored(x: Any, axis: int, pair: tuple[int, int], edge: int) -> Any:
    size = dims_of(x)[axis]
    if not any(pair):
        return x
    if max(pair) > size - edge:
        raise ValueError(
            f"pad: a mirrored axis of size {size} can grow by at most {size - edge} on each side. "
            f"Received: pad_width={pair} for axis {axis}"
        )
    parts = []
    for width, start in ((pair[0], edge), (pair[1], size - edge - pair[1])):
        block = whole(x)
        block[axis] = (start, 1, width)
        parts.append(flip(cut(x, block), axis))
    return _concatenate(parts[0], x, parts[1], axis=axis)


def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Any:
    """Each element so many times along `axis` (of x as a row of all elements when None).

    Args:
        repeats: a number, or one for each element along the axis.
    """
    x = as_operand(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = normalize_axis("repeat", axis, len(x.shape))
    dims = dims_of(x)
    if np.ndim(repeats):
        return take(x, np.repeat(np.arange(dims[axis]), np.asarray(repeats)), axis)
    count = check.integer("repeats", repeats, 0)
    spread = broadcast_to(expand_dims(x, axis + 1), (*dims[: axis + 1], count, *dims[axis + 1 :]))
    return reshape(spread, (*dims[:axis], dims[axis] * count, *dims[axis + 1 :]))


def tile(x: Any, repeats: int | Sequence[int]) -> Any:
    """x so many times, one behind the other, along each axis; new axes come first."""
    x = as_operand(x)
    counts = [check.integer("repeats", n, 0) for n in np.atleast_1d(repeats).tolist()]
    dims = dims_of(x)
    rank = max(len(dims), len(counts))
    dims = (1,) * (rank - len(dims)) + dims
    counts = [1] * (rank - len(counts)) + counts
    separate, spread = [], []
    for d, count in zip(dims, counts):  # a new axis only where it is needed: ranks have a limit
        separate += [d] if count == 1 else [1, d]
        spread += [d] if count == 1 else [count, d]
    y = broadcast_to(reshape(x, separate), spread)
    return reshape(y, [d * count for d, count in zip(dims, counts)])
