"""Orders: sorting, the largest, places among sorted numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.graph.operation import operation
from lamina.graph.operators import Operators
from lamina.graph.tensor import Spec
from lamina.ops import elementwise as e
from lamina.ops.lookup import _take_along_axis
from lamina.ops.reductions import sum
from lamina.ops.rules import as_operand, dims_of, rank_at_least
from lamina.ops.shapes import expand_dims, moveaxis, normalize_axis, ravel
from lamina.utils import check


@operation(name="argsort")
def _argsort(x):
    rank_at_least("argsort", x, 1)
    return Spec(x.dims, "int32")


@operation(name="top_k")
def _top_k(x, *, k):
    rank_at_least("top_k", x, 1)
    if x.dims[-1] < 0 or not 1 <= k <= x.dims[-1]:
        raise ValueError(
            f"top_k: k must be from 1 to the size of the last axis. Received: k={k} for shape {x.shape}"
        )
    return Spec((*x.dims[:-1], k), "int32")


@operation(name="searchsorted")
def _searchsorted(sorted, x, *, right):
    if len(sorted.dims) != 1 or sorted.dims[0] < 0:
        raise ValueError(
            "searchsorted: the sorted numbers must be a vector of known size. Received: "
            f"sorted_sequence of shape {sorted.shape}"
        )
    return Spec(x.dims, "int32")


def argsort(x: Any, axis: int | None = -1) -> Any:
    """The indices that sort x along `axis` (all elements in a row when None, or x is a number), int32.

    NaN comes last; equals keep their order.  No gradient.
    """
    x = as_operand(x)
    axis = axis if len(x.shape) else None
    x, axis = _with_axis("argsort", x, axis)
    return moveaxis(_argsort(moveaxis(x, axis, -1)), -1, axis)


def sort(x: Any, axis: int | None = -1) -> Any:
    """x sorted along `axis` (all elements in a row when None); NaN comes last."""
    x, axis = _with_axis("sort", x, axis)
    rows = moveaxis(x, axis, -1)
    return moveaxis(_take_along_axis(rows, _argsort(rows)), -1, axis)


def _with_axis(name: str, x: Any, axis: int | None) -> tuple[Any, int]:
    x = as_operand(x)
    if axis is None:
        return ravel(x), 0
    return x, normalize_axis(name, axis, len(x.shape))


def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Any, Any]:
    """The k largest numbers along the last axis, and their indices (int32).

    From the largest on, also when `sorted` is False; of equals the first.  NaN is the largest.

    Examples:
        >>> values, indices = lamina.ops.top_k(np.array([0.1, 0.7, 0.2]), 2)
        >>> print(values, indices)
        [0.7 0.2] [1 2]
    """
    x = as_operand(x)
    indices = _top_k(x, k=check.integer("k", k))
    return _take_along_axis(x, indices), indices


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """True where the prediction for the target class is among the k largest of its row.

    It is when fewer than k are larger.  A NaN, and a target that is no class, is never larger than
    another number.  `targets` (n,), `predictions` (n, classes).  No gradient.
    """
    targets, predictions = as_operand(targets), as_operand(predictions)
    if dims_of(targets) != dims_of(predictions)[:-1]:
        raise ValueError(
            "in_top_k: expected a target for each row of predictions. Received: shapes "
            f"{tuple(targets.shape)} and {tuple(predictions.shape)}"
        )
    own = _take_along_axis(predictions, expand_dims(targets, -1))
    own = e.where(e.isnan(own), -np.inf, own)
    larger = sum(e.where(e.greater(predictions, own), 1.0, 0.0), axis=-1)
    return e.less(larger, float(check.integer("k", k)))


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """How many of the sorted numbers are less than each value; with side "right": not greater.

    int32, without a gradient; NaN is larger than all.
    """
    if side not in ("left", "right"):
        raise ValueError(f'searchsorted: side must be "left" or "right". Received: side={side!r}')
    return _searchsorted(as_operand(sorted_sequence), as_operand(values), right=side == "right")


def digitize(x: Any, bins: Any) -> Any:
    """The number of the bin of each element: i where bins[i - 1] <= x < bins[i].

    Errors: ValueError for bins that do not increase.
    """
    bins = as_operand(bins)
    if not isinstance(bins, Operators) and np.any(np.diff(bins) < 0):
        raise ValueError(f"digitize: bins must increase. Received: bins={bins!r:.200}")
    return searchsorted(bins, x, side="right")
