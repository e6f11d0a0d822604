"""Images as patches and back; blocks of places as channels."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.ops import elementwise as e
from lamina.ops.joining import pad, stack
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import reshape, transpose
from lamina.utils import check
from lamina.utils.image_data_format import image_data_format


def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The patches of images (n, channels, rows, columns) as columns: (n, channels * size, patches).

    Args:
        kernel_size: rows and columns of a patch, or one number for both; `dilation`: the steps within a
            patch; `padding`: zeros at each side; `stride`: the steps from patch to patch.

    Errors: ValueError for another rank, sizes that are not positive, and patches larger than the image.
    """
    x = _of_rank("unfold", x, 4)
    n, channels, rows, columns = dims_of(x)
    grid = _Grid((rows, columns), kernel_size, dilation, padding, stride)
    top, left = grid.padding
    x = pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
    parts = [x[:, :, down, right] for down, right in grid.places()]
    patches = stack(parts, axis=2)
    return reshape(patches, (n, channels * len(parts), grid.patches[0] * grid.patches[1]))


def fold(
    x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """Images (n, channels, rows, columns) as sums of their patches: what `unfold` divided.

    Errors: ValueError for another rank or number of patches than `output_size` has.
    """
    x = _of_rank("fold", x, 3)
    size = _pair("output_size", output_size, 1)
    grid = _Grid(size, kernel_size, dilation, padding, stride)
    n, values, patches = dims_of(x)
    places = grid.places()
    down, right = grid.patches
    if values % len(places) or patches != down * right:
        raise ValueError(
            f"fold: expected {down * right} patches of a multiple of {len(places)} values. Received: "
            f"shape={tuple(x.shape)}, output_size={size}, kernel_size={grid.kernel}"
        )
    x = reshape(x, (n, values // len(places), len(places), down, right))
    total: Any = 0.0
    for i, place in enumerate(places):
        total = e.add(total, _spread(x[:, :, i], grid, place))
    (top, left), (rows, columns) = grid.padding, size
    return total[:, :, top : top + rows, left : left + columns]


class _Grid:
    """Where patches lie in an image."""

    def __init__(self, size: Any, kernel: Any, dilation: Any, padding: Any, stride: Any) -> None:
        self.kernel = _pair("kernel_size", kernel, 1)
        self.dilation = _pair("dilation", dilation, 1)
        self.padding = _pair("padding", padding, 0)
        self.stride = _pair("stride", stride, 1)
        self.padded = tuple(n + 2 * p for n, p in zip(size, self.padding))
        self.patches = tuple(
            (n - d * (k - 1) - 1) // s + 1
            for n, k, d, s in zip(self.padded, self.kernel, self.dilation, self.stride)
        )
        if min(self.patches) < 1:
            raise ValueError(
                f"`kernel_size` must fit into the image. Received: kernel_size={self.kernel}, "
                f"dilation={self.dilation} for an image of {self.padded} with its padding"
            )

    def places(self) -> list[tuple[slice, slice]]:
        """For each place of a patch: its rows and columns in the padded image, patch by patch."""
        each = [
            [slice(i * d, i * d + (n - 1) * s + 1, s) for i in range(k)]
            for k, d, s, n in zip(self.kernel, self.dilation, self.stride, self.patches)
        ]
        return [(down, right) for down in each[0] for right in each[1]]


def _spread(part: Any, grid: _Grid, place: tuple[slice, slice]) -> Any:
    """The values (n, channels, down, right) at their places in padded images, zeros elsewhere."""
    for axis, (where, size) in enumerate(zip(place, grid.padded), 2):
        dims = list(dims_of(part))
        step, count = where.step, dims[axis]
        if step > 1:  # zeros behind each value, but not the last one
            widths = [(0, 0)] * 5
            widths[axis + 1] = (0, step - 1)
            part = pad(reshape(part, (*dims[: axis + 1], 1, *dims[axis + 1 :])), widths)
            part = reshape(part, (*dims[:axis], count * step, *dims[axis + 1 :]))
            cut = [slice(None)] * 4
            cut[axis] = slice(0, (count - 1) * step + 1)
            part = part[tuple(cut)]
        widths = [(0, 0)] * 4
        widths[axis] = (where.start, size - where.stop)
        part = pad(part, widths)
    return part


def space_to_depth(x: Any, block_size: int, data_format: str | None = "channels_last") -> Any:
    """Blocks of block_size^2 places as channels: (n, h b, w b, c) to (n, h, w, b b c).

    Args:
        data_format: "channels_last", or "channels_first" for (n, c, h b, w b) to (n, c b b, h, w).

    Errors: ValueError for another rank, a block_size below 2, and sizes that it does not divide.

    Examples:
        >>> lamina.ops.space_to_depth(np.zeros((1, 4, 4, 3)), 2).shape
        (1, 2, 2, 12)
    """
    x, b, first = _of_blocks("space_to_depth", x, block_size, data_format)
    n, *rest = dims_of(x)
    c, h, w = rest if first else (rest[2], *rest[:2])
    if h % b or w % b:
        raise ValueError(
            f"space_to_depth: `block_size` must divide rows and columns. Received: block_size={b} "
            f"for shape {tuple(x.shape)}"
        )
    h, w = h // b, w // b
    if first:
        blocks = transpose(reshape(x, (n, c, h, b, w, b)), (0, 1, 3, 5, 2, 4))
        return reshape(blocks, (n, c * b * b, h, w))
    blocks = transpose(reshape(x, (n, h, b, w, b, c)), (0, 1, 3, 2, 4, 5))
    return reshape(blocks, (n, h, w, b * b * c))


def depth_to_space(x: Any, block_size: int, data_format: str | None = "channels_last") -> Any:
    """Channels as blocks of places: what `space_to_depth` made of them.

    Errors: ValueError for another rank, a block_size below 2, and channels that block_size^2 does not
    divide.
    """
    x, b, first = _of_blocks("depth_to_space", x, block_size, data_format)
    n, *rest = dims_of(x)
    c, h, w = rest if first else (rest[2], *rest[:2])
    if c % (b * b):
        raise ValueError(
            f"depth_to_space: `block_size` squared must divide the channels. Received: block_size={b} "
            f"for shape {tuple(x.shape)}"
        )
    c //= b * b
    if first:
        places = transpose(reshape(x, (n, c, b, b, h, w)), (0, 1, 4, 2, 5, 3))
        return reshape(places, (n, c, h * b, w * b))
    places = transpose(reshape(x, (n, h, w, b, b, c)), (0, 1, 3, 2, 4, 5))
    return reshape(places, (n, h * b, w * b, c))


def _of_blocks(name: str, x: Any, block_size: Any, data_format: Any) -> tuple[Any, int, bool]:
    """The operand, the size of a block, and whether channels come first."""
    b = check.integer("block_size", block_size)
    if b < 2:
        raise ValueError(f"{name}: `block_size` must be at least 2. Received: block_size={b}")
    if data_format not in (None, "channels_last", "channels_first"):
        raise ValueError(
            f"{name}: `data_format` must be 'channels_last' or 'channels_first'. "
            f"Received: data_format={data_format!r}"
        )
    return _of_rank(name, x, 4), b, (data_format or image_data_format()) == "channels_first"


def _of_rank(name: str, x: Any, rank: int) -> Any:
    x = as_operand(x)
    if len(x.shape) != rank:
        raise ValueError(f"{name}: x must have {rank} axes. Received: shape={tuple(x.shape)}")
    return x


def _pair(name: str, value: Any, least: int) -> tuple[int, int]:
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2 or not all(isinstance(n, (int, np.integer)) and n >= least for n in pair):
        raise ValueError(
            f"`{name}` must be a whole number of at least {least}, or two of them. "
            f"Received: {name}={value!r}"
        )
    return int(pair[0]), int(pair[1])
