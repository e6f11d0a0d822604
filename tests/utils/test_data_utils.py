"""PyDataset, pad_sequences, split_dataset, timeseries_dataset_from_array: what goldens do not say."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina.utils import (
    PyDataset,
    pad_sequences,
    split_dataset,
    timeseries_dataset_from_array,
)


class Counted(PyDataset):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> int:
        return index * 10


class Endless(PyDataset):
    num_batches = None

    def __getitem__(self, index: int) -> int:
        return index


class Forgetful(Counted):
    def __init__(self) -> None:
        pass


def test_py_dataset() -> None:
    data = Counted(workers=2, use_multiprocessing=True, max_queue_size=4)
    assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (2, True, 4)
    assert data.num_batches == 3
    assert list(data) == [0, 10, 20]
    assert list(itertools.islice(Endless(), 4)) == [0, 1, 2, 3]
    assert lamina.utils.Sequence is PyDataset


def test_py_dataset_without_its_parts() -> None:
    with pytest.raises(NotImplementedError, match="num_batches"):
        PyDataset().num_batches  # noqa: B018
    with pytest.raises(NotImplementedError, match="__getitem__"):
        PyDataset()[0]
    with pytest.warns(UserWarning, match="super"):
        assert Forgetful().workers == 1
    with pytest.raises(ValueError, match="workers=-1"):
        Counted(workers=-1)
    with pytest.raises(TypeError, match="max_queue_size"):
        Counted(max_queue_size=1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sequences", "options", "message"),
    [
        (3, {}, "`sequences` must be a sequence of sequences"),
        ([[1], 2], {}, "position 1: 2"),
        ([], {}, "`maxlen` is needed"),
        ([[1]], {"padding": "both"}, "padding='both'"),
        ([[1]], {"truncating": "both"}, "truncating='both'"),
        ([[1]], {"value": "a"}, "value='a'"),
        ([[1]], {"maxlen": -1}, "maxlen=-1"),
        ([[[1, 2]], [[3]]], {}, r"\(1,\) in the sequence at position 1"),
    ],
)
def test_bad_sequences(sequences: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pad_sequences(sequences, **options)


@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("truncating", ["pre", "post"])
def test_sequences_of_length_0(padding: str, truncating: str) -> None:
    assert pad_sequences([[1, 2]], 0, padding=padding, truncating=truncating).shape == (1, 0)
    assert np.array_equal(pad_sequences([[], []], 2, value=7), [[7, 7], [7, 7]])


def test_split_keeps_the_structure() -> None:
    x, y = np.arange(12).reshape(6, 2), np.arange(6)
    data = {"x": (x, {"again": x}), "y": y}
    left, right = split_dataset(data, left_size=0.5, shuffle=True, seed=1)
    for half in (left, right):
        assert list(half) == ["x", "y"]
        assert isinstance(half["x"], tuple)
        assert np.array_equal(half["x"][0], x[half["y"]])
        assert np.array_equal(half["x"][1]["again"], x[half["y"]])
    assert sorted([*left["y"], *right["y"]]) == list(range(6))


def test_split_without_a_shuffle_makes_no_copy() -> None:
    data = np.arange(10)
    left, right = split_dataset(data, right_size=2)
    assert np.shares_memory(left, data)
    assert np.array_equal(right, [8, 9])


@pytest.mark.parametrize(
    ("dataset", "options", "error", "message"),
    [
        (np.arange(9), {}, ValueError, "left_size=None and right_size=None"),
        (np.arange(9), {"left_size": 0}, ValueError, "left_size=0"),
        (np.arange(9), {"left_size": 9}, ValueError, "left_size=9"),
        (np.arange(9), {"right_size": 1.0}, ValueError, r"right_size=1\.0"),
        (np.arange(9), {"right_size": -1}, ValueError, "right_size=-1"),
        (np.arange(9), {"left_size": "3"}, TypeError, "left_size='3'"),
        (np.arange(9), {"left_size": 0.6, "right_size": 0.5}, ValueError, "larger than the 9"),
        (np.arange(9), {"left_size": 5, "right_size": 5}, ValueError, "larger than the 9"),
        (np.arange(9), {"left_size": 0.01}, ValueError, "left half"),
        ([1, 2, 3], {"left_size": 1}, TypeError, r"dataset\[0\] of type int"),
        ("abc", {"left_size": 1}, TypeError, "of type str"),
        ([], {"left_size": 1}, ValueError, "at least one array"),
        ((np.ones(3), np.ones(4)), {"left_size": 1}, ValueError, r"\(3,\).*\(4,\)"),
        (np.arange(9), {"left_size": 1, "preferred_backend": "torch"}, ValueError, "torch"),
        (np.arange(9), {"left_size": 1, "shuffle": True, "seed": "a"}, TypeError, "seed='a'"),
    ],
)
def test_bad_splits(
    dataset: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        split_dataset(dataset, **options)


def test_windows_of_a_memmap_are_made_when_asked_for(tmp_path: Path) -> None:
    data = np.memmap(tmp_path / "series", "float32", "w+", shape=(1000, 3))
    data[:] = np.arange(3000).reshape(1000, 3)
    windows = timeseries_dataset_from_array(data, None, 10, batch_size=4)
    assert isinstance(windows.data, np.memmap)
    assert len(windows) == 248
    assert np.array_equal(windows[247], [data[i : i + 10] for i in range(988, 991)])
    with pytest.raises(IndexError, match="index=248"):
        windows[248]


def test_shuffled_windows() -> None:
    """Each window once, in an order of its own in each epoch, with its target; one seed, one order."""
    data = np.arange(50)

    def epochs() -> list[list[int]]:
        windows = timeseries_dataset_from_array(data, data, 5, shuffle=True, seed=3, batch_size=8)
        found = []
        for _ in range(2):
            batches = list(windows)
            assert all(np.array_equal(x[:, 0], y) for x, y in batches)
            found.append([int(i) for _, y in batches for i in y])
            windows.on_epoch_end()
        return found

    first, second = epochs()
    assert first != second
    assert sorted(first) == sorted(second) == list(range(46))
    assert epochs() == [first, second]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"sampling_rate": 0}, ValueError, "sampling_rate=0"),
        ({"sampling_rate": 20}, ValueError, "sampling_rate=20"),
        ({"sequence_stride": 0}, ValueError, "sequence_stride=0"),
        ({"sequence_stride": 20}, ValueError, "sequence_stride=20"),
        ({"start_index": -1}, ValueError, "start_index=-1"),
        ({"start_index": 20}, ValueError, "start_index=20"),
        ({"end_index": 20}, ValueError, "end_index=20"),
        ({"end_index": -2}, ValueError, "end_index=-2"),
        ({"start_index": 5, "end_index": 5}, ValueError, "end_index=5"),
        ({"format": "torch"}, ValueError, "format='torch'"),
        ({"sequence_length": 21}, ValueError, "no window in 20 steps"),
        ({"sequence_length": 0}, ValueError, "sequence_length=0"),
        ({"batch_size": 0}, ValueError, "batch_size=0"),
        ({"targets": []}, ValueError, "0 targets"),
        (
            {"targets": np.arange(17), "start_index": 2},
            ValueError,
            "`targets` must have .* up to step 16, and a window that begins at 17",
        ),
        ({"shuffle": True, "seed": 1.5}, TypeError, "seed=1.5"),
    ],
)
def test_bad_windows(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        timeseries_dataset_from_array(
            **{"data": np.arange(20), "targets": None, "sequence_length": 3, **options}
        )


def test_clear_session_has_three_names() -> None:
    lamina.utils.clear_session()
    first = lamina.layers.Dropout(0.1).name
    lamina.backend.clear_session()
    assert lamina.layers.Dropout(0.1).name == first == "dropout"
    lamina.config.clear_session()
    assert lamina.layers.Dropout(0.1).name == "dropout"
