"""Initial weights: one seed gives the same bits as Keras's own NumPy backend."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays


def _fingerprints(weights: list[Any]) -> Record:
    """A hash of each array's bytes, and its first values for a readable difference."""
    kept = [np.ascontiguousarray(w) for w in arrays(weights)]
    return {
        "shape": [list(w.shape) for w in kept],
        "dtype": [str(w.dtype) for w in kept],
        "sha256": [hashlib.sha256(w.tobytes()).hexdigest() for w in kept],
        "first": [w.ravel()[:4].copy() for w in kept],
    }


def _mnist_model(keras: Keras, with_input: bool = True) -> Any:
    """The network of the Keras introduction."""
    body = [
        keras.layers.Dense(256, activation="relu"),
        keras.layers.Dropout(0.4),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(10, activation="softmax"),
    ]
    return keras.Sequential([keras.layers.Input((784,))] * with_input + body)


def mnist_model(keras: Keras, seed: int) -> Record:
    keras.utils.set_random_seed(seed)
    return _fingerprints(_mnist_model(keras).get_weights())


def built_later(keras: Keras) -> Record:
    """Seeds are drawn when a layer is made, not when it is built."""
    keras.utils.set_random_seed(42)
    model = _mnist_model(keras, with_input=False)
    keras.layers.Dense(3)
    model.build((None, 784))
    return _fingerprints(model.get_weights())


def two_models(keras: Keras) -> Record:
    keras.utils.set_random_seed(7)
    first, second = _mnist_model(keras), _mnist_model(keras)
    return {
        "first": _fingerprints(first.get_weights()),
        "second": _fingerprints(second.get_weights()),
    }


def draws(keras: Keras) -> Record:
    """What draws a seed of its own: GlorotUniform and Dropout(rate > 0), and nothing else here."""
    keras.utils.set_random_seed(11)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((6,)),
            layers.Dropout(0.0),
            layers.Dense(5, use_bias=False),
            layers.Dropout(0.5, seed=3),
            layers.Dense(4, bias_initializer="glorot_uniform"),
            layers.Activation("relu"),
            layers.Dense(3, kernel_initializer="zeros"),
            layers.Flatten(),
            layers.Dense(2, kernel_initializer=keras.initializers.GlorotUniform(seed=9)),
            layers.Rescaling(0.5),
            layers.Dense(2),
        ]
    )
    return {"weights": arrays(model.get_weights())}


def explicit_seed(keras: Keras) -> Record:
    """An initializer with a seed has no state: equal shapes get equal values."""
    initializer = keras.initializers.GlorotUniform(seed=3)
    make = functools.partial(
        keras.layers.Dense,
        kernel_initializer=initializer,
        bias_initializer=keras.initializers.Zeros(),
    )
    model = keras.Sequential([keras.layers.Input((8,)), make(8), make(8), make(3)])
    return {"weights": arrays(model.get_weights())}


def called(keras: Keras) -> Record:
    """Initializers as functions of a shape, over every rank that counts its fans differently."""
    shapes = [(5,), (3, 4), (2, 3, 4), (2, 3, 4, 5), (0, 4)]
    glorot, zeros = keras.initializers.GlorotUniform(seed=3), keras.initializers.Zeros()
    return {
        "glorot": arrays(glorot(shape) for shape in shapes),
        "again": arrays([glorot((3, 4))]),
        "large_seed": arrays([keras.initializers.GlorotUniform(seed=2**32 - 1)((3, 4))]),
        "zeros": arrays(zeros(shape) for shape in shapes),
    }


CASES = [
    *(
        Case("weights", f"mnist_model_seed_{seed}", functools.partial(mnist_model, seed=seed))
        for seed in (0, 1, 42)
    ),
    Case("weights", "built_later", built_later),
    Case("weights", "two_models", two_models),
    Case("weights", "draws", draws),
    Case("weights", "explicit_seed", explicit_seed),
    Case("weights", "called", called),
]
