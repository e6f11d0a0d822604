"""Layers: what a model is a stack of."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from lamina.layers.activations import ELU, LeakyReLU, PReLU, ReLU, Softmax
from lamina.layers.dense import Dense
from lamina.layers.dropout import Dropout
from lamina.layers.einsum_dense import EinsumDense
from lamina.layers.embedding import Embedding
from lamina.layers.identity import Identity
from lamina.layers.input_layer import Input, InputLayer
from lamina.layers.input_spec import InputSpec
from lamina.layers.lambda_layer import Lambda
from lamina.layers.layer import Layer
from lamina.layers.masking import Masking
from lamina.layers.merging.arithmetic import (
    Add,
    Average,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    maximum,
    minimum,
    multiply,
    subtract,
)
from lamina.layers.merging.concatenate import Concatenate, concatenate
from lamina.layers.merging.dot import Dot, dot
from lamina.layers.noise import (
    ActivityRegularization,
    AlphaDropout,
    GaussianDropout,
    GaussianNoise,
)
from lamina.layers.normalization.batch_normalization import BatchNormalization
from lamina.layers.normalization.group_normalization import GroupNormalization
from lamina.layers.normalization.layer_normalization import LayerNormalization
from lamina.layers.normalization.rms_normalization import RMSNormalization
from lamina.layers.normalization.unit_normalization import UnitNormalization
from lamina.layers.pipeline import Pipeline
from lamina.layers.preprocessing import (
    CategoryEncoding,
    Discretization,
    HashedCrossing,
    Hashing,
    IntegerLookup,
    Normalization,
    StringLookup,
    TextVectorization,
)
from lamina.layers.reshaping import (
    Cropping1D,
    Permute,
    RepeatVector,
    Reshape,
    UpSampling1D,
    ZeroPadding1D,
)
from lamina.layers.reversible_embedding import ReversibleEmbedding
from lamina.layers.shaping import Activation, Flatten, Rescaling
from lamina.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from lamina.layers.wrapper import Wrapper
from lamina.serialization import resolve as _resolve

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Average",
    "BatchNormalization",
    "CategoryEncoding",
    "Concatenate",
    "Cropping1D",
    "Dense",
    "Discretization",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "HashedCrossing",
    "Hashing",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "IntegerLookup",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "Maximum",
    "Minimum",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "Pipeline",
    "RMSNormalization",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "ReversibleEmbedding",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "StringLookup",
    "Subtract",
    "TextVectorization",
    "UnitNormalization",
    "UpSampling1D",
    "Wrapper",
    "ZeroPadding1D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "get",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]

_classes = {c.__name__: c for c in (
    Activation, ActivityRegularization, Add, AlphaDropout, Average, BatchNormalization,
    CategoryEncoding, Concatenate, Cropping1D, Dense, Discretization, Dot, Dropout, ELU,
    EinsumDense, Embedding, Flatten, GaussianDropout, GaussianNoise, GroupNormalization,
    HashedCrossing, Hashing, Identity, InputLayer, IntegerLookup, Lambda, LayerNormalization,
    LeakyReLU, Masking, Maximum, Minimum, Multiply, Normalization, PReLU, Permute,
    Pipeline, RMSNormalization, ReLU, RepeatVector, Rescaling, Reshape, ReversibleEmbedding,
    Softmax, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D, StringLookup, Subtract,
    TextVectorization, UnitNormalization, UpSampling1D, Wrapper, ZeroPadding1D,
)}  # fmt: skip


def get(identifier: Any) -> Any:
    """The layer of a name, class or config, or the layer itself; None stays None."""
    return None if identifier is None else _resolve.resolve("layer", _classes, identifier)


def serialize(layer: Layer) -> dict[str, Any]:
    """The layer's config, with the class it is of."""
    config: dict[str, Any] = _resolve.serialize(layer)
    return config


if not TYPE_CHECKING:  # which should know what is not there

    def __getattr__(name: str) -> Any:
        """Says of layers that Keras has and lamina has not yet that it is so."""
        kinds = "Conv|Pool|LSTM|GRU|RNN|Attention|Random|[23]D|Bidirectional|TimeDistributed"
        message = f"module {__name__!r} has no attribute {name!r}"
        if re.search(kinds, name):
            raise AttributeError(
                f"{message}: convolutions, recurrent layers and attention are not there yet"
            )
        raise AttributeError(message, name=name, obj=sys.modules[__name__])


def deserialize(config: Any, custom_objects: Any = None) -> Layer:
    """The layer of a config.

    Errors: ValueError for a class that is neither lamina's nor custom.
    """
    layer: Layer = _resolve.deserialize(get, config, custom_objects)
    return layer
