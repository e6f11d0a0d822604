"""Norms of vectors and matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.ops import elementwise as e
from lamina.ops.arrays import numbers
from lamina.ops.creation import cast
from lamina.ops.reductions import Axis, max, min, sum
from lamina.ops.rules import as_operand
from lamina.ops.shapes import normalize_axis


def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    """The size of vectors along one axis, or of matrices along two.

    Args:
        ord: None for the root of the sum of squares, over any axes.  Of vectors: a number p for the
            p-th root of the sum of |x|^p, inf and -inf for the largest and smallest |x|, 0 for how
            many are not 0.  Of matrices: "fro" as None; 1 and -1, inf and -inf for the largest and
            smallest sum of |x| in a column, or a row; on arrays also 2, -2 and "nuc", by singular
            values.
        axis: all of x when None: with an `ord` it must be a vector or a matrix.
    """
    x = as_operand(x)
    if not np.dtype(x.dtype).name.startswith("float"):
        x = cast(x, floatx())
    rank = len(x.shape)
    if ord is None:
        return e.sqrt(sum(e.square(x), axis, keepdims))
    axes = [*range(rank)] if axis is None else [axis] if isinstance(axis, int) else [*axis]
    axes = [normalize_axis("norm", a, rank) for a in axes]
    if len(axes) == 1:
        return _vector(x, ord, axes[0], keepdims)
    if len(axes) != 2 or axes[0] == axes[1]:
        raise ValueError(
            f"norm: expected one axis, or two different ones. Received: axis={axis} for shape "
            f"{tuple(x.shape)}, ord={ord}"
        )
    return _matrix(x, ord, axes, keepdims)


def _vector(x: Any, ord: Any, axis: int, keepdims: bool) -> Any:
    if ord == 2:
        return e.sqrt(sum(e.square(x), axis, keepdims))
    if isinstance(ord, str):
        raise ValueError(f"norm: a vector has no such norm. Received: ord={ord!r}, axis={axis}")
    if ord == 0:
        return sum(e.where(e.equal(x, 0.0), 0.0, 1.0), axis, keepdims)
    size = e.abs(x)
    if math.isinf(ord):
        return (max if ord > 0 else min)(size, axis, keepdims)
    if ord == 1:
        return sum(size, axis, keepdims)
    return e.power(sum(e.power(size, float(ord)), axis, keepdims), 1.0 / ord)


def _matrix(x: Any, ord: Any, axes: list[int], keepdims: bool) -> Any:
    if ord == "fro":
        return e.sqrt(sum(e.square(x), axes, keepdims))
    if ord in ("nuc", 2, -2):
        (x,) = numbers("norm", x)
        y = np.linalg.norm(x, ord, tuple(axes), keepdims)
        return np.asarray(y, x.dtype)
    if ord not in (1, -1, math.inf, -math.inf):
        raise ValueError(f"norm: a matrix has no such norm. Received: ord={ord!r}, axis={axes}")
    inner, outer = axes if abs(ord) == 1 else axes[::-1]
    sums = sum(e.abs(x), inner, keepdims=True)
    y = (max if ord > 0 else min)(sums, outer, keepdims=True)
    return y if keepdims else sum(y, axes)
