"""Sets of numbers, and values put at indices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.graph.operators import Operators
from lamina.ops import elementwise as e
from lamina.ops.arrays import numbers
from lamina.ops.composite import one_hot
from lamina.ops.joining import unstack
from lamina.ops.lookup import segment_sum, take
from lamina.ops.reductions import max
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import broadcast_to, ravel, reshape
from lamina.ops.sorting import searchsorted, sort
from lamina.utils import check


def multi_hot(
    inputs: Any,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: str | None = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Any:
    """1.0 at each of the places that a row of `inputs` names, else 0.0.

    `inputs` (classes,) gives (num_classes,), (n, classes) gives (n, num_classes).
    """
    num_classes = kwargs.pop("num_tokens", num_classes)
    check.no_more("multi_hot", kwargs)
    if num_classes is None:
        raise ValueError("multi_hot: `num_classes` must be given. Received: num_classes=None")
    x = as_operand(inputs)
    places = one_hot(x, num_classes, axis, dtype, sparse)
    return max(places, axis=1 if len(x.shape) > 1 else 0)


def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """True where the element of x1 is one of x2's (or, inverted, is none).  No gradient.

    `assume_unique` changes nothing.
    """
    among = ravel(x2)
    n = dims_of(among)[0]
    if n < 0:
        raise ValueError(f"isin: x2 must have a known size. Received: x2 of shape {among.shape}")
    if n == 0:
        found = e.not_equal(x1, x1)
        return e.equal(found, found) if invert else e.logical_and(found, False)
    among = sort(among)
    place = e.minimum(searchsorted(among, x1), n - 1)
    return (e.not_equal if invert else e.equal)(take(among, place), x1)


def segment_max(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> np.ndarray:
    """(num_segments, ...): row i is the largest of the rows of `data` with id i; -inf for none.

    On arrays only; see `segment_sum` for the arguments.
    """
    return _segments("segment_max", np.maximum, -np.inf, data, segment_ids, num_segments)


def segment_min(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> np.ndarray:
    """(num_segments, ...): row i is the smallest of the rows of `data` with id i; inf for none."""
    return _segments("segment_min", np.minimum, np.inf, data, segment_ids, num_segments)


def segment_prod(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> np.ndarray:
    """(num_segments, ...): row i is the product of the rows of `data` with id i; 1 for none."""
    return _segments("segment_prod", np.multiply, 1.0, data, segment_ids, num_segments)


def _segments(
    name: str, joined: Any, start: float, data: Any, segment_ids: Any, num_segments: int | None
) -> np.ndarray:
    data, ids = numbers(name, data, segment_ids)
    if ids.ndim != 1 or ids.shape != data.shape[:1] or ids.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: expected a whole number for each row. Received: data of shape {data.shape}, "
            f"segment_ids of shape {ids.shape} and dtype {ids.dtype}"
        )
    n = int(ids.max(initial=-1)) + 1 if num_segments is None else num_segments
    n = check.integer("num_segments", n, 0)
    inside = (ids >= 0) & (ids < n)
    dtype = data.dtype if data.dtype.kind == "f" else floatx()
    result = np.full((n, *data.shape[1:]), start, dtype)
    joined.at(result, ids[inside], data[inside])
    return result


def scatter(indices: Any, values: Any, shape: Sequence[int]) -> Any:
    """Zeros of `shape`, and values[i] added at the place indices[i] of its first axes.

    `indices` (n, axes), `values` (n, *shape[axes:]).
    """
    return _scattered("scatter", indices, values, tuple(shape))


def _scattered(name: str, indices: Any, values: Any, shape: tuple[int, ...]) -> Any:
    indices, values = as_operand(indices), as_operand(values)
    rank = dims_of(indices)[-1] if len(indices.shape) == 2 else -1
    if not 0 < rank <= len(shape) or dims_of(values) != (dims_of(indices)[0], *shape[rank:]):
        raise ValueError(
            f"{name}: expected indices (n, axes) and values (n, ...) that fit. Received: indices of "
            f"shape {tuple(indices.shape)}, values of shape {tuple(values.shape)}, shape={shape}"
        )
    if not isinstance(indices, Operators):
        outside = (indices < 0) | (indices >= np.asarray(shape[:rank]))
        if np.any(outside):
            at = int(np.argwhere(outside)[0][0])
            raise ValueError(
                f"{name}: an index is outside of shape {shape}. Received: {indices[at]} at {at}"
            )
    flat: Any = 0
    for axis, column in enumerate(unstack(indices, axis=1)):
        flat = e.add(e.multiply(flat, shape[axis]), column)
    size = int(np.prod(shape[:rank]))
    return reshape(segment_sum(values, flat, num_segments=size), shape)


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """`inputs` with `updates` at `indices` (n, axes): in their place, or joined with them.

    Args:
        reduction: None, "add", "max", "min" or "mul".  Tensors take "add", and None where the
            indices are an array; of equal indices the last one counts.
    """
    joined: dict[str | None, Callable[..., Any] | None] = {
        None: None, "add": np.add, "max": np.maximum, "min": np.minimum, "mul": np.multiply,
    }  # fmt: skip
    if reduction not in joined:
        raise ValueError(
            f"scatter_update: reduction must be one of {list(joined)}. Received: "
            f"reduction={reduction!r}"
        )
    inputs, updates = as_operand(inputs), as_operand(updates)
    shape = dims_of(inputs)
    if reduction == "add":
        return e.add(inputs, _scattered("scatter_update", indices, updates, shape))
    if reduction is not None:
        x, places, values = numbers("scatter_update", inputs, indices, updates)
        result = x.copy()
        joined[reduction].at(result, tuple(places.T), values)  # type: ignore[union-attr]
        return result
    (places,) = numbers("scatter_update", indices)
    _, last = np.unique(places[::-1], axis=0, return_index=True)
    kept = np.sort(len(places) - 1 - last)
    values = take(updates, kept, axis=0)
    there = _scattered("scatter_update", places[kept], broadcast_to(1.0, dims_of(values)), shape)
    return e.where(there, _scattered("scatter_update", places[kept], values, shape), inputs)
