"""Activations made of other operations, Keras's names and defaults."""

from __future__ import annotations

from typing import Any

from lamina.ops import elementwise as e
from lamina.ops.composite import clip
from lamina.ops.joining import split
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.transcendental import expm1


def celu(x: Any, alpha: float = 1.0) -> Any:
    """max(x, 0) + min(0, alpha * (exp(x / alpha) - 1)) (Barron, 2017)."""
    below = expm1(e.divide(e.minimum(x, 0.0), alpha))
    return e.add(e.maximum(x, 0.0), e.multiply(alpha, below))


def glu(x: Any, axis: int = -1) -> Any:
    """a * sigmoid(b), for the halves a and b of x along `axis` (Dauphin et al., 2017).

    Errors: ValueError for an odd size.
    """
    x = as_operand(x)
    sizes, rank = dims_of(x), len(x.shape)
    if not -rank <= axis < rank:
        raise ValueError(f"glu: axis {axis} is out of bounds for shape {x.shape}")
    axis %= rank
    if sizes[axis] < 0 or sizes[axis] % 2:
        raise ValueError(
            f"axis size must be divisible by 2. Received: x.shape={x.shape} with axis={axis}"
        )
    a, b = split(x, 2, axis=axis)
    return e.multiply(a, e.sigmoid(b))


def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x where |x| > threshold, else 0."""
    return e.where(e.greater(e.abs(x), threshold), x, 0.0)


def hard_sigmoid(x: Any) -> Any:
    """x / 6 + 1 / 2, at least 0 and at most 1."""
    return clip(e.add(e.divide(x, 6.0), 0.5), 0.0, 1.0)


def hard_silu(x: Any) -> Any:
    """x * hard_sigmoid(x) (Howard et al., 2019)."""
    return e.multiply(x, hard_sigmoid(x))


def hard_tanh(x: Any) -> Any:
    """x, at least -1 and at most 1."""
    return clip(x, -1, 1)


def log_sigmoid(x: Any) -> Any:
    """log(sigmoid(x)), without overflow."""
    return e.negative(e.softplus(e.negative(x)))


def relu6(x: Any) -> Any:
    """relu(x), at most 6."""
    return e.minimum(e.relu(x), 6.0)


def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x brought nearer to 0 by `threshold`; 0 where |x| <= threshold."""
    above = e.where(e.greater(x, threshold), e.subtract(x, threshold), 0.0)
    return e.where(e.less(x, -threshold), e.add(x, threshold), above)


def softsign(x: Any) -> Any:
    """x / (1 + |x|)."""
    return e.divide(x, e.add(1.0, e.abs(x)))


def sparse_plus(x: Any) -> Any:
    """0 up to -1, (x + 1)^2 / 4 up to 1, x beyond."""
    middle = e.multiply(0.25, e.square(e.add(x, 1.0)))
    return e.where(e.less_equal(x, -1.0), 0.0, e.where(e.less(x, 1.0), middle, x))


def sparse_sigmoid(x: Any) -> Any:
    """(x + 1) / 2, at least 0 and at most 1."""
    return clip(e.multiply(0.5, e.add(x, 1.0)), 0.0, 1.0)


def squareplus(x: Any, b: float = 4) -> Any:
    """(x + sqrt(x^2 + b)) / 2 (Barron, 2021)."""
    return e.multiply(0.5, e.add(x, e.sqrt(e.add(e.square(x), b))))


def tanh_shrink(x: Any) -> Any:
    """x - tanh(x)."""
    return e.subtract(x, e.tanh(x))


def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """x where x > threshold, else default_value."""
    return e.where(e.greater(x, threshold), x, default_value)
