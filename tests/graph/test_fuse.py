"""What fuse joins, and that a training step keeps its bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graph.random_graphs import bits
from lamina import config, ops
from lamina.graph.differentiate import differentiate
from lamina.graph.fuse import fuse
from lamina.graph.graph import Graph, graph_of
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from lamina.graph.variable import Variable
from lamina.programs.native import NativeProgram


class Step:
    """Two hidden layers and an output, trained by plain steps."""

    def __init__(
        self, activation: str, rate: float, bias: bool, shared: bool = False, units: int = 70
    ) -> None:
        rng = np.random.default_rng(1)
        self.activation, self.rate, self.bias = activation, rate, bias
        shapes = [(units, units), (units, units), (units, 10)]
        self.kernels = [Variable(rng.normal(size=s) * s[0] ** -0.5) for s in shapes]
        self.biases = [Variable(rng.normal(size=s[1]) * 0.1) for s in shapes]
        self.state = Variable(np.array([7, 0]), dtype="uint32")
        if shared:
            self.kernels[1], self.biases[1] = self.kernels[0], self.biases[0]
        self.variables = list(dict.fromkeys([*self.kernels, *self.biases, self.state]))
        self.x = rng.normal(size=(50, units)).astype(np.float32)
        self.y = np.eye(10)[rng.integers(0, 10, 50)]
        self.graph = self.record()

    def layer(self, h: Any, i: int, trace: Trace) -> Any:
        h = ops.matmul(h, self.kernels[i])
        h = ops.add(h, self.biases[i]) if self.bias else h
        if self.activation == "gelu":
            h = ops.gelu(h, approximate=False)
        elif self.activation:
            h = getattr(ops, self.activation)(h)
        if self.rate:
            state = trace.stored(self.state)
            self.state.assign(ops.advance(state))
            h = ops.dropout(h, state, rate=self.rate)
        return h

    def record(self) -> Graph:
        trained = list(dict.fromkeys(self.kernels + (self.biases if self.bias else [])))
        with Trace(training=True) as trace:
            h = trace.input(Spec((-1, self.x.shape[1])), "x")
            y = trace.input(Spec((-1, 10)), "y")
            for i in range(2):
                h = self.layer(h, i, trace)
            loss = ops.mean(ops.softmax_cross_entropy(ops.matmul(h, self.kernels[2]), y)[0])
        for w, g in zip(trained, differentiate(trace, loss, [trace.leaf(w) for w in trained])):
            with trace:
                w.assign(w if g is None else ops.subtract(w, ops.multiply(0.5, g)))
        return graph_of(trace)

    def train(self, fused: bool) -> list[bytes]:
        first = [v.numpy() for v in self.variables]
        program = NativeProgram(self.graph, 16, fused=fused)
        program.run_steps([self.x, self.y], np.arange(50), 0, 4, 1e9)
        found = [v.numpy() for v in self.variables]
        assert self.rate == 1 or not np.array_equal(found[0], first[0])
        for variable, value in zip(self.variables, first):
            variable.assign(value)
        return bits(found)


def names(graph: Graph) -> list[str]:
    return [n.operation.name for n in graph.nodes]


ACTIVATIONS = {
    "relu": 1, "sigmoid": 2, "tanh": 3, "elu": 4, "gelu": 5, "gelu_tanh": 6, "leaky_relu": 7, "selu": 8,
    "silu": 9,
}  # fmt: skip
BY_RESULT = {"relu", "sigmoid", "tanh", "elu", "leaky_relu", "selu"}  # the gradient needs no x


@pytest.mark.parametrize("activation", [*ACTIVATIONS, "softplus", ""])
@pytest.mark.parametrize("rate", [0.0, 0.025, 0.3, 1.0])
@pytest.mark.parametrize("bias", [True, False])
def test_training_has_the_same_bits(activation: str, rate: float, bias: bool) -> None:
    step = Step(activation, rate, bias)
    assert step.train(fused=True) == step.train(fused=False)


@pytest.mark.parametrize("rate", [0.0, 0.3])
def test_a_shared_layer_has_the_same_bits(rate: float) -> None:
    step = Step("relu", rate, bias=True, shared=True)
    assert step.train(fused=True) == step.train(fused=False)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_wide_layers_have_the_same_bits(threads: int) -> None:
    """Shares of columns and rows go to threads: the dropped elements do not move."""
    want = Step("relu", 0.3, bias=True, units=390).train(fused=False)
    config.set_num_threads(threads)
    assert Step("relu", 0.3, bias=True, units=390).train(fused=True) == want


def test_a_layer_becomes_one_call() -> None:
    """matmul + bias + relu + dropout, and backward the product with its gate."""
    graph = fuse(Step("relu", 0.3, bias=True).graph)
    found = names(graph)
    assert "relu" not in found
    assert "relu_gradient" not in found
    assert "dropout" not in found
    flags = [n.attributes for n in graph.nodes if n.operation.name == "dense"]
    kinds = [(f["bias"], f["activation"], f["dropout"], f["gate"]) for f in flags]
    assert kinds.count((True, 1, True, False)) == 2  # forward
    assert kinds.count((False, 0, False, True)) == 2  # the gradients of the hidden layers
    assert {f["gate_scale"] for f in flags if f["gate"]} == {float(np.float32(1 / (1 - 0.3)))}


def test_without_dropout_the_gate_is_the_relu() -> None:
    found = names(fuse(Step("relu", 0.0, bias=False).graph))
    assert "relu_gradient" not in found
    assert found.count("dense") == 4


@pytest.mark.parametrize(("activation", "number"), ACTIVATIONS.items())
def test_activations_join(activation: str, number: int) -> None:
    graph = fuse(Step(activation, 0.0, bias=True).graph)
    dense = [n.attributes["activation"] for n in graph.nodes if n.operation.name == "dense"]
    assert dense.count(number) == (2 if activation in BY_RESULT else 0)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_predictions_have_the_same_bits(activation: str) -> None:
    """Rows few and many, columns that are no whole vectors: the activation within the product."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 30)).astype(np.float32)
    w, b = Variable(rng.normal(size=(30, 75))), Variable(rng.normal(size=75))
    name, parameter = activation, {"elu": (0.7,), "leaky_relu": (0.1,)}.get(activation, ())
    if name == "gelu":
        parameter = (False,)
    with Trace() as trace:
        product = ops.matmul(trace.input(Spec((-1, 30)), "x"), w)
        y = getattr(ops, name)(ops.add(product, b), *parameter)
    graph = graph_of(trace, [y])
    assert names(fuse(graph)) == ["dense"]
    for rows in (1, 2, 40):
        results = []
        for joined in (True, False):
            out = np.empty((rows, 75), np.float32)
            NativeProgram(graph, 40, fused=joined).map([x[:rows]], rows, [out])
            results.append(out.tobytes())
        assert results[0] == results[1]


def test_a_slope_that_is_a_weight_does_not_join() -> None:
    with Trace() as trace:
        product = ops.matmul(trace.input(Spec((-1, 3)), "x"), Variable(np.ones((3, 4))))
        y = ops.leaky_relu(product, Variable(np.ones(4)))
    assert names(fuse(graph_of(trace, [y]))) == ["matmul", "leaky_relu"]


def fused(outputs: list[str], *, wide: bool = False) -> list[str]:
    """The operations left of relu(x w + b), with these of its parts as outputs."""
    w, b = Variable(np.ones((4, 4))), Variable(np.ones((4, 4) if wide else 4))
    with Trace() as trace:
        x = trace.input(Spec((4, 4)), "x")
        parts = {"matmul": ops.matmul(x, w)}
        parts["add"] = ops.add(parts["matmul"], b)
        parts["relu"] = ops.relu(parts["add"])
        parts["twice"] = ops.multiply(parts["add"], parts["add"])
    return names(fuse(graph_of(trace, [parts[name] for name in outputs])))


def test_what_is_needed_elsewhere_is_not_joined() -> None:
    assert fused(["relu"]) == ["dense"]
    assert fused(["relu", "add"]) == ["dense", "relu"]
    assert fused(["relu", "matmul"]) == ["matmul", "add", "relu"]
    assert fused(["relu", "twice"]) == ["dense", "relu", "multiply"]
    assert fused(["relu"], wide=True) == ["matmul", "add", "relu"]


def test_fusing_leaves_the_graph_alone() -> None:
    graph = Step("relu", 0.3, bias=True).graph
    before, updates = names(graph), dict(graph.updates)
    fuse(graph)
    assert names(graph) == before
    assert graph.updates == updates


def test_what_is_repeated_is_read_where_it_lies() -> None:
    """But for a vector over the batch whose place among the axes would change."""
    with Trace() as trace:
        x, rows = trace.input(Spec((-1, 4)), "x"), trace.input(Spec((-1,)), "rows")
        column = ops.broadcast_to(ops.reshape(rows, (-1, 1)), (-1, 4))
        y = ops.where(ops.greater(x, 0.0), ops.multiply(column, x), ops.broadcast_to(2.0, (-1, 4)))
        square = ops.broadcast_to(rows, (3, -1))
        z = ops.add(square, ops.exp(square))
    nodes = [node.operation.name for node in fuse(graph_of(trace, [y, z])).nodes]
    assert sorted(nodes) == [
        "add",
        "broadcast_to",
        "exp",
        "greater",
        "multiply",
        "reshape",
        "where",
    ]
