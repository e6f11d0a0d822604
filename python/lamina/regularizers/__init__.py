"""Penalties on weights that are added to the loss."""

from __future__ import annotations

from typing import Any

from lamina.regularizers.regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer
from lamina.serialization import resolve as _resolve

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]

l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer

_known = {c.__name__: c for c in (L1, L2, L1L2, OrthogonalRegularizer, Regularizer)}
_known |= {"l1": L1, "l2": L2, "l1l2": L1L2}
_known |= {"orthogonal_regularizer": OrthogonalRegularizer, "regularizer": Regularizer}


def get(identifier: Any) -> Any:
    """The regularizer of a name, config or callable; None stays None."""
    return None if identifier is None else _resolve.resolve("regularizer", _known, identifier)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The regularizer of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def serialize(regularizer: Any) -> Any:
    """The regularizer as a config that `get` reads."""
    return _resolve.serialize(regularizer)
