"""Means, variances, and what is normalized with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina.graph import dims as _dims
from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops import elementwise as e
from lamina.ops.composite import stop_gradient
from lamina.ops.reductions import Axis, count, mean, sum
from lamina.ops.rules import as_operand, dims_of, like, rank_at_least, same_shape
from lamina.ops.shapes import reshape, transpose
from lamina.utils.epsilon import epsilon as default_epsilon


@operation
def standardize(x, *, epsilon: float, center: bool):
    """(x - mean) * scale, and scale = 1 / sqrt(mean((x - mean)^2) + epsilon) (..., 1) beside it.

    Means are over the last axis; without `center` 0 stands for the mean.
    """
    rank_at_least("standardize", x, 1)
    return like(x), Spec((*x.dims[:-1], 1), like(x).dtype)


@standardize.gradient
def _(node, dy):
    y, scale = node.outputs
    center = node.attributes["center"]
    parts = []
    if dy[0] is not None:
        parts.append(standardize_gradient(dy[0], y, scale, center=center))
    if dy[1] is not None:
        n = count(y, axes=(len(y.dims) - 1,))
        parts.append(e.multiply(y, e.divide(e.multiply(e.negative(dy[1]), e.square(scale)), n)))
    return (parts[0] if len(parts) == 1 else e.add(*parts),)


@operation
def standardize_gradient(dy, y, scale, *, center: bool):
    """scale * (dy - mean(dy) - y * mean(dy * y)), without mean(dy) unless `center`."""
    same_shape("standardize_gradient", dy, y)
    return like(y)


@standardize_gradient.gradient
def _(node, ddx):
    dy, y, scale = node.inputs
    center = node.attributes["center"]
    along_dy = mean(e.multiply(dy, y), -1, keepdims=True)
    along_ddx = mean(e.multiply(ddx, y), -1, keepdims=True)
    slopes = e.add(e.multiply(ddx, along_dy), e.multiply(dy, along_ddx))
    unscaled = e.subtract(dy, e.multiply(y, along_dy))
    if center:
        unscaled = e.subtract(unscaled, mean(dy, -1, keepdims=True))
    return (
        standardize_gradient(ddx, y, scale, center=center),
        e.multiply(e.negative(scale), slopes),
        sum(e.multiply(ddx, unscaled), -1, keepdims=True),
    )


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
    y = _standardized(x, axis, epsilon, center=True)
    return _scaled(y, gamma, beta, axis)


def rms_normalization(
    x: Any, scale: Any = None, axis: int | Sequence[int] = -1, epsilon: float | None = None
) -> Any:
    """x / sqrt(mean(x^2) + epsilon) * scale, with the mean over `axis`."""
    y = _standardized(x, axis, epsilon, center=False)
    return _scaled(y, scale, None, axis)


def normalize(x: Any, axis: Axis = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """x / norm, with the norm of that order over `axis`, at least epsilon; a number gives (1,)."""
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ValueError(f"Argument `order` must be an int >= 1. Received: order={order!r}")
    x = as_operand(x)
    x = x if len(x.shape) else reshape(x, (1,))
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
    return default_epsilon() if epsilon is None else epsilon


def _standardized(x: Any, axis: int | Sequence[int], epsilon: float | None, center: bool) -> Any:
    """`standardize` over axes that need not be the last: these are brought to the end, as one."""
    x = as_operand(x)
    rank, sizes = len(x.shape), dims_of(x)
    axes = _dims.normalize_axes("axis", axis, rank)
    order = [*(a for a in range(rank) if a not in axes), *axes]
    rows = transpose(x, order)
    kept = [sizes[a] for a in order[: rank - len(axes)]]
    length = _dims.size([sizes[a] for a in axes])
    y, _ = standardize(reshape(rows, (*kept, length)), epsilon=_or_default(epsilon), center=center)
    return transpose(reshape(y, dims_of(rows)), [order.index(a) for a in range(rank)])


def _scaled(y: Any, gamma: Any, beta: Any, axis: int | Sequence[int]) -> Any:
    rank = len(y.shape)
    y = y if gamma is None else e.multiply(y, along(gamma, axis, rank))
    return y if beta is None else e.add(y, along(beta, axis, rank))
