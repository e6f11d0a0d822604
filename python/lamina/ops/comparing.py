"""How alike vectors are: correlations and distances; and Bessel's function of order 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.ops import elementwise as e
from lamina.ops.composite import clip
from lamina.ops.joining import pad
from lamina.ops.linalg import matmul
from lamina.ops.lookup import take
from lamina.ops.reductions import mean, sum
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import expand_dims, transpose


def corrcoef(x: Any) -> Any:
    """Pearson's correlations of the rows of x: a matrix (1 for a vector); NaN for a constant row.

    Errors: ValueError for other ranks.
    """
    x = as_operand(x)
    if len(x.shape) not in (1, 2):
        raise ValueError(f"corrcoef: x must have 1 or 2 axes. Received: shape={tuple(x.shape)}")
    off = e.subtract(x, mean(x, axis=-1, keepdims=True))
    unit = e.divide(off, e.sqrt(sum(e.square(off), axis=-1, keepdims=True)))
    products = sum(e.square(unit)) if len(x.shape) == 1 else matmul(unit, transpose(unit))
    return clip(products, -1.0, 1.0)


def correlate(x1: Any, x2: Any, mode: str = "valid") -> Any:
    """The sums of x1[k + i] * x2[i] over i, for each shift k of two vectors against each other.

    Args:
        mode: "full" for all shifts at which they overlap, "same" for as many as the longer one has
            numbers, "valid" for those at which the shorter one lies within the longer.

    Errors: ValueError for another mode, other ranks and vectors without numbers.

    Examples:
        >>> [float(y) for y in lamina.ops.correlate(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0]))]
        [2.0, 3.0]
    """
    if mode not in ("valid", "same", "full"):
        raise ValueError(
            f"correlate: mode must be 'full', 'same' or 'valid'. Received: mode={mode!r}"
        )
    x1, x2 = e.multiply(x1, 1.0), e.multiply(x2, 1.0)
    sizes = [*dims_of(x1), *dims_of(x2)]
    if len(x1.shape) != 1 or len(x2.shape) != 1 or 0 in sizes:
        raise ValueError(
            "correlate: expected two vectors with numbers. Received: shapes "
            f"{tuple(x1.shape)} and {tuple(x2.shape)}"
        )
    m, n = sizes
    short = min(m, n)
    first, count = {
        "full": (0, m + n - 1),
        "same": ((n - 1) // 2 if m >= n else short // 2, max(m, n)),
        "valid": (short - 1, max(m, n) - short + 1),
    }[mode]
    shifts = np.arange(first, first + count)[:, None] + np.arange(n)
    return sum(e.multiply(take(pad(x1, ((n - 1, n - 1),)), shifts, axis=0), x2), axis=1)


def cdist(x: Any, y: Any) -> Any:
    """The distances of vectors: (..., m, d) and (..., n, d) to (..., m, n).  Slope 0 at distance 0.

    Errors: ValueError for fewer than 2 axes, and vectors of different sizes.

    Examples:
        >>> print(lamina.ops.cdist(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]])))
        [[5. 1.]]
    """
    x, y = as_operand(x), as_operand(y)
    shapes = f"Received: shapes {tuple(x.shape)} and {tuple(y.shape)}"
    if len(x.shape) < 2 or len(y.shape) < 2:
        raise ValueError(f"cdist: x and y must have at least 2 axes. {shapes}")
    if x.shape[-1] != y.shape[-1]:
        raise ValueError(f"cdist: the last axes must have the same size. {shapes}")
    squares = sum(e.square(e.subtract(expand_dims(x, -2), expand_dims(y, -3))), axis=-1)
    apart = e.not_equal(squares, 0.0)
    return e.where(apart, e.sqrt(e.where(apart, squares, 1.0)), 0.0)


# Abramowitz and Stegun, Handbook of Mathematical Functions, 9.8.1 and 9.8.2: within 2e-7.
_NEAR = (0.0045813, 0.0360768, 0.2659732, 1.2067492, 3.0899424, 3.5156229, 1.0)
_FAR = (
    0.00392377, -0.01647633, 0.02635537, -0.02057706, 0.00916281, -0.00157565, 0.00225319,
    0.01328592, 0.39894228,
)  # fmt: skip
_BORDER = 3.75


def i0(x: Any) -> Any:
    """The modified Bessel function of the first kind of order 0; infinite from about 92 on."""
    size = e.abs(x)
    near = _polynomial(_NEAR, e.square(e.divide(e.minimum(size, _BORDER), _BORDER)))
    far = e.maximum(size, _BORDER)
    half = e.exp(e.multiply(far, 0.5))  # exp(far) is infinite before the result is
    scaled = e.divide(_polynomial(_FAR, e.divide(_BORDER, far)), e.sqrt(far))
    return e.where(e.less(size, _BORDER), near, e.multiply(e.multiply(half, scaled), half))


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    """The sum of coefficients times powers of x, the highest first."""
    total: Any = coefficients[0]
    for c in coefficients[1:]:
        total = e.add(e.multiply(total, x), c)
    return total
