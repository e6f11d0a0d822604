"""Constraints on weights, applied after each update."""

from __future__ import annotations

from typing import Any

from lamina.constraints.constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from lamina.serialization import resolve as _resolve

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

_known = {c.__name__: c for c in (Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm)}
_known |= {"constraint": Constraint, "max_norm": MaxNorm, "min_max_norm": MinMaxNorm}
_known |= {"non_neg": NonNeg, "unit_norm": UnitNorm}


def get(identifier: Any) -> Any:
    """The constraint of a name, config or callable; None stays None."""
    return None if identifier is None else _resolve.resolve("constraint", _known, identifier)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The constraint of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def serialize(constraint: Any) -> Any:
    """The constraint as a config that `get` reads."""
    return _resolve.serialize(constraint)
