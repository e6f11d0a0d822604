"""Metrics: what training reports."""

from __future__ import annotations

from typing import Any

from lamina import losses as _losses
from lamina.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)  # fmt: skip
from lamina.metrics.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)  # fmt: skip
from lamina.metrics.metric import Mean, MeanMetricWrapper, Metric, Sum
from lamina.utils import resolve as _resolve
from lamina.utils.naming import to_snake_case

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "Mean",
    "MeanAbsoluteError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "Sum",
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "deserialize",
    "for_output",
    "get",
    "serialize",
    "sparse_categorical_accuracy",
    "to_snake_case",
]

_classes = (
    Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy, BinaryCrossentropy,
    CategoricalCrossentropy, SparseCategoricalCrossentropy, MeanSquaredError, MeanAbsoluteError,
    Mean, Sum,
)  # fmt: skip
_known: dict[str, Any] = {c.__name__: c for c in _classes}
_known |= {to_snake_case(c.__name__): c for c in _classes}
_known |= {"bce": BinaryCrossentropy, "mse": MeanSquaredError, "mae": MeanAbsoluteError}
_known |= {"BCE": BinaryCrossentropy, "MSE": MeanSquaredError, "MAE": MeanAbsoluteError}


def get(identifier: Any) -> Any:
    """The metric of a name, class or config, or the function itself; None stays None."""
    return None if identifier is None else _resolve.resolve("metric", _known, identifier)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The metric of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def serialize(metric: Any) -> Any:
    """The metric as a config that `get` reads."""
    return _resolve.serialize(metric)


def for_output(identifier: Any, target_shape: Any, output_shape: Any) -> Metric:
    """The metric that compile means by `identifier` for targets and outputs of these shapes.

    "accuracy" and "crossentropy" (and "acc", "ce") are resolved by the shapes: binary for one
    output, sparse for labels, else categorical.  The metric keeps the name the user wrote.
    """
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, str) and identifier.lower() in (
        "accuracy",
        "acc",
        "crossentropy",
        "ce",
    ):
        kind = _kind(target_shape, output_shape)
        family = _ACCURACIES if identifier.lower() in ("accuracy", "acc") else _CROSSENTROPIES
        made: Metric = family[kind](name=identifier)
        return made
    if isinstance(identifier, str) and identifier in _losses._functions:
        return MeanMetricWrapper(_losses._functions[identifier], name=identifier)
    found = get(identifier)
    if isinstance(found, Metric):
        if isinstance(identifier, str):
            found.name = identifier
        return found
    return MeanMetricWrapper(found)


_ACCURACIES = {
    "binary": BinaryAccuracy,
    "sparse": SparseCategoricalAccuracy,
    "categorical": CategoricalAccuracy,
}
_CROSSENTROPIES = {
    "binary": BinaryCrossentropy,
    "sparse": SparseCategoricalCrossentropy,
    "categorical": CategoricalCrossentropy,
}


def crossentropy_for(target_shape: Any, output_shape: Any) -> str:
    """The name of the cross-entropy for targets and outputs of these shapes."""
    return to_snake_case(_CROSSENTROPIES[_kind(target_shape, output_shape)].__name__)


def _kind(target_shape: Any, output_shape: Any) -> str:
    if output_shape[-1] == 1:
        return "binary"
    if len(target_shape) < len(output_shape) or target_shape[-1] == 1:
        return "sparse"
    return "categorical"
