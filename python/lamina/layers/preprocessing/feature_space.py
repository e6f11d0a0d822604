"""Tables as arrays that a model can take."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lamina import ops
from lamina.layers.input_layer import Input
from lamina.layers.preprocessing.category_encoding import CategoryEncoding
from lamina.layers.preprocessing.data_layer import DataLayer
from lamina.layers.preprocessing.discretization import Discretization
from lamina.layers.preprocessing.encoding import check_mode
from lamina.layers.preprocessing.feature_kinds import KINDS, FeatureKinds
from lamina.layers.preprocessing.features import (
    Cross,
    Feature,
    as_column,
    cardinality,
    learns,
)
from lamina.layers.preprocessing.hashing import HashedCrossing
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.serialization.serialize import serialize_keras_object

_BATCH = 32  # rows at a time: what Keras shows a Discretization, whose bins depend on it a little


class FeatureSpace(FeatureKinds, DataLayer):
    """The columns of a table, each prepared in its way, as one array or a dict of them.

        space = FeatureSpace({"age": "float_normalized", "city": "string_categorical"})
        space.adapt(table)
        x = space(table)  # (rows, columns) float32

    Args:
        features: by the columns' names, what they are: one of the names "float", "float_rescaled",
            "float_normalized", "float_discretized", "integer_categorical", "string_categorical",
            "integer_hashed", "string_hashed", or what the methods of these names give.
        output_mode: "concat" puts all features side by side, those of the table by their names
            first, then the crosses; "dict" keeps them apart.
        crosses: tuples of names of features, or what `cross` gives: hashed together.
        crossing_dim, hashing_dim, num_discretization_bins: the number of bins where a cross or a
            feature is given by its name alone.

    Errors: ValueError for unknown features and modes, and for features that stay integers with
    output_mode="concat"; TypeError for columns of another kind.

    Examples:
        >>> table = {"age": np.array([20.0, 40.0]), "city": np.array(["Rome", "Oslo"])}
        >>> space = lamina.utils.FeatureSpace({"age": "float", "city": "string_categorical"})
        >>> space.adapt(table)
        >>> space(table).shape
        (2, 4)
    """

    def __init__(
        self,
        features: Mapping[str, Any],
        output_mode: str = "concat",
        crosses: Iterable[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if not features:
            raise ValueError(f"`features` cannot be None or empty. Received: features={features}")
        self.crossing_dim = crossing_dim
        self.hashing_dim = hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.output_mode = check_mode("FeatureSpace", output_mode, ("dict", "concat"))
        self.features = {key: self._feature(key, value) for key, value in features.items()}
        self.crosses = [self._cross(value) for value in crosses or ()]
        self.preprocessors = {key: f.preprocessor for key, f in self.features.items()}
        self.crossers = {c.name: HashedCrossing(c.crossing_dim, name=c.name) for c in self.crosses}
        self.one_hot_encoders: dict[str, CategoryEncoding] = {}
        self._inputs: dict[str, Any] | None = None
        self._encoded: Any = None
        self.built = not any(map(learns, self.preprocessors.values()))  # adapted, if need be

    def _feature(self, name: str, value: Any) -> Feature:
        if isinstance(value, Mapping):
            value = deserialize_keras_object(value)
        if isinstance(value, Feature):
            return value
        if not isinstance(value, str) or value not in KINDS:
            raise ValueError(
                f"Invalid feature type: expected one of {KINDS}. Received: {name}={value!r}"
            )
        arguments: dict[str, Any] = {"name": name}
        if value == "float_discretized":
            arguments["num_bins"] = self.num_discretization_bins
        elif value.endswith("_hashed"):
            arguments["num_bins"] = self.hashing_dim
        made: Feature = getattr(self, value)(**arguments)
        return made

    def _cross(self, value: Any) -> Cross:
        if isinstance(value, Mapping):
            value = deserialize_keras_object(value)
        cross = value if isinstance(value, Cross) else Cross(value, self.crossing_dim)
        unknown = [name for name in cross.feature_names if name not in self.features]
        if unknown:
            raise ValueError(
                "All features in `crosses` must be in `features`. "
                f"Received: unknown features {unknown} in {cross.feature_names}"
            )
        return cross

    # --- use --------------------------------------------------------------------------------------

    def adapt(self, dataset: Any) -> None:
        """Learns means, bins and vocabularies from a table.

        dataset: a dict of columns (arrays, lists), a data frame of pandas or polars, or whatever
            gives its columns by their names.
        """
        for name in self.features:
            if learns(self.preprocessors[name]):
                self._adapt(name, self._column(name, dataset))
        self.built = True
        self.one_hot_encoders.clear()
        self._encoded = None

    def _adapt(self, name: str, column: np.ndarray) -> None:
        layer, rows = self.preprocessors[name], column.reshape(-1, 1)
        if isinstance(layer, Discretization):
            size = _BATCH if column.ndim == 1 else column.shape[1]
            layer.adapt(rows[i : i + size] for i in range(0, len(rows), size))
        else:
            layer.adapt(rows)

    def _column(self, name: str, table: Any) -> np.ndarray:
        try:
            value = table[name]
        except (KeyError, IndexError, TypeError) as error:
            raise ValueError(
                f"The table must have a column for each feature, by its name. Received: a "
                f"{type(table).__name__} without {name!r}"
            ) from error
        return as_column(name, value, self.features[name].dtype)

    def get_inputs(self) -> dict[str, Any]:
        """An `Input` of shape (1,) for each feature, of a model that takes the table itself.

        Errors: TypeError for a feature of strings, which cannot enter a model.
        """
        if self._inputs is None:
            strings = [name for name, f in self.features.items() if f.dtype == "string"]
            if strings:
                raise TypeError(
                    "Strings cannot enter a model: call the FeatureSpace on the table, and give its "
                    f"result to the model. Received: features of strings {strings}"
                )
            self._inputs = {
                name: Input((1,), dtype=f.dtype, name=name) for name, f in self.features.items()
            }
        return self._inputs

    def get_encoded_features(self) -> Any:
        """What the space makes of its inputs, symbolic: a tensor, or a dict of tensors.

        Errors: ValueError before `adapt`; TypeError for features that are hashed or crossed, which
        works outside of models alone.
        """
        self._check_adapted()
        if self._encoded is None:
            inputs = self.get_inputs()
            parts = {name: self.preprocessors[name](x) for name, x in inputs.items()}
            self._encoded = self._merged(parts)
        return self._encoded

    def _check_adapted(self) -> None:
        if not self.built:
            raise ValueError(
                "You need to call `adapt(dataset)` on the FeatureSpace before you can use it. "
                f"Received: a FeatureSpace of {list(self.features)} that was not adapted"
            )

    def call(self, data: Any) -> Any:
        """The features of the rows: columns, or single values, which give a single row."""
        self._check_adapted()
        columns = {name: self._column(name, data) for name in self.features}
        unknown = [name for name in getattr(data, "columns", data) if name not in columns]
        if unknown:
            raise ValueError(f"The table has columns without a feature. Received: {unknown}")
        single = any(c.ndim == 0 for c in columns.values())
        parts = {}
        for name, c in columns.items():
            column = c.reshape(1, 1) if c.ndim == 0 else c[:, None] if c.ndim == 1 else c
            parts[name] = self.preprocessors[name](column)
        found = self._merged(parts)
        if not single:
            return found
        if isinstance(found, dict):
            return {k: v[0] if v.ndim == 2 and len(v) == 1 else v for k, v in found.items()}
        return found[0]

    def _merged(self, parts: dict[str, Any]) -> Any:
        crossed = {
            c.name: self.crossers[c.name]([parts[name] for name in c.feature_names])
            for c in self.crosses
        }
        modes = {name: f.output_mode for name, f in self.features.items()}
        found = {name: self._encode(name, parts[name], modes[name]) for name in sorted(parts)}
        modes = {c.name: c.output_mode for c in self.crosses}
        found |= {name: self._encode(name, crossed[name], modes[name]) for name in sorted(crossed)}
        if self.output_mode == "dict":
            return found
        return ops.concatenate(list(found.values()), axis=-1)

    def _encode(self, name: str, part: Any, mode: str) -> Any:
        # Of tensors only the mode is known: models hold whole numbers in float32.
        kind = part.dtype.kind if isinstance(part, np.ndarray) else None
        if mode != "one_hot":
            if self.output_mode == "concat" and (mode == "int" or kind not in (None, "f")):
                raise ValueError(
                    f"Cannot concatenate features: '{name}' has not been encoded (it has dtype "
                    f"{part.dtype}). Consider output_mode='dict'. Received: output_mode='concat'"
                )
            return part
        if kind not in (None, "i", "u"):
            raise ValueError(
                f"Feature '{name}' has output_mode='one_hot', so its layer must give integers. "
                f"Received: dtype={part.dtype}"
            )
        if name not in self.one_hot_encoders:
            layer = self.preprocessors.get(name) or self.crossers[name]
            self.one_hot_encoders[name] = CategoryEncoding(cardinality(name, layer), "multi_hot")
        return self.one_hot_encoders[name](part)

    def get_config(self) -> dict[str, Any]:
        return {
            "features": serialize_keras_object(self.features),
            "output_mode": self.output_mode,
            "crosses": serialize_keras_object(self.crosses),
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
        }

    def get_build_config(self) -> dict[str, Any] | None:
        """The build configs of the features' layers by name; None before `adapt`."""
        if not self.built:
            return None
        return {name: layer.get_build_config() for name, layer in self.preprocessors.items()}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Builds the features' layers; what they learned comes from the file itself."""
        for name, entry in config.items():
            if entry and not self.preprocessors[name].built:
                self.preprocessors[name].build_from_config(entry)
        self.built = True

    def save(self, filepath: str | os.PathLike[str]) -> None:
        """Writes the space with all that it learned, as `lamina.saving.save_model`.

        filepath: ends in ".keras" or ".safetensors"; `lamina.models.load_model` reads it.
        """
        from lamina.saving.files import save_model

        save_model(self, filepath)
