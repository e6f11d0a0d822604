"""Functions of single elements, by formulas of other operations."""

from __future__ import annotations

import math
from typing import Any

from lamina.ops import elementwise as e
from lamina.ops.activations import gelu
from lamina.ops.composite import clip
from lamina.ops.reductions import mean
from lamina.ops.rules import as_operand, is_whole
from lamina.ops.statistics import logaddexp
from lamina.ops.transcendental import exp2, sin


def divide_no_nan(x1: Any, x2: Any) -> Any:
    """x1 / x2, and 0 where x2 is 0."""
    zero = e.equal(x2, 0)
    return e.where(zero, 0.0, e.divide(x1, e.where(zero, 1.0, x2)))


def erfc(x: Any) -> Any:
    """1 - erf(x), with all its digits where it is small: 2 gelu(v) / v for v = -sqrt(2) x."""
    near = e.less(e.abs(x), 1.0)
    v = e.where(near, -1.0, e.multiply(-math.sqrt(2), clip(x, -20.0, 20.0)))
    far = e.divide(e.multiply(2.0, gelu(v, approximate=False)), v)
    return e.where(near, e.subtract(1.0, e.erf(x)), far)


def fabs(x: Any) -> Any:
    """|x| as floats."""
    return e.abs(e.multiply(x, 1.0))


def fmax(x1: Any, x2: Any) -> Any:
    """The larger one; the other one where one is NaN."""
    return e.where(e.isnan(x1), x2, e.where(e.isnan(x2), x1, e.maximum(x1, x2)))


def fmin(x1: Any, x2: Any) -> Any:
    """The smaller one; the other one where one is NaN."""
    return e.where(e.isnan(x1), x2, e.where(e.isnan(x2), x1, e.minimum(x1, x2)))


def fmod(x1: Any, x2: Any) -> Any:
    """The remainder of x1 / x2 with the sign of x1."""
    rest = e.mod(e.abs(x1), e.abs(x2))
    return e.where(e.less(x1, 0), e.negative(rest), rest)


def heaviside(x1: Any, x2: Any) -> Any:
    """0 where x1 < 0, 1 where x1 > 0, x2 where x1 is 0; NaN stays."""
    side = e.where(e.less(x1, 0), 0.0, e.where(e.greater(x1, 0), 1.0, x2))
    return e.where(e.isnan(x1), x1, side)


def isneginf(x: Any) -> Any:
    """True where x is -inf.  No gradient."""
    return e.equal(x, -math.inf)


def isposinf(x: Any) -> Any:
    """True where x is inf.  No gradient."""
    return e.equal(x, math.inf)


def ldexp(x1: Any, x2: Any) -> Any:
    """x1 * 2^x2.  Errors: TypeError unless x2 holds integers."""
    x2 = as_operand(x2)
    if not is_whole(x2) or x2.dtype == "bool":
        raise TypeError(f"ldexp: the exponent must hold integers. Received: x2 of dtype {x2.dtype}")
    return e.multiply(x1, exp2(x2))


def logaddexp2(x1: Any, x2: Any) -> Any:
    """log2(2^x1 + 2^x2), without overflow."""
    ln2 = math.log(2)
    return e.divide(logaddexp(e.multiply(ln2, x1), e.multiply(ln2, x2)), ln2)


def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """The ratio of the largest possible value to the mean squared difference, in decibels."""
    if tuple(as_operand(x1).shape) != tuple(as_operand(x2).shape):
        raise ValueError(
            "psnr: x1 and x2 must have the same shape. Received: shapes "
            f"{tuple(as_operand(x1).shape)} and {tuple(as_operand(x2).shape)}"
        )
    decibels = e.multiply(-10 / math.log(10), e.log(mean(e.square(e.subtract(x1, x2)))))
    return e.add(20 * math.log10(max_val), decibels)


def signbit(x: Any) -> Any:
    """True where x is below 0 or is -0.  No gradient."""
    return e.logical_or(e.less(x, 0), e.less(e.reciprocal(x), 0))


def sinc(x: Any) -> Any:
    """sin(pi x) / (pi x), and 1 at 0."""
    angle = e.multiply(math.pi, x)
    near = e.less(e.abs(angle), 1.0)
    # By its series, where the quotient's slope would be a difference of two large numbers.
    square = e.square(e.where(near, angle, 0.0))
    series: Any = 1.0
    for n in (110, 72, 42, 20, 6):
        series = e.subtract(1.0, e.multiply(e.multiply(1 / n, square), series))
    far = e.where(near, 1.0, angle)
    return e.where(near, series, e.divide(sin(far), far))
