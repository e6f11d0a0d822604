"""The float dtype of what does not say its own."""

from __future__ import annotations

FLOATS = ("float32", "float64")
_floatx = "float32"


def floatx() -> str:
    """The dtype of weights and arithmetic where nothing else is said: "float32" unless set."""
    return _floatx


def set_floatx(value: str) -> None:
    """Sets what `floatx` gives, for layers, losses, metrics and arrays that are made from now on.

    Args:
        value: "float32" or "float64".

    Errors: ValueError for anything else.
    """
    global _floatx
    if value not in FLOATS:
        raise ValueError(f"Unknown `floatx` value: {value!r}. Expected one of {FLOATS}")
    _floatx = value
