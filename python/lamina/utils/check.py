"""Checks of arguments, with messages that name them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any


def integer(name: str, value: Any, least: int | None = None) -> int:
    """A whole number (NumPy's too), at least `least`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(
            f"`{name}` must be an integer. Received: {name}={value!r} of type {type(value).__name__}"
        )
    if least is not None and value < least:
        raise ValueError(f"`{name}` must be at least {least}. Received: {name}={value}")
    return int(value)


def sizes(name: str, value: Any) -> tuple[int, ...]:
    """A shape whose sizes are known: a whole number of at least 0, or a sequence of them."""
    try:
        given = [value] if isinstance(value, numbers.Integral) else list(value)
        return tuple(integer(name, size, 0) for size in given)
    except (TypeError, ValueError):
        raise ValueError(
            f"`{name}` must be a whole number of at least 0, or a sequence of them. "
            f"Received: {name}={value!r}"
        ) from None


def integer_or_none(name: str, value: Any, least: int | None = None) -> int | None:
    """A whole number as above, or None."""
    return None if value is None else integer(name, value, least)


def number(name: str, value: Any, least: float = -math.inf, most: float = math.inf) -> float:
    """A finite number in [least, most]."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"`{name}` must be a number. Received: {name}={value!r} of type {type(value).__name__}"
        )
    result = float(value)
    if not math.isfinite(result) or not least <= result <= most:
        bounds = f" in [{least}, {most}]" if math.isfinite(least) or math.isfinite(most) else ""
        raise ValueError(f"`{name}` must be a finite number{bounds}. Received: {name}={value}")
    return result


def no_more(owner: str, kwargs: Mapping[str, Any]) -> None:
    """Refuses keyword arguments that no one took."""
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments passed to {owner}: {dict(kwargs)}")
