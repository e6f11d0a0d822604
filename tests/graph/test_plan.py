"""Where tensors lie: each is still there when it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graph.random_graphs import random_step
from lamina import ops
from lamina.graph.fuse import fuse
from lamina.graph.graph import Graph, graph_of
from lamina.graph.plan import Call, Plan, plan
from lamina.graph.schedule import schedule
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import Trace
from lamina.graph.variable import Variable
from lamina.programs.native import NativeProgram
from lamina.programs.nodewise import NodewiseProgram

VIEWS = ("reshape", "stop_gradient")
NOTHING, CONSTANT = -1, 0  # what memory holds that no tensor was written to


def root(x: Tensor) -> Tensor:
    while x.node is not None and x.node.operation.name in VIEWS:
        x = x.node.inputs[0]
    return x


class Memory:
    """Which tensor's value each float of memory holds while a plan runs."""

    def __init__(self, planned: Plan, batch: int) -> None:
        self.plan, self.batch = planned, batch
        self.workspace: list[int] = [NOTHING] * planned.workspace_size
        self.fixed: dict[int, list[int]] = {}

    def place(self, slot: int) -> tuple[list[int], range]:
        """The memory of a slot, and the part of it."""
        found = self.plan.slots[slot]
        size = int(np.prod([-d * self.batch if d < 0 else d for d in found.dims]))
        if found.array is not None:
            cells = self.fixed.setdefault(found.array.ctypes.data, [CONSTANT] * found.array.size)
            assert len(cells) == size
            return cells, range(size)
        if found.offset is None:  # a thread's own: here of one thread that computes all
            return self.fixed.setdefault(-slot - 1, [NOTHING] * size), range(size)
        assert found.offset + size <= self.plan.workspace_size
        return self.workspace, range(found.offset, found.offset + size)

    def write(self, slot: int, value: int) -> None:
        cells, part = self.place(slot)
        for i in part:
            cells[i] = value

    def holds(self, slot: int, value: int) -> bool:
        cells, part = self.place(slot)
        return all(cells[i] == value for i in part)

    def overlap(self, a: int, b: int) -> bool:
        (x, p), (y, q) = self.place(a), self.place(b)
        return x is y and bool(set(p) & set(q))


def check(graph: Graph, batch: int) -> Plan:
    """Follows every value through the memory of the plan."""
    planned = plan(graph, batch)
    memory = Memory(planned, batch)
    for variable in {x.variable for n in graph.nodes for x in n.inputs} | set(graph.updates):
        if variable is not None:
            memory.fixed[variable.array.ctypes.data] = [id(variable)] * variable.size
    for x, slot in zip(graph.inputs, planned.inputs):
        memory.write(slot, id(x))
    nodes = [n for s in schedule(graph) for n in s.nodes if n.operation.name not in VIEWS]
    for node, call in zip(nodes, planned.calls):
        assert call.operation == node.operation.name
        for x, slot in () if call.operation == "count" else zip(node.inputs, call.inputs):
            assert memory.holds(slot, _name(root(x))), f"{node}: {x} is lost"
        _check_outputs(memory, call.operation, call.inputs, call.outputs)
        for y, slot in zip(node.outputs, call.outputs):
            memory.write(slot, id(y))
    _check_groups(memory)
    _check_results(graph, planned, memory, len(nodes))
    return planned


def _name(x: Tensor) -> int:
    if x.variable is not None:
        return id(x.variable)
    return CONSTANT if x.value is not None else id(x)


def _check_outputs(memory: Memory, name: str, inputs: list[int], outputs: list[int]) -> None:
    """Results lie apart from each other, and on an operand only if that is read in step."""
    for i, y in enumerate(outputs):
        assert not any(memory.overlap(y, other) for other in outputs[:i])
        for x in () if name == "count" else inputs:
            if memory.overlap(y, x):
                elementwise = (
                    "accumulate",
                    "rmsprop",
                    "add",
                    "subtract",
                    "multiply",
                    "divide",
                    "where",
                )
                assert name in (*elementwise, "increment", "advance")
                assert memory.place(x) == memory.place(y)


def _check_groups(memory: Memory) -> None:
    """What a group writes lies apart from all else that the group touches: threads run through it
    side by side.  Only an update in place may lie on the old value, which is read in step."""
    groups: dict[int, list[Call]] = {}
    for call in memory.plan.calls:
        if call.group:
            groups.setdefault(call.group, []).append(call)
    for calls in groups.values():
        for call in calls:
            for y in call.outputs:
                touched = {x for c in calls for x in (*c.inputs, *c.outputs)} - {y}
                assert all(c.operation != "count" for c in calls)
                for x in touched:
                    if memory.overlap(y, x):
                        assert memory.place(x) == memory.place(y)


def _check_results(graph: Graph, planned: Plan, memory: Memory, done: int) -> None:
    """The copies at the end bring every variable its value; outputs are still there."""
    for name, (source,), (target,), _, group in planned.calls[done:]:
        assert name == "reshape"
        assert group == 0
        cells, part = memory.place(source)
        (value,) = {cells[i] for i in part}
        memory.write(target, value)
    for variable, x in graph.updates.items():
        cells = memory.fixed[variable.array.ctypes.data]
        assert all(c == _name(root(x)) for c in cells), f"{variable} did not get {x}"
    for x, slot in zip(graph.outputs, planned.outputs):
        assert memory.holds(slot, _name(root(x))), f"output {x} is lost"


@pytest.mark.parametrize("seed", range(60))
def test_random_steps_lose_nothing(seed: int) -> None:
    graph = random_step(seed).graph
    for batch in (1, 5):
        check(graph, batch)
        check(fuse(graph), batch)


A, B, C = np.array([1.0, 2.0]), np.array([10.0, 20.0]), np.array([100.0, 200.0])


def assigned(programs: str, record: Callable[[Trace, Any, Any, Any], None]) -> list[list[float]]:
    """What three variables hold after two runs of the updates that `record` writes down."""
    a, b, c = variables = [Variable(x) for x in (A, B, C)]
    with Trace() as trace:
        trace.input(Spec((-1, 1)), "x")
        record(trace, a, b, c)
    graph = graph_of(trace)
    for g in (graph, fuse(graph)):
        check(g, 1)
    make = {"native": NativeProgram, "numpy": NodewiseProgram}[programs]
    make(graph, 1).run_steps([np.zeros((2, 1))], np.arange(2), 0, 2, 1e9)
    return [v.numpy().tolist() for v in variables]


def exchange(trace: Trace, a: Variable, b: Variable, c: Variable) -> None:
    old = trace.stored(a)
    a.assign(trace.stored(b))
    b.assign(old)


def rotate(trace: Trace, a: Variable, b: Variable, c: Variable) -> None:
    old = trace.stored(a)
    a.assign(trace.stored(b))
    b.assign(trace.stored(c))
    c.assign(old)


def give_old_value(trace: Trace, a: Variable, b: Variable, c: Variable) -> None:
    old = trace.stored(a)
    a.assign(ops.add(c, 1.0))
    b.assign(old)


def read_after_update(trace: Trace, a: Variable, b: Variable, c: Variable) -> None:
    a.assign(ops.add(a, 1.0))
    b.assign(ops.multiply(a, 2.0))


def read_before_and_after(trace: Trace, a: Variable, b: Variable, c: Variable) -> None:
    old = trace.stored(a)
    a.assign(ops.add(a, 1.0))
    b.assign(ops.subtract(a, old))


def one_value_for_all(trace: Trace, a: Variable, b: Variable, c: Variable) -> None:
    value = ops.add(a, b)
    for v in (a, b, c):
        v.assign(value)


def a_view(trace: Trace, a: Variable, b: Variable, c: Variable) -> None:
    a.assign(ops.reshape(ops.add(ops.reshape(a, (2, 1)), 1.0), (2,)))
    b.assign(ops.reshape(ops.reshape(c, (1, 2)), (2,)))


def old_value_of_what_is_updated_last(trace: Trace, a: Variable, b: Variable, c: Variable) -> None:
    before = ops.reshape(trace.stored(a), (1, 2))
    a.assign(ops.multiply(a, 3.0))
    b.assign(ops.sum(ops.add(before, ops.reshape(c, (2, 1))), axis=0))


def a_constant(trace: Trace, a: Variable, b: Variable, c: Variable) -> None:
    a.assign(np.array([7.0, 8.0]))
    b.assign(ops.where(ops.greater(b, 15.0), 0.0, b))


AFTER = {
    exchange: [A, B, C],
    rotate: [C, A, B],
    give_old_value: [C + 1, C + 1, C],
    read_after_update: [A + 2, 2 * (A + 2), C],
    read_before_and_after: [A + 2, A * 0 + 1, C],
    one_value_for_all: [2 * (A + B), 2 * (A + B), 2 * (A + B)],
    a_view: [A + 2, C, C],
    old_value_of_what_is_updated_last: [9 * A, 2 * 3 * A + C.sum(), C],
    a_constant: [[7, 8], [10, 0], C],
}


@pytest.mark.parametrize("programs", ["native", "numpy"])
@pytest.mark.parametrize("record", AFTER, ids=lambda f: f.__name__)
def test_updates(record: Any, programs: str) -> None:
    assert assigned(programs, record) == [np.asarray(x).tolist() for x in AFTER[record]]


@pytest.mark.parametrize("programs", [NativeProgram, NodewiseProgram])
@pytest.mark.parametrize(
    ("operation", "want"),
    [
        (lambda w: ops.matmul(w, w), lambda w: w @ w),
        (lambda w: ops.transpose(w), lambda w: w.T),
        (lambda w: ops.softmax(w, axis=0), lambda w: np.exp(w) / np.exp(w).sum(axis=0)),
        (lambda w: ops.broadcast_to(ops.max(w, axis=0), (20, 20)), lambda w: w * 0 + w.max(axis=0)),
    ],
    ids=["matmul", "transpose", "softmax", "max"],
)
def test_updates_that_read_all_before_they_write(programs: Any, operation: Any, want: Any) -> None:
    value = np.random.default_rng(0).normal(size=(20, 20))
    w = Variable(value)
    with Trace() as trace:
        trace.input(Spec((-1, 1)), "x")
        w.assign(operation(w))
    graph = graph_of(trace)
    check(graph, 1)
    programs(graph, 1).run_steps([np.zeros((1, 1))], np.arange(1), 0, 1, 1e9)
    np.testing.assert_allclose(w.numpy(), want(value), rtol=1e-4, atol=1e-5)


def test_memory_is_used_again() -> None:
    """A long chain needs the room of few tensors."""
    with Trace() as trace:
        h = trace.input(Spec((-1, 16)), "x")
        for _ in range(50):
            h = ops.exp(ops.negative(h))
    graph = graph_of(trace, [h])
    assert check(graph, 8).workspace_size <= 3 * 8 * 16


def test_updates_are_written_in_place() -> None:
    """No copy at the end where nobody needs the old value."""
    w, v = Variable(np.ones(5)), Variable(np.ones(5))
    with Trace() as trace:
        for x in (w, v):
            x.assign(ops.multiply(x, 0.5))
    assert [name for name, *_ in plan(graph_of(trace), 1).calls] == ["multiply", "multiply"]
