"""Misuse of the layers and functions that prepare data.  (Tables and hashes need TensorFlow in Keras.)"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import EITHER, Keras, Misuse, X, each, make, unknown

Normalization = make("layers.Normalization")
CategoryEncoding = make("layers.CategoryEncoding", num_tokens=3)
Discretization = make("layers.Discretization")
IntegerLookup = make("layers.IntegerLookup")
StringLookup = make("layers.StringLookup")
Hashing = make("layers.Hashing", num_bins=3)
HashedCrossing = make("layers.HashedCrossing", num_bins=3)
pad_sequences = make("utils.pad_sequences", sequences=[[1], [2, 3]])
windows = make("utils.timeseries_dataset_from_array", data=X, targets=None, sequence_length=2)


def _then(
    name: str, call: Callable[..., Any], use: Any, words: Any, errors: Any = EITHER
) -> Misuse:
    """What is refused when the layer is used."""
    return Misuse(name, lambda k: use(call(k)), words, errors)


def _crossed(keras: Keras, inputs: Any) -> Any:
    return HashedCrossing(keras)(inputs)


LAYERS = [
    *each(Normalization, "mean", 1.0),
    *each(Normalization, "variance", 1.0),
    Misuse(
        "Normalization of other shapes",
        lambda k: k.layers.Normalization(mean=[1.0], variance=[1.0, 2.0]),
        ("same shape", r"\(1,\)", r"\(2,\)"),
    ),
    Misuse(
        "Normalization of two axes of one",
        lambda k: k.layers.Normalization(mean=[[1.0]], variance=[[1.0]]),
        ("axes", r"\(1, 1\)"),
    ),
    _then(
        "Normalization axis=3",
        functools.partial(Normalization, axis=3),
        lambda layer: layer(X),
        ("axis", r"\(3,\)"),
    ),
    _then(
        "Normalization of an unknown axis",
        functools.partial(Normalization, axis=0),
        lambda layer: layer.build((None, 3)),
        ("axis", r"\(0,\)", "None"),
    ),
    _then(
        "Normalization adapted to another shape",
        Normalization,
        lambda layer: (layer.build((None, 3)), layer.adapt(X)),
        (r"\(None, 3\)", r"\(12, 4\)"),
    ),
    *each(CategoryEncoding, "output_mode", "int"),
    *each(make("layers.CategoryEncoding"), "num_tokens", None, 0, -1),
    _then(
        "CategoryEncoding with weights in another mode",
        functools.partial(CategoryEncoding, output_mode="multi_hot"),
        lambda layer: layer(np.ones((2, 2), "int32"), count_weights=np.ones((2, 2))),
        ("count_weights", "count"),
    ),
    *each(Discretization, "output_mode", "hot", num_bins=3),
    *each(Discretization, "num_bins", -1, None),
    Misuse(
        "Discretization of both",
        lambda k: k.layers.Discretization(bin_boundaries=[1.0], num_bins=2),
        ("num_bins", "bin_boundaries"),
    ),
    _then(
        "Discretization before adapt",
        functools.partial(Discretization, num_bins=3),
        lambda layer: layer(X),
        ("bin_boundaries", "adapt"),
    ),
    _then(
        "Discretization with boundaries adapted",
        functools.partial(Discretization, bin_boundaries=[1.0]),
        lambda layer: layer.adapt(X),
        ("adapt", "num_bins"),
    ),
]

_Text = make("layers.TextVectorization")
TEXTS = [
    *each(_Text, "max_tokens", 1, 0),
    *each(_Text, "max_tokens", "a", errors=EITHER),
    *each(_Text, "standardize", "upper", 3),
    *each(_Text, "split", "comma", 3),
    *each(_Text, "ngrams", [2, 3], 1.5, "a"),
    _then("TextVectorization ngrams=0", functools.partial(_Text, ngrams=(0,)),
          lambda layer: layer.adapt(["a b"]), ("ngram", "0")),
    *each(_Text, "output_mode", None, "hot"),
    *each(_Text, "output_sequence_length", 1.5, "a", errors=EITHER),
    *each(_Text, "output_sequence_length", 3, output_mode="count"),
    _then("TextVectorization output_sequence_length=-1",
          functools.partial(_Text, output_sequence_length=-1, vocabulary=["a"]),
          lambda layer: layer(["a b"]), ("-1",)),
    Misuse(
        "TextVectorization padded to nothing",
        lambda k: k.layers.TextVectorization(pad_to_max_tokens=True, output_mode="count"),
        ("pad_to_max_tokens", "max_tokens=None"),
    ),
    *each(_Text, "sparse", True, output_mode="count"),
    *each(_Text, "ragged", True),
    *each(_Text, "vocabulary", []),
    Misuse(
        "TextVectorization of numbers as a vocabulary",
        lambda k: k.layers.TextVectorization(vocabulary=[1, 2]),
        ("string|Tensor", "int"),
        EITHER,
    ),
    *each(_Text, "idf_weights", [0.5], vocabulary=["a"]),
    unknown(_Text, "token"),
    Misuse(
        "TextVectorization with a repeated term",
        lambda k: k.layers.TextVectorization(vocabulary=["a", "b", "a"]), ("repeated", "a"),
    ),
    Misuse(
        "TextVectorization without weights",
        lambda k: k.layers.TextVectorization(vocabulary=["a"], output_mode="tf_idf"),
        ("idf_weights", "tf_idf|TF-IDF"),
    ),
    _then("TextVectorization of a matrix", functools.partial(_Text, vocabulary=["a"]),
          lambda layer: layer(np.array([["a", "b"]])), (r"\(1, 2\)",)),
    _then("TextVectorization adapted to numbers", _Text, lambda layer: layer.adapt([1, 2]),
          ("string",), EITHER),
    _then("TextVectorization adapted again", functools.partial(_Text, vocabulary=["a"]),
          lambda layer: layer.adapt(["b"]), ("[Cc]annot adapt", "vocabulary")),
]  # fmt: skip

TABLES = [
    *(m for call in (IntegerLookup, StringLookup) for m in each(call, "max_tokens", 1, 0)),
    *(m for call in (IntegerLookup, StringLookup) for m in each(call, "num_oov_indices", -1)),
    *(m for call in (IntegerLookup, StringLookup) for m in each(call, "output_mode", "hot")),
    *(m for call in (IntegerLookup, StringLookup) for m in each(call, "vocabulary", [])),
    *each(IntegerLookup, "vocabulary_dtype", "int32"),
    *each(IntegerLookup, "oov_method", "siphash"),
    Misuse(
        "IntegerLookup with a salt for floormod",
        lambda k: k.layers.IntegerLookup(salt=3),
        ("salt", "floormod"),
    ),
    *each(StringLookup, "salt", "a", [1, 2, 3]),
    Misuse(
        "StringLookup padded to nothing",
        lambda k: k.layers.StringLookup(pad_to_max_tokens=True),
        ("pad_to_max_tokens", "max_tokens=None"),
    ),
    Misuse(
        "StringLookup inverted and encoded",
        lambda k: k.layers.StringLookup(invert=True, output_mode="count", vocabulary=["a"]),
        ("invert", "output_mode", "count"),
    ),
    Misuse(
        "StringLookup with a repeated term",
        lambda k: k.layers.StringLookup(vocabulary=["a", "b", "a"]),
        ("repeated", "a"),
    ),
    Misuse(
        "StringLookup with a mask inside",
        lambda k: k.layers.StringLookup(vocabulary=["a", "b"], mask_token="b"),
        ("mask_token", "b", "index"),
    ),
    Misuse(
        "StringLookup inverted with an unknown token inside",
        lambda k: k.layers.StringLookup(vocabulary=["a", "b"], oov_token="b", invert=True),
        ("oov_token", "b", "index"),
    ),
    Misuse(
        "StringLookup with too many terms",
        lambda k: k.layers.StringLookup(vocabulary=["a", "b"], max_tokens=2),
        ("max_tokens", r"\b3\b", r"\b2\b"),
    ),
    Misuse(
        "StringLookup with weights in another mode",
        lambda k: k.layers.StringLookup(vocabulary=["a"], idf_weights=[1.0]),
        ("idf_weights", "tf_idf"),
    ),
    Misuse(
        "StringLookup without weights",
        lambda k: k.layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"),
        ("idf_weights", "tf_idf|TF-IDF"),
    ),
    Misuse(
        "StringLookup with too few weights",
        lambda k: k.layers.StringLookup(
            vocabulary=["a", "b"], output_mode="tf_idf", idf_weights=[1.0]
        ),
        ("idf_weights", r"\b1\b", r"\b2\b"),
    ),
    _then(
        "StringLookup given and adapted",
        functools.partial(StringLookup, vocabulary=["a"]),
        lambda layer: layer.adapt(["b"]),
        ("adapt", "vocabulary"),
    ),
    _then(
        "StringLookup before adapt",
        functools.partial(StringLookup, output_mode="count"),
        lambda layer: layer(np.array(["b"])),
        ("vocabulary", "adapt"),
        (RuntimeError,),
    ),
    *each(make("layers.Hashing"), "num_bins", None, 0, -1),
    *each(Hashing, "output_mode", "hot"),
    *each(Hashing, "salt", "a", (1, 2, 3)),
    *each(Hashing, "dtype", "float32"),
    *each(HashedCrossing, "output_mode", "count"),
    Misuse("HashedCrossing of an array", lambda k: _crossed(k, X[:, 0]), ("inputs",)),
    Misuse("HashedCrossing of one", lambda k: _crossed(k, [np.arange(3)]), ("two", "inputs")),
    Misuse(
        "HashedCrossing of other shapes",
        lambda k: _crossed(k, [np.arange(3), np.arange(4)]),
        ("shape", r"\b3\b|0, 1, 2", r"\b4\b|0, 1, 2"),
    ),
    Misuse(
        "HashedCrossing of rows",
        lambda k: _crossed(k, [np.ones((3, 2), int), np.ones((3, 2), int)]),
        ("shape", r"\(3, 2\)|1 1"),
    ),
    Misuse(
        "HashedCrossing of floats",
        lambda k: _crossed(k, [X[:, 0], X[:, 0]]),
        ("float32", "integer"),
        EITHER,
    ),
]

FUNCTIONS = [
    *each(pad_sequences, "sequences", 3),
    Misuse(
        "pad_sequences of a number",
        lambda k: k.utils.pad_sequences([[1], 77]),
        ("sequences", "77"),
    ),
    *each(pad_sequences, "padding", "both", word="[Pp]adding"),
    *each(pad_sequences, "truncating", "both", word="[Tt]runcating"),
    *each(windows, "sampling_rate", 0, 12),
    *each(windows, "sequence_stride", 0, 12),
    *each(windows, "start_index", -1, 12),
    *each(windows, "end_index", -1, 12),
    *each(windows, "format", "torch"),
]

PREPROCESSING = [*LAYERS, *TEXTS, *TABLES, *FUNCTIONS]
