"""Powers, exponentials, logarithms, and the error function."""

from __future__ import annotations

from lamina.graph.operation import operation
from lamina.ops.elementwise.arithmetic import (
    add,
    divide,
    multiply,
    negative,
    square,
    subtract,
)
from lamina.ops.elementwise.comparison import greater, where
from lamina.ops.rules import broadcast, like, number_dtype, unbroadcast


@operation
def exp(x):
    """e to the power x."""
    return like(x)


@exp.gradient
def _(node, dy):
    return (multiply(dy, node.output),)


@operation
def log(x):
    """The natural logarithm; -inf at 0, NaN below."""
    return like(x)


@log.gradient
def _(node, dy):
    return (divide(dy, node.inputs[0]),)


@operation
def log1p(x):
    """log(1 + x), exact for small x."""
    return like(x)


@log1p.gradient
def _(node, dy):
    return (divide(dy, add(1.0, node.inputs[0])),)


@operation
def power(x1, x2):
    """x1 to the power x2; of integers an integer, ValueError where an exponent is negative."""
    return broadcast("power", x1, x2, dtype=number_dtype(x1, x2))


@power.gradient
def _(node, dy):
    a, b = node.inputs
    da = multiply(dy, multiply(b, power(a, subtract(b, 1.0))))
    safe = where(greater(a, 0.0), a, 1.0)
    db = multiply(dy, multiply(node.output, log(safe)))
    return unbroadcast(da, a), unbroadcast(db, b)


@operation
def erf(x):
    """The error function."""
    return like(x)


@erf.gradient
def _(node, dy):
    slope = exp(negative(square(node.inputs[0])))
    return (multiply(dy, multiply(1.1283791670955126, slope)),)  # 2 / sqrt(pi)
