"""From what users write (a name, a class, an object, a config) to an object of a family."""

from __future__ import annotations

from collections.abc import Mapping
from types import FunctionType
from typing import Any


def resolve(family: str, known: Mapping[str, Any], identifier: Any) -> Any:
    """The object that `identifier` names.  Classes are made with their defaults.

    Args:
        family: as in the message, say "initializer".
        known: the family's classes and functions by every name that is accepted.
        identifier: a name, a config {"class_name": ..., "config": ...}, or the thing itself.
    """
    found = identifier
    if isinstance(identifier, Mapping) and "class_name" in identifier:
        made: Any = known.get(identifier["class_name"])
        if made is None:
            raise ValueError(f"Could not interpret {family} identifier: {identifier!r}")
        config = identifier.get("config") or {}
        return made.from_config(config) if hasattr(made, "from_config") else made
    if isinstance(identifier, str):
        found = known.get(identifier)
        if found is None:
            raise ValueError(
                f"Could not interpret {family} identifier: {identifier!r}. "
                f"Known: {', '.join(sorted(known, key=str.lower))}"
            )
    if isinstance(found, type):
        return found()
    if not callable(found):
        raise ValueError(f"Could not interpret {family} identifier: {identifier!r}")
    return found


def serialize(module: str, item: Any) -> Any:
    """The config of an object as Keras writes it; functions by their names."""
    if item is None:
        return None
    if isinstance(item, FunctionType) or not hasattr(item, "get_config"):
        return getattr(item, "__name__", repr(item))
    return {
        "module": module,
        "class_name": type(item).__name__,
        "config": item.get_config(),
        "registered_name": None,
    }
