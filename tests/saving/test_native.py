"""The native file: plain tensors for anyone, a checksum, versions; and Keras's files without h5py."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds_of_models import KINDS, X, trained

import lamina
from lamina import layers, models


@pytest.fixture
def path(tmp_path: Path) -> Path:
    trained(lamina, "sequential").save(tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


def header(data: bytes) -> dict[str, Any]:
    size = struct.unpack("<Q", data[:8])[0]
    found: dict[str, Any] = json.loads(data[8 : 8 + size])
    return found


def with_metadata(data: bytes, **changed: Any) -> bytes:
    """The file with other metadata, and the same arrays."""
    size = struct.unpack("<Q", data[:8])[0]
    entries = header(data)
    entries["__metadata__"] = {
        k: v for k, v in {**entries["__metadata__"], **changed}.items() if v is not None
    }
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data[8 + size :]


def test_the_metadata_say_what_is_in_it(path: Path) -> None:
    metadata = header(path.read_bytes())["__metadata__"]
    assert metadata["format"] == "lamina 1"
    assert json.loads(metadata["versions"])["lamina"] == lamina.__version__
    assert json.loads(metadata["config"])["class_name"] == "Sequential"
    assert len(metadata["checksum"]) == 64


def test_arrays_are_plain_tensors_of_torch(path: Path) -> None:
    torch = pytest.importorskip("torch")
    arrays = pytest.importorskip("safetensors.torch").load_file(path)
    model = models.load_model(path)
    kernel = arrays["layers/dense/vars/0"]
    assert kernel.dtype == torch.float32
    np.testing.assert_array_equal(kernel.numpy(), model.layers[0].kernel.numpy())


def test_another_version_of_the_format_is_refused(path: Path) -> None:
    path.write_bytes(with_metadata(path.read_bytes(), format="lamina 2"))
    for read in (models.load_model, trained(lamina, "sequential").load_weights):
        with pytest.raises(ValueError, match=r"'lamina 1'.*Received: 'lamina 2'"):
            read(path)


@pytest.mark.parametrize("change", ["last byte", "config", "no checksum"])
def test_a_damaged_file_is_refused(change: str, path: Path) -> None:
    data = path.read_bytes()
    if change == "last byte":
        data = data[:-1] + bytes([data[-1] ^ 1])
    elif change == "config":
        config = header(data)["__metadata__"]["config"].replace('"units": 5', '"units": 6')
        data = with_metadata(data, config=config)
    else:
        data = with_metadata(data, checksum=None)
    path.write_bytes(data)
    with pytest.raises(ValueError, match="damaged"):
        models.load_model(path)


def test_a_file_of_arrays_alone_is_no_model(tmp_path: Path) -> None:
    numpy = pytest.importorskip("safetensors.numpy")
    numpy.save_file({"a": np.zeros(3, np.float32)}, tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match=r"model\.load_weights"):
        models.load_model(tmp_path / "a.safetensors")


def test_a_model_that_is_not_built_goes_on_as_one(tmp_path: Path) -> None:
    lamina.utils.set_random_seed(3)
    model = KINDS["deferred"](lamina)
    with pytest.warns(UserWarning, match="not yet been built"):
        model.save(tmp_path / "m.safetensors")
    other = models.load_model(tmp_path / "m.safetensors")
    assert [type(layer) for layer in other.layers] == [layers.Dense, layers.Dense]
    assert other.predict(X, verbose=0).shape == (32, 3)


def test_writing_keras_files_without_h5py_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trained(lamina, "sequential")
    monkeypatch.setitem(sys.modules, "h5py", None)
    for write, name in ((model.save, "m.keras"), (model.save_weights, "m.weights.h5")):
        with pytest.raises(
            ImportError, match=r"^Keras's files need h5py: pip install lamina\[keras\]$"
        ):
            write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    model.save(tmp_path / "m.safetensors")


def test_reading_keras_files_needs_no_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("h5py")
    model = trained(lamina, "sequential")
    model.save(tmp_path / "m.keras")
    monkeypatch.setitem(sys.modules, "h5py", None)
    other = models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))


def test_a_file_that_is_kept_of_the_first_version_of_the_format() -> None:
    """`trained(lamina, "sequential")`, seed 1: its predictions as its arrays say them in NumPy."""
    path = Path(__file__).parent / "native_files" / "lamina_1.safetensors"
    arrays = pytest.importorskip("safetensors.numpy").load_file(path)
    model = models.load_model(path)
    kernel, bias = (arrays[f"layers/dense/vars/{i}"] for i in range(2))
    gamma, beta, mean, variance = (arrays[f"layers/batch_normalization/vars/{i}"] for i in range(4))
    h = (np.maximum(X @ kernel + bias, 0) - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    y = h @ arrays["layers/dense_1/vars/0"] + arrays["layers/dense_1/vars/1"]
    np.testing.assert_allclose(model.predict(X, verbose=0), y, atol=1e-6)
    assert int(model.optimizer.iterations.numpy()) == 8
    assert len(model.history.history["loss"]) == 2
