"""`model.export`: the format by the ending, what is refused, and files that are whole or as before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lamina
from lamina import layers


@pytest.fixture
def model() -> lamina.Model:
    return lamina.Sequential([lamina.Input((4,), name="x"), layers.Dense(2, name="y")])


@pytest.mark.parametrize(
    ("name", "format", "first"),
    [
        ("m.py", None, b'"""Predictions'),
        ("M.PY", None, b'"""Predictions'),
        ("m.txt", "numpy", b'"""Predictions'),
        ("m.onnx", None, b"\x08\x08\x12\x06lamina"),
        ("m.py", "onnx", b"\x08\x08\x12\x06lamina"),
    ],
)
def test_the_format_is_told_by_the_ending_or_by_name(
    model: lamina.Model, tmp_path: Path, name: str, format: str | None, first: bytes
) -> None:
    if first.endswith(b"lamina"):
        pytest.importorskip("onnx")
    model.export(tmp_path / name, format, verbose=False)
    assert (tmp_path / name).read_bytes().startswith(first)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(("verbose", "printed"), [(None, True), (True, True), (False, False)])
def test_it_says_where_as_keras_does(
    model: lamina.Model,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    verbose: bool | None,
    printed: bool,
) -> None:
    path = str(tmp_path / "m.py")
    model.export(path, verbose=verbose)
    assert capsys.readouterr().out == (f"Saved artifact at '{path}'.\n" if printed else "")


def test_an_exported_model_goes_on_training(model: lamina.Model, tmp_path: Path) -> None:
    x = np.ones((4, 4), np.float32)
    before = model.predict(x, verbose=0)
    model.export(tmp_path / "m.py", verbose=False)
    np.testing.assert_array_equal(model.predict(x, verbose=0), before)
    model.compile("sgd", "mse")
    model.fit(x, np.ones((4, 2)), verbose=0)
    assert (model.predict(x, verbose=0) != before).any()


# --- input_signature ------------------------------------------------------------------------------


@pytest.mark.parametrize("nested", [False, True])
def test_a_signature_builds_the_model(tmp_path: Path, nested: bool) -> None:
    model = lamina.Sequential([layers.Dense(2)])
    spec = layers.InputSpec(shape=(None, 4))
    model.export(tmp_path / "m.py", verbose=False, input_signature=[spec] if nested else spec)
    assert model.input_shape == (None, 4)


def test_a_signature_that_does_not_fit_is_refused(model: lamina.Model, tmp_path: Path) -> None:
    model.export(tmp_path / "m.py", verbose=False, input_signature=[np.zeros((1, 4))])
    with pytest.raises(
        ValueError, match=r"`input_signature` must have the shapes.*\[\(4,\)\].*\[\(5,\)\]"
    ):
        model.export(tmp_path / "m.py", input_signature=layers.InputSpec(shape=(None, 5)))
    with pytest.raises(TypeError, match=r"objects with a shape.*Received: 4"):
        model.export(tmp_path / "m.py", input_signature=[4])
    with pytest.raises(TypeError, match="objects with a shape"):
        model.export(tmp_path / "m.py", input_signature=[layers.InputSpec(ndim=2)])


# --- errors ---------------------------------------------------------------------------------------


def test_other_endings_and_formats_are_refused(model: lamina.Model, tmp_path: Path) -> None:
    for name in ("model", "model.tflite", "model.keras"):
        with pytest.raises(ValueError, match=f"told by the ending, one of .*'.onnx'.*{name}"):
            model.export(tmp_path / name)
    for format in ("tf_saved_model", "openvino", "litert", "ONNX"):
        with pytest.raises(
            ValueError, match=f"`format` must be one of 'onnx', 'numpy'.*'{format}'"
        ):
            model.export(tmp_path / "m.onnx", format=format)
    assert not list(tmp_path.iterdir())


def test_options_that_a_format_does_not_have_are_refused(
    model: lamina.Model, tmp_path: Path
) -> None:
    with pytest.raises(TypeError, match="opset_version"):
        model.export(tmp_path / "m.py", opset_version=17)
    with pytest.raises(TypeError, match="is_static"):
        model.export(tmp_path / "m.onnx", is_static=True)


def test_a_model_that_is_not_built_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not built yet"):
        lamina.Sequential([layers.Dense(2)]).export(tmp_path / "m.py")


def test_a_path_that_cannot_be_written(model: lamina.Model, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing was written: .*m\.py"):
        model.export(tmp_path / "nowhere" / "m.py")
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(OSError, match=r"nothing was written.*folder\.py"):
        model.export(tmp_path / "folder.py")


def test_what_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_text("old")
    x = lamina.Input((4,))
    model = lamina.Model(x, layers.Lambda(lambda x: lamina.ops.erfinv(x))(x))
    pytest.importorskip("onnx")
    with pytest.raises(ValueError, match="no operation for"):
        model.export(path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]
