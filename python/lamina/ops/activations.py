"""Activations with kernels of their own; a matrix product takes them along (see graph/fuse.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.graph.operation import operation
from lamina.graph.tensor import Tensor
from lamina.ops.elementwise import (
    add,
    exp,
    greater,
    less,
    minimum,
    multiply,
    square,
    subtract,
    where,
)
from lamina.ops.elementwise import sigmoid as _sigmoid
from lamina.ops.rules import broadcast, float_dtype, like, same_shape, unbroadcast
from lamina.ops.transcendental import expm1

SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717
_DENSITY = 0.3989422804014327  # 1 / sqrt(2 pi)
_SLOPE, _CUBIC = 1.5957691216057308, 0.044715  # sqrt(8 / pi), and Hendrycks and Gimpel's fit


def _is_positive(x: Tensor) -> bool:
    """Whether all numbers of x are known and positive."""
    return x.value is not None and x.node is None and bool(np.all(x.value > 0))


# --- leaky_relu -----------------------------------------------------------------------------------


@operation(name="leaky_relu")
def _leaky_relu(x, slope):
    return broadcast("leaky_relu", x, slope, dtype=float_dtype(x, slope))


@_leaky_relu.gradient
def _(node, dy):
    x, slope = node.inputs
    # The sign of the result is that of x: a product that keeps the result need not keep x too.
    at = node.output if _is_positive(slope) else x
    dslope = multiply(dy, minimum(x, 0.0))
    return unbroadcast(leaky_relu_gradient(dy, at, slope), x), unbroadcast(dslope, slope)


def leaky_relu(x: Any, negative_slope: Any = 0.2) -> Any:
    """x where x > 0, else negative_slope * x; the slope is a number or broadcasts against x."""
    return _leaky_relu(x, negative_slope)


@operation
def leaky_relu_gradient(dy, x, slope):
    """dy where x > 0, else slope * dy."""
    return broadcast("leaky_relu_gradient", dy, x, slope, dtype=float_dtype(dy, x, slope))


@leaky_relu_gradient.gradient
def _(node, ddx):
    dy, x, slope = node.inputs
    dslope = where(greater(x, 0.0), 0.0, multiply(ddx, dy))
    ddy = leaky_relu_gradient(ddx, x, slope)
    return unbroadcast(ddy, dy), None, unbroadcast(dslope, slope)


# --- elu, selu ------------------------------------------------------------------------------------


@operation(name="elu")
def _elu(x, alpha):
    return broadcast("elu", x, alpha, dtype=float_dtype(x, alpha))


@_elu.gradient
def _(node, dy):
    x, alpha = node.inputs
    below = less(x, 0.0)
    if _is_positive(alpha):
        dx = elu_gradient(dy, node.output, alpha)
    else:
        dx = where(below, multiply(dy, multiply(alpha, exp(x))), dy)
    dalpha = where(below, multiply(dy, expm1(x)), 0.0)
    return unbroadcast(dx, x), unbroadcast(dalpha, alpha)


def elu(x: Any, alpha: Any = 1.0) -> Any:
    """x where x >= 0, else alpha * (exp(x) - 1) (Clevert et al., 2016)."""
    return _elu(x, alpha)


@operation
def elu_gradient(dy, y, alpha):
    """dy where y > 0, else dy * (y + alpha), for y = elu(x, alpha) and alpha > 0."""
    return broadcast("elu_gradient", dy, y, alpha, dtype=float_dtype(dy, y, alpha))


@elu_gradient.gradient
def _(node, ddx):
    dy, y, alpha = node.inputs
    slope = where(greater(y, 0.0), 0.0, multiply(ddx, dy))
    ddy = elu_gradient(ddx, y, alpha)
    return unbroadcast(ddy, dy), unbroadcast(slope, y), unbroadcast(slope, alpha)


@operation
def selu(x):
    """1.0507 * elu(x, 1.6733): keeps mean 0 and variance 1 (Klambauer et al., 2017)."""
    return like(x)


@selu.gradient
def _(node, dy):
    return (selu_gradient(dy, node.output),)


@operation
def selu_gradient(dy, y):
    """1.0507 * dy where y > 0, else dy * (y + 1.0507 * 1.6733), for y = selu(x)."""
    same_shape("selu_gradient", dy, y)
    return like(y)


@selu_gradient.gradient
def _(node, ddx):
    dy, y = node.inputs
    return selu_gradient(ddx, y), where(greater(y, 0.0), 0.0, multiply(ddx, dy))


# --- silu -----------------------------------------------------------------------------------------


@operation
def silu(x):
    """x * sigmoid(x) (Ramachandran et al., 2017)."""
    return like(x)


@silu.gradient
def _(node, dy):
    return (silu_gradient(dy, node.inputs[0]),)


@operation
def silu_gradient(dy, x):
    """dy * s * (1 + x * (1 - s)), for s = sigmoid(x)."""
    same_shape("silu_gradient", dy, x)
    return like(x)


@silu_gradient.gradient
def _(node, ddx):
    dy, x = node.inputs
    s = _sigmoid(x)
    bend = add(2.0, multiply(x, subtract(1.0, multiply(2.0, s))))
    return silu_gradient(ddx, x), multiply(multiply(ddx, dy), multiply(_slope_of(s), bend))


def _slope_of(s: Any) -> Any:
    return multiply(s, subtract(1.0, s))


# --- gelu -----------------------------------------------------------------------------------------


@operation(name="gelu")
def _gelu(x):
    return like(x)


@_gelu.gradient
def _(node, dy):
    return (gelu_gradient(dy, node.inputs[0]),)


@operation
def gelu_gradient(dy, x):
    """dy * (P + x * p), with P the normal distribution up to x and p its density."""
    same_shape("gelu_gradient", dy, x)
    return like(x)


@gelu_gradient.gradient
def _(node, ddx):
    dy, x = node.inputs
    density = multiply(_DENSITY, exp(multiply(-0.5, square(x))))
    bend = multiply(density, subtract(2.0, square(x)))
    return gelu_gradient(ddx, x), multiply(multiply(ddx, dy), bend)


@operation
def gelu_tanh(x):
    """x * (1 + tanh(u)) / 2, for u = sqrt(2 / pi) * (x + 0.044715 * x^3)."""
    return like(x)


@gelu_tanh.gradient
def _(node, dy):
    return (gelu_tanh_gradient(dy, node.inputs[0]),)


@operation
def gelu_tanh_gradient(dy, x):
    """dy * d gelu_tanh(x) / dx."""
    same_shape("gelu_tanh_gradient", dy, x)
    return like(x)


@gelu_tanh_gradient.gradient
def _(node, ddx):
    dy, x = node.inputs
    square_x = square(x)
    s = _sigmoid(multiply(x, add(_SLOPE, multiply(_SLOPE * _CUBIC, square_x))))
    slope = add(_SLOPE, multiply(3 * _SLOPE * _CUBIC, square_x))
    curved = multiply(square(slope), subtract(1.0, multiply(2.0, s)))
    inner = add(multiply(2.0, slope), multiply(x, add(curved, multiply(6 * _SLOPE * _CUBIC, x))))
    return gelu_tanh_gradient(ddx, x), multiply(multiply(ddx, dy), multiply(_slope_of(s), inner))


def gelu(x: Any, approximate: bool = True) -> Any:
    """x times the normal distribution up to x (Hendrycks and Gimpel, 2016).

    `approximate` takes sigmoid(sqrt(8 / pi) * (x + 0.044715 * x^3)) for the distribution.
    """
    return gelu_tanh(x) if approximate else _gelu(x)
