"""Embedding: forward, weights, masks, configs, in models that learn."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays
from .configs import config

NUMBERS = np.random.default_rng(0).integers(0, 6, (40, 3))


def forward(keras: Keras) -> Record:
    table = np.random.default_rng(1).normal(size=(6, 4)).astype("float32")
    layer = keras.layers.Embedding(6, 4, weights=table)
    listed = keras.layers.Embedding(6, 4, weights=[table])
    return {
        "rows": np.asarray(layer(NUMBERS[:5])),
        "flat": np.asarray(listed(NUMBERS[:5, 0])),
        "floats": np.asarray(layer(NUMBERS[:2].astype("float32"))),
        "deep": np.asarray(layer(NUMBERS[:4].reshape(2, 2, 3))),
        "shapes": [list(layer.compute_output_shape(s)) for s in [(None, 3), (None,), (5, 2, 3)]],
        "weights": [[w.name, list(w.shape)] for w in layer.weights],
    }


def initial(keras: Keras) -> Record:
    """The first vectors of a seed."""
    layer = keras.layers.Embedding(5, 3, keras.initializers.RandomUniform(-0.05, 0.05, seed=3))
    layer.build()
    return {"weights": arrays(layer.get_weights())}


def learned(keras: Keras, **options: Any) -> Record:
    """Ten steps; the vectors of numbers that are not there stay."""
    k = keras.layers
    model = keras.Sequential(
        [k.Input((3,)), k.Embedding(9, 2, name="e", **options), k.Flatten(), k.Dense(1, name="d")]
    )
    rng = np.random.default_rng(7)
    model.set_weights(
        [rng.uniform(-0.7, 0.7, w.shape).astype("float32") for w in model.get_weights()]
    )
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    y = np.sin(NUMBERS.sum(axis=1, keepdims=True))
    history = model.fit(NUMBERS, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return {
        "weights": arrays(model.get_weights()),
        "loss": history.history["loss"],
        "predict": np.asarray(model.predict(NUMBERS[:4], verbose=0)),
    }


def masked(keras: Keras) -> Record:
    """0 is padding: the statistics behind the layer leave it out."""
    k = keras.layers
    norm = k.BatchNormalization(momentum=0.5)
    model = keras.Sequential([k.Input((3,)), k.Embedding(6, 2, mask_zero=True), norm])
    rng = np.random.default_rng(7)
    model.layers[0].set_weights([rng.uniform(-0.7, 0.7, (6, 2)).astype("float32")])
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    y = np.sin(NUMBERS[..., None] + np.arange(2))
    model.fit(NUMBERS, y, batch_size=8, shuffle=False, verbose=0)
    return {"weights": arrays(model.get_weights())}


def _table(columns: int = 4) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(6, columns)).astype("float32")


def reversed_(keras: Keras, cap: float | None, tied: bool) -> Record:
    """Both ways, on arrays of several ranks."""
    layer = keras.layers.ReversibleEmbedding(6, 4, tie_weights=tied, logit_soft_cap=cap)
    layer.build()
    layer.set_weights([_table(), _table().T[:, ::-1]] if not tied else [_table()])
    vectors = np.random.default_rng(2).normal(size=(2, 3, 4)).astype("float32")
    shapes = [(layer.compute_output_shape((None, 3)), False)]
    shapes += [(layer.compute_output_shape((None, 3, 4), reverse=True), True)]
    return {
        "rows": np.asarray(layer(NUMBERS[:5])),
        "scores": np.asarray(layer(vectors, reverse=True)),
        "of_one": np.asarray(layer(vectors[0], reverse=True)),
        "shapes": [list(shape) for shape, _ in shapes],
        "weights": [[w.name, list(w.shape)] for w in layer.weights],
    }


def reversed_first(keras: Keras) -> Record:
    """The first vectors of a seed, both ways."""
    normal = keras.initializers.RandomNormal(seed=3)
    layer = keras.layers.ReversibleEmbedding(5, 3, False, embeddings_initializer=normal)
    layer.build()
    return {"weights": arrays(layer.get_weights())}


def language_model(keras: Keras, **options: Any) -> Record:
    """Ten steps of a model that guesses the numbers it saw."""
    k = keras.layers
    table = k.ReversibleEmbedding(6, 4, name="e", **options)
    entry = k.Input((3,), dtype="int32")
    model = keras.Model(entry, table(k.Dense(4, "tanh", name="d")(table(entry)), reverse=True))
    rng = np.random.default_rng(7)
    model.set_weights(
        [rng.uniform(-0.7, 0.7, w.shape).astype("float32") for w in model.get_weights()]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.RMSprop(0.01), loss)
    history = model.fit(NUMBERS, NUMBERS, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return {
        "weights": arrays(model.get_weights()),
        "loss": history.history["loss"],
        "predict": np.asarray(model.predict(NUMBERS[:4], verbose=0)),
    }


LANGUAGE: dict[str, Callable[[Keras], dict[str, Any]]] = {
    "tied": lambda k: {},
    "untied": lambda k: {"tie_weights": False, "embeddings_regularizer": k.regularizers.L2(0.02)},
    "capped": lambda k: {"logit_soft_cap": 0.5, "mask_zero": True},
}

OPTIONS: dict[str, Callable[[Keras], dict[str, Any]]] = {
    "plain": lambda k: {},
    "regularized": lambda k: {"embeddings_regularizer": k.regularizers.L2(0.02)},
    "constrained": lambda k: {"embeddings_constraint": k.constraints.UnitNorm(axis=1)},
}

_trained = functools.partial(Case, "embedding", backend="jax", atol=5e-6, rtol=1e-5)

CASES = [
    Case("embedding", "forward", forward),
    Case("embedding", "initial", initial, atol=1e-8),
    *(
        _trained(f"{name}_learned", lambda k, make=make: learned(k, **make(k)))
        for name, make in OPTIONS.items()
    ),
    _trained("masked", masked),
    *(
        Case(
            "embedding", f"reversed_{cap}_{tied}",
            functools.partial(reversed_, cap=cap, tied=tied), atol=1e-6, rtol=1e-6,
        )
        for cap in (None, 1.5)
        for tied in (True, False)
    ),
    Case("embedding", "reversed_first", reversed_first, atol=1e-8),
    *(
        _trained(f"language_{name}", lambda k, make=make: language_model(k, **make(k)))
        for name, make in LANGUAGE.items()
    ),
    Case(
        "embedding", "config_reversible",
        functools.partial(config, make=lambda k: k.layers.ReversibleEmbedding(5, 3, name="e")),
        rtol=1e-7,
    ),
    Case(
        "embedding", "config_reversible_full",
        functools.partial(
            config,
            make=lambda k: k.layers.ReversibleEmbedding(
                5, 3, False, k.initializers.RandomNormal(stddev=0.5, seed=2), "l1", "non_neg",
                True, logit_soft_cap=2.5, trainable=False, name="e",
            ),
        ),
        rtol=1e-7,
    ),
    Case(
        "embedding", "config",
        functools.partial(config, make=lambda k: k.layers.Embedding(5, 3, name="e")), rtol=1e-7,
    ),
    Case(
        "embedding", "config_full",
        functools.partial(
            config,
            make=lambda k: k.layers.Embedding(
                5, 3, k.initializers.RandomNormal(stddev=0.5, seed=2), "l1", "non_neg",
                mask_zero=True, trainable=False, name="e",
            ),
        ),
        rtol=1e-7,
    ),
]  # fmt: skip
