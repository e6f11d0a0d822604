"""What a `FeatureSpace` is made of: features, and crosses of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lamina.layers.preprocessing.category_encoding import CategoryEncoding
from lamina.layers.preprocessing.data_layer import DataLayer
from lamina.layers.preprocessing.discretization import Discretization
from lamina.layers.preprocessing.encoding import check_mode
from lamina.layers.preprocessing.hashing import HashedCrossing, Hashing
from lamina.layers.preprocessing.index_lookup import IndexLookup
from lamina.layers.preprocessing.normalization import Normalization
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.serialization.serialize import serialize_keras_object

__all__ = ["Cross", "Feature", "TFDIdentity"]


class Cross:
    """Features whose values are hashed together into `crossing_dim` bins.

    output_mode: "one_hot" or "int".
    """

    def __init__(
        self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot"
    ) -> None:
        self.output_mode = check_mode("Cross", output_mode, ("int", "one_hot"))
        self.feature_names = tuple(feature_names)
        self.crossing_dim = crossing_dim

    @property
    def name(self) -> str:
        """The features' names with _X_ between them."""
        return "_X_".join(self.feature_names)

    def get_config(self) -> dict[str, Any]:
        return {
            "feature_names": self.feature_names,
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Cross:
        return cls(**config)


class Feature:
    """A column of a table, and the layer that prepares it.

    dtype: "float32", "int32" or "string".
    output_mode: "float", "int", or "one_hot", for which the layer must give integers.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        self.output_mode = check_mode("Feature", output_mode, ("int", "one_hot", "float"))
        self.dtype = dtype
        if isinstance(preprocessor, Mapping):
            preprocessor = deserialize_keras_object(preprocessor)
        self.preprocessor = preprocessor

    def get_config(self) -> dict[str, Any]:
        return {
            "dtype": self.dtype,
            "preprocessor": serialize_keras_object(self.preprocessor),
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Feature:
        return cls(**config)


class TFDIdentity(DataLayer):
    """The inputs themselves.  (Its name is that of Keras's configs.)"""

    _in_models = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def call(self, inputs: Any) -> Any:
        return inputs


def learns(preprocessor: Any) -> bool:
    """Whether the layer has to be adapted: not where its numbers were given."""
    if isinstance(preprocessor, Normalization):
        return preprocessor.input_mean is None
    if isinstance(preprocessor, Discretization):
        return preprocessor.num_bins is not None
    if isinstance(preprocessor, IndexLookup):
        return preprocessor.adaptable
    return hasattr(preprocessor, "adapt")


def cardinality(name: str, preprocessor: Any) -> int:
    """How many different integers the layer gives.  ValueError for a layer that does not say."""
    if isinstance(preprocessor, IndexLookup):
        return preprocessor.vocabulary_size()
    if isinstance(preprocessor, CategoryEncoding):
        return preprocessor.num_tokens
    if isinstance(preprocessor, Discretization):
        return max(preprocessor.num_bins or 0, len(preprocessor.bin_boundaries or ()) + 1)
    if isinstance(preprocessor, (Hashing, HashedCrossing)):
        return preprocessor.num_bins
    raise ValueError(
        f"Feature '{name}' has output_mode='one_hot', but how many different values its layer gives "
        f"is not known; try output_mode='int'. Received: preprocessor={preprocessor!r}"
    )


def as_column(name: str, value: Any, dtype: str) -> np.ndarray:
    """A column of a table as an array; numbers of the dtype "float32" as such."""
    array = np.asarray(value)
    if dtype != "float32":
        return array
    if array.dtype.kind == "O":
        array = np.array([np.nan if v is None else v for v in array.ravel()]).reshape(array.shape)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"Feature '{name}' must hold numbers. Received: a column with dtype={array.dtype}"
        )
    return array.astype(np.float32)
