"""How weights begin.  Values from a seed are those of Keras's own NumPy backend."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.initializers.constant import Constant, Given, Identity, Ones, Zeros
from lamina.initializers.initializer import Initializer
from lamina.initializers.orthogonal import Orthogonal
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
from lamina.serialization import resolve as _resolve
from lamina.utils.naming import to_snake_case as _to_snake_case

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "compute_fans",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

constant = Constant
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
identity = Identity
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
ones = Ones
orthogonal = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
zeros = Zeros
IdentityInitializer = Identity
OrthogonalInitializer = Orthogonal

_classes = (
    Constant, Identity, Ones, Orthogonal, Zeros, GlorotNormal, GlorotUniform, HeNormal, HeUniform,
    LecunNormal, LecunUniform, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling,
)  # fmt: skip
_known: dict[str, Any] = {c.__name__: c for c in (*_classes, Initializer)}
_known |= {_to_snake_case(c.__name__): c for c in _classes}
_known |= {"zero": Zeros, "one": Ones, "normal": RandomNormal, "uniform": RandomUniform}
_known |= {"IdentityInitializer": Identity, "OrthogonalInitializer": Orthogonal}


def get(identifier: Any) -> Any:
    """The initializer of a name, config, class, array or callable `(shape, dtype)`; None stays None."""
    if isinstance(identifier, (np.ndarray, np.generic)):
        return Given(identifier)
    return None if identifier is None else _resolve.resolve("initializer", _known, identifier)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The initializer of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def serialize(initializer: Any) -> Any:
    """The initializer as a config that `get` reads."""
    return _resolve.serialize(initializer)
