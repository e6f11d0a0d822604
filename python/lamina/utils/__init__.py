"""Utilities, Keras's names.  Each is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy

if TYPE_CHECKING:
    from lamina.data.samples import pack_x_y_sample_weight, unpack_x_y_sample_weight
    from lamina.diagram.plot import plot_model
    from lamina.graph.symbolic import get_source_inputs, is_keras_tensor
    from lamina.layers.preprocessing.feature_space import FeatureSpace
    from lamina.random.seed_generator import set_random_seed
    from lamina.serialization.deserialize import deserialize_keras_object
    from lamina.serialization.registry import (
        CustomObjectScope,
        custom_object_scope,
        get_custom_objects,
        get_registered_name,
        get_registered_object,
        register_keras_serializable,
    )
    from lamina.serialization.serialize import serialize_keras_object
    from lamina.utils.console import (
        disable_interactive_logging,
        enable_interactive_logging,
        is_interactive_logging_enabled,
    )
    from lamina.utils.dtypes import standardize_dtype
    from lamina.utils.file_utils import get_file
    from lamina.utils.naming import clear_session
    from lamina.utils.numerical import normalize, to_categorical
    from lamina.utils.progbar import Progbar
    from lamina.utils.py_dataset import PyDataset, Sequence
    from lamina.utils.sequences import pad_sequences
    from lamina.utils.splitting import split_dataset
    from lamina.utils.timeseries import timeseries_dataset_from_array

_MODULES = {
    "CustomObjectScope": "lamina.serialization.registry",
    "FeatureSpace": "lamina.layers.preprocessing.feature_space",
    "Progbar": "lamina.utils.progbar",
    "PyDataset": "lamina.utils.py_dataset",
    "Sequence": "lamina.utils.py_dataset",
    "clear_session": "lamina.utils.naming",
    "custom_object_scope": "lamina.serialization.registry",
    "deserialize_keras_object": "lamina.serialization.deserialize",
    "disable_interactive_logging": "lamina.utils.console",
    "enable_interactive_logging": "lamina.utils.console",
    "get_custom_objects": "lamina.serialization.registry",
    "get_file": "lamina.utils.file_utils",
    "get_registered_name": "lamina.serialization.registry",
    "get_registered_object": "lamina.serialization.registry",
    "get_source_inputs": "lamina.graph.symbolic",
    "is_interactive_logging_enabled": "lamina.utils.console",
    "is_keras_tensor": "lamina.graph.symbolic",
    "normalize": "lamina.utils.numerical",
    "pack_x_y_sample_weight": "lamina.data.samples",
    "pad_sequences": "lamina.utils.sequences",
    "plot_model": "lamina.diagram.plot",
    "register_keras_serializable": "lamina.serialization.registry",
    "serialize_keras_object": "lamina.serialization.serialize",
    "set_random_seed": "lamina.random.seed_generator",
    "split_dataset": "lamina.utils.splitting",
    "standardize_dtype": "lamina.utils.dtypes",
    "timeseries_dataset_from_array": "lamina.utils.timeseries",
    "to_categorical": "lamina.utils.numerical",
    "unpack_x_y_sample_weight": "lamina.data.samples",
}

__all__ = [
    "CustomObjectScope",
    "FeatureSpace",
    "Progbar",
    "PyDataset",
    "Sequence",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
__getattr__, __dir__ = lazy(__name__, _MODULES)
