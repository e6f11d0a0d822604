"""Every golden case: what real Keras 3 computes, in functions that run with any Keras API."""

from . import (
    activations,
    array_ops,
    callbacks,
    configs,
    data_utils,
    datasets,
    entries,
    feature_space,
    fit,
    layers,
    losses,
    losses_all,
    losses_training,
    metrics,
    metrics_all,
    normalization,
    preprocessing,
    saving,
    text,
    to_categorical,
    training,
    weight_rules,
)
from . import weights as initial_weights
from .case import Case

_MODULES = (
    initial_weights,
    training,
    losses,
    metrics,
    metrics_all,
    fit,
    activations,
    array_ops,
    layers,
    to_categorical,
    configs,
    text,
    data_utils,
    datasets,
    losses_all,
    losses_training,
    feature_space,
    normalization,
    preprocessing,
    saving,
    callbacks,
    entries,
    weight_rules,
)

CASES: dict[str, Case] = {case.id: case for module in _MODULES for case in module.CASES}
