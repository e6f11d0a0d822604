"""Medians and quantiles, by sorting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina.graph import dims as _dims
from lamina.graph.operators import Operators
from lamina.ops import elementwise as e
from lamina.ops.joining import stack
from lamina.ops.lookup import take_along_axis
from lamina.ops.reductions import Axis, max, min, sum
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import reshape, transpose
from lamina.ops.sorting import sort
from lamina.ops.statistics import any

_METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The distance of the largest from the smallest value over `axis` (all axes when None)."""
    return e.subtract(max(x, axis, keepdims), min(x, axis, keepdims))


def median(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The middle value over `axis` (all axes when None), or the mean of the middle two."""
    return quantile(x, 0.5, axis, keepdims=keepdims)


def nanmedian(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`median` of the numbers that are not NaN."""
    return nanquantile(x, 0.5, axis, keepdims=keepdims)


def percentile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """`quantile` for q in percent."""
    return quantile(x, _percent("percentile", q), axis, method, keepdims)


def nanpercentile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """`nanquantile` for q in percent."""
    return nanquantile(x, _percent("nanpercentile", q), axis, method, keepdims)


def quantile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """The number that a share q of the values over `axis` (all axes when None) is not above.

    It stands at place q (n - 1) of the n sorted values; NaN where one of them is.

    Args:
        q: one number in 0 .. 1, or several, which become the first axis of the result.
        method: what is taken between two places: "linear", "lower", "higher", "midpoint", or
            "nearest" (of equals the even place).
    """
    rows, shape = _rows("quantile", x, axis, keepdims)
    n = dims_of(rows)[-1]
    spoilt = any(e.isnan(rows), axis=-1)
    rows = sort(rows)

    def one(share: float) -> Any:
        low, high, between = _place(share * (n - 1), method)
        y = rows[..., low]
        if between:
            y = e.add(y, e.multiply(e.subtract(rows[..., high], y), between))
        return reshape(e.where(spoilt, math.nan, y), shape)

    return _for_each("quantile", q, one, method)


def _place(at: float, method: str) -> tuple[int, int, float]:
    """The places below and above, and how much of the way is gone from one to the other."""
    low, high = math.floor(at), math.ceil(at)
    if method in ("linear", "midpoint"):
        return low, high, (at - low if method == "linear" else 0.5) if high > low else 0.0
    return {"lower": low, "higher": high, "nearest": round(at)}[method], high, 0.0


def nanquantile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """`quantile` of the numbers that are not NaN; NaN where there is none."""
    rows, shape = _rows("nanquantile", x, axis, keepdims)
    last = e.subtract(sum(e.where(e.isnan(rows), 0.0, 1.0), axis=-1, keepdims=True), 1.0)
    rows = sort(rows)

    def one(share: float) -> Any:
        at = e.maximum(e.multiply(last, share), 0.0)
        low, high = e.floor(at), e.ceil(at)
        if method in ("lower", "higher", "nearest"):
            chosen = {"lower": low, "higher": high, "nearest": e.round(at)}[method]
            return reshape(take_along_axis(rows, chosen, -1), shape)
        between = (
            e.subtract(at, low) if method == "linear" else e.multiply(0.5, e.subtract(high, low))
        )
        y, above = take_along_axis(rows, low, -1), take_along_axis(rows, high, -1)
        step = e.where(e.equal(low, high), 0.0, e.subtract(above, y))
        return reshape(e.add(y, e.multiply(step, between)), shape)

    return _for_each("nanquantile", q, one, method)


def _rows(name: str, x: Any, axis: Axis, keepdims: bool) -> tuple[Any, list[int]]:
    """The values over `axis` along a last axis, and the shape of the result."""
    x = as_operand(x)
    dims = dims_of(x)
    axes = _dims.normalize_axes(name, axis, len(dims))
    n = _dims.size([dims[a] for a in axes])
    if n <= 0:
        raise ValueError(
            f"{name}: expected axes of known sizes, none of them 0. Received: axis={axis} for "
            f"shape {tuple(x.shape)}"
        )
    rest = [a for a in range(len(dims)) if a not in axes]
    rows = reshape(transpose(x, [*rest, *axes]), [*(dims[a] for a in rest), n])
    if keepdims:
        return rows, [1 if a in axes else d for a, d in enumerate(dims)]
    return rows, [dims[a] for a in rest]


def _shares(name: str, q: Any) -> np.ndarray:
    if isinstance(q, Operators):
        raise ValueError(f"{name}: q must be numbers, known in advance. Received: q={q!r}")
    shares = np.asarray(q, np.float64)
    if shares.ndim > 1 or not np.all((shares >= 0) & (shares <= 1)):
        raise ValueError(
            f"{name}: q must be a number, or a row of numbers, in 0 .. 1 (0 .. 100 percent). "
            f"Received: q={q}"
        )
    return shares


def _percent(name: str, q: Any) -> Any:
    return q if isinstance(q, Operators) else np.asarray(q, np.float64) / 100


def _for_each(name: str, q: Any, one: Any, method: str) -> Any:
    if method not in _METHODS:
        raise ValueError(f"{name}: method must be one of {_METHODS}. Received: method={method!r}")
    shares = _shares(name, q)
    if shares.ndim == 0:
        return one(float(shares))
    return stack([one(float(share)) for share in shares])
