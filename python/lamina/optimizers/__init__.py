"""Optimizers: how weights follow their gradients."""

from __future__ import annotations

from typing import Any

from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.rmsprop import RMSprop
from lamina.utils import resolve as _resolve

__all__ = ["Optimizer", "RMSprop", "deserialize", "get", "serialize"]

_classes = (RMSprop,)
_known = {c.__name__: c for c in _classes} | {c.__name__.lower(): c for c in _classes}


def get(identifier: Any) -> Any:
    """The optimizer of a name (any case), config or class, or the object itself."""
    if isinstance(identifier, str):
        identifier = identifier.lower()
    if isinstance(identifier, Optimizer):
        return identifier
    made = _resolve.resolve("optimizer", _known, identifier)
    if not isinstance(made, Optimizer):
        raise ValueError(f"Could not interpret optimizer identifier: {identifier!r}")
    return made


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The optimizer of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def serialize(optimizer: Optimizer) -> Any:
    """The optimizer as a config that `get` reads."""
    return _resolve.serialize(optimizer)
