"""The small number that keeps logarithms and quotients finite."""

from __future__ import annotations

from lamina.utils import check

_epsilon = 1e-7


def epsilon() -> float:
    """The small number that losses, metrics, constraints and norms add or clip by: 1e-7 unless set."""
    return _epsilon


def set_epsilon(value: float) -> None:
    """Sets what `epsilon` gives, for steps that are recorded and metrics that are made from now on.

    Errors: TypeError for what is no number, ValueError unless it is in (0, 1).
    """
    global _epsilon
    number = check.number("value", value, 0, 1)
    if number in (0, 1):
        raise ValueError(f"`value` must be above 0 and below 1. Received: value={value}")
    _epsilon = number
