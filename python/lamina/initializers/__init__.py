"""How weights begin.  Values from a seed are those of Keras's own NumPy backend."""

from __future__ import annotations

from typing import Any

from lamina.initializers.constant import Constant, Ones, Zeros
from lamina.initializers.initializer import Initializer
from lamina.initializers.random import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    RandomInitializer,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    compute_fans,
)  # fmt: skip
from lamina.utils import resolve as _resolve
from lamina.utils.naming import to_snake_case

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "RandomInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "compute_fans",
    "deserialize",
    "get",
    "serialize",
    "to_snake_case",
]

_classes = (
    Constant, Ones, Zeros, GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal,
    LecunUniform, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling,
)  # fmt: skip
_known = {c.__name__: c for c in _classes} | {to_snake_case(c.__name__): c for c in _classes}
_known |= {"zero": Zeros, "one": Ones, "normal": RandomNormal, "uniform": RandomUniform}


def get(identifier: Any) -> Any:
    """The initializer of a name, config, class or callable `(shape, dtype)`; None stays None."""
    return None if identifier is None else _resolve.resolve("initializer", _known, identifier)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The initializer of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def serialize(initializer: Any) -> Any:
    """The initializer as a config that `get` reads."""
    return _resolve.serialize(initializer)
