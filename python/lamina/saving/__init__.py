"""Objects as configs (plain dicts that JSON can hold), models as files, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy

if TYPE_CHECKING:
    from lamina.saving.files import load_model, load_weights, save_model, save_weights
    from lamina.serialization.deserialize import deserialize_keras_object
    from lamina.serialization.registry import (
        CustomObjectScope,
        custom_object_scope,
        get_custom_objects,
        get_registered_name,
        get_registered_object,
        register_keras_serializable,
    )
    from lamina.serialization.serialize import serialize_keras_object

_MODULES = {
    "CustomObjectScope": "lamina.serialization.registry",
    "custom_object_scope": "lamina.serialization.registry",
    "deserialize_keras_object": "lamina.serialization.deserialize",
    "get_custom_objects": "lamina.serialization.registry",
    "get_registered_name": "lamina.serialization.registry",
    "get_registered_object": "lamina.serialization.registry",
    "load_model": "lamina.saving.files",
    "load_weights": "lamina.saving.files",
    "register_keras_serializable": "lamina.serialization.registry",
    "save_model": "lamina.saving.files",
    "save_weights": "lamina.saving.files",
    "serialize_keras_object": "lamina.serialization.serialize",
}

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]
__getattr__, __dir__ = lazy(__name__, _MODULES)
