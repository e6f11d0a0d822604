"""Layers: what a model is a stack of."""

from __future__ import annotations

import functools
import re
import sys
from typing import TYPE_CHECKING, Any

from lamina._lazy import lazy
from lamina.serialization import resolve as _resolve

if TYPE_CHECKING:
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
    from lamina.layers.normalization.spectral_normalization import SpectralNormalization
    from lamina.layers.normalization.unit_normalization import UnitNormalization
    from lamina.layers.pipeline import Pipeline
    from lamina.layers.preprocessing.category_encoding import CategoryEncoding
    from lamina.layers.preprocessing.discretization import Discretization
    from lamina.layers.preprocessing.hashing import HashedCrossing, Hashing
    from lamina.layers.preprocessing.integer_lookup import IntegerLookup
    from lamina.layers.preprocessing.normalization import Normalization
    from lamina.layers.preprocessing.string_lookup import StringLookup
    from lamina.layers.preprocessing.text_vectorization import TextVectorization
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

_NAMES = {  # of each module
    "activations": "ELU LeakyReLU PReLU ReLU Softmax",
    "dense": "Dense",
    "dropout": "Dropout",
    "einsum_dense": "EinsumDense",
    "embedding": "Embedding",
    "identity": "Identity",
    "input_layer": "Input InputLayer",
    "input_spec": "InputSpec",
    "lambda_layer": "Lambda",
    "layer": "Layer",
    "masking": "Masking",
    "merging.arithmetic": "Add Average Maximum Minimum Multiply Subtract "
    "add average maximum minimum multiply subtract",
    "merging.concatenate": "Concatenate concatenate",
    "merging.dot": "Dot dot",
    "noise": "ActivityRegularization AlphaDropout GaussianDropout GaussianNoise",
    "normalization.batch_normalization": "BatchNormalization",
    "normalization.group_normalization": "GroupNormalization",
    "normalization.layer_normalization": "LayerNormalization",
    "normalization.rms_normalization": "RMSNormalization",
    "normalization.spectral_normalization": "SpectralNormalization",
    "normalization.unit_normalization": "UnitNormalization",
    "pipeline": "Pipeline",
    "preprocessing.category_encoding": "CategoryEncoding",
    "preprocessing.discretization": "Discretization",
    "preprocessing.hashing": "HashedCrossing Hashing",
    "preprocessing.integer_lookup": "IntegerLookup",
    "preprocessing.normalization": "Normalization",
    "preprocessing.string_lookup": "StringLookup",
    "preprocessing.text_vectorization": "TextVectorization",
    "reshaping": "Cropping1D Permute RepeatVector Reshape UpSampling1D ZeroPadding1D",
    "reversible_embedding": "ReversibleEmbedding",
    "shaping": "Activation Flatten Rescaling",
    "spatial_dropout": "SpatialDropout1D SpatialDropout2D SpatialDropout3D",
    "wrapper": "Wrapper",
}
_MODULES = {
    name: f"lamina.layers.{module}" for module, names in _NAMES.items() for name in names.split()
}
_imported, __dir__ = lazy(__name__, _MODULES)
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
    "SpectralNormalization",
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


@functools.cache
def _classes() -> dict[str, Any]:
    """The layers by name."""
    from lamina.layers.layer import Layer

    found = {name: _imported(name) for name in _MODULES}
    return {
        name: x
        for name, x in found.items()
        if isinstance(x, type) and issubclass(x, Layer) and x is not Layer
    }


def get(identifier: Any) -> Any:
    """The layer of a name, class or config, or the layer itself; None stays None."""
    return None if identifier is None else _resolve.resolve("layer", _classes(), identifier)


def serialize(layer: Layer) -> dict[str, Any]:
    """The layer's config, with the class it is of."""
    config: dict[str, Any] = _resolve.serialize(layer)
    return config


if not TYPE_CHECKING:  # which should know what is not there

    def __getattr__(name: str) -> Any:
        """The layer, imported when it is first used; says of those that Keras has and lamina has not
        yet that it is so."""
        if name in _MODULES:
            return _imported(name)
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
