"""Learning rates that change with the number of steps."""

from __future__ import annotations

from typing import Any

from lamina.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from lamina.optimizers.schedules.decay import ExponentialDecay, InverseTimeDecay, PolynomialDecay
from lamina.optimizers.schedules.learning_rate_schedule import LearningRateSchedule
from lamina.optimizers.schedules.piecewise import PiecewiseConstantDecay
from lamina.serialization import resolve as _resolve

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]

_known = {
    c.__name__: c
    for c in (
        CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay,
        PolynomialDecay,
    )
}  # fmt: skip


def _get(identifier: Any) -> Any:
    return _resolve.resolve("learning rate schedule", _known, identifier)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The schedule of a config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(_get, config, custom_objects)


def serialize(learning_rate_schedule: LearningRateSchedule) -> Any:
    """The schedule as a config that `deserialize` reads."""
    return _resolve.serialize(learning_rate_schedule)
