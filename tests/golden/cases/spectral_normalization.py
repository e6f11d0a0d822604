"""SpectralNormalization, alone and trained, on TensorFlow: see docs/keras.md for JAX."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs
from .configs import config

_INNER: dict[str, tuple[Any, Any]] = {
    "dense": (lambda k: k.layers.Dense(5, "tanh", name="inner"), inputs(6, 4)),
    "einsum": (
        lambda k: k.layers.EinsumDense("abc,cde->abde", (2, 3, 2), bias_axes="e", name="inner"),
        inputs(6, 8).reshape(6, 2, 4),
    ),
    "embedding": (
        lambda k: k.layers.Embedding(7, 3, name="inner"),
        np.arange(12.0, dtype="float32").reshape(4, 3) % 7,
    ),
}


def _drawn(made: Any, seed: int = 2) -> None:
    rng = np.random.default_rng(seed)
    made.set_weights(
        [rng.uniform(-0.8, 0.9, w.shape).astype("float32") for w in made.get_weights()]
    )


def called(keras: Keras, which: str) -> Record:
    """Two calls in training and one outside of it, and what they leave."""
    make, x = _INNER[which]

    def wrapped(keras: Keras) -> Any:
        return keras.layers.SpectralNormalization(make(keras), power_iterations=2, name="sn")

    made = wrapped(keras)
    made.build(x.shape)
    _drawn(made)
    record: Record = {
        "config": config(keras, wrapped),
        "weights": [w.name for w in made.weights],
        "trainable": [w.name for w in made.trainable_weights],
        "before": np.asarray(made(x)),
    }
    for turn in range(2):
        record[f"training {turn}"] = np.asarray(made(x, training=True))
        record[f"kept {turn}"] = arrays(made.get_weights())
    record["after"] = np.asarray(made(x, training=False))
    record["shape"] = list(made.compute_output_shape(x.shape))
    return record


def zeros(keras: Keras) -> Record:
    """A kernel of zeros has no norm: it stays."""
    dense = keras.layers.Dense(3, kernel_initializer="zeros", bias_initializer="ones", name="inner")
    made = keras.layers.SpectralNormalization(dense, name="sn")
    made.build((None, 4))
    made.vector_u.assign(np.array([[0.1, 0.2, 0.3]], "float32"))
    y = np.asarray(made(inputs(2, 4), training=True))
    return {"y": y, "weights": arrays(made.get_weights())}


def trained(keras: Keras, iterations: int) -> Record:
    """Three epochs; the last batch is smaller."""
    k = keras.layers
    inner = k.Dense(8, "tanh", name="inner", kernel_regularizer="l2")
    wrapped = k.SpectralNormalization(inner, power_iterations=iterations, name="sn")
    table = k.SpectralNormalization(k.Embedding(5, 4, name="table"), name="sn_table")
    x, number = keras.Input((6,)), keras.Input((2,))
    joined = k.Concatenate()([wrapped(x), k.Flatten()(table(number))])
    model = keras.Model([x, number], k.Dense(1, name="last")(joined))
    _drawn(model, 3)
    # Sparse gradients are squared row by row on TensorFlow, so no optimizer that squares them.
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    data = [inputs(40, 6, seed=1), np.arange(80).reshape(40, 2) % 5]
    y = np.sin(data[0][:, :1])
    history = model.fit(
        data, y, batch_size=16, epochs=3, shuffle=False, verbose=0, validation_split=0.2
    ).history
    return {
        "history": history,
        "weights": arrays(model.get_weights()),
        "predict": np.asarray(model.predict([d[:5] for d in data], verbose=0)),
    }


_case = functools.partial(Case, "spectral_normalization", backend="tensorflow", scaled=1e-5)

CASES = [
    *(_case(which, functools.partial(called, which=which)) for which in _INNER),
    _case("zeros", zeros),
    *(_case(f"trained_{n}", functools.partial(trained, iterations=n)) for n in (1, 3)),
]
