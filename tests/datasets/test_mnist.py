"""MNIST and Fashion-MNIST files: where they are looked for, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import socket
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from lamina.datasets import _files, fashion_mnist, mnist
from lamina.utils import _download

Array = npt.NDArray[Any]


@pytest.fixture(scope="module")
def arrays() -> dict[str, Array]:
    """The right shapes; each array's first numbers tell it from the others."""
    made = {key: np.zeros(shape, np.uint8) for key, shape in _files.SHAPES.items()}
    for mark, array in enumerate(made.values()):
        array.reshape(-1)[:3] = mark, 9, 1
    return made


@pytest.fixture(scope="module")
def npz(arrays: dict[str, Array]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.fixture(scope="module")
def idx(arrays: dict[str, Array]) -> dict[str, bytes]:
    return {
        name: gzip.compress(header(arrays[key].shape) + arrays[key].tobytes(), 1)
        for key, name in fashion_mnist._FILES.items()
    }


def header(shape: tuple[int, ...], kind: int = 8) -> bytes:
    return bytes([0, 0, kind, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)


@pytest.fixture
def closed_port() -> Iterator[str]:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed_port: str) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "LAMINA_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(_files, "ORIGIN", closed_port)


def use(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("LAMINA_DATA_DIR", str(folder))
    return folder


def check(loaded: Any, arrays: dict[str, Array]) -> None:
    (x_train, y_train), (x_test, y_test) = loaded
    found = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    for key, array in found.items():
        assert array.dtype == np.uint8
        assert array.flags.writeable
        np.testing.assert_array_equal(array, arrays[key])


def test_data_dir_comes_first_and_needs_no_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrays: dict[str, Array], npz: bytes
) -> None:
    (use(monkeypatch, tmp_path / "data") / "mnist.npz").write_bytes(npz)
    (tmp_path / "home" / "datasets").mkdir(parents=True)
    (tmp_path / "home" / "datasets" / "mnist.npz").write_bytes(b"not looked at")
    check(mnist.load_data(), arrays)
    (tmp_path / "data" / "mnist.npz").rename(tmp_path / "data" / "other.npz")
    check(mnist.load_data("other.npz"), arrays)


def test_then_keras_cache_with_the_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrays: dict[str, Array], npz: bytes
) -> None:
    use(monkeypatch, tmp_path / "empty")
    (tmp_path / "home" / "datasets").mkdir(parents=True)
    (tmp_path / "home" / "datasets" / "mnist.npz").write_bytes(npz)
    with pytest.raises(FileNotFoundError, match=r"home/datasets/mnist.npz is damaged"):
        mnist.load_data()
    monkeypatch.setattr(mnist, "_SHA256", hashlib.sha256(npz).hexdigest())
    check(mnist.load_data(), arrays)


def test_then_the_network_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrays: dict[str, Array], npz: bytes
) -> None:
    (tmp_path / "origin").mkdir()
    (tmp_path / "origin" / "mnist.npz").write_bytes(npz)
    monkeypatch.setattr(_files, "ORIGIN", (tmp_path / "origin").as_uri() + "/")
    with pytest.raises(ValueError, match="does not have the sha256 hash 731c5ac602752760c8e48f"):
        mnist.load_data()
    assert not (tmp_path / "home").exists()
    monkeypatch.setattr(mnist, "_SHA256", hashlib.sha256(npz).hexdigest())
    check(mnist.load_data(), arrays)
    (tmp_path / "origin" / "mnist.npz").unlink()
    check(mnist.load_data(), arrays)


def test_an_absolute_path_is_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrays: dict[str, Array], npz: bytes
) -> None:
    place = tmp_path / "deep" / "my.npz"
    with pytest.raises(OSError, match="Could not download"):
        mnist.load_data(place)
    (tmp_path / "mnist.npz").write_bytes(npz)
    monkeypatch.setattr(_files, "ORIGIN", tmp_path.as_uri() + "/")
    monkeypatch.setattr(mnist, "_SHA256", hashlib.sha256(npz).hexdigest())
    check(mnist.load_data(place), arrays)
    assert os.listdir(tmp_path / "deep") == ["my.npz"]
    monkeypatch.setattr(_files, "ORIGIN", "http://127.0.0.1:9/")
    check(mnist.load_data(str(place)), arrays)
    with pytest.raises(ValueError, match="fname must be a plain name"):
        mnist.load_data("folder/mnist.npz")


@pytest.mark.parametrize("load", [mnist.load_data, fashion_mnist.load_data])
def test_without_network_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load: Any
) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        load()
    parts = ["$LAMINA_DATA_DIR: not set", str(tmp_path / "home" / "datasets"), "Could not download"]
    text = str(caught.value)
    assert sorted(parts, key=text.index) == parts
    assert "lamina.datasets.digits" in text
    assert not list(tmp_path.iterdir())
    use(monkeypatch, tmp_path / "data")
    with pytest.raises(FileNotFoundError, match=f"no file {tmp_path}/data/"):
        load()


def test_a_name_that_is_never_found_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    def forever(*args: Any, **kwargs: Any) -> Any:
        time.sleep(3)
        raise socket.gaierror("too late")

    monkeypatch.setattr(_download, "_TIMEOUT", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", forever)
    monkeypatch.setattr(_files, "ORIGIN", "http://nowhere.invalid/")
    start = time.monotonic()
    with pytest.raises(FileNotFoundError, match=r"no answer within 0.2 seconds"):
        mnist.load_data()
    assert time.monotonic() - start < 2


def broken(arrays: dict[str, Array], **changes: Any) -> bytes:
    buffer = io.BytesIO()
    members = {**arrays, **changes}
    np.savez_compressed(buffer, **{k: v for k, v in members.items() if v is not None})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": None}, "no array 'y_test'"),
        ({"y_test": np.zeros(10000)}, r"'y_test' is float64 \(10000,\), expected uint8"),
        ({"y_test": np.zeros(9999, "uint8")}, r"'y_test' is uint8 \(9999,\), expected.*10000"),
        ({"y_test": np.full(10000, 10, "uint8")}, "label 0 is 10, expected 0 to 9"),
        ({"y_test": np.array([{}] * 10000)}, "'y_test': it is object"),
    ],
)
def test_wrong_arrays_are_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arrays: dict[str, Array],
    changes: Any,
    message: str,
) -> None:
    path = use(monkeypatch, tmp_path) / "mnist.npz"
    path.write_bytes(broken(arrays, **changes))
    with pytest.raises(ValueError, match=f"{path} is not the MNIST file: .*{message}"):
        mnist.load_data()


def test_broken_zips_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, npz: bytes) -> None:
    path = use(monkeypatch, tmp_path) / "mnist.npz"
    flipped = bytearray(npz)
    flipped[len(npz) // 2] ^= 255
    for content in (b"", b"PK", npz[:1000], npz[:-10], bytes(flipped)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=f"{path} is not the MNIST file"):
            mnist.load_data()


def test_a_header_that_lies_about_the_size_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrays: dict[str, Array]
) -> None:
    path = use(monkeypatch, tmp_path) / "mnist.npz"
    head = io.BytesIO()
    huge = {"descr": "|u1", "fortran_order": False, "shape": (2**50,)}
    np.lib.format.write_array_header_1_0(head, huge)
    with zipfile.ZipFile(path, "w") as archive:
        for key in arrays:
            archive.writestr(f"{key}.npy", head.getvalue())
    with pytest.raises(ValueError, match=r"is uint8 of shape \(1125899906842624,\), but"):
        mnist.load_data()


def test_fashion_from_the_data_dir_and_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrays: dict[str, Array], idx: dict[str, bytes]
) -> None:
    own = use(monkeypatch, tmp_path / "data" / "fashion-mnist")
    monkeypatch.setenv("LAMINA_DATA_DIR", str(own.parent))
    for name, content in idx.items():
        (own / name).write_bytes(content)
    check(fashion_mnist.load_data(), arrays)
    (tmp_path / "home" / "datasets").mkdir(parents=True)
    own.rename(tmp_path / "home" / "datasets" / "fashion-mnist")
    check(fashion_mnist.load_data(), arrays)


def test_fashion_downloads_a_damaged_file_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arrays: dict[str, Array],
    idx: dict[str, bytes],
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "origin").mkdir()
    for name, content in idx.items():
        (tmp_path / "origin" / name).write_bytes(content)
    monkeypatch.setattr(_files, "ORIGIN", (tmp_path / "origin").as_uri() + "/")
    check(fashion_mnist.load_data(), arrays)
    bad = tmp_path / "home" / "datasets" / "fashion-mnist" / "t10k-labels-idx1-ubyte.gz"
    bad.write_bytes(bad.read_bytes()[:40])
    capsys.readouterr()
    check(fashion_mnist.load_data(), arrays)
    out = capsys.readouterr().out
    assert f"{bad} is not the expected idx file" in out
    assert out.count("Downloading") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "starts with , expected 00000801"),
        (header((10000,), kind=13) + bytes(10000), "starts with 00000d01, expected 00000801"),
        (header((10000, 1)) + bytes(10000), "starts with 00000802, expected 00000801"),
        (header((2**32 - 1,)) + bytes(10000), r"header says shape \(4294967295,\)"),
        (header((10000,))[:6], r"header says shape \(\)"),
        (header((10000,)) + bytes(9999), "holds 9999 values, expected 10000"),
        (header((10000,)) + bytes(10001), "holds more than 10000 values"),
        (header((10000,)) + bytes(77) + b"\x0a" + bytes(9922), "label 77 is 10"),
    ],
)
def test_wrong_idx_files_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=f"{path} is not the expected idx file: .*{message}"):
        _files.read_idx(str(path), (10000,))


def test_broken_gzip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.gz"
    labels = np.random.default_rng(0).integers(0, 10, 10000, "uint8")
    whole = gzip.compress(header((10000,)) + labels.tobytes())
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 255
    for content in (b"none", whole[: len(whole) // 2], whole[:-4], bytes(flipped)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=f"{path} is not the expected idx file"):
            _files.read_idx(str(path), (10000,))
    path.write_bytes(whole)
    np.testing.assert_array_equal(_files.read_idx(str(path), (10000,)), labels)


REAL = os.path.join(os.environ.get("LAMINA_DATA_DIR", ""), "mnist.npz")


@pytest.mark.skipif(
    not os.path.exists(REAL),
    reason="needs real MNIST: LAMINA_DATA_DIR names no folder with mnist.npz",
)
def test_real_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMINA_DATA_DIR", os.path.dirname(REAL))
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(y_train).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert x_train.mean() == pytest.approx(33.318, abs=1e-3)
    assert x_test.mean() == pytest.approx(33.791, abs=1e-3)
