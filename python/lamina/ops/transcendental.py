"""Trigonometric and hyperbolic functions, logarithms and roots: each rounded to float32 once.

They are computed in double, but for `expm1`, which is within 1.5 ulp.
"""

from __future__ import annotations

import math

from lamina.graph.operation import operation
from lamina.ops.elementwise import (
    add,
    divide,
    exp,
    multiply,
    negative,
    rsqrt,
    square,
    subtract,
)  # fmt: skip
from lamina.ops.rules import broadcast, float_dtype, like, unbroadcast

# --- powers and logarithms ------------------------------------------------------------------------


@operation
def expm1(x):
    """exp(x) - 1, exact for small x."""
    return like(x)


@expm1.gradient
def _(node, dy):
    return (multiply(dy, add(node.output, 1.0)),)


@operation
def exp2(x):
    """2 to the power x."""
    return like(x)


@exp2.gradient
def _(node, dy):
    return (multiply(dy, multiply(math.log(2), node.output)),)


@operation
def log2(x):
    """The logarithm to base 2; -inf at 0, NaN below."""
    return like(x)


@log2.gradient
def _(node, dy):
    return (divide(dy, multiply(math.log(2), node.inputs[0])),)


@operation
def log10(x):
    """The logarithm to base 10; -inf at 0, NaN below."""
    return like(x)


@log10.gradient
def _(node, dy):
    return (divide(dy, multiply(math.log(10), node.inputs[0])),)


@operation
def cbrt(x):
    """The cube root, with the sign of x."""
    return like(x)


@cbrt.gradient
def _(node, dy):
    return (divide(dy, multiply(3.0, square(node.output))),)


@operation
def hypot(x1, x2):
    """sqrt(x1^2 + x2^2), without overflow."""
    return broadcast("hypot", x1, x2, dtype=float_dtype(x1, x2))


@hypot.gradient
def _(node, dy):
    scaled = divide(dy, node.output)
    return tuple(unbroadcast(multiply(scaled, x), x) for x in node.inputs)


@operation
def erfinv(x):
    """The inverse of erf; infinite at -1 and 1, NaN beyond."""
    return like(x)


@erfinv.gradient
def _(node, dy):
    slope = multiply(math.sqrt(math.pi) / 2, exp(square(node.output)))
    return (multiply(dy, slope),)


# --- trigonometric --------------------------------------------------------------------------------


@operation
def sin(x):
    """The sine; NaN for infinite x."""
    return like(x)


@sin.gradient
def _(node, dy):
    return (multiply(dy, cos(node.inputs[0])),)


@operation
def cos(x):
    """The cosine; NaN for infinite x."""
    return like(x)


@cos.gradient
def _(node, dy):
    return (negative(multiply(dy, sin(node.inputs[0]))),)


@operation
def tan(x):
    """The tangent; NaN for infinite x."""
    return like(x)


@tan.gradient
def _(node, dy):
    return (multiply(dy, add(1.0, square(node.output))),)


def _one_minus_square(x):
    return multiply(subtract(1.0, x), add(1.0, x))


@operation
def arcsin(x):
    """The angle in [-pi / 2, pi / 2] whose sine is x; NaN beyond -1 and 1."""
    return like(x)


@arcsin.gradient
def _(node, dy):
    return (multiply(dy, rsqrt(_one_minus_square(node.inputs[0]))),)


@operation
def arccos(x):
    """The angle in [0, pi] whose cosine is x; NaN beyond -1 and 1."""
    return like(x)


@arccos.gradient
def _(node, dy):
    return (negative(multiply(dy, rsqrt(_one_minus_square(node.inputs[0])))),)


@operation
def arctan(x):
    """The angle in [-pi / 2, pi / 2] whose tangent is x."""
    return like(x)


@arctan.gradient
def _(node, dy):
    return (divide(dy, add(1.0, square(node.inputs[0]))),)


@operation
def arctan2(x1, x2):
    """The angle in [-pi, pi] of the point (x2, x1)."""
    return broadcast("arctan2", x1, x2, dtype=float_dtype(x1, x2))


@arctan2.gradient
def _(node, dy):
    y, x = node.inputs
    scaled = divide(dy, add(square(x), square(y)))
    return unbroadcast(multiply(scaled, x), y), unbroadcast(negative(multiply(scaled, y)), x)


# --- hyperbolic -----------------------------------------------------------------------------------


@operation
def sinh(x):
    """(exp(x) - exp(-x)) / 2."""
    return like(x)


@sinh.gradient
def _(node, dy):
    return (multiply(dy, cosh(node.inputs[0])),)


@operation
def cosh(x):
    """(exp(x) + exp(-x)) / 2."""
    return like(x)


@cosh.gradient
def _(node, dy):
    return (multiply(dy, sinh(node.inputs[0])),)


@operation
def arcsinh(x):
    """The number whose sinh is x."""
    return like(x)


@arcsinh.gradient
def _(node, dy):
    return (multiply(dy, rsqrt(add(square(node.inputs[0]), 1.0))),)


@operation
def arccosh(x):
    """The number >= 0 whose cosh is x; NaN below 1."""
    return like(x)


@arccosh.gradient
def _(node, dy):
    x = node.inputs[0]
    return (multiply(dy, rsqrt(multiply(subtract(x, 1.0), add(x, 1.0)))),)


@operation
def arctanh(x):
    """The number whose tanh is x; infinite at -1 and 1, NaN beyond."""
    return like(x)


@arctanh.gradient
def _(node, dy):
    return (divide(dy, _one_minus_square(node.inputs[0])),)
