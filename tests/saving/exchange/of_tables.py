"""Layers that learn from tables: in Keras they are TensorFlow's."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from golden.cases import feature_space

from .case import FileCase, Keras, X, Y, compiled
from .of_layers import IDS, on

WORDS: Any = np.array(["b", "a", "b", "ä", "c c", "b"])
TEXTS = ["A dog, a cat.", "the DOG barks", "Äpfel und Birnen!", "", "a a a"]
TABLE = feature_space._table(60)


def _discretization(k: Keras) -> Any:
    layer = k.layers.Discretization(num_bins=4, output_mode="count")
    layer.adapt(X)
    return on(k, lambda _: layer, X)


def _integers(k: Keras, **options: Any) -> Any:
    layer = k.layers.IntegerLookup(**options)
    layer.adapt(IDS[:5])
    return on(k, lambda _: layer, IDS)


def _lookups(k: Keras) -> Any:
    """A model that keeps vocabularies beside its layers."""

    @k.saving.register_keras_serializable("tests")
    class WithLookups(k.Model):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.words = k.layers.StringLookup()
            self.masked = k.layers.StringLookup(mask_token="", num_oov_indices=2)
            self.weighed = k.layers.StringLookup(output_mode="tf_idf")
            self.given = k.layers.StringLookup(vocabulary=["x", "y"])
            self.dense = k.layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = WithLookups()
    for lookup in (model.words, model.masked, model.weighed):
        lookup.adapt(WORDS)
    model(X)
    return compiled(model, X, Y)


def _texts(k: Keras) -> Any:
    """A model that keeps the vocabularies of texts beside its layers."""

    @k.saving.register_keras_serializable("tests")
    class WithTexts(k.Model):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            make = k.layers.TextVectorization
            self.words = make(max_tokens=6, output_sequence_length=3)
            self.pairs = make(ngrams=(1, 2), standardize="lower", output_mode="count")
            self.weighed = make(output_mode="tf_idf", max_tokens=9, pad_to_max_tokens=True)
            self.given = make(vocabulary=["x", "y"], split="character", standardize=None)
            self.given_weights = make(
                vocabulary=["x"], idf_weights=[0.5], output_mode="tf_idf", name="weights"
            )
            self.dense = k.layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = WithTexts()
    for layer in (model.words, model.pairs, model.weighed):
        layer.adapt(TEXTS)
    model(X)
    return compiled(model, X, Y)


def _space(k: Keras) -> Any:
    """Every kind of feature, and crosses."""
    kinds = {**feature_space.KINDS, "age": k.utils.FeatureSpace.float_discretized(4)}
    space = k.utils.FeatureSpace(kinds, crosses=[("city", "kind")], crossing_dim=8)
    space.adapt(TABLE)
    space(TABLE)
    return space, TABLE, None


def _space_of_dicts(k: Keras) -> Any:
    make = k.utils.FeatureSpace
    kinds = {
        "city": make.string_categorical(output_mode="int", num_oov_indices=2),
        "income": "float_normalized",
        "kind": make.integer_categorical(max_tokens=5),
    }
    space = make(kinds, crosses=[make.cross(("city", "kind"), 8, output_mode="int")],
                 output_mode="dict")  # fmt: skip
    table = {name: TABLE[name] for name in kinds}
    space.adapt(table)
    space(table)
    return space, table, None


CASES: dict[str, FileCase] = {
    f"table/{make.__name__[1:]}": FileCase(make, tensorflow=True)
    for make in (_discretization, _lookups, _texts, _space, _space_of_dicts)
} | {
    f"table/integers_{mode}": FileCase(
        functools.partial(_integers, output_mode=mode, mask_token=mask), tensorflow=True
    )
    for mode, mask in (("int", None), ("multi_hot", None), ("count", 2), ("tf_idf", None))
}
