"""From what users write (a name, a class, an object, a config) to an object of a family, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from lamina.graph.operation import Operation
from lamina.serialization import registry
from lamina.serialization.brief import brief


def resolve(family: str, known: Mapping[str, Any], identifier: Any) -> Any:
    """The object that `identifier` names, as `find`.  Classes are made with their defaults."""
    found = find(family, known, identifier)
    return found() if isinstance(found, type) else found


def find(family: str, known: Mapping[str, Any], identifier: Any) -> Any:
    """The class, function or object that `identifier` names.

    Args:
        family: as in the message, say "initializer".
        known: the family's classes and functions by every name that is accepted.
        identifier: a name, also of a custom object; a config {"class_name": ..., "config": ...};
            or the thing itself.
    """
    found = identifier
    if isinstance(identifier, str):
        found = registry.get_registered_object(identifier, module_objects=known)
        if found is None:
            raise ValueError(
                f"Could not interpret {family} identifier: {identifier!r}. "
                f"{_did_you_mean(identifier, known)}Known: {', '.join(sorted(known, key=str.lower))}"
            )
    elif isinstance(identifier, Mapping) and "class_name" in identifier:
        return _from_config(family, known, identifier)
    if not callable(found):
        raise ValueError(f"Could not interpret {family} identifier: {brief(identifier)}")
    return found


def _did_you_mean(identifier: str, known: Mapping[str, Any]) -> str:
    import difflib

    near = difflib.get_close_matches(identifier, known, n=1)
    return f"Did you mean {near[0]!r}? " if near else ""


def _from_config(family: str, known: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
    from lamina.serialization.deserialize import deserialize_keras_object, find

    config = {"config": {}, **config}
    if find(config, known) is None:
        raise ValueError(f"Could not interpret {family} identifier: {brief(config)}")
    return deserialize_keras_object(config, module_objects=known)


def deserialize(
    get: Callable[[Any], Any], config: Any, custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """What a family's `get` makes of a name or config when it knows the custom objects too."""
    with registry.CustomObjectScope(registry.everything(custom_objects)):
        return get(config)


def serialize(item: Any) -> Any:
    """The config of an object or function as Keras writes it; None stays None."""
    from lamina.serialization.serialize import serialize_keras_object

    return serialize_keras_object(item)


def name_or_config(known: Mapping[str, Any], item: Any) -> Any:
    """The name of a function of the family, or of the operation it is, or else the config."""
    name = item.__name__ if isinstance(item, (FunctionType, Operation)) else ""
    own = name in known and (isinstance(item, Operation) or known[name] is item)
    return name if own else serialize(item)
