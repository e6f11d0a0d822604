"""The graph that exporters read: what is in it, what it is called, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import lamina
from lamina import layers, ops
from lamina.export.graph import InferenceGraph, inference_graph
from lamina.ops.reductions import count
from lamina.programs import compile_program


def run(graph: InferenceGraph, *arrays: np.ndarray) -> list[np.ndarray]:
    rows = len(arrays[0])
    results = [np.empty((rows, *y.dims[1:]), np.float32) for y in graph.outputs]
    compile_program(graph, rows).map(arrays, rows, results)
    return results


def several_outputs() -> lamina.Model:
    x = lamina.Input((8,), name="x")
    hidden = layers.Dense(4, "relu", name="hidden")(x)
    normal = layers.BatchNormalization(name="normal")(layers.Dropout(0.5)(hidden))
    outputs = {"class": layers.Dense(3, "softmax", name="last")(normal), "hidden": hidden, "x": x}
    return lamina.Model(x, outputs)


def test_it_computes_what_predict_does() -> None:
    model = several_outputs()
    x = np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)
    graph = inference_graph(model)
    expected = model.predict(x, verbose=0)
    for name, found in zip(("class", "hidden", "x"), run(graph, x)):
        np.testing.assert_array_equal(found, expected[name])


def test_names() -> None:
    graph = inference_graph(several_outputs())
    assert [x.name for x in graph.inputs] == ["x"]
    assert graph.output_names == ["class", "hidden", "x_1"]  # "x" is the input
    made = {y.name: node for node in graph.nodes for y in node.outputs}
    assert made["class"].operation.name == "softmax"
    assert made["hidden/matmul"].layers[1:] == ("hidden",)
    assert graph.structure == {"class": 0, "hidden": 1, "x": 2}
    every = [x.name for x in [*graph.inputs, *graph.constants]] + list(made)
    assert len(set(every)) == len(every)
    assert {"hidden/kernel", "hidden/bias", "last/kernel"} <= {x.name for x in graph.constants}


def test_shared_and_nested_layers() -> None:
    inner = lamina.Sequential([lamina.Input((4,)), layers.Dense(4, name="d")], name="inner")
    x = lamina.Input((4,), name="x")
    model = lamina.Model(x, inner(inner(x)))
    graph = inference_graph(model)
    assert [node.layers[1:] for node in graph.nodes] == [("inner", "d")] * 4
    assert [x.name for x in graph.constants] == ["d/kernel", "d/bias"]  # once


def test_what_follows_from_weights_alone_is_a_constant() -> None:
    graph = inference_graph(
        lamina.Sequential([lamina.Input((4,)), layers.BatchNormalization(name="normal")])
    )
    assert [node.operation.name for node in graph.nodes] == ["multiply", "add"]
    assert all(x.value is not None and x.dims == (4,) for x in graph.constants)


class Repeats(layers.Layer):
    def build(self, input_shape: object) -> None:
        self.row = self.add_weight((1, 4), name="row")

    def call(self, x: object) -> object:
        return x + ops.mean(ops.broadcast_to(self.row, (100, 4)), axis=0)


def test_constants_do_not_grow() -> None:
    graph = inference_graph(lamina.Sequential([lamina.Input((4,)), Repeats(name="repeats")]))
    assert [x.name for x in graph.constants] == ["repeats/row"]
    assert graph.nodes[0].operation.name == "broadcast_to"


@pytest.mark.parametrize(("axes", "left"), [((1,), ["add"]), ((0, 1), ["count", "add"])])
def test_sizes_are_numbers_where_they_are_known(axes: tuple[int, ...], left: list[str]) -> None:
    x = lamina.Input((4,))
    graph = inference_graph(lamina.Model(x, x + count(x, axes=axes)))
    assert [node.operation.name for node in graph.nodes] == left
    for found in run(graph, np.zeros((5, 4), np.float32)):
        np.testing.assert_array_equal(found, 4 if axes == (1,) else 20)


def test_a_model_that_is_not_built_is_refused() -> None:
    with pytest.raises(ValueError, match="'none' is not built yet"):
        inference_graph(lamina.Sequential([layers.Dense(2)], name="none"))


class Draws(layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.seed = lamina.random.SeedGenerator(1)

    def call(self, x: object) -> object:
        return x + lamina.random.uniform((4,), seed=self.seed)


def test_predictions_that_change_the_model_are_refused() -> None:
    model = lamina.Sequential([lamina.Input((4,)), Draws()])
    with pytest.raises(ValueError, match="each prediction changes"):
        inference_graph(model)


class Counts(layers.Layer):
    def build(self, input_shape: object) -> None:
        self.seen = self.add_weight((), "zeros", trainable=False, name="seen")

    def call(self, x: object) -> object:
        self.seen.assign_add(1.0)
        return x


def test_state_that_no_output_reads_is_left_out() -> None:
    graph = inference_graph(lamina.Sequential([lamina.Input((4,)), Counts()]))
    assert not graph.nodes
    assert not graph.constants


def test_outputs_without_a_batch_are_refused() -> None:
    x = lamina.Input((4,))
    with pytest.raises(ValueError, match="must have the batch as its first axis"):
        inference_graph(lamina.Model(x, ops.mean(x)))
