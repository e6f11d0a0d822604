"""What prepares data outside of a model: pad_sequences, split_dataset, windows of a series."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record

SEQUENCES: Any = [[1], [2, 3], [], [4, 5, 6, 7]]


def pad_sequences(keras: Keras) -> Record:
    pad = keras.utils.pad_sequences
    pairs = [[[1, 2]], [[3, 4], [5, 6], [7, 8]]]
    return {
        "default": pad(SEQUENCES),
        "maxlen": pad(SEQUENCES, maxlen=3),
        "post": pad(SEQUENCES, maxlen=3, padding="post", truncating="post", value=-1),
        "mixed": pad(SEQUENCES, maxlen=2, padding="post", dtype="float32", value=0.5),
        "long": pad(SEQUENCES, maxlen=6, truncating="post", dtype="int64"),
        "pairs": pad(pairs, maxlen=2, padding="post", dtype="uint8", value=9),
        "arrays": pad([np.arange(3), np.arange(5)], truncating="post"),
        "strings": pad([["a"], ["bc", "d"]], dtype=object, value="-").tolist(),
    }


def _samples(dataset: Any) -> list[Any]:
    """Of a tf.data data set, or of lamina's arrays."""
    if hasattr(dataset, "as_numpy_iterator"):
        return list(dataset.as_numpy_iterator())
    return list(zip(*dataset)) if isinstance(dataset, tuple) else list(dataset)


def split_dataset(keras: Keras) -> Record:
    split = keras.utils.split_dataset
    x, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
    record: Record = {}
    for name, arguments in {
        "left": {"left_size": 0.8},
        "right": {"right_size": 3},
        "both": {"left_size": 0.25, "right_size": 0.55},
        "middle": {"left_size": 2, "right_size": 5},
        "mixed": {"left_size": 2, "right_size": 0.35},
        "shuffled": {"left_size": 6, "shuffle": True, "seed": 7},
    }.items():
        halves = [_samples(half) for half in split(y, **arguments)]
        record[name] = [np.array(half) for half in halves]
    for name, dataset in {"tuple": (x, y), "list": [x, y]}.items():
        halves = split(dataset, left_size=4, shuffle=True, seed=3)
        record[name] = [
            [np.array(column) for column in zip(*_samples(half))] for half in map(_as_tuple, halves)
        ]
    return record


def _as_tuple(half: Any) -> Any:
    return tuple(half) if isinstance(half, list) else half


def timeseries(keras: Keras) -> Record:
    windows = keras.utils.timeseries_dataset_from_array
    x, targets = np.arange(60, dtype="float32").reshape(30, 2), np.arange(100, 130)
    record: Record = {}
    for name, arguments in {
        "default": {"sequence_length": 4},
        "strides": {"sequence_length": 5, "sequence_stride": 3, "sampling_rate": 2},
        "batches": {"sequence_length": 4, "batch_size": 7},
        "part": {"sequence_length": 3, "start_index": 5, "end_index": 20, "batch_size": 6},
    }.items():
        batches = [(np.asarray(a), np.asarray(b)) for a, b in windows(x, targets, **arguments)]
        record[name] = {"x": [a for a, _ in batches], "y": [b for _, b in batches]}
    record["no_targets"] = [np.asarray(a) for a in windows(x, None, 8, batch_size=10)]
    record["short_targets"] = [np.asarray(b) for _, b in windows(x, targets[:9], 8)]
    record["single"] = [np.asarray(a) for a in windows(x, None, 28, batch_size=None)]
    return record


def normalize(keras: Keras) -> Record:
    """Arrays; axis=0 is left out, for which Keras takes the last axis."""
    row, matrix, cube = (np.arange(n, dtype="float64") - 3 for n in (2, 4, 8))
    matrix, cube = matrix.reshape(2, 2), cube.reshape(2, 2, 2)
    given: dict[str, tuple[Any, dict[str, Any]]] = {
        "row": (row, {}), "row whole": (row, {"axis": None}), "row order": (row, {"order": np.inf}),
        "matrix": (matrix, {}), "matrix whole": (matrix, {"axis": None}),
        "matrix whole order": (matrix, {"axis": None, "order": 1}),
        "cube": (cube, {"axis": 1}), "cube axes": (cube, {"axis": (0, 1)}),
        "cube axes order": (cube, {"axis": (1, 2), "order": np.inf}),
    }  # fmt: skip
    return {
        name: np.asarray(keras.utils.normalize(x, **options))
        for name, (x, options) in given.items()
    }


_case = functools.partial(Case, "data_utils")

CASES = [
    _case("pad_sequences", pad_sequences),
    _case("normalize", normalize),
    _case("split_dataset", split_dataset, backend="tensorflow"),
    _case("timeseries", timeseries, backend="tensorflow"),
]
