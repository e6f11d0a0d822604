"""ONNX files: checked by onnx, and computed by ONNX Runtime as by `predict`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from export.architectures import (
    ACTIVATIONS,
    LAYERS,
    WITHOUT_MODEL,
    activation,
    random_model,
    samples_of,
)
from export.single import NOT_IN_PREDICTIONS, expected, graph_of_one
from lamina import layers, ops
from lamina.export.graph import InferenceGraph, inference_graph
from lamina.export.onnx import export
from lamina.graph.operation import operations
from lamina.layers.input_layer import _DTYPES
from lamina.ops.normalization import standardize
from ops.cases import CASES
from ops.draws import Case

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
onnxruntime.set_default_logger_severity(4)

Array = np.ndarray
LACKING = {"erfinv"}
TOLERANCE = 1e-5


def checked(graph: InferenceGraph) -> Any:
    """The graph as a model of onnx that its checker accepts."""
    model = onnx.load_from_string(export(graph))
    onnx.checker.check_model(model, full_check=True)
    return model


def run(model: Any, samples: dict[str, Array]) -> list[Array]:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    found: list[Array] = session.run(None, samples)
    return found


def operators(model: Any) -> list[str]:
    return [node.op_type for node in model.graph.node]


def assert_equal(model: Any, rows: int = 7, seed: int = 0) -> Any:
    """A model and its ONNX model agree; gives the latter."""
    samples = samples_of(model, rows, seed)
    exported = checked(inference_graph(model))
    found = run(exported, samples)
    wanted = lamina.tree.flatten(model.predict(samples, verbose=0))
    assert len(found) == len(wanted)
    for f, w in zip(found, wanted):
        assert (f.dtype, f.shape) == (np.float32, w.shape)
        np.testing.assert_allclose(f, w, rtol=TOLERANCE, atol=TOLERANCE)
    return exported


# --- operations -----------------------------------------------------------------------------------


def test_every_operation_has_operators_or_is_known_to_have_none() -> None:
    from lamina.export.onnx.model import OPERATIONS

    assert set(operations) - set(OPERATIONS) == LACKING | NOT_IN_PREDICTIONS


@pytest.mark.parametrize("name", sorted(set(operations) - LACKING - NOT_IN_PREDICTIONS))
def test_operations(name: str) -> None:
    """On inputs, and with all operands but the first as constants."""
    cases = [c for c in CASES[name] if not c.edges and 0 < c.size < 10_000]
    cases = [c for c in cases if all(x.ndim and x.size for x in c.operands[:1])]
    assert cases
    for case in cases[:: -(-len(cases) // 8)]:
        for constants in {0, len(case.operands) - 1}:
            graph = graph_of_one(name, case, constants)
            arrays = (np.asarray(x, np.float32) for x in case.operands)
            samples = {x.name: array for x, array in zip(graph.inputs, arrays)}
            for found, wanted in zip(run(checked(graph), samples), expected(name, case)):
                scale = 1 + np.abs(wanted[np.isfinite(wanted)]).max(initial=0)
                assert found.shape == wanted.shape
                np.testing.assert_allclose(
                    found, wanted, rtol=0, atol=TOLERANCE * scale, err_msg=case.name
                )


@pytest.mark.parametrize("name", ["expm1", "log1p"])
def test_small_numbers_keep_their_digits(name: str) -> None:
    x = np.float32([1e-7, -1e-5, 3e-4, -0.02, 0.3, -0.49, 0.51])
    case = Case("small", (x,), {})
    (found,) = run(checked(graph_of_one(name, case)), {"x0": x})
    np.testing.assert_allclose(found, expected(name, case)[0], rtol=1e-6)


@pytest.mark.parametrize("name", ["leaky_relu", "elu"])
@pytest.mark.parametrize("shape", [(1,), (4,), (1, 1, 1), (2, 1, 1)])
def test_slopes_of_any_shape(name: str, shape: tuple[int, ...]) -> None:
    x = np.arange(-6, 6, dtype=np.float32).reshape(3, 4)
    case = Case("slopes", (x, np.full(shape, 0.3, np.float32)), {})
    (found,) = run(checked(graph_of_one(name, case, constants=1)), {"x0": x})
    (wanted,) = expected(name, case)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOLERANCE)


@pytest.mark.parametrize(
    ("name", "shape", "attributes"),
    [
        ("take", (5,), {"axis": 1}),
        ("take_along_axis", (3, 5), {}),
        ("segment_sum", (4,), {"axis": 1, "shape": (3, 4)}),
        ("add_along_axis", (3, 4), {"shape": (3, 4)}),
    ],
)
def test_indices_outside(name: str, shape: tuple[int, ...], attributes: dict[str, Any]) -> None:
    """What is looked up there is NaN, and sums leave it out, as in a program."""
    x = np.arange(12, dtype=np.float32).reshape(3, 4) + 1
    indices = np.resize(np.array([0, 7, 1.5, -1, np.nan, -4, 2], np.float32), shape)
    case = Case("outside", (x, indices), attributes)
    graph = graph_of_one(name, case)
    (found,) = run(checked(graph), {"x0": x, "x1": indices})
    np.testing.assert_array_equal(found, expected(name, case)[0])


def test_what_is_not_finite_stays_so() -> None:
    x = lamina.Input((4,), name="x")
    outputs = [ops.relu(x), ops.exp(x), ops.sigmoid(x), ops.isfinite(x), ops.isnan(x), ops.isinf(x)]
    numbers = np.array([[np.nan, np.inf, -np.inf, 1.0]], np.float32)
    model = lamina.Model(x, outputs)
    for found, wanted in zip(
        run(checked(inference_graph(model)), {"x": numbers}), model.predict(numbers, verbose=0)
    ):
        np.testing.assert_allclose(found, wanted, rtol=TOLERANCE)


# --- models ---------------------------------------------------------------------------------------


def test_every_layer_is_tried() -> None:
    tried = {name.replace(",", " ").split()[0] for name in LAYERS}
    assert tried | set(WITHOUT_MODEL) >= {n for n in layers.__all__ if n[0].isupper()}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    assert_equal(LAYERS[name]())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str) -> None:
    assert_equal(activation(name))


@pytest.mark.parametrize("seed", range(48))
def test_random_architectures(seed: int) -> None:
    model = random_model(seed)
    assert_equal(model, rows=1 + seed % 9, seed=seed)


def test_the_reference_of_onnx_agrees() -> None:
    """What the standard itself says of the operators, beside a runtime."""
    from onnx.reference import ReferenceEvaluator

    models = [*(made() for made in LAYERS.values()), *map(activation, ACTIVATIONS)]
    for model in [*models, *map(random_model, range(20))]:
        samples = samples_of(model, 5)
        found = ReferenceEvaluator(checked(inference_graph(model))).run(None, samples)
        for f, w in zip(found, lamina.tree.flatten(model.predict(samples, verbose=0))):
            assert f.shape == w.shape
            np.testing.assert_allclose(f, w, rtol=TOLERANCE, atol=TOLERANCE)


def test_architectures_are_of_all_kinds() -> None:
    """And what they give depends on the inputs."""
    models = [random_model(seed) for seed in range(48)]
    assert {len(m.inputs) for m in models} == {1, 2, 3}
    assert {len(m.outputs) for m in models} == {1, 2}
    assert any(isinstance(m.output, dict) for m in models)
    used = {type(layer).__name__ for m in models for layer in m.layers}
    assert len(used) > 25, used
    for seed, model in enumerate(models):
        predictions = lamina.tree.flatten(model.predict(samples_of(model, 9, seed), verbose=0))
        assert all(np.isfinite(y).all() and np.abs(y).max() < 100 for y in predictions)
        assert np.ptp(predictions[0], axis=0).max() > 1e-4


@pytest.mark.parametrize("rows", [1, 2, 300, 1000])
def test_the_batch_is_free(rows: int) -> None:
    assert_equal(random_model(1), rows)


class _Flat(layers.Layer):
    """Samples as rows of one matrix, and what is as large as the batch."""

    def build(self, input_shape: Any) -> None:
        self.row = self.add_weight((1, 4), "ones", name="row")

    def call(self, x: Any) -> Any:
        rows = ops.reshape(x, (-1, 4))
        rows = ops.relu(rows) + ops.broadcast_to(self.row, rows.dims)
        centred = rows - ops.mean(rows) + ops.cast(ops.size(rows), "float32")
        return ops.reshape(ops.flip(centred, 1), (-1, 3, 4))


def test_multiples_of_the_batch() -> None:
    assert_equal(lamina.Sequential([lamina.Input((3, 4), name="x"), _Flat()]))


class _Branches(lamina.Model):
    """A model without symbolic inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = layers.Dense(4, "relu"), layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        x = self.one(inputs["a"]) + inputs["b"]
        return {"y": self.two(x), "more": [x, inputs["a"]]}


def test_models_of_a_class() -> None:
    model = _Branches()
    arrays = {"a": np.ones((3, 5), np.float32), "b": np.ones((3, 4), np.float32)}
    model.predict(arrays, verbose=0)
    assert assert_equal(model).graph.input[1].name == "b"


# --- what is in the file --------------------------------------------------------------------------


def classifier() -> lamina.Model:
    x = lamina.Input((8,), name="features")
    hidden = layers.Dense(16, "relu", name="hidden")(x)
    hidden = layers.LayerNormalization(name="normal")(layers.Dropout(0.5)(hidden))
    return lamina.Model(x, layers.Dense(3, "softmax", name="class")(hidden), name="classifier")


def test_versions_names_and_sizes() -> None:
    model = checked(inference_graph(classifier()))
    assert (model.producer_name, model.producer_version) == ("lamina", lamina.__version__)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 17)]
    assert model.ir_version == 8
    assert model.graph.name == "classifier"
    for value, name, size in (
        (model.graph.input[0], "features", 8),
        (model.graph.output[0], "class", 3),
    ):
        batch, columns = value.type.tensor_type.shape.dim
        assert (value.name, batch.dim_param, columns.dim_value) == (name, "batch", size)
    (hidden,) = (x for x in model.graph.value_info if x.name == "hidden/relu")
    assert [d.dim_value or d.dim_param for d in hidden.type.tensor_type.shape.dim] == ["batch", 16]
    weights = {x.name for x in model.graph.initializer}
    assert weights == {
        "hidden/kernel", "hidden/bias", "normal/gamma", "normal/beta", "class/kernel", "class/bias",
    }  # fmt: skip


def test_neighbours_are_one_operator() -> None:
    assert operators(checked(inference_graph(classifier()))) == [
        "Gemm", "Relu", "LayerNormalization", "Gemm", "Softmax",
    ]  # fmt: skip


def test_a_sum_of_a_product_and_another_tensor_is_one_operator() -> None:
    x = lamina.Input((4,), name="x")
    model = lamina.Model(x, [ops.matmul(x, np.eye(4)) + x, x[:, :1] + ops.matmul(x, np.eye(4))])
    assert operators(assert_equal(model)).count("Gemm") == 2


def test_rows_that_are_no_layer_normalization_or_wanted_themselves() -> None:
    x = lamina.Input((4,), name="x")
    plain = layers.LayerNormalization(scale=False, center=False)(x)
    row = np.arange(4.0)
    model = lamina.Model(x, [plain * row + row, plain, layers.RMSNormalization()(x) * row + row])
    assert operators(assert_equal(model)).count("LayerNormalization") == 1
    scale = standardize(x, epsilon=0.1, center=True)[1]
    assert_equal(lamina.Model(x, [scale, standardize(x, epsilon=0.1, center=True)[0] * row + row]))
    uncentred = standardize(x, epsilon=0.1, center=False)[0]
    assert "LayerNormalization" not in operators(
        assert_equal(lamina.Model(x, uncentred * row + row))
    )


def test_sums_that_are_no_product_with_a_bias() -> None:
    x = lamina.Input((4,), name="x")
    column, other = ops.matmul(x, np.ones((4, 1))), ops.matmul(x, np.eye(4))
    model = lamina.Model(x, [column + np.arange(3.0), ops.matmul(x, np.ones((4, 4))) + other])
    assert operators(assert_equal(model)) == ["MatMul", "Add", "MatMul", "Gemm"]


def test_parts_of_no_elements() -> None:
    x = lamina.Input((4,), name="x")
    assert_equal(lamina.Model(x, ops.concatenate([x[:, :0, None], x[:, :, None]], axis=1)))


@pytest.mark.parametrize("as_output", [True, False])
def test_what_is_used_twice_is_there(as_output: bool) -> None:
    x = lamina.Input((4,), name="x")
    row = np.arange(4.0)
    product = ops.matmul(x, np.eye(4))
    rows = layers.LayerNormalization(scale=False, center=False)(x)
    scaled = rows * row
    again = [product, rows, scaled] if as_output else [ops.relu(y) for y in (product, rows, scaled)]
    exported = assert_equal(lamina.Model(x, [product + row, scaled + row, *again]))
    assert {"MatMul", "Add", "Mul"} <= set(operators(exported))


def test_inputs_have_the_dtypes_of_the_model() -> None:
    x = lamina.Input((2,), dtype="int32", name="ids")
    model = lamina.Model(x, layers.Embedding(5, 3)(x))
    exported = checked(inference_graph(model))
    assert exported.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.INT32
    assert operators(exported) == ["Gather"]


def test_an_input_of_float64_is_rounded() -> None:
    x = lamina.Input((3,), dtype="float64", name="x")
    numbers = np.random.default_rng(0).normal(size=(5, 3))
    model = lamina.Model(x, layers.Dense(2)(x))
    (found,) = run(checked(inference_graph(model)), {"x": numbers})
    np.testing.assert_allclose(found, model.predict(numbers, verbose=0), rtol=0, atol=TOLERANCE)
    with pytest.raises(ValueError, match="a part of which computes in float64"):
        inference_graph(lamina.Model(x, x * 2))
    with pytest.raises(ValueError, match="a part of which computes in float64"):
        inference_graph(lamina.Model(x, layers.Dense(2, dtype="float64")(x)))


@pytest.mark.parametrize("dtype", [dtype for dtype in _DTYPES if dtype != "float64"])
def test_inputs_of_any_dtype(dtype: str) -> None:
    x = lamina.Input((3, 4), dtype=dtype, name="x")
    moved = layers.Permute((2, 1))(x)[:, 1:, ::-1]
    both = ops.concatenate([moved, ops.repeat(x, 3, axis=1)[:, :3, :3]], axis=2)
    model = lamina.Model(x, [layers.Dense(2)(both), both, ops.max(x, axis=2), x > 2])
    numbers = np.random.default_rng(0).integers(0, 9, (5, 3, 4)).astype(dtype)
    found = run(checked(inference_graph(model)), {"x": numbers})
    for f, w in zip(found, model.predict(numbers, verbose=0)):
        np.testing.assert_allclose(f, w, rtol=TOLERANCE, atol=TOLERANCE)


def test_ids_outside_of_the_table() -> None:
    """Whole numbers are refused by the runtime; what is looked up by others is NaN, as in lamina."""
    x = lamina.Input((), dtype="int32", name="x")
    exported = checked(inference_graph(lamina.Model(x, layers.Embedding(5, 3)(x))))
    with pytest.raises(Exception, match="out of data bounds"):
        run(exported, {"x": np.array([5], np.int32)})
    x = lamina.Input((), name="x")
    model = lamina.Model(x, layers.Embedding(5, 3)(x))
    ids = np.array([0, -1, 5, 1.5, np.nan, -6, 4], np.float32)
    found = run(checked(inference_graph(model)), {"x": ids})[0]
    np.testing.assert_array_equal(found, model.predict(ids, verbose=0))
    assert np.isnan(found).all(axis=1).tolist() == [False, False, True, True, True, True, False]


def test_one_tensor_may_be_several_outputs() -> None:
    x = lamina.Input((4,), name="x")
    y = ops.relu(x)
    model = lamina.Model(x, {"a": y, "b": y, "c": x, "d": y > 0.5})
    exported = assert_equal(model)
    assert [value.name for value in exported.graph.output] == ["a", "b", "c", "d"]


# --- errors ---------------------------------------------------------------------------------------


def test_an_operation_without_operators_is_refused(tmp_path: Path) -> None:
    x = lamina.Input((4,))
    layer = layers.Lambda(lambda x: ops.erfinv(x), name="inverse")
    model = lamina.Model(x, layer(x))
    with pytest.raises(
        ValueError, match=r"'onnx' has no operation for: ops\.erfinv \(in 'inverse'\)"
    ):
        model.export(tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_another_opset_is_refused() -> None:
    graph = inference_graph(classifier())
    with pytest.raises(ValueError, match=r"`opset_version` must be 17.*Received: opset_version=18"):
        export(graph, opset_version=18)
    assert export(graph, opset_version=17) == export(graph)


def test_without_onnx_the_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"pip install lamina\[onnx\]"):
        export(inference_graph(classifier()))


def test_more_than_a_file_can_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lamina.export.onnx.model._LIMIT", 100)
    with pytest.raises(ValueError, match="at most 2 GiB"):
        export(inference_graph(classifier()))
