"""From objects to configs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from lamina.graph.operation import Operation
from lamina.serialization import own, registry

_collected: ContextVar[dict[str, Any] | None] = ContextVar("custom_objects_met", default=None)
_PLAIN = (str, int, float, bool, type(None))


class SavedTensor(NamedTuple):
    """A symbolic value in a config: its shape, dtype, and [layer name, call index, output index]."""

    shape: Any
    dtype: str
    keras_history: Any


def serialize_keras_object(obj: Any) -> Any:
    """What `deserialize_keras_object` makes an equal object of, as Keras writes it.

    Numbers, strings and None stay; lists, tuples and dicts are taken apart; an object becomes
    {"module", "class_name", "config", "registered_name"}, with "build_config" when it is built
    and "compile_config" for models; arrays, slices, bytes and ... have class names in underscores.

    Errors: TypeError for what has no `get_config()`; ValueError for a lambda: it has no name to find
    it by.
    """
    if isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, SavedTensor):
        return _entry("__keras_tensor__", obj._asdict())
    if isinstance(obj, (list, tuple)):
        items = [serialize_keras_object(item) for item in obj]
        return tuple(items) if isinstance(obj, tuple) else items
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, np.generic):
        return obj.item()
    special = _special(obj)
    return _object(obj) if special is None else special


@contextmanager
def collected_custom_objects() -> Iterator[dict[str, Any]]:
    """The users' own classes and functions by name, as objects serialized inside need them."""
    found: dict[str, Any] = {}
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


def _collect(name: str, item: Any) -> None:
    found = _collected.get()
    if found is not None:
        found[name] = item


def _special(obj: Any) -> Any:
    """What is not an object with a config, but has a class name of its own in Keras's format."""
    if isinstance(obj, bytes):
        return _entry("__bytes__", {"value": obj.decode("utf-8")})
    if isinstance(obj, slice):
        bounds = {"start": obj.start, "stop": obj.stop, "step": obj.step}
        return _entry("__slice__", serialize_keras_object(bounds))
    if obj is ...:
        return _entry("__ellipsis__", {})
    if isinstance(obj, np.ndarray):
        if obj.dtype.kind not in "biuf":
            raise TypeError(f"Cannot serialize an array of dtype {obj.dtype}")
        if obj.ndim == 0:
            return obj.item()
        return _entry("__numpy__", {"value": obj.tolist(), "dtype": obj.dtype.name})
    return None


def _entry(class_name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


def _object(obj: Any) -> dict[str, Any]:
    if isinstance(obj, (FunctionType, Operation)):
        if obj.__name__ == "<lambda>":
            raise ValueError(
                "Cannot serialize a lambda: it could only be read back by running code from the "
                f"config. Give it a name with `def`, and register it. Received: {obj!r}"
            )
        known = registry.get_registered_name(obj)
        if own.find_function(known) is not obj:
            _collect(known, obj)
        return {
            "module": "builtins",
            "class_name": "function",
            "config": known,
            "registered_name": "function",
        }
    cls = type(obj)
    if isinstance(obj, type) or not hasattr(obj, "get_config"):
        raise TypeError(
            f"Cannot serialize object {obj!r} of type {cls}. To be serializable, a class must "
            "implement the `get_config()` method."
        )
    config = obj.get_config()
    if not isinstance(config, dict):
        raise TypeError(f"The `get_config()` of {obj!r} should return a dict. Received: {config!r}")
    module, name, registered = own.place_of(cls) or (
        None if cls.__module__ == "__main__" else cls.__module__,
        cls.__name__,
        registry.get_registered_name(cls),
    )
    if registered is not None and own.place_of(cls) is None:
        _collect(registered, cls)
    entry = {
        "module": module,
        "class_name": name,
        "config": serialize_keras_object(config),
        "registered_name": registered,
    }
    for key in ("build_config", "compile_config"):
        more = getattr(obj, f"get_{key}", lambda: None)()
        if more is not None:
            entry[key] = serialize_keras_object(more)
    return entry
