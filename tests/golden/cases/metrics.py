"""Metrics over several batches, and what compile makes of their names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, inputs, labels, network, one_hot

Batch = tuple[Any, ...]


def _batches(kind: str) -> list[tuple[Batch, np.ndarray]]:
    """Three batches of unequal size: the arguments of update_state, and (n,) weights."""
    rng = np.random.default_rng(8)
    batches: list[tuple[Batch, np.ndarray]] = []
    for n in (6, 1, 4):
        p = rng.dirichlet(np.ones(4), n).astype("float32")
        classes = rng.integers(0, 4, n)
        y = np.eye(4, dtype="float32")[classes]
        bits = rng.integers(0, 2, (n, 4)).astype("float32")
        weight = rng.uniform(0, 2, n).astype("float32")
        values = rng.normal(size=(n, 3)).astype("float32")
        batch: dict[str, Batch] = {
            "values": (values,),
            "flat": (values[:, 0],),
            "probabilities": (y, p),
            "sparse": (classes, p),
            "sparse_column": (classes[:, None], p),
            "bits": (bits, p),
            "one_bit": (bits[:, :1], 2 * p[:, :1]),
            "equal": (classes, np.argmax(p, axis=-1)),
            "equal_columns": (bits, np.round(2 * p)),
            "regression": (bits, 3 * p),
        }
        batches.append((batch[kind], weight))
    return batches


METRICS: dict[str, tuple[str, Callable[[Keras], Any]]] = {
    "mean": ("values", lambda k: k.metrics.Mean()),
    "mean_flat": ("flat", lambda k: k.metrics.Mean()),
    "sum": ("values", lambda k: k.metrics.Sum()),
    "sum_flat": ("flat", lambda k: k.metrics.Sum(name="own")),
    "wrapper": (
        "regression",
        lambda k: k.metrics.MeanMetricWrapper(k.losses.mean_absolute_error, name="mae"),
    ),
    "categorical_accuracy": ("probabilities", lambda k: k.metrics.CategoricalAccuracy()),
    "sparse_accuracy": ("sparse", lambda k: k.metrics.SparseCategoricalAccuracy()),
    "sparse_accuracy_column": ("sparse_column", lambda k: k.metrics.SparseCategoricalAccuracy()),
    "binary_accuracy": ("bits", lambda k: k.metrics.BinaryAccuracy()),
    "binary_accuracy_threshold": ("bits", lambda k: k.metrics.BinaryAccuracy(threshold=0.2)),
    "binary_accuracy_one": ("one_bit", lambda k: k.metrics.BinaryAccuracy()),
    "accuracy": ("equal", lambda k: k.metrics.Accuracy()),
    "accuracy_columns": ("equal_columns", lambda k: k.metrics.Accuracy()),
    "crossentropy": ("probabilities", lambda k: k.metrics.CategoricalCrossentropy()),
    "crossentropy_smoothed": (
        "probabilities",
        lambda k: k.metrics.CategoricalCrossentropy(label_smoothing=0.1),
    ),
    "crossentropy_logits": (
        "regression",
        lambda k: k.metrics.CategoricalCrossentropy(from_logits=True),
    ),
    "squared_error": ("regression", lambda k: k.metrics.MeanSquaredError()),
}


def accumulated(keras: Keras, kind: str, make: Callable[[Keras], Any]) -> Record:
    """The result after each batch: unweighted, weighted, and after reset_state."""
    metric = make(keras)
    plain, weighted, column = [], [], []
    for args, _ in _batches(kind):
        metric.update_state(*args)
        plain.append(float(np.asarray(metric.result())))
    metric.reset_state()
    zero = float(np.asarray(metric.result()))
    for args, weight in _batches(kind):
        metric.update_state(*args, sample_weight=weight)
        weighted.append(float(np.asarray(metric.result())))
    metric.reset_state()
    for args, weight in _batches(kind):
        metric.update_state(*args, sample_weight=weight[:, None])
        column.append(float(np.asarray(metric.result())))
    return {
        "name": metric.name,
        "plain": plain,
        "zero": zero,
        "weighted": weighted,
        "column": column,
    }


def called(keras: Keras) -> Record:
    """Calling a metric updates it and returns the result so far; scalars count as one value."""
    mean, total = keras.metrics.Mean(), keras.metrics.Sum()
    return {
        "mean": [float(np.asarray(mean(v))) for v in (1.0, [2.0, 4.0], np.float32(-3))],
        "sum": [float(np.asarray(total(v))) for v in (1.0, [2.0, 4.0], np.float32(-3))],
    }


def ties(keras: Keras) -> Record:
    """Equal probabilities: the first class wins.  Binary accuracy: only above the threshold."""
    categorical, binary = keras.metrics.CategoricalAccuracy(), keras.metrics.BinaryAccuracy()
    categorical.update_state([[1.0, 0, 0], [0, 1, 0]], [[0.4, 0.4, 0.2], [0.4, 0.4, 0.2]])
    binary.update_state([[0.0], [1.0], [1.0]], [[0.5], [0.5], [0.50001]])
    return {
        "categorical": float(np.asarray(categorical.result())),
        "binary": float(np.asarray(binary.result())),
    }


RESOLVED: dict[str, tuple[str, str, list[str]]] = {
    # name: targets, loss, metrics
    "one_hot": ("one_hot", "categorical_crossentropy", ["accuracy"]),
    "one_hot_acc": ("one_hot", "categorical_crossentropy", ["acc"]),
    "one_hot_many": (
        "one_hot",
        "categorical_crossentropy",
        ["mse", "categorical_accuracy", "accuracy", "mae", "categorical_crossentropy"],
    ),
    "one_hot_class_names": (
        "one_hot",
        "CategoricalCrossentropy",
        ["MeanSquaredError", "CategoricalAccuracy"],
    ),
    "one_hot_ce": ("one_hot", "crossentropy", ["accuracy", "Accuracy"]),
    "sparse": ("sparse", "sparse_categorical_crossentropy", ["accuracy"]),
    "sparse_column": ("sparse_column", "sparse_categorical_crossentropy", ["acc"]),
    "sparse_ce": ("sparse", "ce", ["sparse_categorical_accuracy"]),
    "binary": ("binary", "binary_crossentropy", ["accuracy"]),
    "binary_flat": ("binary_flat", "binary_crossentropy", ["acc"]),
    "binary_mse": ("binary", "mse", ["binary_accuracy", "mae"]),
}


def _target(kind: str, x: np.ndarray) -> np.ndarray:
    classes = labels(x)
    if kind.startswith("binary"):
        bits = (classes > 1).astype("int64")
        return bits if kind == "binary_flat" else bits[:, None]
    if kind == "one_hot":
        return one_hot(classes)
    return classes[:, None] if kind == "sparse_column" else classes


def resolved(keras: Keras, kind: str, loss: str, metrics: list[str]) -> Record:
    """evaluate on 70 rows: its dict and list, and the history of two epochs of fit."""
    x = inputs(70)
    y = _target(kind, x)
    model = network(keras, 1, "sigmoid") if kind.startswith("binary") else network(keras)
    model.compile("rmsprop", loss, metrics=metrics)
    logs = model.evaluate(x, y, verbose=0, return_dict=True)
    listed = model.evaluate(x, y, verbose=0)
    history = model.fit(x, y, epochs=2, shuffle=False, validation_data=(x, y), verbose=0)
    return {
        "keys": list(logs),
        "logs": logs,
        "list": listed,
        "history_keys": list(history.history),
        "history": history.history,
    }


_metric = functools.partial(Case, "metrics", atol=1e-6, rtol=2e-6)

CASES = [
    *(
        _metric(name, functools.partial(accumulated, kind=kind, make=make))
        for name, (kind, make) in METRICS.items()
    ),
    _metric("called", called),
    _metric("ties", ties),
    *(
        Case(
            "metrics",
            f"resolved_{name}",
            functools.partial(resolved, kind=kind, loss=loss, metrics=metrics),
            backend="jax",
            scaled=5e-6,
        )
        for name, (kind, loss, metrics) in RESOLVED.items()
    ),
]
