"""Metrics: what training reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lamina import losses as _losses
from lamina.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)  # fmt: skip
from lamina.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)  # fmt: skip
from lamina.metrics.at_best import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)  # fmt: skip
from lamina.metrics.auc import AUC
from lamina.metrics.confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    Recall,
    TrueNegatives,
    TruePositives,
)  # fmt: skip
from lamina.metrics.correlation import (
    ConcordanceCorrelation,
    PearsonCorrelation,
    concordance_correlation,
    pearson_correlation,
)  # fmt: skip
from lamina.metrics.f_score import F1Score, FBetaScore
from lamina.metrics.iou import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from lamina.metrics.margins import CategoricalHinge, Hinge, SquaredHinge
from lamina.metrics.metric import Metric
from lamina.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
)  # fmt: skip
from lamina.metrics.r2 import R2Score
from lamina.metrics.reduction import Mean, MeanMetricWrapper, Sum
from lamina.metrics.regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    RootMeanSquaredError,
)  # fmt: skip
from lamina.metrics.total import Total
from lamina.serialization import resolve as _resolve
from lamina.utils.naming import object_name, to_snake_case

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PearsonCorrelation",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "Total",
    "TrueNegatives",
    "TruePositives",
    "accuracy",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "concordance_correlation",
    "deserialize",
    "for_output",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "pearson_correlation",
    "poisson",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "to_snake_case",
    "top_k_categorical_accuracy",
]

_classes = (
    AUC, Accuracy, BinaryAccuracy, BinaryCrossentropy, BinaryIoU, CategoricalAccuracy,
    CategoricalCrossentropy, CategoricalHinge, ConcordanceCorrelation, CosineSimilarity,
    F1Score, FBetaScore, FalseNegatives, FalsePositives, Hinge, IoU, KLDivergence, LogCoshError,
    Mean, MeanAbsoluteError, MeanAbsolutePercentageError, MeanIoU, MeanMetricWrapper,
    MeanSquaredError, MeanSquaredLogarithmicError, Metric, OneHotIoU, OneHotMeanIoU,
    PearsonCorrelation, Poisson, Precision, PrecisionAtRecall, R2Score, Recall,
    RecallAtPrecision, RootMeanSquaredError, SensitivityAtSpecificity,
    SparseCategoricalAccuracy, SparseCategoricalCrossentropy, SparseTopKCategoricalAccuracy,
    SpecificityAtSensitivity, SquaredHinge, Sum, TopKCategoricalAccuracy, TrueNegatives,
    TruePositives,
)  # fmt: skip
_functions = {
    f.__name__: f
    for f in (
        accuracy, binary_accuracy, categorical_accuracy, concordance_correlation,
        pearson_correlation, sparse_categorical_accuracy, sparse_top_k_categorical_accuracy,
        top_k_categorical_accuracy,
    )
}  # fmt: skip
_known: dict[str, Any] = {c.__name__: c for c in _classes}
_known |= {to_snake_case(c.__name__): c for c in _classes}
_aliases: dict[str, Any] = {
    "bce": BinaryCrossentropy, "mse": MeanSquaredError, "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError, "msle": MeanSquaredLogarithmicError,
}  # fmt: skip
_known |= _aliases | {name.upper(): c for name, c in _aliases.items()}


def get(identifier: Any) -> Any:
    """The metric of a name, class or config, or the function itself; None stays None."""
    return None if identifier is None else _resolve.resolve("metric", _known, identifier)


def serialize(metric: Any) -> Any:
    """The metric as a config that `get` reads."""
    return _resolve.serialize(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The metric of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def for_output(identifier: Any, target_shape: Any, output_shape: Any) -> Metric:
    """The metric that compile means by `identifier` for targets and outputs of these shapes.

    "accuracy" and "crossentropy" (and "acc", "ce") are resolved by the shapes: binary for one
    output, sparse for labels, else categorical.  The metric has the name that was written, or that
    of the object, function or class in snake case.
    """
    if isinstance(identifier, Metric):
        return identifier
    name = identifier if isinstance(identifier, str) else None
    if name is not None and name.lower() in _BY_SHAPE:
        made: Metric = _BY_SHAPE[name.lower()][_kind(target_shape, output_shape)](name=name)
        return made
    if name in _losses._functions and name not in _known:
        identifier = _losses._functions[name]
    found = get(identifier)
    metric = found if isinstance(found, Metric) else MeanMetricWrapper(found)
    metric.name = name or object_name(found)
    return metric


def check(identifier: Any) -> None:
    """Refuses what `for_output` makes no metric of, with ValueError; makes none itself."""
    if identifier is not None and not _is_of_outputs(identifier):
        _resolve.find("metric", _known, identifier)


def _is_of_outputs(identifier: Any) -> bool:
    """Whether it is a name that only `for_output` knows."""
    if not isinstance(identifier, str):
        return False
    return identifier.lower() in _BY_SHAPE or identifier in _losses._functions


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
_BY_SHAPE: dict[str, Mapping[str, Any]] = {
    "accuracy": _ACCURACIES, "acc": _ACCURACIES,
    "crossentropy": _CROSSENTROPIES, "ce": _CROSSENTROPIES,
}  # fmt: skip


def crossentropy_for(target_shape: Any, output_shape: Any) -> str:
    """The name of the cross-entropy for targets and outputs of these shapes."""
    return to_snake_case(_CROSSENTROPIES[_kind(target_shape, output_shape)].__name__)


def _kind(target_shape: Any, output_shape: Any) -> str:
    if output_shape[-1] == 1:
        return "binary"
    if len(target_shape) < len(output_shape) or target_shape[-1] == 1:
        return "sparse"
    return "categorical"
