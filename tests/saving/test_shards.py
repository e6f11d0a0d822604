"""Weights in several files: back with the same bits, and never half a set."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds_of_models import KINDS, trained

import lamina
from lamina import layers

pytest.importorskip("h5py")

GIGABYTE = 1024**3


def state(model: Any) -> list[np.ndarray]:
    return [v.numpy() for v in [*model.variables, *model.optimizer.variables]]


def largest(model: Any) -> int:
    return max(array.nbytes for array in state(model))


def assert_same(first: Any, second: Any) -> None:
    for a, b in zip(state(first), state(second), strict=True):
        np.testing.assert_array_equal(a, b)


def filled(value: float) -> Any:
    """A model whose weights all have this value."""
    model = lamina.Sequential([layers.Input((30,)), layers.Dense(40), layers.Dense(30)])
    model.set_weights([np.full_like(w, value) for w in model.get_weights()])
    return model


def save(model: Any, folder: Path, size: int = 5000, name: str = "m") -> Path:
    path = folder / f"{name}.weights.json"
    model.save_weights(path, max_shard_size=size / GIGABYTE)
    return path


def values_in(path: Path) -> set[float]:
    """The values of the weights that load."""
    model = filled(-1.0)
    model.load_weights(path)
    return {float(v) for w in model.get_weights() for v in np.unique(w)}


@pytest.mark.parametrize("sizes", [1, 2, 10**6])
@pytest.mark.parametrize("kind", KINDS)
def test_they_come_back(kind: str, sizes: int, tmp_path: Path) -> None:
    model, other = trained(lamina, kind), trained(lamina, kind)
    path = save(model, tmp_path, sizes * largest(model))
    other.load_weights(path)
    assert_same(model, other)
    shards = sorted(tmp_path.glob("*.h5"))
    assert (len(shards) == 1) == (sizes == 10**6)
    for m in (model, other):
        m.fit(np.ones((8, 4)), np.ones((8, 3)), verbose=0)
    assert_same(model, other)


def test_no_file_has_more_than_the_limit(tmp_path: Path) -> None:
    save(filled(1.0), tmp_path, 4800)
    index = json.loads((tmp_path / "m.weights.json").read_text())
    assert index["metadata"]["total_size"] == 4 * (30 * 40 + 40 + 40 * 30 + 30)
    for shard in tmp_path.glob("*.h5"):
        arrays, _ = lamina.saving.hdf5.from_hdf5(shard.read_bytes())
        assert sum(array.nbytes for array in arrays.values()) <= 4800


def test_a_set_takes_the_place_of_another(tmp_path: Path) -> None:
    """Of more files and fewer, again and again; nothing else stays, and other sets stay."""
    save(filled(9.0), tmp_path, name="m_00000")
    save(filled(8.0), tmp_path, name="mb")
    (tmp_path / "m_notes.weights.h5").write_bytes(b"mine")
    others = set(os.listdir(tmp_path))
    for value, size in enumerate((5000, 4800, 10**6, 4800, 4800)):
        path = save(filled(value), tmp_path, size)
        assert values_in(path) == {float(value)}
        index = json.loads(path.read_text())
        listed = {name for names in index["weight_map"].values() for name in names}
        there = set(os.listdir(tmp_path)) - others
        assert there == listed | {"m.weights.json", "m_00000.weights.h5"}  # which Keras opens
    assert values_in(tmp_path / "m_00000.weights.json") == {9.0}
    assert values_in(tmp_path / "mb.weights.json") == {8.0}
    assert (tmp_path / "m_notes.weights.h5").read_bytes() == b"mine"


def test_an_array_larger_than_the_limit(tmp_path: Path) -> None:
    path = save(filled(1.0), tmp_path)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(ValueError, match=r"max_shard_size.*dense/vars/0 has 4800 bytes"):
        save(filled(2.0), tmp_path, 4799)
    assert sorted(os.listdir(tmp_path)) == before
    assert values_in(path) == {1.0}


@pytest.mark.parametrize("calls", range(6))
def test_a_disk_that_fails(calls: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each of the files, and at the index: the old set stays, and is alone."""
    path = save(filled(1.0), tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert len(before) == 3
    replace, done = os.replace, []

    def fails(*args: Any) -> None:
        done.append(args)
        if len(done) > calls:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(*args)

    monkeypatch.setattr(os, "replace", fails)
    if calls < 3:  # two files and the index
        with pytest.raises(OSError, match="No space left"):
            save(filled(2.0), tmp_path)
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    elif calls == 3:  # the empty first file, which only Keras wants
        with pytest.raises(OSError, match="No space left"):
            save(filled(2.0), tmp_path)
        assert values_in(path) == {2.0}
    else:
        save(filled(2.0), tmp_path)
        assert values_in(path) == {2.0}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_process_that_is_killed_leaves_a_whole_set(tmp_path: Path) -> None:
    path = save(filled(1.0), tmp_path)
    rng = random.Random(0)
    for _ in range(25):
        child = os.fork()
        if not child:
            while True:
                for value in (2.0, 3.0):
                    save(filled(value), tmp_path)
        time.sleep(rng.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert len(values_in(path)) == 1
    save(filled(4.0), tmp_path)
    assert values_in(path) == {4.0}


def test_files_of_two_sets_are_not_mixed(tmp_path: Path) -> None:
    """As after a copy that was not finished."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    path = save(filled(1.0), tmp_path / "a")
    save(filled(2.0), tmp_path / "b")
    second = tmp_path / "a" / "m_00001.weights.h5"
    second.write_bytes((tmp_path / "b" / second.name).read_bytes())
    with pytest.raises(ValueError, match=r"m_00001\.weights\.h5 is damaged, or belongs to another"):
        values_in(path)
    second.unlink()
    with pytest.raises(FileNotFoundError, match=r"m_00001\.weights\.h5"):
        values_in(path)


def test_names(tmp_path: Path) -> None:
    model = filled(1.0)
    with pytest.warns(UserWarning, match=r"written as .*m\.weights\.json"):
        model.save_weights(tmp_path / "m.weights.h5", max_shard_size=1)
    assert sorted(os.listdir(tmp_path)) == ["m.weights.json", "m_00000.weights.h5"]
    for name in ("m.json", "m.safetensors", "m.keras", "m"):
        with pytest.raises(ValueError, match=r"must end in `\.weights\.json`"):
            model.save_weights(tmp_path / name, max_shard_size=1)
    with pytest.raises(ValueError, match="max_shard_size"):
        model.save_weights(tmp_path / "m.weights.json")
    with pytest.raises(ValueError, match="load_weights"):
        lamina.models.load_model(tmp_path / "m.weights.json")
    with pytest.raises(FileNotFoundError, match="filepath="):
        model.load_weights(tmp_path / "no.weights.json")
    for size in (0, -1, float("nan"), float("inf"), "1GB", True):
        with pytest.raises((ValueError, TypeError), match="max_shard_size"):
            model.save_weights(tmp_path / "n.weights.json", max_shard_size=size)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not yet been built"):
        lamina.Sequential([layers.Dense(2)]).save_weights(
            tmp_path / "n.weights.json", max_shard_size=1
        )
    with pytest.raises(FileExistsError, match="overwrite"):
        model.save_weights(tmp_path / "m.weights.json", overwrite=False, max_shard_size=1)
    assert sorted(os.listdir(tmp_path)) == ["m.weights.json", "m_00000.weights.h5"]


def test_a_model_without_weights(tmp_path: Path) -> None:
    """Its random streams are kept all the same."""
    model, other = (
        lamina.Sequential([layers.Input((4,)), layers.Dropout(0.5, seed=3)]) for _ in range(2)
    )
    x = np.ones((8, 4), np.float32)
    model(x, training=True)
    for _ in range(2):
        path = save(model, tmp_path)
    other.load_weights(path)
    np.testing.assert_array_equal(model(x, training=True), other(x, training=True))


def test_an_index_behind_a_link(tmp_path: Path) -> None:
    """The set is where the link leads to."""
    (tmp_path / "there").mkdir()
    path = save(filled(1.0), tmp_path / "there")
    (tmp_path / "link.weights.json").symlink_to(path)
    assert values_in(tmp_path / "link.weights.json") == {1.0}
    save(filled(2.0), tmp_path, name="link")
    assert values_in(path) == {2.0}
    assert sorted(os.listdir(tmp_path)) == ["link.weights.json", "there"]


def test_weights_that_do_not_fit(tmp_path: Path) -> None:
    path = save(filled(1.0), tmp_path)
    other = lamina.Sequential([layers.Input((30,)), layers.Dense(40), layers.Dense(3)])
    before = other.get_weights()
    with pytest.raises(ValueError, match="1 objects could not be loaded"):
        other.load_weights(path)
    for a, b in zip(before, other.get_weights()):
        np.testing.assert_array_equal(a, b)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(other.get_weights()[0], np.ones((30, 40)))
