"""Means, variances, and what is normalized with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina.graph import dims as _dims
from lamina.ops import elementwise as e
from lamina.ops.composite import stop_gradient
from lamina.ops.reductions import Axis, mean, sum
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import reshape

_EPSILON = 1e-7


def moments(
    x: Any, axes: Axis, keepdims: bool = False, synchronized: bool = False
) -> tuple[Any, Any]:
    """The mean and the variance, mean((x - mean)^2), over `axes` (all axes when None)."""
    if synchronized:
        raise ValueError("`synchronized` is not supported. Received: synchronized=True")
    x = as_operand(x)
    middle = mean(x, axes, keepdims=True)
    # The deviations add up to 0: the variance's slope along the mean is 0.
    deviations = e.subtract(x, stop_gradient(middle))
    variance = mean(e.square(deviations), axes, keepdims=keepdims)
    return (middle if keepdims else reshape(middle, dims_of(variance))), variance


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 1e-3,
) -> Any:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, with vectors along `axis`."""
    x = as_operand(x)
    factor = e.rsqrt(e.add(variance, epsilon))
    factor = factor if scale is None else e.multiply(factor, scale)
    shift = e.negative(e.multiply(mean, factor))
    shift = shift if offset is None else e.add(shift, offset)
    factor, shift = (along(v, axis, len(x.shape)) for v in (factor, shift))
    return e.add(e.multiply(x, factor), shift)


def layer_normalization(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
) -> Any:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta, each sample's over `axis`."""
    x = as_operand(x)
    middle, variance = moments(x, axis, keepdims=True)
    y = e.multiply(e.subtract(x, middle), e.rsqrt(e.add(variance, _or_default(epsilon))))
    return _scaled(y, gamma, beta, axis)


def rms_normalization(
    x: Any, scale: Any = None, axis: int | Sequence[int] = -1, epsilon: float | None = None
) -> Any:
    """x / sqrt(mean(x^2) + epsilon) * scale, with the mean over `axis`."""
    x = as_operand(x)
    squares = mean(e.square(x), axis, keepdims=True)
    y = e.multiply(x, e.rsqrt(e.add(squares, _or_default(epsilon))))
    return _scaled(y, scale, None, axis)


def normalize(x: Any, axis: Axis = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """x / norm, with the norm of that order over `axis`, at least epsilon."""
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ValueError(f"Argument `order` must be an int >= 1. Received: order={order!r}")
    least = _or_default(epsilon)
    if order == 2:
        total = sum(e.square(x), axis, keepdims=True)
        return e.multiply(x, e.rsqrt(e.maximum(total, max(least**2, 1e-37))))
    total = sum(e.power(e.abs(x), float(order)), axis, keepdims=True)
    return e.divide(x, e.maximum(e.power(total, 1.0 / order), least))


def along(vector: Any, axis: int | Sequence[int], rank: int) -> Any:
    """Numbers that belong to `axis`, in a shape that broadcasts over a tensor of that rank."""
    axes = _dims.normalize_axes("along", axis, rank)
    sizes = [1] * rank
    for a, size in zip(axes, as_operand(vector).shape):
        sizes[a] = size
    return reshape(vector, sizes[axes[0] :])


def _or_default(epsilon: float | None) -> float:
    return _EPSILON if epsilon is None else epsilon


def _scaled(y: Any, gamma: Any, beta: Any, axis: int | Sequence[int]) -> Any:
    rank = len(y.shape)
    y = y if gamma is None else e.multiply(y, along(gamma, axis, rank))
    return y if beta is None else e.add(y, along(beta, axis, rank))
