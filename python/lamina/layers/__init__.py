"""Layers: what a model is a stack of."""

from __future__ import annotations

from typing import Any

from lamina.layers.dense import Dense
from lamina.layers.dropout import Dropout
from lamina.layers.input_layer import Input, InputLayer
from lamina.layers.layer import Layer
from lamina.layers.normalization.batch_normalization import BatchNormalization
from lamina.layers.normalization.group_normalization import GroupNormalization
from lamina.layers.normalization.layer_normalization import LayerNormalization
from lamina.layers.normalization.rms_normalization import RMSNormalization
from lamina.layers.normalization.unit_normalization import UnitNormalization
from lamina.layers.reshaping import Permute, RepeatVector, Reshape, UpSampling1D
from lamina.layers.shaping import Activation, Flatten, Rescaling
from lamina.utils import resolve as _resolve

__all__ = [
    "Activation",
    "BatchNormalization",
    "Dense",
    "Dropout",
    "Flatten",
    "GroupNormalization",
    "Input",
    "InputLayer",
    "Layer",
    "LayerNormalization",
    "Permute",
    "RMSNormalization",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "UnitNormalization",
    "UpSampling1D",
    "deserialize",
    "serialize",
]

_classes = {c.__name__: c for c in (
    Activation, BatchNormalization, Dense, Dropout, Flatten, GroupNormalization, InputLayer,
    LayerNormalization, Permute, RMSNormalization, RepeatVector, Rescaling, Reshape,
    UnitNormalization, UpSampling1D,
)}  # fmt: skip


def serialize(layer: Layer) -> dict[str, Any]:
    """The layer's config, with the class it is of."""
    config: dict[str, Any] = _resolve.serialize("keras.layers", layer)
    return config


def deserialize(config: dict[str, Any]) -> Layer:
    """The layer of a config.  Errors: ValueError for a class that is not lamina's."""
    made = _classes.get(config.get("class_name", ""))
    if made is None:
        raise ValueError(f"Could not interpret layer config: {config!r}")
    layer: Layer = made.from_config(config["config"])
    return layer
