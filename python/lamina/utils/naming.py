"""Names for objects: `dense`, `dense_1`, ... counted per prefix."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

_used: Counter[str] = Counter()


@cache
def to_snake_case(name: str) -> str:
    """DenseLayer -> dense_layer, as Keras spells it."""
    name = "".join(c for c in name if c.isalnum() or c == "_")
    parts = name[:1]
    for before, c, after in zip(name, name[1:], name[2:] + " "):
        parts += "_" + c if "A" <= c <= "Z" and (_is_small(before) or _is_small(after)) else c
    return parts.lower()


def _is_small(c: str) -> bool:
    return "a" <= c <= "z"


def object_name(thing: Any) -> Any:
    """Its `name`, or else that of the function or of its class, in snake case."""
    if hasattr(thing, "name"):
        return thing.name
    return to_snake_case(getattr(thing, "__name__", type(thing).__name__))


def auto_name(prefix: str) -> str:
    """The next name with this prefix."""
    number = _used[prefix]
    _used[prefix] += 1
    return prefix if number == 0 else f"{prefix}_{number}"


def clear_session(free_memory: bool = True) -> None:
    """Starts the counting of names anew, and forgets the dtype policy that was set, as in Keras."""
    from lamina.dtype_policies import policy  # which naming things does not load

    _used.clear()
    policy.forget_dtype_policy()
