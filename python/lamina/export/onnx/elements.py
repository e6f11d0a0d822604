"""ONNX operators for operations on each element."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lamina.export.onnx.builder import BOOL, Builder
from lamina.graph.tensor import Node, Tensor

Handler = Callable[[Builder, Node], str]


def _plain(operator: str) -> Handler:
    return lambda b, node: b.emit(operator, *map(b.floats, node.inputs))


def _comparison(operator: str) -> Handler:
    return lambda b, node: b.emit(operator, *map(b.floats, node.inputs), kind=BOOL)


def _logical(operator: str) -> Handler:
    return lambda b, node: b.emit(operator, *map(b.truths, node.inputs), kind=BOOL)


def _of_x(formula: Callable[[Builder, str], str]) -> Handler:
    return lambda b, node: formula(b, b.floats(node.inputs[0]))


# --- formulas -------------------------------------------------------------------------------------


def _square(b: Builder, x: str) -> str:
    return b.emit("Mul", x, x)


def _rsqrt(b: Builder, x: str) -> str:
    return b.emit("Reciprocal", b.emit("Sqrt", x))


def _expm1(b: Builder, x: str) -> str:
    """2 t / (1 - t) for t = tanh(x / 2), near 0, where exp(x) - 1 loses digits."""
    t = b.emit("Tanh", b.emit("Mul", x, b.constant(0.5)))
    one = b.constant(1.0)
    near = b.emit("Div", b.emit("Add", t, t), b.emit("Sub", one, t))
    return _near(b, x, near, b.emit("Sub", b.emit("Exp", x), one))


def _log1p(b: Builder, x: str) -> str:
    """2 artanh(x / (2 + x)) near 0, where log(1 + x) loses digits."""
    t = b.emit("Atanh", b.emit("Div", x, b.emit("Add", x, b.constant(2.0))))
    return _near(b, x, b.emit("Add", t, t), b.emit("Log", b.emit("Add", x, b.constant(1.0))))


def _near(b: Builder, x: str, near: str, far: str) -> str:
    inside = b.emit("Less", b.emit("Abs", x), b.constant(0.5), kind=BOOL)
    return b.emit("Where", inside, near, far)


def _exp2(b: Builder, x: str) -> str:
    return b.emit("Pow", b.constant(2.0), x)


def _scaled_log(base: float) -> Callable[[Builder, str], str]:
    return lambda b, x: b.emit("Mul", b.emit("Log", x), b.constant(1 / math.log(base)))


def _cbrt(b: Builder, x: str) -> str:
    return b.emit("Mul", b.emit("Sign", x), b.emit("Pow", b.emit("Abs", x), b.constant(1 / 3)))


def _silu(b: Builder, x: str) -> str:
    return b.emit("Mul", x, b.emit("Sigmoid", x))


def _gelu(b: Builder, x: str) -> str:
    erf = b.emit("Erf", b.emit("Mul", x, b.constant(math.sqrt(0.5))))
    return b.emit("Mul", x, b.emit("Mul", b.emit("Add", erf, b.constant(1.0)), b.constant(0.5)))


def _gelu_tanh(b: Builder, x: str) -> str:
    slope = math.sqrt(8 / math.pi)
    curve = b.emit("Mul", b.emit("Mul", x, x), b.constant(slope * 0.044715))
    angle = b.emit("Mul", x, b.emit("Add", curve, b.constant(slope)))
    return b.emit("Mul", x, b.emit("Sigmoid", angle))


def _isfinite(b: Builder, x: str) -> str:
    endless = b.emit("IsInf", x, kind=BOOL)
    return b.emit("Not", b.emit("Or", endless, b.emit("IsNaN", x, kind=BOOL), kind=BOOL), kind=BOOL)


# --- several operands -----------------------------------------------------------------------------


def _remainder(b: Builder, x: str, y: str) -> str:
    """fmod(x, y), brought to the sign of y."""
    rest, zero = b.emit("Mod", x, y, fmod=1), b.constant(0.0)
    signs = (b.emit("Less", v, zero, kind=BOOL) for v in (rest, y))
    differ = b.emit("Xor", *signs, kind=BOOL)
    some = b.emit("Not", b.emit("Equal", rest, zero, kind=BOOL), kind=BOOL)
    return b.emit("Where", b.emit("And", some, differ, kind=BOOL), b.emit("Add", rest, y), rest)


def _mod(b: Builder, node: Node) -> str:
    return _remainder(b, *map(b.floats, node.inputs))


def _floor_divide(b: Builder, node: Node) -> str:
    """(x - remainder) / y is whole but for rounding; x / 0 is infinite or NaN."""
    x, y = map(b.floats, node.inputs)
    whole = b.emit("Round", b.emit("Div", b.emit("Sub", x, _remainder(b, x, y)), y))
    by_zero = b.emit("Equal", y, b.constant(0.0), kind=BOOL)
    return b.emit("Where", by_zero, b.emit("Div", x, y), whole)


def _where(b: Builder, node: Node) -> str:
    condition, *values = node.inputs
    return b.emit("Where", b.truths(condition), *map(b.floats, values))


def _number(x: Tensor) -> float | None:
    """The number that a constant holds, if it is one."""
    value = None if x.value is None else np.asarray(x.value)
    return float(value.reshape(())) if value is not None and value.size == 1 else None


def _leaky_relu(b: Builder, node: Node) -> str:
    x, slope = node.inputs
    number = _number(slope)
    if number is not None and node.output.dims == x.dims:
        return b.emit("LeakyRelu", b.floats(x), alpha=number)
    if node.output.dims == x.dims:
        return b.emit("PRelu", b.floats(x), b.floats(slope))
    positive = b.emit("Greater", b.floats(x), b.constant(0.0), kind=BOOL)
    return b.emit("Where", positive, b.floats(x), b.emit("Mul", b.floats(x), b.floats(slope)))


def _elu(b: Builder, node: Node) -> str:
    x, alpha = b.floats(node.inputs[0]), node.inputs[1]
    number = _number(alpha)
    if number is not None and node.output.dims == node.inputs[0].dims:
        return b.emit("Elu", x, alpha=number)
    below = b.emit("Less", x, b.constant(0.0), kind=BOOL)
    return b.emit("Where", below, b.emit("Mul", b.floats(alpha), _expm1(b, x)), x)


def _arctan2(b: Builder, node: Node) -> str:
    """Not as exact in two respects: -0 counts as 0, and of two infinities comes NaN."""
    y, x = map(b.floats, node.inputs)
    zero, half = b.constant(0.0), b.constant(math.pi / 2)
    turn = b.constant(math.pi)
    below = b.emit("Less", y, zero, kind=BOOL)
    turned = b.emit("Where", below, b.emit("Neg", turn), turn)
    slope = b.emit("Atan", b.emit("Div", y, x))
    left = b.emit("Where", b.emit("Less", x, zero, kind=BOOL), b.emit("Add", slope, turned), slope)
    upright = b.emit("Mul", b.emit("Sign", y), half)
    return b.emit("Where", b.emit("Equal", x, zero, kind=BOOL), upright, left)


def _hypot(b: Builder, node: Node) -> str:
    """The larger one times sqrt(1 + r^2), for the smaller one's share r of it."""
    x, y = (b.emit("Abs", b.floats(v)) for v in node.inputs)
    large, small = b.emit("Max", x, y), b.emit("Min", x, y)
    share = b.emit("Div", small, large)
    length = b.emit("Sqrt", b.emit("Add", b.emit("Mul", share, share), b.constant(1.0)))
    at_ends = (
        b.emit("Equal", large, b.constant(0.0), kind=BOOL),
        b.emit("IsInf", large, kind=BOOL),
    )
    end = b.emit("Or", *at_ends, kind=BOOL)
    return b.emit("Where", end, large, b.emit("Mul", large, length))


_SAME = {
    "negative": "Neg", "abs": "Abs", "sign": "Sign", "sqrt": "Sqrt", "reciprocal": "Reciprocal",
    "exp": "Exp", "log": "Log", "floor": "Floor", "ceil": "Ceil", "round": "Round", "relu": "Relu",
    "sigmoid": "Sigmoid", "tanh": "Tanh", "erf": "Erf", "softplus": "Softplus", "add": "Add",
    "subtract": "Sub", "multiply": "Mul", "divide": "Div", "maximum": "Max", "minimum": "Min",
    "power": "Pow", "sin": "Sin", "cos": "Cos", "tan": "Tan", "arcsin": "Asin", "arccos": "Acos",
    "arctan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "arcsinh": "Asinh", "arccosh": "Acosh",
    "arctanh": "Atanh",
}  # fmt: skip
_COMPARISONS = {
    "greater": "Greater", "greater_equal": "GreaterOrEqual", "less": "Less",
    "less_equal": "LessOrEqual", "equal": "Equal", "isnan": "IsNaN",
}  # fmt: skip


def _not_equal(b: Builder, node: Node) -> str:
    return b.emit("Not", b.emit("Equal", *map(b.floats, node.inputs), kind=BOOL), kind=BOOL)


def _selu(b: Builder, x: str) -> str:
    return b.emit("Selu", x, alpha=1.6732632423543772, gamma=1.0507009873554805)


OPERATIONS: dict[str, Handler] = {
    **{name: _plain(operator) for name, operator in _SAME.items()},
    **{name: _comparison(operator) for name, operator in _COMPARISONS.items()},
    "not_equal": _not_equal,
    "logical_not": _logical("Not"),
    "logical_and": _logical("And"),
    "logical_or": _logical("Or"),
    "isfinite": _of_x(_isfinite),
    "square": _of_x(_square),
    "rsqrt": _of_x(_rsqrt),
    "expm1": _of_x(_expm1),
    "log1p": _of_x(_log1p),
    "exp2": _of_x(_exp2),
    "log2": _of_x(_scaled_log(2)),
    "log10": _of_x(_scaled_log(10)),
    "cbrt": _of_x(_cbrt),
    "silu": _of_x(_silu),
    "selu": _of_x(_selu),
    "gelu": _of_x(_gelu),
    "gelu_tanh": _of_x(_gelu_tanh),
    "mod": _mod,
    "floor_divide": _floor_divide,
    "where": _where,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "arctan2": _arctan2,
    "hypot": _hypot,
}
