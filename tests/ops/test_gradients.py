"""Every gradient rule against central differences in float64, once and twice differentiated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from lamina import ops
from lamina.graph.differentiate import differentiate
from lamina.graph.operation import operations
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from ops.cases import CASES
from ops.draws import Case

pytestmark = pytest.mark.usefixtures("numpy_backend")
Array = np.ndarray
Function = Callable[..., Any]  # of tensors or arrays, to a number

WITH_RULE = [name for name, operation in operations.items() if operation.gradient_rule]
# Operands that have no gradient: a condition, a state, and what only says which elements pass.
NO_GRADIENT = {("where", 0), ("dropout", 1), ("relu_gradient", 1), ("leaky_relu_gradient", 1)}
MOST = 33  # elements of a case that is differentiated


def gradients(function: Function, operands: Sequence[Array]) -> list[Array]:
    """d function / d operand by the rules; zeros where they say that there is none."""
    with Trace(eager=True) as trace:
        inputs = [trace.input(Spec(x.shape, x.dtype.name), "x", x) for x in operands]
        loss = function(*inputs)
    found = differentiate(trace, loss, inputs)
    return [np.zeros(x.shape) if g is None else g.value for x, g in zip(operands, found)]


def differences(function: Function, operands: Sequence[Array], index: int) -> Array:
    """d function / d operands[index] by central differences."""
    x = operands[index]
    slopes = np.empty(x.shape)
    for at in np.ndindex(x.shape):
        values = []
        step = 1e-6 * max(1.0, abs(x[at]))
        for sign in (1, -1):
            moved = x.copy()
            moved[at] += sign * step
            others = [moved if i == index else y for i, y in enumerate(operands)]
            values.append(float(function(*others)))
        slopes[at] = (values[0] - values[1]) / (2 * step)
    return slopes


def check(function: Function, operands: Sequence[Array], skipped: Sequence[int] = ()) -> None:
    """The rules' gradients have the operands' shapes and are the slopes."""
    found = gradients(function, operands)
    for i, (x, g) in enumerate(zip(operands, found)):
        assert g.shape == x.shape
        if i in skipped:
            assert not g.any()
            continue
        want = differences(function, operands, i)
        np.testing.assert_allclose(
            g, want, rtol=2e-5, atol=2e-6 * (1 + np.abs(want).max(initial=0))
        )


def total(results: Any) -> Any:
    """The sum of all results, each element times another number."""
    rng = np.random.default_rng(5)
    parts = results if isinstance(results, tuple) else (results,)
    return sum(
        (ops.sum(ops.multiply(y, rng.uniform(0.5, 2, np.shape(y)))) for y in parts), start=0.0
    )


def smooth(name: str) -> list[tuple[Case, list[Array]]]:
    """Small cases with finite operands in float64, away from kinks and poles at 0."""
    made = []
    for case in CASES[name]:
        if case.edges or "equal" in case.name or not 0 < case.size <= MOST:
            continue
        floats = [x.astype(np.float64) for x in case.operands if x.dtype == np.float32]
        operands = [np.asarray(x + 0.2 * np.sign(x)) for x in floats]
        if case.attributes.get("dtype") == "float32":  # what cuts digits off has no differences
            case = case._replace(attributes=case.attributes | {"dtype": "float64"})
        made.append((case, [*operands, *case.operands[len(floats) :]]))
    assert len(made) > 5
    return made[:: len(made) // 20 + 1]


def skipped(name: str, operands: Sequence[Array]) -> list[int]:
    return [i for i in range(len(operands)) if (name, i) in NO_GRADIENT]


@pytest.mark.parametrize("name", WITH_RULE)
def test_rule(name: str) -> None:
    for case, operands in smooth(name):
        floats = [x for x in operands if x.dtype == np.float64]
        rest = operands[len(floats) :]

        def function(*x: Any, rest: Any = rest, case: Case = case) -> Any:
            return total(operations[name](*x, *rest, **case.attributes))

        check(function, floats, skipped(name, floats))


@pytest.mark.parametrize("name", WITH_RULE)
def test_rule_of_the_rule(name: str) -> None:
    """The gradient, written out as operations, differentiated once more."""
    for case, operands in smooth(name)[:6]:
        floats = [x for x in operands if x.dtype == np.float64]
        rest = operands[len(floats) :]

        def slopes(*x: Any, rest: Any = rest, case: Case = case) -> Any:
            with Trace(eager=True) as trace:
                inputs = [trace.input(Spec(np.shape(a), "float64"), "x", np.asarray(a)) for a in x]
                loss = total(operations[name](*inputs, *rest, **case.attributes))
            found = [g for g in differentiate(trace, loss, inputs) if g is not None]
            with trace:
                result = total(tuple(ops.square(g) for g in found))
            return trace, inputs, result

        trace, inputs, result = slopes(*floats)
        second = differentiate(trace, result, inputs)
        for i, x in enumerate(floats):
            want = differences(lambda *a: slopes(*a)[2].value, floats, i)
            g = np.zeros(x.shape) if second[i] is None else second[i].value
            scale = 1 + np.abs(want).max(initial=0)
            np.testing.assert_allclose(g, want, rtol=1e-4, atol=1e-5 * scale, err_msg=case.name)


X = np.array([[0.3, -1.2, 2.0, 0.7], [-0.4, 0.9, 0.1, -2.2], [1.4, 0.2, -0.6, 0.8]])
Y = np.array([0.5, -0.3, 1.1, 0.9])

COMPOSITES: dict[str, Function] = {
    "softmax along the first axis": lambda x, y: total(ops.softmax(x, axis=0)),
    "log_softmax along the first axis": lambda x, y: total(ops.log_softmax(x, axis=0)),
    "clip": lambda x, y: total(ops.clip(ops.multiply(x, y), -0.5, 0.6)),
    "norm": lambda x, y: total(ops.norm(ops.multiply(x, y), axis=1)),
    "norm of all": lambda x, y: ops.norm(ops.add(x, y)),
    "several uses": lambda x, y: total(ops.add(ops.multiply(x, x), ops.multiply(ops.exp(x), x))),
    "the same operand twice": lambda x, y: total(ops.divide(ops.add(x, y), ops.add(x, y))),
    "mean over axes that are not neighbours": lambda x, y: total(
        ops.mean(ops.reshape(ops.multiply(x, y), (3, 2, 2)), axis=(0, 2))
    ),
    "mean of all": lambda x, y: ops.mean(ops.multiply(x, y)),
    "max along an axis": lambda x, y: total(ops.max(ops.multiply(x, y), axis=0)),
    "min, axis kept": lambda x, y: total(ops.min(ops.subtract(x, y), axis=1, keepdims=True)),
    "matrix times vector": lambda x, y: total(ops.matmul(x, y)),
    "vector times matrix": lambda x, y: total(ops.matmul(y, ops.transpose(x))),
    "squeeze, expand_dims": lambda x, y: total(
        ops.squeeze(ops.multiply(ops.expand_dims(x, 1), ops.expand_dims(y, 0)))
    ),
    "broadcast_to": lambda x, y: total(ops.multiply(x, ops.broadcast_to(y, (3, 4)))),
    "floor has no slope": lambda x, y: total(ops.multiply(x, ops.floor(y))),
    "cross-entropy of two": lambda x, y: total(
        ops.softmax_cross_entropy(x, ops.softmax(ops.multiply(x, y)))
    ),
    "power of an expression": lambda x, y: total(ops.power(ops.exp(x), y)),
    "where": lambda x, y: total(ops.where(ops.greater(x, 0.25), ops.square(x), ops.multiply(x, y))),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPOSITES)
def test_composite(name: str) -> None:
    check(COMPOSITES[name], [X, Y])


@pytest.mark.parametrize("extreme", [ops.max, ops.min])
def test_the_gradient_of_an_extreme_is_shared_among_equals(extreme: Function) -> None:
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    (g,) = gradients(lambda t: ops.sum(extreme(t, axis=1)), [x])
    held = x == (x.max(axis=1) if extreme is ops.max else x.min(axis=1))[:, None]
    np.testing.assert_allclose(g, held / held.sum(axis=1, keepdims=True))


def test_nothing_flows_through_stop_gradient() -> None:
    (g,) = gradients(lambda t: ops.sum(ops.multiply(ops.stop_gradient(t), t)), [X])
    np.testing.assert_array_equal(g, X)


def test_relu_has_slope_0_at_0() -> None:
    (g,) = gradients(lambda t: ops.sum(ops.relu(t)), [np.array([-1.0, 0.0, 2.0])])
    np.testing.assert_array_equal(g, [0, 0, 1])


def test_power_at_0() -> None:
    """The slope of x^2 at 0 is 0, and 0^y does not make it NaN for the exponent."""
    a, b = gradients(lambda x, y: ops.sum(ops.power(x, y)), [np.zeros(2), np.array([2.0, 3.0])])
    np.testing.assert_array_equal(a, 0)
    np.testing.assert_array_equal(b, 0)


@pytest.mark.parametrize("x", [[2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [5.0]])
def test_products_have_slopes_at_zeros(x: list[float]) -> None:
    check(ops.prod, [np.array(x)])
    check(lambda t: total(ops.cumprod(t, axis=0)), [np.array(x)])


def test_logaddexp_of_equals_shares_its_gradient() -> None:
    for g in gradients(lambda x, y: total(ops.logaddexp(x, y)), [np.ones(2), np.ones(2)]):
        np.testing.assert_allclose(g, 0.5 * np.random.default_rng(5).uniform(0.5, 2, 2))


def test_a_row_that_is_looked_up_twice_gets_both_gradients() -> None:
    table = np.arange(8.0).reshape(4, 2)
    (g,) = gradients(lambda t: ops.sum(ops.take(t, [3, 1, -1], axis=0)), [table])
    np.testing.assert_array_equal(g, [[0, 0], [1, 1], [0, 0], [2, 2]])
