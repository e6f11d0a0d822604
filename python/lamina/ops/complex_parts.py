"""What numbers are as complex ones: lamina's are real."""

from __future__ import annotations

from typing import Any

from lamina.ops import elementwise as e
from lamina.ops.creation import zeros_like
from lamina.ops.rules import as_operand
from lamina.ops.transcendental import arctan2


def _real(name: str, x: Any) -> Any:
    x = as_operand(x)
    if "complex" in str(x.dtype):
        raise TypeError(f"{name}: there are no complex numbers here. Received: dtype={x.dtype}")
    return x


def real(x: Any) -> Any:
    """x, which is real.  Errors: TypeError for complex numbers."""
    return _real("real", x)


def imag(x: Any) -> Any:
    """0: x is real.  Errors: TypeError for complex numbers."""
    return zeros_like(_real("imag", x))


def conjugate(x: Any) -> Any:
    """x, which is real.  Errors: TypeError for complex numbers."""
    return _real("conjugate", x)


conj = conjugate


def isreal(x: Any) -> Any:
    """True.  Errors: TypeError for complex numbers."""
    x = _real("isreal", x)
    return e.logical_or(e.equal(x, x), True)


def angle(x: Any) -> Any:
    """0 for numbers from 0 on, pi for those below and for -0; NaN stays.

    Errors: TypeError for complex numbers.
    """
    x = _real("angle", x)
    return arctan2(0.0, x)
