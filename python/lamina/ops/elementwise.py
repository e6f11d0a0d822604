"""Operations on each element, with NumPy's broadcasting."""

from __future__ import annotations

import builtins
from typing import Any

from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.rules import (
    broadcast,
    common_dtype,
    float_dtype,
    like,
    number_dtype,
    same_shape,
    unbroadcast,
)  # fmt: skip

# --- one operand ----------------------------------------------------------------------------------


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
    return Spec(x.dims, common_dtype(x))


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
def floor(x):
    """The largest whole number that is not greater.  No gradient."""
    return like(x)


@operation
def ceil(x):
    """The smallest whole number that is not less.  No gradient."""
    return like(x)


@operation(name="round")
def _round(x):
    return like(x)


def round(x: Any, decimals: int = 0) -> Any:
    """To the nearest number with so many decimals, halves to the even one.  No gradient."""
    if decimals == 0:
        return _round(x)
    scale = 10.0 ** builtins.abs(decimals)
    if decimals > 0:
        return divide(_round(multiply(x, scale)), scale)
    return multiply(_round(divide(x, scale)), scale)


@operation
def relu(x):
    """0 where x < 0, else x (a NaN stays)."""
    return like(x)


@relu.gradient
def _(node, dy):
    return (relu_gradient(dy, node.output),)


@operation
def sigmoid(x):
    """1 / (1 + exp(-x))."""
    return like(x)


@sigmoid.gradient
def _(node, dy):
    return (sigmoid_gradient(dy, node.output),)


@operation
def tanh(x):
    """The hyperbolic tangent."""
    return like(x)


@tanh.gradient
def _(node, dy):
    return (tanh_gradient(dy, node.output),)


@operation
def erf(x):
    """The error function."""
    return like(x)


@erf.gradient
def _(node, dy):
    slope = exp(negative(square(node.inputs[0])))
    return (multiply(dy, multiply(1.1283791670955126, slope)),)  # 2 / sqrt(pi)


@operation
def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return like(x)


@softplus.gradient
def _(node, dy):
    return (multiply(dy, sigmoid(node.inputs[0])),)


@operation
def logical_not(x):
    """True where x is 0.  No gradient."""
    return Spec(x.dims, "bool")


@operation
def isnan(x):
    """True where x is NaN.  No gradient."""
    return Spec(x.dims, "bool")


@operation
def isfinite(x):
    """True where x is neither infinite nor NaN.  No gradient."""
    return Spec(x.dims, "bool")


# --- gradients that have a kernel of their own ----------------------------------------------------


@operation
def relu_gradient(dy, y):
    """dy where y > 0, else 0, for y = relu(x)."""
    same_shape("relu_gradient", dy, y)
    return like(y)


@relu_gradient.gradient
def _(node, dy):
    return relu_gradient(dy, node.inputs[1]), None


@operation
def sigmoid_gradient(dy, y):
    """dy * y * (1 - y), for y = sigmoid(x)."""
    same_shape("sigmoid_gradient", dy, y)
    return like(y)


@sigmoid_gradient.gradient
def _(node, dy):
    upstream, y = node.inputs
    slope = multiply(upstream, subtract(1.0, multiply(2.0, y)))
    return sigmoid_gradient(dy, y), multiply(dy, slope)


@operation
def tanh_gradient(dy, y):
    """dy * (1 - y * y), for y = tanh(x)."""
    same_shape("tanh_gradient", dy, y)
    return like(y)


@tanh_gradient.gradient
def _(node, dy):
    upstream, y = node.inputs
    return tanh_gradient(dy, y), multiply(dy, multiply(upstream, multiply(-2.0, y)))


# --- two operands ---------------------------------------------------------------------------------


@operation
def add(a, b):
    """a + b."""
    return broadcast("add", a, b, dtype=number_dtype(a, b))


@add.gradient
def _(node, dy):
    return tuple(unbroadcast(dy, x) for x in node.inputs)


@operation
def subtract(a, b):
    """a - b."""
    return broadcast("subtract", a, b, dtype=number_dtype(a, b))


@subtract.gradient
def _(node, dy):
    a, b = node.inputs
    return unbroadcast(dy, a), unbroadcast(negative(dy), b)


@operation
def multiply(a, b):
    """a * b."""
    return broadcast("multiply", a, b)


@multiply.gradient
def _(node, dy):
    a, b = node.inputs
    return unbroadcast(multiply(dy, b), a), unbroadcast(multiply(dy, a), b)


@operation
def divide(a, b):
    """a / b, always a float."""
    return broadcast("divide", a, b, dtype=float_dtype(a, b))


@divide.gradient
def _(node, dy):
    a, b = node.inputs
    db = negative(divide(multiply(dy, node.output), b))
    return unbroadcast(divide(dy, b), a), unbroadcast(db, b)


@operation
def power(a, b):
    """a to the power b, always a float."""
    return broadcast("power", a, b, dtype=float_dtype(a, b))


@power.gradient
def _(node, dy):
    a, b = node.inputs
    da = multiply(dy, multiply(b, power(a, subtract(b, 1.0))))
    safe = where(greater(a, 0.0), a, 1.0)
    db = multiply(dy, multiply(node.output, log(safe)))
    return unbroadcast(da, a), unbroadcast(db, b)


@operation
def maximum(a, b):
    """The larger one; NaN if one is."""
    return broadcast("maximum", a, b)


@maximum.gradient
def _(node, dy):
    return _chosen(node, dy, greater_equal)


@operation
def minimum(a, b):
    """The smaller one; NaN if one is."""
    return broadcast("minimum", a, b)


@minimum.gradient
def _(node, dy):
    return _chosen(node, dy, less_equal)


def _chosen(node: Any, dy: Any, first: Any) -> tuple[Any, Any]:
    a, b = node.inputs
    chosen = first(a, b)
    return unbroadcast(where(chosen, dy, 0.0), a), unbroadcast(where(chosen, 0.0, dy), b)


@operation
def mod(a, b):
    """The remainder a - floor(a / b) b, with the sign of b, as in NumPy."""
    return broadcast("mod", a, b, dtype=number_dtype(a, b))


@mod.gradient
def _(node, dy):
    a, b = node.inputs
    db = negative(multiply(dy, floor_divide(a, b)))
    return unbroadcast(dy, a), unbroadcast(db, b)


@operation
def floor_divide(a, b):
    """floor(a / b).  No gradient."""
    return broadcast("floor_divide", a, b, dtype=number_dtype(a, b))


@operation
def greater(a, b):
    """a > b.  No gradient."""
    return broadcast("greater", a, b, dtype="bool")


@operation
def greater_equal(a, b):
    """a >= b.  No gradient."""
    return broadcast("greater_equal", a, b, dtype="bool")


@operation
def less(a, b):
    """a < b.  No gradient."""
    return broadcast("less", a, b, dtype="bool")


@operation
def less_equal(a, b):
    """a <= b.  No gradient."""
    return broadcast("less_equal", a, b, dtype="bool")


@operation
def equal(a, b):
    """a == b.  No gradient."""
    return broadcast("equal", a, b, dtype="bool")


@operation
def not_equal(a, b):
    """a != b.  No gradient."""
    return broadcast("not_equal", a, b, dtype="bool")


@operation
def logical_and(a, b):
    """True where neither is 0.  No gradient."""
    return broadcast("logical_and", a, b, dtype="bool")


@operation
def logical_or(a, b):
    """True where one is not 0.  No gradient."""
    return broadcast("logical_or", a, b, dtype="bool")


# --- three operands -------------------------------------------------------------------------------


@operation
def where(condition, a, b):
    """a where the condition is not 0, else b."""
    return broadcast("where", condition, a, b, dtype=common_dtype(a, b))


@where.gradient
def _(node, dy):
    condition, a, b = node.inputs
    da, db = where(condition, dy, 0.0), where(condition, 0.0, dy)
    return None, unbroadcast(da, a), unbroadcast(db, b)
