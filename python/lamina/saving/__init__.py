"""Objects as configs (plain dicts that JSON can hold), models as files, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy

if TYPE_CHECKING:
    from lamina.saving.deserialize import deserialize_keras_object
    from lamina.saving.files import load_model, load_weights, save_model, save_weights
    from lamina.saving.registry import (
        CustomObjectScope,
        custom_object_scope,
        get_custom_objects,
        get_registered_name,
        get_registered_object,
        register_keras_serializable,
    )
    from lamina.saving.serialize import serialize_keras_object

_MODULES = {
    "CustomObjectScope": "lamina.saving.registry",
    "custom_object_scope": "lamina.saving.registry",
    "deserialize_keras_object": "lamina.saving.deserialize",
    "get_custom_objects": "lamina.saving.registry",
    "get_registered_name": "lamina.saving.registry",
    "get_registered_object": "lamina.saving.registry",
    "load_model": "lamina.saving.files",
    "load_weights": "lamina.saving.files",
    "register_keras_serializable": "lamina.saving.registry",
    "save_model": "lamina.saving.files",
    "save_weights": "lamina.saving.files",
    "serialize_keras_object": "lamina.saving.serialize",
}

__all__ = list(_MODULES)
__getattr__, __dir__ = lazy(__name__, _MODULES)
