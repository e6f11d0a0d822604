"""Scripts that need NumPy alone: the same bits as the NumPy backend's, as modules and as programs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from export.architectures import ACTIVATIONS, LAYERS, activation, random_model, samples_of
from export.single import NOT_IN_PREDICTIONS, expected, graph_of_one
from lamina import backends, layers, ops
from lamina.export.graph import inference_graph
from lamina.export.numpy_script import OPERATIONS, export
from lamina.graph.operation import operations
from ops.cases import CASES

Array = np.ndarray


def module_of(text: str) -> dict[str, Any]:
    """What the script defines.  It imports the standard library and NumPy."""
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [x.name for x in node.names] if isinstance(node, ast.Import) else [node.module]
        )
    }
    assert imported <= {"base64", "functools", "math", "sys", "numpy"}
    defined: dict[str, Any] = {"__name__": "predict"}
    exec(compile(text, "predict.py", "exec"), defined)
    return defined


def script_of(model: Any) -> str:
    return export(inference_graph(model)).decode()


def assert_equal(model: Any, rows: int = 7, seed: int = 0) -> None:
    """The script gives the bits of the NumPy backend, and what the native one gives but for rounding."""
    samples = samples_of(model, rows, seed)
    native = lamina.tree.flatten(model.predict(samples, verbose=0))
    backends.set_backend("numpy")
    wanted = model.predict(samples, verbose=0)
    found = module_of(script_of(model))["predict"](*samples.values())
    lamina.tree.assert_same_structure(found, wanted)
    for f, w, n in zip(lamina.tree.flatten(found), lamina.tree.flatten(wanted), native):
        np.testing.assert_array_equal(f, w, strict=True)
        np.testing.assert_allclose(f, n, rtol=1e-5, atol=2e-6)


# --- operations -----------------------------------------------------------------------------------


def test_every_operation_of_predictions_can_be_written() -> None:
    assert set(operations) - OPERATIONS == {"dropout", "random_normal", "random_uniform"}


@pytest.mark.parametrize("name", sorted(set(operations) - NOT_IN_PREDICTIONS))
def test_operations_are_those_of_the_backend(name: str) -> None:
    cases = [c for c in CASES[name] if c.size < 10_000]
    for case in cases[:: -(-len(cases) // 12)]:
        for constants in {0, len(case.operands) - 1}:
            graph = graph_of_one(name, case, constants)
            text = export(graph).decode().replace("np.ascontiguousarray(y, t)", "y")
            defined = module_of(text)
            defined["_samples"], defined["_check_rows"] = lambda _, x, shape: x, lambda *_: None
            arrays = [np.asarray(x, np.float32) for x in case.operands[: len(graph.inputs)]]
            found = defined["_outputs"](*arrays)
            for y, f, wanted in zip(graph.outputs, found, expected(name, case), strict=True):
                np.testing.assert_array_equal(f, wanted, err_msg=case.name)
                assert (f.shape, f.dtype.name) == (wanted.shape, y.dtype), case.name


def _truths_and_whole_numbers(x: Any) -> Any:
    positive, large, place = x > 0, x > 1, ops.argmax(x, axis=-1)
    parts = [
        positive + large, positive * large, ops.maximum(positive, large), ops.abs(positive),
        ops.square(positive), ops.sign(large), -large, ops.where(positive, large, positive),
        ops.where(positive, ops.cast(x, "int32"), large), ops.cast(x, "int32") / 2,
        ops.cast(large, "float32"), ops.logical_xor(positive, large),
        ops.mod(ops.cast(x * 5, "int32"), 3), ops.cast(x, "int32") * large,
        ops.concatenate([positive, x], axis=1), ops.cast(x, "bool") + ops.isnan(x), positive == large,
        ops.exp(large), ops.one_hot(place, 4), ops.cumsum(large, axis=1), ops.sqrt(positive),
    ]  # fmt: skip
    rows = [
        ops.sum(positive, axis=1),
        ops.max(large, axis=1),
        ops.mean(positive, axis=1),
        place + 1,
    ]
    return ops.concatenate([*parts, *(ops.expand_dims(y, 1) for y in rows)], axis=1)


def test_truths_and_whole_numbers() -> None:
    x = lamina.Input((4,), name="x")
    model = lamina.Model(x, layers.Lambda(_truths_and_whole_numbers)(x))
    assert_equal(model, rows=30)


# --- models ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    assert_equal(LAYERS[name]())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str) -> None:
    assert_equal(activation(name))


@pytest.mark.parametrize("seed", range(48))
def test_random_architectures(seed: int) -> None:
    assert_equal(random_model(seed), rows=1 + seed % 9, seed=seed)


def test_what_is_as_large_as_the_batch() -> None:
    def shifted(x: Any) -> Any:
        rows = ops.reshape(x, (-1, 4))
        tall = ops.broadcast_to(ops.ones((1, 4)), rows.dims) - ops.mean(rows) + ops.size(x)
        return ops.reshape(tall, (-1, 3, 4))

    x = lamina.Input((3, 4), name="x")
    assert_equal(lamina.Model(x, layers.Lambda(shifted)(x)))


def test_sums_and_products_of_parts_are_taken_in_the_same_order() -> None:
    """NumPy before 2 adds up a product of every other column in another order than BLAS."""
    x = lamina.Input((300, 3), name="x")
    parts = [ops.flip(x, 1), x[:, ::2], ops.flip(x, (1, 2)), x[:, 5:250, 1:]]
    means = [ops.mean(y, axis=axis) for y in parts for axis in (1, 2, (1, 2))]
    products = [ops.matmul(y, np.ones((150, 64)) / 150) for y in (x[:, ::2, 0], x[:, 299::-2, 1])]
    assert_equal(lamina.Model(x, [*means, *products]), rows=40)


def test_nested_outputs() -> None:
    x = lamina.Input((4,), name="x")
    assert_equal(lamina.Model(x, {"a": [x + 1, x], "b": (x > 0, {"c": ops.relu(x)})}))


# --- how it reads ---------------------------------------------------------------------------------


def classifier() -> Any:
    x = lamina.Input((8,), name="features")
    hidden = layers.Dense(16, "relu", name="hidden")(x)
    hidden = layers.Dropout(0.5)(hidden) * 0.1
    return lamina.Model(x, layers.Dense(3, "softmax", name="class")(hidden), name="classifier")


def test_a_line_for_each_operation_below_the_name_of_its_layer() -> None:
    text = script_of(classifier())
    body = text.partition("w = _weights()\n")[2].partition("    return")[0]
    assert body == (
        "    # hidden\n"
        '    hidden_matmul = features @ w["hidden/kernel"]\n'
        '    hidden_add = hidden_matmul + w["hidden/bias"]\n'
        "    hidden_relu = relu(hidden_add)\n"
        "    # classifier\n"
        "    multiply = hidden_relu * float32(0.1)\n"
        "    # class\n"
        '    class_matmul = multiply @ w["class/kernel"]\n'
        '    class_add = class_matmul + w["class/bias"]\n'
        "    class_1 = softmax(class_add)\n"
    )
    assert "features: (batch, 8)" in text
    assert "def predict(features):" in text
    assert "python predict.py features.npy class.npy" in text


@pytest.mark.parametrize(
    "name",
    [
        "softmax", "np", "w", "batch", "float32", "_samples", "_outputs", "for", "len", "x", "y",
        "2 + 2", 'a"""b', "\\d\n{x}", "größe", "x²", "日本", "😀", "a\r\nb",
    ],
)  # fmt: skip
def test_any_name_will_do(name: str) -> None:
    x = lamina.Input((4,), name=name)
    layer = layers.Dense(3, "softmax", name=name.replace("x", "y") + "!")
    assert_equal(lamina.Model(x, {name: layer(x)}, name=name))


def test_numbers_keep_their_bits() -> None:
    numbers = np.random.default_rng(0).integers(0, 0x7F800000, 200, np.uint32).view(np.float32)
    from lamina.export.numpy_script.expressions import number

    for value in [*numbers, np.float32(np.inf), np.float32(-np.inf), np.float32(-0.0)]:
        read = eval(number(value), {"float32": np.float32})
        assert read.tobytes() == value.tobytes()
    assert np.isnan(eval(number(np.nan), {"float32": np.float32}))


# --- as a program ---------------------------------------------------------------------------------


def program(path: Path, *arguments: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-W", "error", str(path), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent, check=False)


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    model = classifier()
    path = tmp_path / "predict.py"
    model.export(path, verbose=False)
    x = samples_of(model, 5)["features"]
    np.save(tmp_path / "in.npy", x)
    done = program(path, tmp_path / "in.npy", tmp_path / "out.npy")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    backends.set_backend("numpy")
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), model.predict(x, verbose=0))


def test_several_outputs_go_to_one_file(tmp_path: Path) -> None:
    a, b = lamina.Input((2,), name="a"), lamina.Input((2,), name="b")
    path = tmp_path / "predict.py"
    lamina.Model([a, b], {"sum": a + b, "product": a * b}).export(path, verbose=False)
    for name in "ab":
        np.save(tmp_path / f"{name}.npy", np.full((3, 2), 3.0))
    done = program(path, *(tmp_path / name for name in ("a.npy", "b.npy", "out.npz")))
    assert (done.returncode, done.stderr) == (0, "")
    found = np.load(tmp_path / "out.npz")
    assert {name: found[name][0, 0] for name in found} == {"sum": 6.0, "product": 9.0}
    assert (
        program(path, tmp_path / "a.npy").stderr
        == "usage: python predict.py a.npy b.npy outputs.npz\n"
    )


# --- errors ---------------------------------------------------------------------------------------


def test_inputs_that_do_not_fit_are_refused() -> None:
    a, b = lamina.Input((2,), name="a"), lamina.Input((1,), name="b")
    predict = module_of(script_of(lamina.Model([a, b], layers.Concatenate()([a, b]))))["predict"]
    for x in (np.zeros((3, 3)), np.zeros(2), np.zeros(()), np.zeros((3, 2, 2))):
        with pytest.raises(ValueError, match=r"a: expected numbers of shape \(samples, \*\(2,\)\)"):
            predict(x, np.zeros((3, 1)))
    with pytest.raises(ValueError, match=r"Received: shape .*, dtype <U1"):
        predict(np.full((3, 2), "a"), np.zeros((3, 1)))
    with pytest.raises(ValueError, match=r"as many samples.*Received: \[3, 1\]"):
        predict(np.zeros((3, 2)), np.zeros((1, 1)))
    assert predict(np.zeros((3, 2)), np.zeros(3)).shape == (3, 3)  # a last axis of 1 may be missing


class _Frozen(layers.Layer):
    """Drops by a state that never changes."""

    def build(self, input_shape: Any) -> None:
        self.state = self.add_weight((2,), "ones", dtype="uint32", trainable=False, name="state")

    def call(self, x: Any) -> Any:
        from lamina.graph.trace import current_trace

        trace = current_trace()
        assert trace is not None
        return ops.dropout(x, trace.stored(self.state), rate=0.5)


def test_an_operation_that_draws_is_refused() -> None:
    model = lamina.Sequential([lamina.Input((4,)), _Frozen(name="frozen")])
    with pytest.raises(
        ValueError, match=r"'numpy' has no operation for: ops.dropout \(in 'frozen'\)"
    ):
        script_of(model)


def test_more_than_a_script_can_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lamina.export.numpy_script._LIMIT", 100)
    with pytest.raises(ValueError, match="at most 1 GiB of weights"):
        script_of(classifier())
