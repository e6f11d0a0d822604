"""Houses, CIFAR, reviews and newswires: where their files are looked for, and what is refused."""

from __future__ import annotations

import io
import json
import os
import pickle
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamina import datasets
from lamina.datasets import _files, cifar10, cifar100, imdb, reuters
from lamina.utils import _download

rng = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: Any, **__: Any) -> None:
        raise OSError("no network here")

    monkeypatch.delenv("LAMINA_DATA_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(_download, "urlopen", no_network)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("LAMINA_DATA_DIR", str(folder))
    return folder


def images(n: int) -> np.ndarray:
    return rng.integers(0, 256, (n, 32, 32, 3), np.uint8)


def batch(x: np.ndarray, **labels: list[int]) -> bytes:
    """As CIFAR's authors wrote it: bytes as keys, one plane of a colour after the other."""
    rows = np.concatenate([x[:, :, :, c].reshape(len(x), -1) for c in range(3)], axis=1)
    return pickle.dumps({b"data": rows, **{k.encode(): v for k, v in labels.items()}}, 3)


def cifar10_files(sizes: tuple[int, ...] = (2, 3, 1, 2, 2, 4)) -> tuple[dict[str, bytes], Any]:
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    x = [images(n) for n in sizes]
    y = [rng.integers(0, 10, n).tolist() for n in sizes]
    files = {name: batch(a, labels=b) for name, a, b in zip(names, x, y)}
    train = np.concatenate(x[:5]), np.array([v for part in y[:5] for v in part], np.uint8)[:, None]
    return files, (train, (x[5], np.array(y[5], np.uint8)[:, None]))


def write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def check(loaded: Any, want: Any) -> None:
    for half, wanted in zip(loaded, want):
        for array, other in zip(half, wanted):
            assert array.dtype == other.dtype
            assert np.array_equal(array, other)


def test_cifar10_in_a_folder(own: Path) -> None:
    files, want = cifar10_files()
    write(own / "cifar-10-batches-py", files)
    check(datasets.cifar10.load_data(), want)


def test_cifar10_in_the_cache(tmp_path: Path) -> None:
    files, want = cifar10_files()
    cache = tmp_path / "home" / "datasets" / "cifar-10-batches-py-target"
    write(cache / "cifar-10-batches-py", files)
    check(datasets.cifar10.load_data(), want)


def test_cifar10_as_an_archive_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, want = cifar10_files()
    place = tmp_path / "home" / "datasets" / "cifar-10-batches-py-target_archive"
    place.parent.mkdir(parents=True)
    with tarfile.open(place, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    monkeypatch.setattr(cifar10, "_SHA256", sha256(place.read_bytes()).hexdigest())
    check(datasets.cifar10.load_data(), want)


def test_cifar100(own: Path) -> None:
    x, x_test = images(5), images(3)
    labels = {"fine_labels": [9, 99, 3, 4, 5], "coarse_labels": [1, 19, 3, 4, 5]}
    test = {"fine_labels": [7, 8, 9], "coarse_labels": [0, 1, 2]}
    files = {"train": batch(x, **labels), "test": batch(x_test, **test)}
    write(own / "cifar-100-python", files)
    for mode in ("fine", "coarse"):
        y, y_test = labels[f"{mode}_labels"], test[f"{mode}_labels"]
        want = (x, np.array(y)[:, None]), (x_test, np.array(y_test)[:, None])
        check(datasets.cifar100.load_data(mode), want)
    with pytest.raises(ValueError, match="label_mode='rough'"):
        cifar100.load_data("rough")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cut off"),
        (b"nonsense", "not the expected pickle"),
        (pickle.dumps(os.system), "posix.system"),
        (pickle.dumps({b"data": np.zeros((2, 3), np.uint8), b"labels": [1, 2]}), "rows of 3072"),
        (pickle.dumps({b"labels": [1, 2]}), "rows of 3072"),
        (pickle.dumps({b"data": np.zeros((2, 3072), np.uint8), b"labels": [1]}), "2 labels"),
        (pickle.dumps([1]), "not the expected pickle"),
    ],
)
def test_a_bad_batch(content: bytes, message: str, own: Path) -> None:
    files, _ = cifar10_files()
    write(own / "cifar-10-batches-py", {**files, "data_batch_3": content})
    with pytest.raises(ValueError, match=message) as caught:
        cifar10.load_data()
    assert "data_batch_3" in str(caught.value)


def test_a_missing_batch(own: Path) -> None:
    files, _ = cifar10_files()
    del files["test_batch"]
    write(own / "cifar-10-batches-py", files)
    with pytest.raises(ValueError, match="no file test_batch"):
        cifar10.load_data()


LOADERS: list[tuple[Callable[[], Any], str]] = [
    (lambda: datasets.cifar10.load_data(), "cifar-10-batches-py"),
    (lambda: datasets.cifar100.load_data(), "cifar-100-python"),
    (lambda: datasets.boston_housing.load_data(), "boston_housing.npz"),
    (lambda: datasets.california_housing.load_data(), "california_housing.npz"),
    (lambda: datasets.imdb.load_data(), "imdb.npz"),
    (lambda: datasets.imdb.get_word_index(), "imdb_word_index.json"),
    (lambda: datasets.reuters.load_data(), "reuters.npz"),
    (lambda: datasets.reuters.get_word_index(), "reuters_word_index.json"),
]


@pytest.mark.parametrize(("load", "name"), LOADERS)
def test_without_a_file_it_says_what_was_tried(load: Callable[[], Any], name: str) -> None:
    with pytest.raises(FileNotFoundError, match=r"LAMINA_DATA_DIR.*Keras's cache.*no network") as e:
        load()
    assert name in str(e.value)


@pytest.mark.parametrize(("load", "name"), LOADERS[2:])
@pytest.mark.parametrize("content", [b"", b"PK nonsense", b"\xff"])
def test_a_broken_file(load: Callable[[], Any], name: str, content: bytes, own: Path) -> None:
    (own / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{name} is not the expected"):
        load()


def test_a_file_of_other_arrays(own: Path) -> None:
    np.savez(own / "boston_housing.npz", x=np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"y\.npy"):
        datasets.boston_housing.load_data()
    np.savez(own / "boston_housing.npz", x=np.ones((3, 2)), y=np.ones(4))
    with pytest.raises(ValueError, match="different lengths"):
        datasets.boston_housing.load_data()


def test_a_pickle_inside_cannot_run_code(own: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "broken_in"),)

    texts = np.array([Evil(), Evil()], object)
    np.savez(own / "reuters.npz", x=texts, y=np.zeros(2))
    with pytest.raises(ValueError, match="no part of an array"):
        reuters.load_data()
    assert not (tmp_path / "broken_in").exists()


def test_a_wrong_hash_in_the_cache(tmp_path: Path) -> None:
    place = tmp_path / "home" / "datasets"
    place.mkdir(parents=True)
    np.savez(place / "boston_housing.npz", x=np.ones((3, 2)), y=np.ones(3))
    with pytest.raises(FileNotFoundError, match="does not have the sha256 hash"):
        datasets.boston_housing.load_data()


def test_an_absolute_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, x=np.ones((5, 2)), y=np.arange(5))
    (x, _), (_, y_test) = datasets.boston_housing.load_data(path)
    assert (x.shape, len(y_test)) == ((4, 2), 1)


def test_word_index(own: Path) -> None:
    (own / "imdb_word_index.json").write_text(json.dumps({"the": 1, "été": 2}), encoding="utf-8")
    assert imdb.get_word_index() == {"the": 1, "été": 2}
    for text, message in (
        ("[1]", "must be a JSON object"),
        ('{"a": "b"}', "not all integers"),
        ('{"a": 1, "a": 2}', "twice"),
        ("[" * 10**6, "cannot be read"),
    ):
        (own / "reuters_word_index.json").write_text(text)
        with pytest.raises(ValueError, match=f"reuters_word_index.json is not.*{message}"):
            reuters.get_word_index()


@pytest.mark.parametrize(
    ("load", "message"),
    [
        (lambda: datasets.boston_housing.load_data(test_split=1.0), r"test_split=1\.0"),
        (lambda: datasets.california_housing.load_data(test_split=-0.1), r"test_split=-0\.1"),
        (lambda: datasets.california_housing.load_data("medium"), "version='medium'"),
    ],
)
def test_bad_arguments(load: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load()


@pytest.mark.parametrize("maxlen", [1, 2])
def test_maxlen_that_leaves_nothing(maxlen: int, own: Path) -> None:
    texts = np.array([[1, 2], [3]], object)
    np.savez(own / "reuters.npz", x=texts, y=np.arange(2))
    np.savez(own / "imdb.npz", x_train=texts, y_train=[0, 1], x_test=texts, y_test=[0, 1])
    for module in (reuters, imdb):
        with pytest.raises(ValueError, match=f"maxlen={maxlen}"):
            module.load_data(maxlen=maxlen)


def test_the_origin_is_keras_own() -> None:
    assert _files.ORIGIN == "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
