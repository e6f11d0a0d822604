"""Models to export: one for each layer and activation, and models put together at random."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

import lamina
from lamina import activations, layers, ops

Array = np.ndarray
Samples = dict[str, Array]  # for each input, by its name


def _settled(model: Any, seed: int) -> Any:
    """The model with random numbers in all weights: biases, means and the like too."""
    rng = np.random.default_rng(seed)
    for variable in model.weights:
        low = 0.5 if "variance" in variable.name or "gamma" in variable.name else -0.5
        scale = 2 * max(1, variable.shape[0] if variable.ndim > 1 else 1) ** -0.5
        value = rng.uniform(low, low + 1, variable.shape)
        variable.assign((value if variable.ndim < 2 else scale * value).astype(variable.dtype))
    return model


def samples_of(model: Any, rows: int, seed: int = 0) -> Samples:
    """Whole numbers from 0 to 6 for integer inputs, normal numbers for others."""
    rng = np.random.default_rng(seed)
    found = {}
    for x, name in zip(lamina.tree.flatten(model.signature.inputs), model.input_names):
        shape = (rows, *x.shape[1:])
        if x.dtype.startswith(("int", "uint")):
            found[name] = rng.integers(0, 7, shape).astype(x.dtype)
        else:
            found[name] = rng.normal(size=shape).astype(x.dtype)
    return found


# --- one for each layer -----------------------------------------------------------------------------


def _on(shape: tuple[int, ...], *made: Any, dtype: str | None = None) -> Any:
    x = y = lamina.Input(shape, dtype=dtype, name="x")
    for layer in made:
        y = layer(y)
    return _settled(lamina.Model(x, y), 0)


def _of_two(layer: Any, first: tuple[int, ...] = (4,), second: tuple[int, ...] = (4,)) -> Any:
    a, b = lamina.Input(first, name="a"), lamina.Input(second, name="b")
    return _settled(lamina.Model([a, b], layer([a, b])), 0)


def _adapted(layer: Any, data: Any) -> Any:
    layer.adapt(data)
    return layer


def _there_and_back(table: Any) -> Any:
    x = lamina.Input((3,), dtype="int32", name="x")
    return _settled(lamina.Model(x, table(table(x), reverse=True)), 0)


class _Halved(layers.Wrapper):
    """A wrapper of a user."""

    def call(self, x: Any) -> Any:
        return self.layer(x) * 0.5


LAYERS: dict[str, Callable[[], Any]] = {
    "Dense": lambda: _on((8,), layers.Dense(5, "relu")),
    "Dense of sequences": lambda: _on((3, 8), layers.Dense(5)),
    "Dense without bias": lambda: _on((8,), layers.Dense(5, use_bias=False)),
    "EinsumDense": lambda: _on((3, 8), layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d")),
    "Embedding": lambda: _on((3,), layers.Embedding(7, 4), dtype="int32"),
    "Embedding of floats": lambda: _on((), layers.Rescaling(0.0), layers.Embedding(7, 4)),
    "Embedding with a mask": lambda: _on((3,), layers.Embedding(7, 4, mask_zero=True), dtype="int64"),
    "ReversibleEmbedding": lambda: _there_and_back(layers.ReversibleEmbedding(7, 4)),
    "ReversibleEmbedding, untied": lambda: _there_and_back(
        layers.ReversibleEmbedding(7, 4, tie_weights=False, logit_soft_cap=2.0)
    ),
    "Pipeline": lambda: _on((3, 8), layers.Pipeline([layers.Dense(4, "tanh"), layers.Dropout(0.5)])),
    "Wrapper": lambda: _on((8,), _Halved(layers.Dense(4))),
    "Activation": lambda: _on((8,), layers.Activation("tanh")),
    "ActivityRegularization": lambda: _on((8,), layers.ActivityRegularization(0.1)),
    "ELU": lambda: _on((8,), layers.ELU(0.5)),
    "LeakyReLU": lambda: _on((8,), layers.LeakyReLU(0.2)),
    "PReLU": lambda: _on((3, 8), layers.PReLU(shared_axes=[1])),
    "ReLU": lambda: _on((8,), layers.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.2)),
    "Softmax": lambda: _on((3, 8), layers.Softmax(axis=1)),
    "Softmax of several axes": lambda: _on((3, 8), layers.Softmax(axis=(1, 2))),
    "Dropout": lambda: _on((8,), layers.Dropout(0.5)),
    "SpatialDropout1D": lambda: _on((3, 4), layers.SpatialDropout1D(0.5)),
    "SpatialDropout2D": lambda: _on((3, 4, 2), layers.SpatialDropout2D(0.5)),
    "SpatialDropout3D": lambda: _on((3, 4, 2, 2), layers.SpatialDropout3D(0.5)),
    "AlphaDropout": lambda: _on((8,), layers.AlphaDropout(0.5)),
    "GaussianDropout": lambda: _on((8,), layers.GaussianDropout(0.5)),
    "GaussianNoise": lambda: _on((8,), layers.GaussianNoise(0.5)),
    "BatchNormalization": lambda: _on((3, 8), layers.BatchNormalization()),
    "BatchNormalization of axis 1": lambda: _on((3, 8), layers.BatchNormalization(axis=1)),
    "LayerNormalization": lambda: _on((3, 8), layers.LayerNormalization()),
    "LayerNormalization of two axes": lambda: _on((3, 8), layers.LayerNormalization(axis=[1, 2])),
    "LayerNormalization, plain": lambda: _on((8,), layers.LayerNormalization(scale=False, center=False)),
    "RMSNormalization": lambda: _on((3, 8), layers.RMSNormalization()),
    "GroupNormalization": lambda: _on((3, 8), layers.GroupNormalization(4)),
    "UnitNormalization": lambda: _on((3, 8), layers.UnitNormalization()),
    "SpectralNormalization": lambda: _on((3, 8), layers.SpectralNormalization(layers.Dense(4))),
    "Flatten": lambda: _on((3, 4, 2), layers.Flatten()),
    "Reshape": lambda: _on((3, 8), layers.Reshape((4, -1))),
    "Permute": lambda: _on((3, 4, 2), layers.Permute((3, 1, 2))),
    "RepeatVector": lambda: _on((8,), layers.RepeatVector(3)),
    "Cropping1D": lambda: _on((6, 2), layers.Cropping1D((1, 2))),
    "ZeroPadding1D": lambda: _on((6, 2), layers.ZeroPadding1D((1, 2))),
    "UpSampling1D": lambda: _on((3, 2), layers.UpSampling1D(2)),
    "Masking": lambda: _on((3, 2), layers.Masking(0.0)),
    "Rescaling": lambda: _on((8,), layers.Rescaling([1.0, 2.0, 3.0, 4.0] * 2, -1.0)),
    "Rescaling of bytes": lambda: _on((8,), layers.Rescaling(1 / 255), dtype="uint8"),
    "Identity": lambda: _on((8,), layers.Identity()),
    "Lambda": lambda: _on((8,), layers.Lambda(lambda x: ops.exp(-ops.square(x)))),
    "Add": lambda: _of_two(layers.Add()),
    "Subtract": lambda: _of_two(layers.Subtract()),
    "Multiply": lambda: _of_two(layers.Multiply(), (3, 4), (1, 4)),
    "Average": lambda: _of_two(layers.Average()),
    "Maximum": lambda: _of_two(layers.Maximum()),
    "Minimum": lambda: _of_two(layers.Minimum()),
    "Concatenate": lambda: _of_two(layers.Concatenate(), (3, 4), (3, 2)),
    "Dot": lambda: _of_two(layers.Dot(axes=1, normalize=True)),
    "Dot of matrices": lambda: _of_two(layers.Dot(axes=(2, 1)), (3, 4), (4, 2)),
    "CategoryEncoding": lambda: _on((3,), layers.CategoryEncoding(7), dtype="int32"),
    "CategoryEncoding, one_hot": lambda: _on(
        (1,), layers.CategoryEncoding(7, output_mode="one_hot"), dtype="int32"
    ),
    "CategoryEncoding, count": lambda: _on(
        (3,), layers.CategoryEncoding(7, output_mode="count"), dtype="int32"
    ),
    "Discretization": lambda: _on((8,), layers.Discretization([-1.0, 0.0, 0.5])),
    "IntegerLookup": lambda: _on((3,), layers.IntegerLookup(vocabulary=[1, 3, 5]), dtype="int64"),
    "Normalization": lambda: _on(
        (8,), _adapted(layers.Normalization(), np.random.default_rng(0).normal(3, 2, (50, 8)))
    ),
}  # fmt: skip

# Layers that are covered by no model of their own, and why.
WITHOUT_MODEL = {
    "Input": "the entry of all",
    "InputLayer": "the entry of all",
    "InputSpec": "no layer",
    "Layer": "their base",
    "Hashing": "strings: outside of models",
    "HashedCrossing": "strings: outside of models",
    "StringLookup": "strings: outside of models",
    "TextVectorization": "strings: outside of models",
}


def activation(name: str) -> Any:
    """A model of one activation, after a product that makes numbers of both signs."""
    return _on((6,), layers.Dense(8), layers.Activation(name))


ACTIVATIONS = [  # by name: `threshold` needs arguments
    name
    for name in activations.__all__
    if name not in ("deserialize", "get", "serialize", "threshold")
]


_FOR_MORE_THAN_ONE = ("glu", "softmax", "log_softmax", "sparsemax")  # glu: for two, four, ...


# --- at random --------------------------------------------------------------------------------------


class _Swish(layers.Layer):
    """A layer of a user: weights and operations of its own."""

    def build(self, input_shape: Any) -> None:
        self.slope = self.add_weight((input_shape[-1],), "ones", name="slope")

    def call(self, x: Any) -> Any:
        rows = ops.where(x > 0.5, ops.sin(x), x * ops.sigmoid(self.slope * x))
        return rows - ops.mean(rows, axis=-1, keepdims=True)


class _Random:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.shared: list[Any] = []

    def choice(self, *options: Any) -> Any:
        return options[self.rng.integers(len(options))]

    def entry(self, number: int) -> tuple[Any, Any]:
        """An input, and a vector made of it."""
        name = f"in_{number}"
        kind = self.choice("vector", "vector", "bytes", "ids", "id", "rows")
        if kind == "vector":
            x = lamina.Input((self.choice(1, 5, 16),), name=name)
            return x, x
        if kind == "bytes":
            x = lamina.Input((6,), dtype="uint8", name=name)
            return x, layers.Rescaling(1 / 255)(x)
        if kind == "ids":
            x = lamina.Input((3,), dtype=self.choice("int32", "int64", None), name=name)
            return x, layers.Flatten()(
                layers.Embedding(7, 4)(ops.abs(ops.floor(x)) if x.dtype == "float32" else x)
            )
        if kind == "id":
            x = lamina.Input((), dtype="int32", name=name)
            return x, layers.Embedding(7, 8)(x)
        x = lamina.Input((4, 6), name=name)
        pooled = self.choice(ops.mean, ops.max, ops.sum)(layers.Dense(5, "tanh")(x), axis=1)
        return x, self.choice(layers.Flatten()(x), pooled)

    def layer(self, pool: list[Any]) -> Any:
        h = pool[self.rng.integers(len(pool))]
        kind = self.choice(
            "dense", "dense", "normal", "activation", "merge", "shape", "shared", "own", "nested"
        )
        if kind == "dense":
            units, name = self.choice(1, 3, 8, 17), self.choice(None, *ACTIVATIONS)
            name = None if units % 2 and name in _FOR_MORE_THAN_ONE else name
            return layers.Dropout(0.3)(layers.Dense(units, name)(h))
        if kind == "normal":
            made = self.choice(
                layers.BatchNormalization, layers.LayerNormalization, layers.RMSNormalization,
                layers.UnitNormalization,
            )  # fmt: skip
            return made()(h)
        if kind == "activation":
            known = [layers.ELU, layers.LeakyReLU, layers.PReLU, layers.ReLU]
            if h.shape[-1] > 1:
                known.append(layers.Softmax)
            return self.choice(*known)()(h)
        if kind == "merge":
            same = [x for x in pool if x.shape == h.shape]
            other = same[self.rng.integers(len(same))]
            return self.choice(
                layers.Add(), layers.Subtract(), layers.Multiply(), layers.Average(),
                layers.Maximum(), layers.Minimum(), layers.Concatenate(),
                functools.partial(ops.concatenate, axis=1),
            )([h, other])  # fmt: skip
        if kind == "shape":
            n = h.shape[-1]
            rows = layers.Reshape((n, 1))(h)
            rows = layers.Dense(self.choice(2, 3), "relu")(layers.ZeroPadding1D(1)(rows))
            return layers.Flatten()(layers.Permute((2, 1))(layers.Cropping1D((0, 1))(rows)))
        if kind == "shared":
            return self._shared(layers.Dense(8, "softsign")(h))
        if kind == "own":
            return _Swish()(h)
        inner = lamina.Sequential(
            [lamina.Input(h.shape[1:]), layers.Dense(6, "gelu"), layers.Dense(4)]
        )
        return inner(h)

    def _shared(self, h: Any) -> Any:
        if not self.shared:
            self.shared.append(layers.Dense(8, "relu"))
        return self.shared[0](h)


def random_model(seed: int) -> Any:
    """The architecture of that number, with random weights."""
    made = _Random(seed)
    entries = [made.entry(i) for i in range(made.choice(1, 1, 2, 3))]
    pool = [h for _, h in entries]
    if len(pool) > 1:
        pool.append(layers.Concatenate()(pool))
    for _ in range(made.rng.integers(2, 9)):
        pool.append(made.layer(pool))
    last = layers.Concatenate()(pool[len(entries) :])
    ends = [layers.Dense(made.choice(2, 3, 10), made.choice(None, "sigmoid", "softmax"))(last)]
    if made.rng.uniform() < 0.4:
        ends.append(pool[-1] + 1.0)
    outputs: Any = (
        ends[0] if len(ends) == 1 else made.choice(ends, {"main": ends[0], "more": ends[1]})
    )
    inputs = [x for x, _ in entries]
    return _settled(lamina.Model(inputs[0] if len(inputs) == 1 else inputs, outputs), seed)
