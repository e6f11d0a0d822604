"""Names for objects: `dense`, `dense_1`, ... counted per prefix."""

from __future__ import annotations

import re
from collections import Counter

_used: Counter[str] = Counter()


def to_snake_case(name: str) -> str:
    """DenseLayer -> dense_layer, as Keras spells it."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(prefix: str) -> str:
    """The next name with this prefix."""
    number = _used[prefix]
    _used[prefix] += 1
    return prefix if number == 0 else f"{prefix}_{number}"


def clear_session(free_memory: bool = True) -> None:
    """Starts the counting of names anew.  There is no other global state."""
    _used.clear()
