"""The library's own classes and functions, by the (module, name) that Keras's configs give them.

This list is all that a config can reach without the user's help: nothing is imported by a name
that a config gives.
"""

from __future__ import annotations

import importlib
from types import FunctionType
from typing import Any

from lamina import ops

_FAMILIES = {
    "keras.activations": "lamina.activations",
    "keras.constraints": "lamina.constraints",
    "keras.initializers": "lamina.initializers",
    "keras.layers": "lamina.layers",
    "keras.losses": "lamina.losses",
    "keras.metrics": "lamina.metrics",
    "keras.optimizers": "lamina.optimizers",
    "keras.random": "lamina.random",
    "keras.optimizers.schedules": "lamina.optimizers.schedules",
    "keras.regularizers": "lamina.regularizers",
    "keras": "lamina.models",
    "keras.models": "lamina.models",
    "keras.src.layers.preprocessing.feature_space": "lamina.layers.preprocessing.features",
    "keras.utils": "lamina.utils",
}
# Classes that Keras writes with the file they stand in, and a registered name.
_UNPUBLISHED = {
    ("keras.src.losses.losses", "LossFunctionWrapper"): ("lamina.losses", "FunctionLoss"),
    ("keras.src.models.functional", "Functional"): ("lamina.models.functional", "Functional"),
}
# Where Keras on PyTorch says that its optimizers are.
_ON_TORCH = "keras.src.backend.torch.optimizers."
_WITH_FUNCTIONS = ("keras.activations", "keras.losses", "keras.metrics")


def _public(module: str, name: str) -> Any:
    """What the family of a Keras module publishes under `name`, or None."""
    if module.startswith(_ON_TORCH):
        module = "keras.optimizers"
    package, name = _UNPUBLISHED.get((module, name), (_FAMILIES.get(module), name))
    if package is None:
        return None
    family = importlib.import_module(package)
    return getattr(family, name) if name in family.__all__ else None


def find_class(module: str | None, name: str) -> Any:
    """The class, or None."""
    found = _public(module or "", name)
    return found if isinstance(found, type) and hasattr(found, "from_config") else None


def find_function(name: str) -> Any:
    """The built-in function or operation that a config names without a module, or None."""
    for module in _WITH_FUNCTIONS:
        family = importlib.import_module(_FAMILIES[module])
        for known in (family._known, getattr(family, "_functions", {})):
            if isinstance(known.get(name), FunctionType):
                return known[name]
    return getattr(ops, name) if name in ops.__all__ else None


def place_of(cls: type) -> tuple[str, str, str | None] | None:
    """Module, name and registered name of a class of this library in Keras; None for a user's."""
    if not cls.__module__.startswith("lamina."):
        return None
    for (module, name), place in _UNPUBLISHED.items():
        if f"{cls.__module__}.".startswith(f"{place[0]}.") and _public(module, name) is cls:
            return module, name, name
    for module in _FAMILIES:
        if _public(module, cls.__name__) is cls:
            return module, cls.__name__, None
    return None
