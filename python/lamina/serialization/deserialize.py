"""From configs to objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

import numpy as np

from lamina.dtype_policies import DTypePolicy
from lamina.serialization import own, registry
from lamina.serialization.brief import brief
from lamina.serialization.serialize import SavedTensor

_KEYS = {
    "module", "class_name", "config", "registered_name", "build_config", "compile_config",
    "shared_object_id", "name", "inbound_nodes",  # the last two: of a layer in a functional model
}  # fmt: skip
_shared: ContextVar[dict[Any, Any] | None] = ContextVar("shared_objects", default=None)


def deserialize_keras_object(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    safe_mode: bool = True,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """The object that a config describes: one of this library, or one the user made known.

    Lists become lists of objects, dicts without "class_name" and "config" dicts of them.

    Args:
        config: what `serialize_keras_object` gave, here or in Keras; also after JSON.
        custom_objects: own classes and functions by name, besides the registered ones.
        safe_mode: accepted as in Keras.  Code is never read from a config, whatever it says.
        module_objects: further classes and functions by name, after the custom ones.

    Errors: TypeError for a class or function that is not known, or a config that does not fit it;
    ValueError for a lambda, or an entry with unknown keys.
    """
    token = _shared.set({}) if _shared.get() is None else None
    try:
        with registry.CustomObjectScope(registry.everything(custom_objects)):
            return _value(config, module_objects)
    finally:
        if token is not None:
            _shared.reset(token)


def _value(config: Any, module_objects: Mapping[str, Any] | None = None) -> Any:
    if config is None or isinstance(config, (int, float)):
        return config
    if isinstance(config, str):
        found = registry.get_registered_object(config)
        return config if found is None else found
    if isinstance(config, (list, tuple)):
        return [_value(item) for item in config]
    if not isinstance(config, dict):
        raise TypeError(f"Could not parse config: {config!r}")
    if "class_name" not in config or "config" not in config:
        return {key: _value(value) for key, value in config.items()}
    inner = {} if config["config"] is None else config["config"]
    if config["class_name"] in _SPECIAL:
        return _SPECIAL[config["class_name"]](inner)
    unknown = set(config) - _KEYS
    if unknown:
        raise ValueError(
            f"Unknown keys {sorted(unknown)} in the config of an object: {brief(config)}"
        )
    found = find(config, module_objects)
    if found is None:
        kind = "function" if config["class_name"] == "function" else "class"
        name = inner if kind == "function" else config["class_name"]
        raise TypeError(
            f"Could not locate {kind} {name!r}. Register custom classes and functions with "
            "`@keras.saving.register_keras_serializable()`, or pass them in `custom_objects`. "
            f"Full object config: {brief(config)}"
        )
    return _instance(found, config, inner) if isinstance(found, type) else found


def find(config: Mapping[str, Any], module_objects: Mapping[str, Any] | None = None) -> Any:
    """The class or function of an object's config, or None: custom, given, or the library's own."""
    name = config["class_name"]
    is_function = name == "function"
    if is_function:
        name = config["config"]
        if not isinstance(name, str):
            raise TypeError(f"The config of a function must be its name. Received: {brief(config)}")
    registered = config.get("registered_name", name)
    found = registry.get_registered_object(name if is_function else registered)
    if found is None and module_objects:
        found = module_objects.get(name)
    if found is not None:
        return found
    found = own.find_function(name) if is_function else own.find_class(config.get("module"), name)
    if found is not None and registered not in (None, name, config["class_name"]):
        raise ValueError(
            f"{name!r} is built in and has no registered name. Received: "
            f"registered_name={registered!r} in {brief(config)}"
        )
    return found


def _instance(cls: Any, config: dict[str, Any], inner: Any) -> Any:
    if not isinstance(inner, dict):
        raise TypeError(
            f"Expected the 'config' of {cls.__name__} to be a dict. Received: {brief(config)}"
        )
    if not hasattr(cls, "from_config"):
        raise TypeError(
            f"{cls.__name__} has no `from_config()`. Full object config: {brief(config)}"
        )
    shared = _shared.get()
    key = config.get("shared_object_id")
    if shared is not None and key in shared:
        return shared[key]
    try:
        made = cls.from_config(inner)
    except TypeError as error:
        raise TypeError(
            f"{cls} could not be made from its config. Objects in it (layers, functions) must be "
            f"deserialized in the class's own `from_config()`. config={brief(config)}: {error}"
        ) from error
    if config.get("build_config") and not made.built:
        made.build_from_config(config["build_config"])
    if config.get("compile_config"):
        made.compile_from_config(config["compile_config"])
    if shared is not None and key is not None:
        shared[key] = made
    return made


def _array(config: Mapping[str, Any]) -> np.ndarray:
    dtype = np.dtype(config["dtype"])
    if dtype.kind not in "biuf":
        raise TypeError(f"Arrays in configs hold numbers. Received: dtype={config['dtype']!r}")
    return np.array(config["value"], dtype)


def _refuse_lambda(_: Any) -> Any:
    raise ValueError(
        "The config holds a Python lambda, as code. It is not run, with or without `safe_mode`: use a "
        "named function, and register it."
    )


def _refuse_type_spec(_: Any) -> Any:
    raise ValueError(
        "The config holds a type of TensorFlow (`__typespec__`), which is not supported."
    )


_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "__bytes__": lambda c: c["value"].encode("utf-8"),
    "__ellipsis__": lambda _: ...,
    "__keras_tensor__": lambda c: SavedTensor(**c),
    "__lambda__": _refuse_lambda,
    "__numpy__": _array,
    "__slice__": lambda c: slice(c["start"], c["stop"], c["step"]),
    "__tensor__": _array,
    "__typespec__": _refuse_type_spec,
    "DTypePolicy": lambda c: DTypePolicy(c["name"]),
}
