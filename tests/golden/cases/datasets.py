"""Data sets of a made-up file in Keras's layout: order, split, words that are kept."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from .case import Case, Keras, Record


@contextmanager
def _file(keras: Keras, load: Any, name: str, **arrays: Any) -> Iterator[None]:
    """The module finds this file where it would find its own: real Keras by its `get_file`."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / name)
        np.savez(path, **arrays)
        if "get_file" in load.__globals__:
            with mock.patch.dict(load.__globals__, {"get_file": lambda *_, **__: path}):
                yield
        else:
            with mock.patch.dict(os.environ, {"LAMINA_DATA_DIR": folder}):
                yield


def _plain(loaded: Any) -> list[Any]:
    """Arrays of lists as lists."""
    return [[part.tolist() if part.dtype == object else part for part in half] for half in loaded]


def housing(keras: Keras, name: str, options: list[dict[str, Any]]) -> Record:
    load = getattr(keras.datasets, name).load_data
    x, y = np.arange(2600.0).reshape(650, 4), np.arange(650, dtype="float32")
    with _file(keras, load, f"{name}.npz", x=x, y=y):
        return {str(o): _plain(load(**o)) for o in options}


def _texts(count: int, seed: int) -> tuple[Any, np.ndarray]:
    rng = np.random.default_rng(seed)
    texts = np.empty(count, object)
    for i in range(count):
        texts[i] = rng.integers(1, 40, rng.integers(1, 9)).tolist()
    return texts, rng.integers(0, 2, count)


WORDS: list[dict[str, Any]] = [
    {},
    {"num_words": 20},
    {"num_words": 20, "skip_top": 6, "oov_char": None},
    {"maxlen": 5, "seed": 7},
    {"start_char": None},
    {"start_char": None, "index_from": 0, "num_words": 30},
    {"start_char": 0, "oov_char": 9, "index_from": 10, "skip_top": 15},
]


def imdb(keras: Keras) -> Record:
    load = keras.datasets.imdb.load_data
    (x, y), (x_test, y_test) = _texts(14, 0), _texts(9, 1)
    with _file(keras, load, "imdb.npz", x_train=x, y_train=y, x_test=x_test, y_test=y_test):
        return {str(o): _plain(load(**o)) for o in WORDS}


def reuters(keras: Keras) -> Record:
    load = keras.datasets.reuters.load_data
    x, y = _texts(17, 2)
    with _file(keras, load, "reuters.npz", x=x, y=y):
        record: Record = {str(o): _plain(load(**o)) for o in [*WORDS, {"test_split": 0.5}]}
    record["names"] = list(keras.datasets.reuters.get_label_names())
    return record


_case: Callable[..., Case] = functools.partial(Case, "datasets")
_small = [{}, {"test_split": 0.5, "seed": 3}, {"test_split": 0}]

CASES = [
    _case("boston", functools.partial(housing, name="boston_housing", options=_small)),
    _case(
        "california",
        functools.partial(
            housing, name="california_housing", options=[*_small[:1], {"version": "small"}]
        ),
    ),
    _case("imdb", imdb),
    _case("reuters", reuters),
]
