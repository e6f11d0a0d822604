"""Gradients of graphs: sums over uses, what does not depend, what is not computed."""

from __future__ import annotations

import numpy as np
import pytest

from lamina import ops
from lamina.graph.differentiate import differentiate
from lamina.graph.graph import graph_of
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from lamina.graph.variable import Variable
from lamina.programs.nodewise import NodewiseProgram


def test_uses_of_one_tensor_add_up() -> None:
    """d/dx (x^2 + 3x + exp(x)), at 0.5: one weight, used three times."""
    w = Variable(0.5)
    with Trace() as trace:
        loss = ops.add(ops.add(ops.square(w), ops.multiply(3.0, w)), ops.exp(w))
    (gradient,) = differentiate(trace, loss, [trace.leaf(w)])
    with trace:
        w.assign(gradient)
    NodewiseProgram(graph_of(trace), 1).run_steps([], np.arange(1), 0, 1, 1e9)
    assert float(w) == pytest.approx(2 * 0.5 + 3 + np.exp(0.5), rel=1e-6)


def test_a_weight_used_by_two_layers() -> None:
    """tanh(tanh(x w) w): the product rule through both uses, against differences."""
    x, values = np.array([[0.3, -0.8]]), np.array([[0.2, -0.5], [0.7, 0.1]])

    def loss_of(w: np.ndarray) -> float:
        return float(np.tanh(np.tanh(x @ w) @ w).sum())

    w = Variable(values, dtype="float64")
    with Trace() as trace:
        h = trace.input(Spec((1, 2), "float64"), "x")
        for _ in range(2):
            h = ops.tanh(ops.matmul(h, w))
        loss = ops.sum(h)
    (gradient,) = differentiate(trace, loss, [trace.leaf(w)])
    with trace:
        w.assign(gradient)
    NodewiseProgram(graph_of(trace), 1).run_steps([x], np.arange(1), 0, 1, 1e9)
    for at in np.ndindex(2, 2):
        step = np.zeros((2, 2))
        step[at] = 1e-6
        slope = (loss_of(values + step) - loss_of(values - step)) / 2e-6
        assert w.numpy()[at] == pytest.approx(slope, rel=1e-7)


def test_what_the_loss_does_not_depend_on_has_no_gradient() -> None:
    used, unused, stopped = Variable(1.0), Variable(1.0), Variable(1.0)
    with Trace() as trace:
        ops.exp(unused)
        loss = ops.multiply(used, ops.stop_gradient(stopped))
    leaves = [trace.leaf(v) for v in (used, unused, stopped)]
    found = differentiate(trace, loss, leaves)
    assert [g is None for g in found] == [False, True, True]


def test_the_loss_itself_and_an_input_can_be_asked_for() -> None:
    with Trace() as trace:
        x = trace.input(Spec((-1, 3)), "x")
        loss = ops.sum(ops.square(x))
    dx, dloss = differentiate(trace, loss, [x, loss])
    assert dx is not None
    assert dloss is not None
    assert (dx.shape, dloss.shape) == ((None, 3), ())


def test_only_what_leads_to_what_is_asked_is_recorded() -> None:
    """Nothing flows back into the data, nor through what was made of data alone."""
    w, v = Variable(np.ones((4, 3))), Variable(np.ones((4, 1)))
    with Trace() as trace:
        x = ops.exp(trace.input(Spec((-1, 4)), "x"))
        loss = ops.add(ops.sum(ops.matmul(x, w)), ops.sum(ops.matmul(x, v)))
    forward = len(trace.nodes)
    differentiate(trace, loss, [trace.leaf(w), trace.leaf(v)])
    recorded = {n.operation.name for n in trace.nodes[forward:]}
    assert recorded == {"broadcast_to", "reshape", "matmul"}


def test_a_loss_is_one_number() -> None:
    with Trace() as trace:
        x = trace.input(Spec((-1, 3)), "x")
        with pytest.raises(ValueError, match=r"single number. Received: shape=\(None, 3\)"):
            differentiate(trace, x, [x])


def test_both_results_of_softmax_cross_entropy() -> None:
    """A loss that uses the probabilities beside the cross-entropy gets both parts."""
    logits, target = np.array([[0.2, -0.4, 1.0]]), np.array([[0.1, 0.2, 0.7]])

    def loss_of(x: np.ndarray) -> float:
        e = np.exp(x)
        p = e / e.sum()
        return float(-(target * np.log(p)).sum() + (p**2).sum())

    with Trace(eager=True) as trace:
        x = trace.input(Spec((1, 3), "float64"), "x", logits)
        losses, p = ops.softmax_cross_entropy(x, target)
        loss = ops.add(ops.sum(losses), ops.sum(ops.square(p)))
    (gradient,) = differentiate(trace, loss, [x])
    assert gradient is not None
    for i in range(3):
        step = np.zeros((1, 3))
        step[0, i] = 1e-6
        slope = (loss_of(logits + step) - loss_of(logits - step)) / 2e-6
        np.testing.assert_allclose(np.asarray(gradient)[0, i], slope, rtol=1e-5)
