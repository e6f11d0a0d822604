"""Reductions and comparisons made of operations."""

from __future__ import annotations

import math
from typing import Any

from lamina.ops import elementwise as e
from lamina.ops.composite import argmax, stop_gradient
from lamina.ops.normalization import moments
from lamina.ops.reductions import Axis, max, mean, sum
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import broadcast_to, normalize_axis, reshape, squeeze


def any(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """True where an element over `axis` is not 0 (all axes when None).  No gradient."""
    return e.greater(sum(e.not_equal(x, 0.0), axis, keepdims), 0.0)


def all(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """True where no element over `axis` is 0 (all axes when None).  No gradient."""
    return e.equal(sum(e.equal(x, 0.0), axis, keepdims), 0.0)


def count_nonzero(x: Any, axis: Axis = None) -> Any:
    """How many elements over `axis` are not 0, int32.  No gradient."""
    return sum(e.not_equal(x, 0.0), axis)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The first index of the smallest value along `axis` (of all when None), int32."""
    return argmax(e.negative(x), axis, keepdims)


def var(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The mean of the squared distances from the mean over `axis` (all axes when None)."""
    return moments(x, axis, keepdims)[1]


def std(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The square root of the variance over `axis` (all axes when None)."""
    return e.sqrt(var(x, axis, keepdims))


def average(x: Any, axis: Axis = None, weights: Any = None) -> Any:
    """sum(x * weights) / sum(weights) over `axis` (all axes when None).

    `weights` has x's shape, or is a vector along a single axis; None means equal ones.
    """
    x = as_operand(x)
    if weights is None:
        return mean(x, axis)
    weights = as_operand(weights)
    if dims_of(weights) != dims_of(x):
        if not isinstance(axis, int) or len(weights.shape) != 1:
            raise ValueError(
                "average: weights must have x's shape, or be a vector along one axis. Received: "
                f"shapes {tuple(x.shape)} and {tuple(weights.shape)}, axis={axis}"
            )
        own = normalize_axis("average", axis, len(x.shape))
        if dims_of(weights)[0] != dims_of(x)[own]:
            raise ValueError(
                f"average: expected a weight for each element along axis {axis}. Received: shapes "
                f"{tuple(x.shape)} and {tuple(weights.shape)}"
            )
        shape = [1] * len(x.shape)
        shape[own] = dims_of(weights)[0]
        weights = broadcast_to(reshape(weights, shape), dims_of(x))
    return e.divide(sum(e.multiply(x, weights), axis), sum(weights, axis))


def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) over `axis` (all axes when None), without overflow."""
    x = as_operand(x)
    of_none = -math.inf if 0 in x.shape else None
    largest = stop_gradient(max(x, axis, keepdims=True, initial=of_none))
    largest = e.where(e.isfinite(largest), largest, 0.0)
    y = e.add(largest, e.log(sum(e.exp(e.subtract(x, largest)), axis, keepdims=True)))
    return y if keepdims else squeeze(y, _axes(axis, len(x.shape)))


def _axes(axis: Axis, rank: int) -> list[int]:
    return list(range(rank)) if axis is None else [axis] if isinstance(axis, int) else list(axis)


def logaddexp(x1: Any, x2: Any) -> Any:
    """log(exp(x1) + exp(x2)), without overflow."""
    distance = e.subtract(x2, x1)
    endless = e.logical_and(e.isnan(distance), e.equal(x1, x2))  # two equal infinities
    distance = e.where(endless, 0.0, distance)
    first = e.greater_equal(x1, x2)
    return e.where(
        first, e.add(x1, e.softplus(distance)), e.add(x2, e.softplus(e.negative(distance)))
    )


def isclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """True where |x1 - x2| <= atol + rtol * |x2|, and where both are the same infinity."""
    near = e.less_equal(e.abs(e.subtract(x1, x2)), e.add(atol, e.multiply(rtol, e.abs(x2))))
    near = e.where(e.logical_and(e.isfinite(x1), e.isfinite(x2)), near, e.equal(x1, x2))
    both = e.logical_and(e.isnan(x1), e.isnan(x2))
    return e.logical_or(near, both) if equal_nan else e.not_equal(near, 0.0)


def allclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Whether `isclose` is true everywhere.  No gradient."""
    return all(isclose(x1, x2, rtol, atol, equal_nan))
