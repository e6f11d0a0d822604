"""Losses: what training makes small."""

from __future__ import annotations

from typing import Any

from lamina.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)  # fmt: skip
from lamina.losses.loss import FunctionLoss, Loss
from lamina.losses.regression import (
    MeanAbsoluteError,
    MeanSquaredError,
    mean_absolute_error,
    mean_squared_error,
)  # fmt: skip
from lamina.utils import resolve as _resolve

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "FunctionLoss",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "as_loss",
    "binary_crossentropy",
    "categorical_crossentropy",
    "deserialize",
    "get",
    "mean_absolute_error",
    "mean_squared_error",
    "serialize",
    "sparse_categorical_crossentropy",
]

_classes = {
    "categorical_crossentropy": CategoricalCrossentropy,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
    "binary_crossentropy": BinaryCrossentropy,
    "mean_squared_error": MeanSquaredError,
    "mean_absolute_error": MeanAbsoluteError,
}
_functions = {
    f.__name__: f
    for f in (
        categorical_crossentropy, sparse_categorical_crossentropy, binary_crossentropy,
        mean_squared_error, mean_absolute_error,
    )
}  # fmt: skip
_aliases = {"bce": "binary_crossentropy", "mse": "mean_squared_error", "mae": "mean_absolute_error"}
_aliases |= {alias.upper(): name for alias, name in _aliases.items()}
_known = _functions | {a: _functions[n] for a, n in _aliases.items()}
_known |= {c.__name__: c for c in _classes.values()}


def get(identifier: Any) -> Any:
    """The loss function of a name, or the Loss of a class name or config; None stays None."""
    return None if identifier is None else _resolve.resolve("loss", _known, identifier)


def as_loss(identifier: Any) -> Loss:
    """The Loss for what compile was given: names and functions become Loss objects."""
    if isinstance(identifier, str) and identifier in _functions.keys() | _aliases.keys():
        made: Loss = _classes[_aliases.get(identifier, identifier)]()
        return made
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    if not callable(found):
        raise ValueError(f"Could not interpret loss identifier: {identifier!r}")
    return FunctionLoss(found)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The loss of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def serialize(loss: Any) -> Any:
    """The loss as a config that `get` reads; functions by their names."""
    return _resolve.serialize(loss)
