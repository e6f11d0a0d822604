"""One-hot tables: values, shapes and dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import Case, Keras, Record

GIVEN: dict[str, tuple[Any, dict[str, Any]]] = {
    "list": ([0, 2, 1], {}),
    "array": (np.array([3, 0, 1]), {}),
    "num_classes": (np.array([3, 0, 1]), {"num_classes": 6}),
    "exactly_enough": (np.array([3, 0, 1]), {"num_classes": 4}),
    "zero_classes": (np.array([1, 0]), {"num_classes": 0}),
    "bytes": (np.array([1, 0, 9], "uint8"), {"num_classes": 10}),
    "bools": (np.array([True, False]), {}),
    "floats": (np.array([1.0, 0.0, 2.0]), {}),
    "column": (np.array([[1], [0], [2]]), {}),
    "matrix": (np.array([[1, 0], [2, 2]]), {"num_classes": 3}),
    "cube": (np.arange(6).reshape(1, 2, 3), {}),
    "deep_column": (np.arange(4).reshape(2, 2, 1), {}),
    "one": ([1], {}),
    "scalar": (2, {"num_classes": 4}),
    "empty": (np.zeros((0,), "int64"), {"num_classes": 3}),
    "numpy_count": (np.array([1, 0]), {"num_classes": np.int64(3)}),
}


def to_categorical(keras: Keras) -> Record:
    f = keras.utils.to_categorical
    return {name: np.asarray(f(x, **options)) for name, (x, options) in GIVEN.items()}


# (With its NumPy backend Keras takes an array for a tensor, and its one-hot path.)
CASES = [Case("to_categorical", "all", to_categorical, backend="jax")]
