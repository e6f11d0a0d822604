"""Losses on arrays: the functions, and the classes with every reduction and sample weights."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record

REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None)


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return (e / e.sum(axis=-1, keepdims=True)).astype("float32")


def _classes(n: int = 12, count: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n,) labels, (n, count) logits up to about ±30, and their softmax."""
    rng = np.random.default_rng(2)
    logits = (rng.normal(size=(n, count)) * 10).astype("float32")
    return rng.integers(0, count, n), logits, _softmax(logits)


def _bits(n: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    logits = (rng.normal(size=(n, 3)) * 10).astype("float32")
    bits = rng.integers(0, 2, (n, 3)).astype("float32")
    return bits, logits, (1 / (1 + np.exp(-logits.astype("float64")))).astype("float32")


def _out(**losses: Any) -> Record:
    return {name: np.asarray(value) for name, value in losses.items()}


def categorical(keras: Keras) -> Record:
    f = keras.losses.categorical_crossentropy
    labels, logits, p = _classes()
    y = np.eye(5, dtype="float32")[labels]
    soft = _softmax(np.random.default_rng(4).normal(size=(12, 5)))
    saturated = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1], [0.5, 0.5, 0]], "float32")
    right = np.array([[0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]], "float32")
    cube = _softmax(np.random.default_rng(5).normal(size=(2, 3, 4)))
    target = np.moveaxis(np.eye(3, dtype="float32")[np.array([[0, 1, 2, 0], [2, 2, 1, 0]])], -1, 1)
    return _out(
        probabilities=f(y, p),
        soft_targets=f(soft, p),
        logits=f(y, logits, from_logits=True),
        huge_logits=f(y, 1e4 * logits, from_logits=True),
        smoothing=f(y, p, label_smoothing=0.1),
        smoothing_logits=f(y, logits, from_logits=True, label_smoothing=0.1),
        saturated=f(right, saturated),
        unnormalised=f(y, np.float32(3) * p + np.float32(0.25)),
        integers=f(y.astype("int64"), p),
        axis=f(target, cube, axis=1),
        axis_logits=f(target, np.log(cube), from_logits=True, axis=1),
        last_of_three=f(np.moveaxis(target, 1, 2), np.moveaxis(cube, 1, 2)),
        one_row=f(y[:1], p[:1]),
    )


def sparse(keras: Keras) -> Record:
    f = keras.losses.sparse_categorical_crossentropy
    labels, logits, p = _classes()
    cube = _softmax(np.random.default_rng(5).normal(size=(2, 3, 4)))
    target = np.array([[0, 1, 2], [3, 2, 1]])
    saturated = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], "float32")
    return _out(
        probabilities=f(labels, p),
        column=f(labels[:, None], p),
        floats=f(labels.astype("float32"), p),
        bytes=f(labels.astype("uint8"), p),
        logits=f(labels, logits, from_logits=True),
        huge_logits=f(labels, 1e4 * logits, from_logits=True),
        saturated=f(np.array([1, 1, 2]), saturated),
        unnormalised=f(labels, np.float32(3) * p + np.float32(0.25)),
        last_of_three=f(target, cube),
    )


def binary(keras: Keras) -> Record:
    f = keras.losses.binary_crossentropy
    bits, logits, p = _bits()
    saturated = np.array([[0.0, 1.0], [1.0, 0.0], [1e-9, 0.5]], "float32")
    right = np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 1.0]], "float32")
    return _out(
        probabilities=f(bits, p),
        soft_targets=f(0.8 * bits + np.float32(0.1), p),
        logits=f(bits, logits, from_logits=True),
        huge_logits=f(bits, 1e4 * logits, from_logits=True),
        smoothing=f(bits, p, label_smoothing=0.2),
        smoothing_logits=f(bits, logits, from_logits=True, label_smoothing=0.2),
        saturated=f(right, saturated),
        one_unit=f(bits[:, :1], p[:, :1]),
    )


def squared(keras: Keras) -> Record:
    f = keras.losses.mean_squared_error
    y, _, p = _bits()
    return _out(rows=f(y, 3 * p), column=f(y[:, :1], p[:, :1]), squeezed=f(y[:, 0], p[:, :1]))


def absolute(keras: Keras) -> Record:
    f = keras.losses.mean_absolute_error
    y, _, p = _bits()
    return _out(rows=f(y, 3 * p), column=f(y[:, :1], p[:, :1]), squeezed=f(y[:, 0], p[:, :1]))


def _sample(name: str) -> tuple[np.ndarray, np.ndarray]:
    if name in ("CategoricalCrossentropy", "SparseCategoricalCrossentropy"):
        labels, _, p = _classes()
        return (labels, p) if name[0] == "S" else (np.eye(5, dtype="float32")[labels], p)
    bits, _, p = _bits()
    return bits, p


def reductions(keras: Keras, name: str) -> Record:
    """The class with every reduction: without weights, with (n,), with (n, 1), with all zeros."""
    y, p = _sample(name)
    weight = np.random.default_rng(6).uniform(0, 2, 12).astype("float32")
    given: dict[str, Any] = {
        "none": None,
        "flat": weight,
        "column": weight[:, None],
        "list": weight.tolist(),
        "scalar": 0.5,
        "zeros": np.zeros(12, "float32"),
    }
    record: Record = {}
    for reduction in REDUCTIONS:
        f = getattr(keras.losses, name)(reduction=reduction)
        record[str(reduction)] = {k: np.asarray(f(y, p, sample_weight=w)) for k, w in given.items()}
    return record


def names(keras: Keras) -> Record:
    """What a string means: the function or class, its default name, the same number."""
    y, p = _sample("BinaryCrossentropy")
    record: Record = {}
    for name in ("mse", "MSE", "mae", "MAE", "bce", "BCE", "mean_squared_error"):
        record[name] = np.asarray(keras.losses.get(name)(y, p))
    for name in ("CategoricalCrossentropy", "BinaryCrossentropy", "MeanSquaredError"):
        record[name] = [keras.losses.get(name).name, getattr(keras.losses, name)(name="own").name]
    record["null"] = keras.losses.get(None)
    return record


_loss = functools.partial(Case, "losses", atol=1e-6, rtol=2e-6)

CASES = [
    _loss("categorical_crossentropy", categorical),
    _loss("sparse_categorical_crossentropy", sparse),
    # From logits, Keras's NumPy backend clips probabilities; its others are exact, as we are.
    _loss("binary_crossentropy", binary, backend="jax"),
    _loss("mean_squared_error", squared),
    _loss("mean_absolute_error", absolute),
    *(
        _loss(f"reductions_{name}", functools.partial(reductions, name=name))
        for name in (
            "CategoricalCrossentropy",
            "SparseCategoricalCrossentropy",
            "BinaryCrossentropy",
            "MeanSquaredError",
            "MeanAbsoluteError",
        )
    ),
    _loss("names", names),
]
