"""Activations on a grid with zeros, small, ordinary and large values of both signs."""

from __future__ import annotations

import functools

import numpy as np

from .case import Case, Keras, Record, arrays


def _grid() -> np.ndarray:
    """(n,) float32: ±0, denormal to 1e30, the edges of exp, ±inf and NaN."""
    half = np.concatenate(
        [
            [0.0, 1e-40, 1e-20, 1e-7, 1e-3, 87.3, 88.7, 89.0, 103.9, 104.1, 1e4, 1e30],
            np.linspace(0.05, 20, 60),
        ]
    )
    return np.concatenate([-half, half]).astype("float32")


def relu(keras: Keras) -> Record:
    f, x = keras.activations.relu, _grid()
    beyond = np.array([np.inf, -np.inf, np.nan], "float32")
    results = {
        "plain": f(x),
        "slope": f(x, negative_slope=0.2),
        "maximum": f(x, max_value=6.0),
        "threshold": f(x, threshold=1.5),
        "all": f(x, negative_slope=0.1, max_value=4.0, threshold=0.5),
        "positional": f(x, 0.3, 5.0, 1.0),
        "beyond": f(beyond),
    }
    return dict(zip(results, arrays(results.values())))


def sigmoid(keras: Keras) -> Record:
    x = np.append(_grid(), [np.inf, -np.inf, np.nan]).astype("float32")
    return {"y": np.asarray(keras.activations.sigmoid(x))}


def tanh(keras: Keras) -> Record:
    x = np.append(_grid(), [np.inf, -np.inf, np.nan]).astype("float32")
    return {"y": np.asarray(keras.activations.tanh(x))}


def linear(keras: Keras) -> Record:
    return {"y": np.asarray(keras.activations.linear(_grid()))}


def softmax(keras: Keras) -> Record:
    f = keras.activations.softmax
    x = (10 * np.random.default_rng(10).normal(size=(3, 4, 5))).astype("float32")
    far = np.array([[1e4, 0, -1e4], [-1e30, -1e30, -1e30], [88, 89, 90], [0, -87.5, -104]])
    results = {
        "last": f(x),
        "matrix": f(x[0]),
        "first": f(x, axis=0),
        "middle": f(x, axis=1),
        "negative": f(x, axis=-2),
        "far": f(far.astype("float32")),
        "one_class": f(x[0, :, :1], axis=0),
    }
    return dict(zip(results, arrays(results.values())))


def get(keras: Keras) -> Record:
    """Names, None and functions."""
    known, x = keras.activations, _grid()
    names = ("relu", "sigmoid", "tanh", "linear")
    return {
        "names": [known.get(name) is getattr(known, name) for name in (*names, "softmax")],
        "none": known.get(None) is known.linear,
        "function": known.get(known.relu) is known.relu,
        "serialized": [known.serialize(known.get(name)) for name in names],
        "values": arrays(known.get(name)(x) for name in names),
    }


_activation = functools.partial(Case, "activations", atol=1e-7, rtol=2e-6)

CASES = [
    _activation("relu", relu),
    _activation("sigmoid", sigmoid),
    _activation("tanh", tanh),
    _activation("linear", linear),
    _activation("softmax", softmax),
    _activation("get", get),
]
