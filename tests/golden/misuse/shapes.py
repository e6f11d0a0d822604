"""Misuse of layers that reshape, merge, normalize and look up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import EITHER, Keras, Misuse, X, each, make, unknown

A = X.reshape(3, 4, 4)


def _called(name: str, *inputs: Any, **options: Any) -> Callable[[Keras], Any]:
    """The layer of that name, called on arrays."""
    given = inputs[0] if len(inputs) == 1 else list(inputs)
    return lambda keras: getattr(keras.layers, name)(**options)(given)


def _one(id: str, call: Callable[[Keras], Any], *words: str, errors: Any = EITHER) -> Misuse:
    return Misuse(id, call, words, errors)


def _wrapper(keras: Keras, **options: Any) -> Any:
    return keras.layers.Wrapper(keras.layers.Flatten(), **options)


def _scored(keras: Keras, **options: Any) -> Any:
    layer = keras.layers.ReversibleEmbedding(3, 4, **options)
    return layer(X, reverse=True)


def _wrong_scores(keras: Keras) -> Any:
    return keras.layers.ReversibleEmbedding(3, 2)(A, reverse=True)


SHAPING = [
    *each(make("layers.Reshape"), "target_shape", (-2,), (2, -3), (-1, -1)),
    _one("Reshape to another size", _called("Reshape", X, target_shape=(3,)), "target_shape", "3"),
    _one("Reshape to no multiple", _called("Reshape", X, target_shape=(3, -1)), "target_shape"),
    *each(make("layers.Permute"), "dims", (0, 1), (1, 3), (1, 1)),
    _one("Permute of another rank", _called("Permute", X, dims=(2, 1)), "ndim=3", "ndim=2"),
    *each(make("layers.RepeatVector"), "n", 0, -1),
    *each(make("layers.RepeatVector"), "n", 1.5, True, errors=EITHER),
    _one("RepeatVector of a matrix", _called("RepeatVector", A, n=2), "ndim=2", "ndim=3"),
    *each(make("layers.UpSampling1D"), "size", 0, -2),
    *each(make("layers.Cropping1D"), "cropping", (1, 2, 3), "a", -1),
    *each(make("layers.ZeroPadding1D"), "padding", (1,), -1),
    *each(make("layers.ZeroPadding1D"), "data_format", "channels"),
    _one("Cropping1D of all", _called("Cropping1D", A, cropping=2), "cropping", r"\(2, 2\)"),
    _one("Lambda of no function", make("layers.Lambda", function=3), "function|callable", "3|int"),
]

SHAPING += [
    _one(
        f"SpatialDropout{n}D of a matrix",
        _called(f"SpatialDropout{n}D", X, rate=0.5), f"ndim={n + 2}", "ndim=2",
    )
    for n in (1, 2, 3)
]  # fmt: skip

MERGING = [
    _one("Add of an array", _called("Add", X), "list"),
    _one("Add of other shapes", _called("Add", X, X[:, :3]), "incompatible shapes|shape"),
    _one("Add of other batches", _called("Add", X, X[:2]), "batch sizes", r"\(2, 4\)"),
    _one("Subtract of three", _called("Subtract", X, X, X), "2 inputs"),
    _one(
        "Concatenate of other shapes", _called("Concatenate", A, A[:, :2]), "matching shapes|shape"
    ),
    _one("Concatenate of an array", _called("Concatenate", X), "list"),
    *each(make("layers.Dot"), "axes", "a", None, errors=(TypeError,)),
    *each(make("layers.Dot"), "axes", (1, 2, 3), (1, "a"), (1.5, 1)),
    _one("Dot of three", _called("Dot", X, X, X, axes=1), "2 inputs"),
    _one("Dot of other sizes", _called("Dot", X, X[:, :3], axes=1), "4", "3", "shape"),
    unknown(make("layers.Add"), "axis", (ValueError,)),
]

NORMALIZATION = [
    *each(make("layers.BatchNormalization"), "synchronized", True),
    *each(make("layers.BatchNormalization"), "gamma_initializer", "onse", word="initializer"),
    *each(make("layers.BatchNormalization"), "axis", "a", errors=EITHER, word="a"),
    *each(
        make("layers.BatchNormalization", renorm=True), "renorm_clipping",
        {"r": 1}, {"rmax": 1, "rmin": 2}, {"dmax": -1},
    ),
    *each(make("layers.LayerNormalization"), "axis", "a", 1.5, None, errors=(TypeError,)),
    *each(make("layers.UnitNormalization"), "axis", "a", None, errors=(TypeError,)),
    *each(make("layers.GroupNormalization"), "groups", 0, -2, 1.5, "a"),
    _one("GroupNormalization of 4 by 3", _called("GroupNormalization", X, groups=3), "3", "4"),
    _one("GroupNormalization of 4 by 8", _called("GroupNormalization", X, groups=8), "8", "4"),
    unknown(make("layers.LayerNormalization"), "momentum", (ValueError,)),
]  # fmt: skip

EMBEDDING = [
    *each(make("layers.Embedding", output_dim=2), "input_dim", 0, -1, 2.5, "3", None),
    *each(make("layers.Embedding", input_dim=2), "output_dim", 0, True, 1.5),
    *each(
        make("layers.Embedding", input_dim=2, output_dim=2), "embeddings_initializer", "unifrm",
        word="initializer",
    ),
    _one(
        "Embedding weights of another shape",
        make("layers.Embedding", input_dim=2, output_dim=2, weights=np.zeros((3, 2))),
        "shape", r"\(3, 2\)",
    ),
    _one(
        "Embedding of a number outside",
        _called("Embedding", np.array([[1, 9]]), input_dim=4, output_dim=2), "9",
    ),
    _one(
        "Embedding of a fraction",
        _called("Embedding", np.array([[1, 1.5]]), input_dim=4, output_dim=2), "whole", r"1\.5",
    ),
]  # fmt: skip

Reversible = make("layers.ReversibleEmbedding", output_dim=2)
EMBEDDING += [
    *each(Reversible, "input_dim", 0, 2.5),
    *each(make("layers.ReversibleEmbedding", input_dim=2), "output_dim", 0, "3"),
    *each(_scored, "logit_soft_cap", 0, -1.0, "a", errors=EITHER),
    *each(_scored, "reverse_dtype", "float31", errors=EITHER),
    _one("ReversibleEmbedding of other vectors", _wrong_scores, r"\(3, 4, 4\)|4", "2|3"),
    unknown(Reversible, "tied", (ValueError,), input_dim=2),
]

WRAPPING = [
    *each(make("layers.Wrapper"), "layer", 3, "dense", None, word="[Ll]ayer"),
    unknown(_wrapper, "units", EITHER),
    _one("Pipeline of a name", lambda k: k.layers.Pipeline(["relu"])(X), "layers|str", "relu|str"),
    _one("Pipeline of a layer", lambda k: k.layers.Pipeline(k.layers.Flatten())(X), "Flatten"),
    _one("Pipeline of nothing", lambda k: k.layers.Pipeline(None)(X), "None"),
    unknown(make("layers.Pipeline", layers=[]), "dtype", (TypeError,)),
    _one(
        "Pipeline of layers that do not fit",
        lambda k: k.layers.Pipeline([k.layers.Dense(2), k.layers.Permute((2, 1))])(X),
        "ndim=3", "ndim=2",
    ),
]  # fmt: skip

Einsum = {"equation": "ab,bc->ac", "output_shape": 3}

EINSUM = [
    _one("EinsumDense of no equation", _called("EinsumDense", X, equation="a", output_shape=3), "'a'"),
    _one(
        "EinsumDense with dots on both sides",
        _called("EinsumDense", X, equation="...ab...,bc->...ac...", output_shape=3), r"\.\.\.ab",
    ),
    _one("EinsumDense bias_axes", _called("EinsumDense", X, **Einsum, bias_axes="z"), "z", "ac"),
    _one(
        "EinsumDense kernel letter",
        _called("EinsumDense", X, equation="ab,bd->ac", output_shape=3), "'?[cd]'?",
    ),
    _one(
        "EinsumDense other size",
        _called("EinsumDense", A, equation="abc,cd->abd", output_shape=(5, 3)), "5", "4", "'b'",
    ),
    *each(make("layers.EinsumDense", **Einsum), "activation", "rulu"),
]  # fmt: skip

SHAPES = [*EINSUM, *SHAPING, *MERGING, *NORMALIZATION, *EMBEDDING, *WRAPPING]
