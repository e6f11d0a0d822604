"""Sums, products, quotients, roots, roundings, extremes."""

from __future__ import annotations

import builtins
from typing import Any

from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.elementwise.comparison import greater_equal, less_equal, where
from lamina.ops.rules import (
    broadcast,
    common_dtype,
    float_dtype,
    is_whole,
    like,
    number_dtype,
    unbroadcast,
)


@operation
def negative(x):
    """-x."""
    return Spec(x.dims, number_dtype(x))


@negative.gradient
def _(node, dy):
    return (negative(dy),)


@operation
def abs(x):
    """|x|."""
    return Spec(x.dims, common_dtype(x))


@abs.gradient
def _(node, dy):
    return (multiply(dy, sign(node.inputs[0])),)


@operation
def sign(x):
    """-1, 0 or 1.  No gradient."""
    return Spec(x.dims, common_dtype(x))


@operation
def square(x):
    """x * x."""
    return Spec(x.dims, number_dtype(x))


@square.gradient
def _(node, dy):
    return (multiply(dy, multiply(2.0, node.inputs[0])),)


@operation
def sqrt(x):
    """The square root; NaN below 0."""
    return like(x)


@sqrt.gradient
def _(node, dy):
    return (divide(multiply(0.5, dy), node.output),)


@operation
def rsqrt(x):
    """1 / sqrt(x)."""
    return like(x)


@rsqrt.gradient
def _(node, dy):
    return (divide(multiply(multiply(-0.5, dy), node.output), node.inputs[0]),)


@operation
def reciprocal(x):
    """1 / x."""
    return like(x)


@reciprocal.gradient
def _(node, dy):
    return (negative(multiply(dy, square(node.output))),)


@operation
def floor(x):
    """The largest whole number that is not greater.  No gradient."""
    return like(x)


@operation
def ceil(x):
    """The smallest whole number that is not less.  No gradient."""
    return like(x)


@operation(name="round")
def _round(x):
    return Spec(x.dims, number_dtype(x))


def round(x: Any, decimals: int = 0) -> Any:
    """To the nearest number with so many decimals, halves to the even one.  No gradient."""
    if decimals == 0 or (decimals > 0 and is_whole(x)):
        return _round(x)
    scale = 10.0 ** builtins.abs(decimals)
    if decimals > 0:
        return divide(_round(multiply(x, scale)), scale)
    return multiply(_round(divide(x, scale)), scale)


@operation
def add(x1, x2):
    """x1 + x2."""
    return broadcast("add", x1, x2, dtype=number_dtype(x1, x2))


@add.gradient
def _(node, dy):
    return tuple(unbroadcast(dy, x) for x in node.inputs)


@operation
def subtract(x1, x2):
    """x1 - x2."""
    return broadcast("subtract", x1, x2, dtype=number_dtype(x1, x2))


@subtract.gradient
def _(node, dy):
    a, b = node.inputs
    return unbroadcast(dy, a), unbroadcast(negative(dy), b)


@operation
def multiply(x1, x2):
    """x1 * x2."""
    return broadcast("multiply", x1, x2)


@multiply.gradient
def _(node, dy):
    a, b = node.inputs
    return unbroadcast(multiply(dy, b), a), unbroadcast(multiply(dy, a), b)


@operation
def divide(x1, x2):
    """x1 / x2, always a float."""
    return broadcast("divide", x1, x2, dtype=float_dtype(x1, x2))


@divide.gradient
def _(node, dy):
    a, b = node.inputs
    db = negative(divide(multiply(dy, node.output), b))
    return unbroadcast(divide(dy, b), a), unbroadcast(db, b)


@operation
def mod(x1, x2):
    """The remainder x1 - floor(x1 / x2) x2, with the sign of x2, as in NumPy."""
    return broadcast("mod", x1, x2, dtype=number_dtype(x1, x2))


@mod.gradient
def _(node, dy):
    a, b = node.inputs
    db = negative(multiply(dy, floor_divide(a, b)))
    return unbroadcast(dy, a), unbroadcast(db, b)


@operation
def floor_divide(x1, x2):
    """floor(x1 / x2).  No gradient."""
    return broadcast("floor_divide", x1, x2, dtype=number_dtype(x1, x2))


@operation
def maximum(x1, x2):
    """The larger one; NaN if one is."""
    return broadcast("maximum", x1, x2)


@maximum.gradient
def _(node, dy):
    return _chosen(node, dy, greater_equal)


@operation
def minimum(x1, x2):
    """The smaller one; NaN if one is."""
    return broadcast("minimum", x1, x2)


@minimum.gradient
def _(node, dy):
    return _chosen(node, dy, less_equal)


def _chosen(node: Any, dy: Any, first: Any) -> tuple[Any, Any]:
    a, b = node.inputs
    chosen = first(a, b)
    return unbroadcast(where(chosen, dy, 0.0), a), unbroadcast(where(chosen, 0.0, dy), b)
