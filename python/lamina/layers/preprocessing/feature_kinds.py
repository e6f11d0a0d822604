"""The kinds of features that a `FeatureSpace` knows by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina.layers.preprocessing.discretization import Discretization
from lamina.layers.preprocessing.features import Cross, Feature, TFDIdentity
from lamina.layers.preprocessing.hashing import Hashing
from lamina.layers.preprocessing.integer_lookup import IntegerLookup
from lamina.layers.preprocessing.normalization import Normalization
from lamina.layers.preprocessing.string_lookup import StringLookup
from lamina.layers.shaping import Rescaling
from lamina.utils.naming import auto_name

KINDS = (
    "float", "float_discretized", "float_normalized", "float_rescaled", "integer_categorical",
    "integer_hashed", "string_categorical", "string_hashed",
)  # fmt: skip


class FeatureKinds:
    """Makers of features and crosses."""

    @classmethod
    def cross(
        cls, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot"
    ) -> Cross:
        """Features hashed together into `crossing_dim` bins."""
        return Cross(feature_names, crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """A column prepared by any layer."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """Numbers as they are."""
        return Feature("float32", TFDIdentity(name=_name("float", name)), "float")

    @classmethod
    def float_rescaled(
        cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None
    ) -> Feature:
        """Numbers times `scale` plus `offset`."""
        layer = Rescaling(scale, offset, name=_name("float_rescaled", name))
        return Feature("float32", layer, "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Numbers scaled to mean 0 and variance 1."""
        layer = Normalization(axis=-1, name=_name("float_normalized", name))
        return Feature("float32", layer, "float")

    @classmethod
    def float_discretized(
        cls,
        num_bins: int | None,
        bin_boundaries: Sequence[Any] | None = None,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Numbers as bins; with `bin_boundaries`, `num_bins` must be None."""
        layer = Discretization(bin_boundaries, num_bins, name=_name("float_discretized", name))
        return Feature("float32", layer, output_mode)

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Integers of a vocabulary."""
        name = _name("integer_categorical", name)
        layer = IntegerLookup(max_tokens, num_oov_indices, name=name)
        return Feature("int32", layer, output_mode)

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Strings of a vocabulary."""
        name = _name("string_categorical", name)
        layer = StringLookup(max_tokens, num_oov_indices, name=name)
        return Feature("string", layer, output_mode)

    @classmethod
    def string_hashed(
        cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """Strings hashed into bins."""
        return Feature("string", Hashing(num_bins, name=_name("string_hashed", name)), output_mode)

    @classmethod
    def integer_hashed(
        cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """Integers hashed into bins."""
        return Feature("int32", Hashing(num_bins, name=_name("integer_hashed", name)), output_mode)


def _name(kind: str, name: str | None) -> str:
    return f"{name or auto_name(kind)}_preprocessor"
