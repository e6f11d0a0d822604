"""Reductions that leave NaN out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina.ops import elementwise as e
from lamina.ops import reductions, scans
from lamina.ops.composite import argmax
from lamina.ops.reductions import Axis, sum
from lamina.ops.rules import as_operand, is_whole
from lamina.ops.statistics import all, argmin

_INFINITY = float("inf")


def _instead(x: Any, value: Any) -> Any:
    """x with `value` for NaN."""
    return e.where(e.isnan(x), value, x)


def nansum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The sum over `axis` (all axes when None), NaN as 0."""
    return sum(_instead(x, 0), axis, keepdims)


def nanprod(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The product over `axis` (all axes when None), NaN as 1."""
    return scans.prod(_instead(x, 1), axis, keepdims)


def nancumsum(x: Any, axis: int | None = None, dtype: str | None = None) -> Any:
    """The sums of all elements up to each one along `axis`, NaN as 0."""
    return scans.cumsum(_instead(x, 0), axis, dtype)


def nancumprod(x: Any, axis: int | None = None, dtype: str | None = None) -> Any:
    """The products of all elements up to each one along `axis`, NaN as 1."""
    return scans.cumprod(_instead(x, 1), axis, dtype)


def nanmean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The mean of the numbers over `axis` (all axes when None); NaN where there is none."""
    return e.divide(nansum(x, axis, keepdims), sum(e.logical_not(e.isnan(x)), axis, keepdims))


def nanvar(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The variance of the numbers over `axis` (all axes when None); NaN where there is none."""
    mean = nanmean(x, axis, keepdims=True)
    squares = e.square(e.subtract(_instead(x, mean), mean))
    return e.divide(sum(squares, axis, keepdims), sum(e.logical_not(e.isnan(x)), axis, keepdims))


def nanstd(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The square root of `nanvar`."""
    return e.sqrt(nanvar(x, axis, keepdims))


def _extreme(
    reduction: Callable[..., Any], least: float, empty: float, x: Any, axis: Axis, keepdims: bool
) -> Any:
    """A reduction with `least` for NaN, `empty` where there is nothing else."""
    x = as_operand(x)
    if is_whole(x):
        return reduction(x, axis, keepdims)
    y = reduction(_instead(x, least), axis, keepdims)
    return e.where(all(e.isnan(x), axis, keepdims), empty, y)


def nanmax(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The largest number over `axis` (all axes when None); NaN where there is none."""
    return _extreme(reductions.max, -_INFINITY, float("nan"), x, axis, keepdims)


def nanmin(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The smallest number over `axis` (all axes when None); NaN where there is none."""
    return _extreme(reductions.min, _INFINITY, float("nan"), x, axis, keepdims)


def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The first index of the largest number along `axis`, int32; -1 where there is none."""
    return _extreme(argmax, -_INFINITY, -1, x, axis, keepdims)


def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The first index of the smallest number along `axis`, int32; -1 where there is none."""
    return _extreme(argmin, _INFINITY, -1, x, axis, keepdims)
