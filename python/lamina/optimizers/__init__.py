"""Optimizers: how weights follow their gradients."""

from __future__ import annotations

from typing import Any

from lamina.optimizers import schedules
from lamina.optimizers.adadelta import Adadelta
from lamina.optimizers.adafactor import Adafactor
from lamina.optimizers.adagrad import Adagrad
from lamina.optimizers.adam import Adam
from lamina.optimizers.adamax import Adamax
from lamina.optimizers.adamw import AdamW
from lamina.optimizers.ftrl import Ftrl
from lamina.optimizers.lamb import Lamb
from lamina.optimizers.lion import Lion
from lamina.optimizers.loss_scale import LossScaleOptimizer
from lamina.optimizers.multi_optimizer import MultiOptimizer
from lamina.optimizers.muon import Muon
from lamina.optimizers.nadam import Nadam
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.optimizer_map import OptimizerMap
from lamina.optimizers.rmsprop import RMSprop
from lamina.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from lamina.optimizers.sgd import SGD
from lamina.serialization import resolve as _resolve

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]

_classes = (
    SGD, Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam, RMSprop,
    ScheduleFreeAdamW,
)  # fmt: skip
_known: dict[str, Any] = {
    c.__name__.lower(): c for c in (*_classes, LossScaleOptimizer, MultiOptimizer)
}


def get(identifier: Any) -> Any:
    """The optimizer of a name (any case), config or class, or the object itself."""
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str) and identifier.lower() in _known:
        identifier = identifier.lower()
    elif isinstance(identifier, dict) and str(identifier.get("class_name")).lower() in _known:
        identifier = {**identifier, "class_name": identifier["class_name"].lower()}
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
