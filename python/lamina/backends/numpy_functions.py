"""Functions of one number that NumPy does not have, and activations: part of the NumPy backend."""

from __future__ import annotations

import math

import numpy as np

Array = np.ndarray


def erfinv(x: Array) -> Array:
    """Newton's steps in float64 from the approximation of Winitzki (2008)."""
    a = np.abs(x.astype(np.float64))
    log = np.log((1 - a) * (1 + a))
    half = 2 / (math.pi * 0.147) + log / 2
    y = np.sqrt(np.sqrt(half * half - log / 0.147) - half)
    for _ in range(5):
        near = _erf(y) - a
        far = (1 - a) - _erfc(y)
        y = y - np.where(a < 0.5, near, far) * (math.sqrt(math.pi) / 2) * np.exp(y * y)
    y = np.where(a == 1, np.inf, np.where(a > 1, np.nan, y))
    return np.copysign(y, x).astype(x.dtype)


_erf = np.vectorize(math.erf, otypes=[np.float64])
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def erf(x: Array) -> Array:
    return _erf(x).astype(x.dtype)


def _normal(x: Array) -> Array:
    """The normal distribution up to x."""
    return (_erfc(-x.astype(np.float64) / math.sqrt(2)) / 2).astype(x.dtype)


def sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e / (1 + e), 1 / (1 + e))


def leaky_relu(x: Array, slope: Array) -> Array:
    return np.where(x > 0, x, slope * x)


def leaky_relu_gradient(dy: Array, x: Array, slope: Array) -> Array:
    return np.where(x > 0, dy, slope * dy)


def elu(x: Array, alpha: Array) -> Array:
    return np.where(x < 0, alpha * np.expm1(x), x)


def elu_gradient(dy: Array, y: Array, alpha: Array) -> Array:
    return np.where(y > 0, dy, dy * (y + alpha))


SELU_SCALE = 1.0507009873554804934193349852946
SELU_SCALED_ALPHA = SELU_SCALE * 1.6732632423543772848170429916717


def selu(x: Array) -> Array:
    return np.where(x < 0, SELU_SCALED_ALPHA * np.expm1(x), SELU_SCALE * x)


def selu_gradient(dy: Array, y: Array) -> Array:
    return dy * np.where(y > 0, SELU_SCALE, y + SELU_SCALED_ALPHA)


def silu(x: Array) -> Array:
    return x * sigmoid(x)


def silu_gradient(dy: Array, x: Array) -> Array:
    return dy * (sigmoid(x) * (1 + x * sigmoid(-x)))


def gelu(x: Array) -> Array:
    return x * _normal(x)


def gelu_gradient(dy: Array, x: Array) -> Array:
    near = np.clip(x, -60, 60)  # beyond, the density is 0, and infinity times 0 would be NaN
    density = np.exp(-near * near / 2) / math.sqrt(2 * math.pi)
    return dy * (_normal(x) + near * density)


_SLOPE, _CUBIC = math.sqrt(8 / math.pi), 0.044715


def gelu_tanh(x: Array) -> Array:
    near = np.clip(x, -30, 30)  # beyond, the sigmoid is 0 or 1
    return x * sigmoid(_SLOPE * (near + _CUBIC * near**3))


def gelu_tanh_gradient(dy: Array, x: Array) -> Array:
    near = np.clip(x, -30, 30)
    angle = _SLOPE * (near + _CUBIC * near**3)
    slope = _SLOPE * (1 + 3 * _CUBIC * near**2)
    return dy * (sigmoid(angle) * (1 + near * sigmoid(-angle) * slope))


def sparsemax(x: Array) -> Array:
    """By the sorted row: the k largest are kept while 1 + k x_k > the sum of them."""
    largest = x.max(axis=-1, keepdims=True)
    hard = np.isnan(largest) | np.isinf(largest)
    x = x - largest
    ordered = -np.sort(-x, axis=-1)
    sums = np.cumsum(ordered, axis=-1)
    k = np.arange(1, x.shape[-1] + 1)
    count = (1 + k * ordered > sums).sum(axis=-1, keepdims=True)
    sum_kept = np.take_along_axis(sums, np.maximum(count, 1) - 1, axis=-1)
    y = np.maximum(x - (sum_kept - 1) / count, 0)
    return np.where(hard, np.nan, y)


functions = {
    name: getattr(np, name)
    for name in (
        "expm1", "exp2", "log2", "log10", "cbrt", "hypot", "sin", "cos", "tan", "arcsin", "arccos",
        "arctan", "arctan2", "sinh", "cosh", "arcsinh", "arccosh", "arctanh", "ceil", "round",
    )
}  # fmt: skip
functions |= {
    f.__name__: f
    for f in (
        erf, erfinv, sigmoid, leaky_relu, leaky_relu_gradient, elu, elu_gradient, selu,
        selu_gradient, silu, silu_gradient, gelu, gelu_gradient, gelu_tanh, gelu_tanh_gradient,
        sparsemax,
    )
}  # fmt: skip
