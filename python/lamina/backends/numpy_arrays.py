"""The reference backend: operations that take elements out, put them in, and order them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray


def _places(starts: Sequence[int], steps: Sequence[int], shape: Sequence[int]) -> Any:
    """The index of the elements at start + i * step, i < size, along each axis."""
    return np.ix_(*(a + s * np.arange(n) for a, s, n in zip(starts, steps, shape)))


def slice(x: Array, *, starts: Any, steps: Any, shape: Any) -> Array:
    return x[_places(starts, steps, shape)]


def place(x: Array, *, starts: Any, steps: Any, value: float, shape: Any) -> Array:
    y = np.full(shape, value, x.dtype)
    y[_places(starts, steps, x.shape)] = x
    return y


def concatenate(*xs: Array, axis: int) -> Array:
    return np.concatenate(xs, axis=axis)


def _in_place(indices: Array, n: int) -> tuple[Array, Array]:
    """Places from 0 to n for whole numbers from -n to n - 1, and which of them are such."""
    known = (indices >= -n) & (indices < n) & (indices == np.floor(indices))
    places = np.where(known, indices, 0).astype(np.int64)
    return np.where(places < 0, places + n, places), known


def _outside(x: Array) -> Any:
    """What stands for an element that is not there."""
    return x.dtype.type(np.nan if x.dtype.kind == "f" else 0)


def take(x: Array, indices: Array, *, axis: int) -> Array:
    places, known = _in_place(indices, x.shape[axis])
    if x.shape[axis] == 0:
        x = np.zeros((*x.shape[:axis], 1, *x.shape[axis + 1 :]), x.dtype)
    known = known.reshape(known.shape + (1,) * (x.ndim - axis - 1))
    return np.where(known, np.take(x, places, axis), _outside(x))


def segment_sum(x: Array, indices: Array, *, axis: int, shape: Any) -> Array:
    places, known = _in_place(indices.ravel(), shape[axis])
    rows = x.reshape(*x.shape[:axis], known.size, *x.shape[axis + indices.ndim :])
    y = np.zeros(shape, x.dtype)
    np.add.at(np.moveaxis(y, axis, 0), places[known], np.moveaxis(rows, axis, 0)[known])
    return y


def take_along_axis(x: Array, indices: Array) -> Array:
    places, known = _in_place(indices, x.shape[-1])
    return np.where(known, np.take_along_axis(x, places, -1), _outside(x))


def add_along_axis(x: Array, indices: Array, *, shape: Any) -> Array:
    places, known = _in_place(indices, shape[-1])
    y = np.zeros(shape, x.dtype)
    rows = np.nonzero(known)[:-1]
    np.add.at(y, (*rows, places[known]), x[known])
    return y


# --- chains, orders -------------------------------------------------------------------------------


def _forward(x: Array, axis: int, reverse: bool) -> Array:
    """With the axis first, from the end that a chain starts at."""
    x = np.moveaxis(x, axis, 0)
    return x[::-1] if reverse else x


def cumsum(x: Array, *, axis: int, reverse: bool) -> Array:
    y = np.empty_like(x)
    _forward(y, axis, reverse)[:] = _forward(x, axis, reverse).cumsum(axis=0)
    return y


def recurrence(a: Array, b: Array, *, axis: int, reverse: bool) -> Array:
    y = b.astype(np.result_type(a, b))
    a, chain = _forward(a, axis, reverse), _forward(y, axis, reverse)
    for i in range(1, len(chain)):
        chain[i] += a[i] * chain[i - 1]
    return y


def argsort(x: Array) -> Array:
    return x.argsort(axis=-1, kind="stable")


def top_k(x: Array, *, k: int) -> Array:
    ranks = x[..., ::-1].argsort(axis=-1, kind="stable")[
        ..., ::-1
    ]  # of equals the first comes first
    return x.shape[-1] - 1 - ranks[..., :k]


def searchsorted(sorted: Array, x: Array, *, right: bool) -> Array:
    return np.searchsorted(sorted, x, side="right" if right else "left")


def cast(x: Array, *, dtype: str) -> Array:
    return x


functions: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        slice, place, concatenate, take, segment_sum, take_along_axis, add_along_axis, cumsum,
        recurrence, argsort, top_k, searchsorted, cast,
    )
}  # fmt: skip
