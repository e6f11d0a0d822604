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
from lamina.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)  # fmt: skip
from lamina.losses.hinge import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)  # fmt: skip
from lamina.losses.loss import FunctionLoss, Loss
from lamina.losses.probabilistic import (
    KLDivergence,
    Poisson,
    kl_divergence,
    poisson,
)  # fmt: skip
from lamina.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)  # fmt: skip
from lamina.losses.robust import (
    CategoricalGeneralizedCrossEntropy,
    categorical_generalized_cross_entropy,
)
from lamina.losses.segmentation import (
    Dice,
    Tversky,
    dice,
    tversky,
)  # fmt: skip
from lamina.losses.similarity import Circle, circle
from lamina.serialization import resolve as _resolve

__all__ = [
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "FunctionLoss",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "as_loss",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine_similarity",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]

_by_function = {
    binary_crossentropy: BinaryCrossentropy,
    binary_focal_crossentropy: BinaryFocalCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    categorical_focal_crossentropy: CategoricalFocalCrossentropy,
    categorical_generalized_cross_entropy: CategoricalGeneralizedCrossEntropy,
    categorical_hinge: CategoricalHinge,
    circle: Circle,
    cosine_similarity: CosineSimilarity,
    dice: Dice,
    hinge: Hinge,
    huber: Huber,
    kl_divergence: KLDivergence,
    log_cosh: LogCosh,
    mean_absolute_error: MeanAbsoluteError,
    mean_absolute_percentage_error: MeanAbsolutePercentageError,
    mean_squared_error: MeanSquaredError,
    mean_squared_logarithmic_error: MeanSquaredLogarithmicError,
    poisson: Poisson,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
    squared_hinge: SquaredHinge,
    tversky: Tversky,
}
_functions: dict[str, Any] = {f.__name__: f for f in _by_function}
_aliases = {
    "bce": "binary_crossentropy", "kld": "kl_divergence", "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error", "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}  # fmt: skip
_aliases |= {alias.upper(): name for alias, name in _aliases.items()} | {"logcosh": "log_cosh"}
_known = _functions | {a: _functions[n] for a, n in _aliases.items()}
_known |= {c.__name__: c for c in _by_function.values()}


def get(identifier: Any) -> Any:
    """The loss function of a name, or the Loss of a class name or config; None stays None."""
    return None if identifier is None else _resolve.resolve("loss", _known, identifier)


def as_loss(identifier: Any) -> Loss:
    """The Loss for what compile was given: names and functions become Loss objects."""
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    kind: type[Loss] | None = _by_function.get(found) if isinstance(identifier, str) else None
    if kind is not None:
        return kind()
    if not callable(found):
        raise ValueError(f"Could not interpret loss identifier: {identifier!r}")
    return FunctionLoss(found)


def deserialize(name: Any, custom_objects: Any = None) -> Any:
    """The loss of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, name, custom_objects)


def serialize(loss: Any) -> Any:
    """The loss as a config that `get` reads; functions by their names."""
    return _resolve.serialize(loss)
