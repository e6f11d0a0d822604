"""The order of the nodes: right, and with few meetings of the threads."""

from __future__ import annotations

from typing import Any

import pytest

from graph.random_graphs import random_step
from lamina import ops, optimizers
from lamina.graph.differentiate import differentiate
from lamina.graph.fuse import fuse
from lamina.graph.graph import Graph, graph_of
from lamina.graph.schedule import Stage, by_sample, schedule
from lamina.graph.tensor import Node, Spec, Tensor
from lamina.graph.trace import Trace
from lamina.graph.variable import Variable


@pytest.mark.parametrize("seed", range(60))
def test_every_node_once_and_after_its_operands(seed: int) -> None:
    for graph in (random_step(seed).graph, fuse(random_step(seed).graph)):
        done: set[int] = set()
        stages = schedule(graph)
        for node in (n for stage in stages for n in stage.nodes):
            operands = () if node.operation.name == "count" else node.inputs  # reads a shape
            assert all(id(x.node) in done for x in operands if x.node)
            assert id(node) not in done
            done.add(id(node))
        assert done == {id(n) for n in graph.nodes}


def training_step() -> Graph:
    """Two layers, dropout, crossentropy; one weight by RMSprop, one by a plain step."""
    first, second = Variable(zeros(20, 30)), Variable(zeros(30, 5))
    slot, state = Variable(zeros(20, 30)), Variable([1, 0], dtype="uint32")
    with Trace(training=True) as trace:
        x, y = trace.input(Spec((-1, 20)), "x"), trace.input(Spec((-1, 5)), "y")
        h = ops.relu(ops.matmul(x, first))
        h = ops.dropout(h, trace.stored(state), rate=0.5)
        state.assign(ops.advance(trace.stored(state)))
        losses, _ = ops.softmax_cross_entropy(ops.matmul(h, second), y)
        loss = ops.mean(losses)
    g1, g2 = differentiate(trace, loss, [trace.leaf(first), trace.leaf(second)])
    assert g1 is not None
    assert g2 is not None
    with trace:
        rate, decay = {"rho": 0.9, "epsilon": 1e-7}, {"momentum": 0.0, "centered": False}
        for variable, value in zip(
            (first, slot), ops.rmsprop(first, g1, 0.1, slot, **rate, **decay)
        ):
            variable.assign(value)
        second.assign(ops.subtract(second, ops.multiply(0.1, g2)))
    return fuse(graph_of(trace, [loss]))


def zeros(*shape: int) -> list[list[float]]:
    return [[0.0] * shape[1]] * shape[0]


def names(stage: Stage) -> list[str]:
    return [node.operation.name for node in stage.nodes]


def test_a_training_step_has_one_group_of_samples_and_one_for_each_weight() -> None:
    groups = [stage for stage in schedule(training_step()) if stage.split]
    samples, *rows = groups
    assert names(samples)[:2] == ["dense", "matmul"]
    assert names(samples)[-1] == "dense"  # the gradient of the first layer's result
    assert all(by_sample(node) for node in samples.nodes)
    assert sorted(map(names, rows)) == [["matmul", "multiply", "subtract"], ["matmul", "rmsprop"]]


def node_of(y: Tensor) -> Node:
    assert y.node is not None
    return y.node


def test_what_is_by_sample() -> None:
    w, flat = Variable(zeros(3, 4)), Variable([0.0, 0.0, 0.0])
    with Trace() as trace:
        x = trace.input(Spec((-1, 3)), "x")
        square = trace.input(Spec((-1, 3, 3)), "square")
        column = trace.input(Spec((-1, 1)), "column")
        flat_batch = trace.input(Spec((-1,)), "flat_batch")
        yes = [
            ops.matmul(x, w), ops.exp(x), ops.add(x, flat), ops.add(x, column), ops.softmax(x),
            ops.sum(x, axis=1), ops.mean(square, axis=(1, 2)), ops.argmax(x, axis=-1),
            ops.transpose(square, (0, 2, 1)), ops.reshape(square, (-1, 9)),
            ops.broadcast_to(column, (-1, 3)), ops.where(ops.greater(x, 0.0), x, 0.0),
            x[:, ::2], ops.concatenate([x, column], axis=1), ops.take(w, column, axis=0),
            ops.take(x, [0], axis=1), ops.take_along_axis(x, column, axis=1), ops.cumsum(x, axis=1),
            ops.argsort(x), ops.top_k(x, 2)[0], ops.searchsorted(flat, x), ops.matmul(square, square),
            ops.pad(x, ((0, 0), (1, 0))),
        ]  # fmt: skip
        no = [
            ops.sum(x, axis=0), ops.max(x), ops.transpose(x), ops.matmul(ops.transpose(x), x),
            ops.add(w, 1.0), ops.sum(flat),
            ops.transpose(square, (1, 0, 2)),
            ops.softmax(flat_batch), ops.argsort(flat_batch), ops.take(x, flat_batch, axis=0),
            ops.segment_sum(x, flat_batch, 4), ops.take_along_axis(flat_batch, flat_batch, axis=0),
            ops.matmul(ops.transpose(square, (1, 2, 0)), ops.transpose(square, (1, 0, 2))),
        ]  # fmt: skip
        rows = ops.sum(x, axis=1)  # (batch,): along the last axis of what it is added to
        no.append(ops.add(ops.transpose(ops.add(x, 0.5)), rows))
    assert [str(node_of(y)) for y in yes if not by_sample(node_of(y))] == []
    assert [str(node_of(y)) for y in no if by_sample(node_of(y))] == []


def test_a_gradient_that_waits_for_all_is_updated_later() -> None:
    """With a norm over all gradients, updates cannot join their gradient's group."""
    a, b = Variable(zeros(20, 30)), Variable(zeros(30, 5))
    with Trace() as trace:
        x = trace.input(Spec((-1, 20)), "x")
        loss = ops.mean(ops.square(ops.matmul(ops.matmul(x, a), b)), axis=(0, 1))
    ga, gb = differentiate(trace, loss, [trace.leaf(a), trace.leaf(b)])
    with trace:
        norm = ops.add(ops.sum(ops.square(ga)), ops.sum(ops.square(gb)))
        for variable, g in ((a, ga), (b, gb)):
            variable.assign(ops.subtract(variable, ops.divide(g, norm)))
    *_, last = schedule(graph_of(trace))
    assert not last.split
    assert names(last)[-4:] == ["divide", "subtract", "divide", "subtract"]


def test_updates_that_wait_stand_in_groups_by_their_shape() -> None:
    """Large weights are clipped by their norms and updated in one meeting for each shape."""
    weights = [Variable(zeros(40, 40)) for _ in range(3)]
    optimizer = optimizers.SGD(momentum=0.9, global_clipnorm=1.0)
    optimizer.build(weights)
    with Trace() as trace:
        x = trace.input(Spec((-1, 40)), "x")
        for weight in weights:
            x = ops.matmul(x, weight)
        loss = ops.mean(ops.square(x), axis=(0, 1))
    gradients = differentiate(trace, loss, [trace.leaf(weight) for weight in weights])
    with trace:
        optimizer.apply(gradients, weights)
    rows = [s for s in schedule(graph_of(trace)) if s.split and s.nodes[0].output.dims == (40, 40)]
    gradient, *_, updates = map(names, rows)
    assert gradient == ["matmul", "square"]
    assert updates == ["multiply", "multiply", "multiply", "sgd", "sgd", "sgd"]
    assert len(rows) == 4


OPTIMIZERS = [
    ("SGD", {"momentum": 0.9}, 1),
    ("Adam", {"amsgrad": True}, 1),
    ("Adam", {"weight_decay": 0.01, "clipvalue": 0.1}, 5),
    ("AdamW", {}, 3),
    ("RMSprop", {"use_ema": True}, 4),
    ("Adamax", {}, None),
    ("Nadam", {}, None),
    ("Adagrad", {}, None),
    ("Adadelta", {}, None),
    ("Lion", {"weight_decay": 0.01}, None),
    ("Ftrl", {"learning_rate_power": -0.3}, None),
    ("ScheduleFreeAdamW", {}, None),
]


@pytest.mark.parametrize(("name", "options", "calls"), OPTIMIZERS)
def test_an_update_has_no_pass_of_its_own(name: str, options: Any, calls: int | None) -> None:
    """All that is computed of a weight's size stands in the group of its gradient's rows."""
    weight = Variable(zeros(20, 30))
    optimizer = getattr(optimizers, name)(**options)
    optimizer.build([weight])
    with Trace() as trace:
        x = trace.input(Spec((-1, 20)), "x")
        loss = ops.mean(ops.square(ops.matmul(x, weight)), axis=(0, 1))
    gradients = differentiate(trace, loss, [trace.leaf(weight)])
    with trace:
        optimizer.apply(gradients, [weight])
    stages = schedule(fuse(graph_of(trace)))
    (rows,) = [s for s in stages if s.split and s.nodes[0].output.dims == (20, 30)]
    assert rows.nodes[0].operation.name == "matmul"
    assert calls is None or len(rows.nodes) == 1 + calls
    alone = [node for s in stages if not s.split for node in s.nodes]
    assert [node for node in alone if node.output.dims == (20, 30)] == []
