"""Recording: what operations, variables and operators leave in a trace."""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import ops
from lamina.graph.graph import graph_of
from lamina.graph.operation import operations
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import Trace, current_trace
from lamina.graph.variable import Variable


def names(trace: Trace) -> list[str]:
    return [node.operation.name for node in trace.nodes]


def test_a_trace_is_current_while_it_is_entered() -> None:
    assert current_trace() is None
    with Trace() as outer:
        assert current_trace() is outer
        with Trace() as inner:
            assert current_trace() is inner
        assert current_trace() is outer
    assert current_trace() is None


def test_a_trace_belongs_to_its_thread() -> None:
    seen: list[Any] = []
    with Trace():
        thread = threading.Thread(target=lambda: seen.append(current_trace()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_the_same_call_is_recorded_once() -> None:
    w = Variable(np.ones((3, 2)))
    with Trace() as trace:
        x = trace.input(Spec((-1, 3)), "x")
        assert ops.relu(x) is ops.relu(x)
        assert ops.matmul(x, w) is ops.matmul(x, w)
        assert ops.add(x, 1) is ops.add(x, 1.0)
        assert ops.sum(x, axis=0) is ops.sum(x, axis=(0,))
        assert ops.sum(x, axis=0) is not ops.sum(x, axis=1)
        assert ops.subtract(x, 1.0) is not ops.subtract(1.0, x)
    assert names(trace) == ["relu", "matmul", "add", "sum", "sum", "subtract", "subtract"]


def test_random_numbers_are_not_shared() -> None:
    """Two uses of a stream are two calls; the state says which."""
    state = Variable(np.array([1, 0]), dtype="uint32")
    with Trace() as trace:
        x = trace.input(Spec((-1, 3)), "x")
        first = ops.dropout(x, trace.stored(state), rate=0.5)
        state.assign(ops.advance(trace.stored(state)))
        assert ops.dropout(x, trace.stored(state), rate=0.5) is not first


def test_a_variable_is_read_as_it_is_at_that_point() -> None:
    v = Variable(2.0)
    with Trace() as trace:
        before = trace.tensor(v)
        v.assign_add(1.0)
        after = v.value
    assert before is trace.leaf(v)
    assert after.node.operation.name == "stop_gradient"
    assert after.node.inputs == (trace.state[v],)
    assert float(v) == 2.0, "recording must not compute"


def test_a_counter_is_read_as_a_float_and_stored_as_it_is() -> None:
    n = Variable(7, dtype="int32")
    with Trace() as trace:
        x = trace.input(Spec((-1,)), "x")
        assert ops.multiply(x, n).node.inputs[1].node.operation.name == "counter"
        assert trace.stored(n).dtype == "int32"
        with pytest.raises(TypeError, match=r"'variable' has dtype int32.*counters are changed by"):
            n.assign(1.0)


def test_assigning_another_shape_is_refused() -> None:
    v = Variable(np.zeros(3))
    with Trace() as trace, pytest.raises(ValueError, match=r"has shape \(3,\).*shape \(1,\)"):
        v.assign(trace.input(Spec((1,)), "x"))
    with pytest.raises(ValueError, match=r"variable.shape=\(3,\), Received: value.shape=\(1,\)"):
        v.assign(np.zeros(1))


SYMBOLS = {
    operator.add: "add", operator.sub: "subtract", operator.mul: "multiply",
    operator.truediv: "divide", operator.pow: "power", operator.lt: "less", operator.le: "less_equal",
    operator.gt: "greater", operator.ge: "greater_equal", operator.eq: "equal",
    operator.ne: "not_equal",
}  # fmt: skip


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda f: f.__name__)
def test_operators(symbol: Any, backend: str) -> None:
    """On variables and tensors as on arrays, from either side."""
    v, a = Variable(np.array([1.0, 2.0, 4.0])), np.array([3.0, 2.0, 0.5], np.float32)
    np.testing.assert_allclose(symbol(v, 2.0), symbol(v.numpy(), np.float32(2)), rtol=1e-6)
    np.testing.assert_allclose(symbol(2.0, v), symbol(np.float32(2), v.numpy()), rtol=1e-6)
    np.testing.assert_allclose(symbol(a, v), symbol(a, v.numpy()), rtol=1e-6)
    with Trace() as trace:
        x = trace.input(Spec((3,)), "x")
        assert symbol(x, v).node.operation.name == SYMBOLS[symbol]
        assert symbol(a, x).node.operation.name == SYMBOLS[symbol]


def test_what_is_no_number_is_not_equal() -> None:
    v = Variable(1.0)
    assert (v == None) is False  # noqa: E711
    assert (v != "a") is True
    assert v in [Variable(1.0), v]
    assert {v: 1}[v] == 1


def test_other_operators(backend: str) -> None:
    v = Variable(np.array([-1.5, 2.0]))
    np.testing.assert_array_equal(-v, [1.5, -2])
    np.testing.assert_array_equal(abs(v), [1.5, 2])
    np.testing.assert_array_equal(v % 2.0, [0.5, 0])
    np.testing.assert_array_equal(v // 2.0, [-1, 1])
    m = Variable(np.array([[1.0, 2.0], [3.0, 4.0]]))
    np.testing.assert_array_equal(m @ m, [[7, 10], [15, 22]])
    np.testing.assert_array_equal(np.ones((1, 2), np.float32) @ m, [[4, 6]])
    np.testing.assert_array_equal(m @ v, [2.5, 3.5])


def test_functions_of_numpy_are_operations_where_there_is_one() -> None:
    v = Variable(np.array([0.5, 2.0]))
    np.testing.assert_allclose(np.sin(v), np.sin([0.5, 2.0]), rtol=1e-6)
    np.testing.assert_allclose(np.add.reduce(v), 2.5)
    array = np.array([1.0, 1.0])
    array += v
    np.testing.assert_array_equal(array, [1.5, 3.0])
    with Trace() as trace:
        x = trace.input(Spec((2,)), "x")
        made = [np.exp(x), np.abs(x), np.remainder(x, 2.0), np.matmul(x, v), array * x]
    assert [y.node.operation.name for y in made] == ["exp", "abs", "mod", "reshape", "multiply"]


def test_shapes_and_dtypes_follow() -> None:
    with Trace() as trace:
        x = trace.input(Spec((-1, 4)), "x")
        assert ops.sum(x).shape == ()
        assert ops.mean(x, axis=1).shape == (None,)
        assert ops.mean(x, axis=0, keepdims=True).shape == (1, 4)
        assert ops.transpose(x).shape == (4, None)
        assert ops.matmul(x, np.ones((4, 7))).shape == (None, 7)
        assert ops.greater(x, 0.0).dtype == "bool"
        assert ops.argmax(x, axis=-1).dtype == "int32"
        assert ops.sum(ops.greater(x, 0.0)).dtype == "int32"
        assert ops.add(ops.greater(x, 0.0), ops.less(x, 1.0)).dtype == "int32"
        assert ops.one_hot(ops.argmax(x, axis=-1), num_classes=4).shape == (None, 4)


def test_wrong_operands_are_refused_when_recorded() -> None:
    with Trace() as trace:
        x = trace.input(Spec((-1, 4)), "x")
        with pytest.raises(ValueError, match="matmul: the inner sizes must agree"):
            ops.matmul(x, np.ones((3, 7)))
        with pytest.raises(ValueError, match=r"add: shapes \(None, 4\) and \(3,\)"):
            ops.add(x, np.ones(3))
        with pytest.raises(TypeError, match="takes 2 operands"):
            operations["add"](x)
        with pytest.raises(TypeError, match="cannot compute with dtype"):
            ops.add(x, np.array(["a"]))


def test_a_tensor_is_of_no_use_outside() -> None:
    with Trace() as trace:
        x = trace.input(Spec((-1, 4)), "x")
    with pytest.raises(ValueError, match="belongs to a graph that is no longer recorded"):
        ops.relu(x)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (np.asarray, "no numbers yet: write the computation in lamina.ops"),
        (np.spacing, "np.spacing cannot be recorded on <Tensor x, .*: use lamina.ops"),
        (np.add.reduce, "np.add cannot be recorded"),
        (np.mean, "no numbers yet: write the computation in lamina.ops"),
        (bool, "no truth value while a graph is recorded: use lamina.ops.where"),
        (len, "no length while a graph is recorded"),
        (float, "float"),
    ],
)
def test_a_tensor_has_no_numbers(use: Any, message: str) -> None:
    with Trace() as trace:
        x = trace.input(Spec((-1, 4)), "x")
        with pytest.raises(TypeError, match=message):
            use(x)


def test_an_eager_trace_computes_at_once(backend: str) -> None:
    with Trace(eager=True) as trace:
        x = trace.input(Spec((2,)), "x", np.array([-1.0, 2.0], np.float32))
        y = ops.multiply(ops.relu(x), 3.0)
        assert isinstance(y, Tensor)
        np.testing.assert_array_equal(np.asarray(y), [0, 6])
        assert bool(ops.greater(ops.sum(y), 5.0))


def test_a_graph_has_what_its_results_need() -> None:
    v, w = Variable(1.0), Variable(1.0)
    with Trace() as trace:
        x = trace.input(Spec((-1,)), "x")
        ops.exp(x)
        y = ops.relu(x)
        v.assign_add(ops.sum(y))
        trace.tensor(w)
    graph = graph_of(trace, [y])
    assert [n.operation.name for n in graph.nodes] == ["relu", "sum", "add"]
    assert list(graph.updates) == [v]
    assert graph.results() == [y, trace.state[v]]


def test_operators_with_the_tensor_on_the_right_and_of_truth_values() -> None:
    """Alike on variables and on symbolic values, where Keras has them."""
    numbers = np.array([[1.5, -2.5, 0.0]], np.float32)
    cases: dict[str, tuple[Callable[[Any], Any], Any]] = {
        "FloorDivide": (lambda x: 7 // (x + 3.0), 7 // (numbers + 3)),
        "Mod": (lambda x: 7 % (x + 3.0), 7 % (numbers + 3)),
        "Round": (lambda x: round(x), np.round(numbers)),
        "LogicalNot": (lambda x: ~x, numbers == 0),
        "LogicalAnd": (lambda x: True & (x & x), numbers != 0),
        "LogicalOr": (lambda x: False | (x | x), numbers != 0),
        "LogicalXor": (lambda x: True ^ (x ^ x), numbers == numbers),
    }
    entry = lamina.Input((3,))
    for kind, (compute, wanted) in cases.items():
        np.testing.assert_allclose(compute(Variable(numbers)), wanted, err_msg=kind)
        output = compute(entry)
        assert output.call.made_by.class_name == kind
        np.testing.assert_allclose(lamina.Model(entry, output)(numbers), wanted, err_msg=kind)


def test_variables_are_indexed_as_arrays_are() -> None:
    numbers = np.arange(6, dtype=np.float32).reshape(3, 2)
    variable = Variable(numbers)
    keys: tuple[Any, ...] = (0, -1, slice(1), (..., None), [2, 0], numbers > 2)
    for key in keys:
        found = variable[key]
        np.testing.assert_array_equal(found, numbers[key], strict=True)
        assert not np.shares_memory(found, variable.array)
    plus = +variable
    variable.assign(numbers + 1)
    np.testing.assert_array_equal(plus, numbers)
