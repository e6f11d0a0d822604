"""NumPy's shorthands, reductions without NaN, quantiles, norms, branches and loops: in programs with
their gradients, as NumPy on arrays, and what is refused.  Most numbers on arrays are goldens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from lamina import Variable, ops
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from ops.programs import ROWS, compare

pytestmark = pytest.mark.usefixtures("backend")
rng = np.random.default_rng(0)
X = rng.normal(size=(ROWS + 7, 3, 4)).astype(np.float32)
Y = rng.normal(size=(ROWS + 7, 3, 4)).astype(np.float32)
M = X[0]

# What a program computes of rows x and y (batch, 3, 4), with its gradient.
PROGRAMS: dict[str, Callable[[Any, Any], Any]] = {
    "append": lambda x, y: ops.append(x, y, axis=1),
    "array_split": lambda x, y: ops.array_split(x, 3, axis=2)[1],
    "hstack": lambda x, y: ops.hstack([x, y]),
    "dstack": lambda x, y: ops.dstack([x, y]),
    "hsplit": lambda x, y: ops.hsplit(x, 3)[2],
    "fliplr": lambda x, y: ops.fliplr(x),
    "rot90": lambda x, y: ops.rot90(x, 3, axes=(1, 2)),
    "select": lambda x, y: ops.select([ops.greater(x, 0.5), ops.less(x, 0)], [x, ops.square(y)], 2.0),
    "isin": lambda x, y: ops.isin(ops.round(x), [0.0, 2.0]),
    "multi_hot": lambda x, y: ops.multi_hot(ops.round(x[:, 0]), 3),
    "inner": lambda x, y: ops.inner(x, M),
    "cross": lambda x, y: ops.cross(x, y, axis=1),
    "kron": lambda x, y: ops.kron(x, M[:2]),
    "diff": lambda x, y: ops.diff(x, n=2),
    "trapezoid": lambda x, y: ops.trapezoid(x, y, axis=1),
    "trapezoid of places": lambda x, y: ops.trapezoid(x, [0.0, 1.0, 3.0, 4.0]),
    "vander": lambda x, y: ops.vander(x[:, 0, 0], 4),
    "nansum": lambda x, y: ops.nansum(_holes(x), axis=1),
    "nanmean": lambda x, y: ops.nanmean(_holes(x), axis=(1, 2)),
    "nanvar": lambda x, y: ops.nanvar(_holes(x), axis=(1, 2)),
    "nanmax": lambda x, y: ops.nanmax(_holes(x), axis=(1, 2)),
    "nanmin": lambda x, y: ops.nanmin(_holes(x), axis=(1, 2), keepdims=True),
    "nanprod": lambda x, y: ops.nanprod(_holes(x), axis=(1, 2)),
    "nancumsum": lambda x, y: ops.nancumsum(_holes(x), axis=2),
    "nanquantile": lambda x, y: ops.nanquantile(_holes(x), 0.3, axis=(1, 2)),
    "median": lambda x, y: ops.median(x, axis=2, keepdims=True),
    "quantile": lambda x, y: ops.quantile(x, 0.3, axis=(1, 2)),
    "ptp": lambda x, y: ops.ptp(x, axis=2),
    "divide_no_nan": lambda x, y: ops.divide_no_nan(x, ops.relu(y)),
    "erfc": lambda x, y: ops.erfc(3 * x),
    "fmax": lambda x, y: ops.fmax(x, y),
    "fmod": lambda x, y: ops.fmod(5 * x, 1 + ops.abs(y)),
    "heaviside": lambda x, y: ops.heaviside(x, y),
    "ldexp": lambda x, y: ops.ldexp(x, [-3, 0, 2, 30]) + y,
    "logaddexp2": lambda x, y: ops.logaddexp2(x, y),
    "sinc": lambda x, y: ops.sinc(x),
    **{
        f"norm {order}": lambda x, y, order=order: ops.norm(x, order, axis=1)
        for order in (None, 1, 2, 3, np.inf, -np.inf)
    },
    **{
        f"norm of matrices {order}": lambda x, y, order=order: ops.norm(x, order, axis=(1, 2))
        for order in ("fro", 1, -1, np.inf, -np.inf)
    },
    "saturate_cast": lambda x, y: ops.saturate_cast(9 * x, "int8"),
    "fori_loop": lambda x, y: ops.fori_loop(0, 3, lambda i, z: z * y + i, x),
    "while_loop": lambda x, y: ops.while_loop(lambda i, z: i < 3, lambda i, z: (i + 1, z * y), (0, x))[1],
    "switch": lambda x, y: ops.switch(1, [lambda a: a, lambda a: a * a], x),
    "scan": lambda x, y: ops.moveaxis(
        ops.scan(lambda c, s: (c + s, c * s), y[:, 0], ops.moveaxis(x, 1, 0))[1], 0, 1
    ),
    "map": lambda x, y: ops.moveaxis(ops.map(ops.square, ops.moveaxis(x, 1, 0)), 0, 1),
    "associative_scan": lambda x, y: ops.associative_scan(lambda a, b: a + b, x, axis=1),
}  # fmt: skip


def _holes(x: Any) -> Any:
    """x with NaN in places, none of which reaches the gradient."""
    return ops.where(ops.greater(x, 0.8), np.nan, x)


@pytest.mark.parametrize("name", PROGRAMS)
def test_in_a_program(name: str) -> None:
    function = PROGRAMS[name]
    compare(lambda x, y: function(x, y) * 1.0, X, Y)


W = np.float32([2.0, -3.0])


def decided(number: Any) -> Any:
    return ops.cond(number > 0, lambda: (W * number, 1.0), lambda: (W - number, 0.0))[0]


def looped(number: Any) -> Any:
    """Doubles until 20 is reached."""
    return ops.while_loop(lambda x: ops.less(x, 20), lambda x: 2 * x, number, maximum_iterations=6)


def switched(number: Any) -> Any:
    return ops.switch(number, [lambda: W, lambda: W * W, lambda: W + number])


@pytest.mark.parametrize("number", [-5.0, 0.0, 1.0, 3.0, 9.0, 30.0])
@pytest.mark.parametrize("function", [decided, looped, switched])
def test_a_program_decides_as_python_does(function: Callable[..., Any], number: float) -> None:
    want = function(np.float32(number))
    state = Variable(np.float32(number))
    trace = Trace()
    with trace:
        y = ops.multiply(function(trace.read(state)), 1.0)
    found = _run(trace, y)
    np.testing.assert_allclose(found, want, rtol=1e-6)


def _run(trace: Trace, y: Any) -> Any:
    from lamina import programs
    from lamina.graph.graph import graph_of

    with trace:
        rows = ops.broadcast_to(y, (-1, *y.dims))
    program = programs.compile_program(graph_of(trace, [rows]), 1)
    result = np.empty((1, *y.dims), np.float32)
    program.map([], 1, [result])
    return result[0]


def test_erfc_keeps_its_digits() -> None:
    x = np.linspace(-5, 9, 999, dtype=np.float32)
    np.testing.assert_allclose(ops.erfc(x), special.erfc(np.float64(x)), rtol=2e-5)


def test_nothing_but_nan() -> None:
    empty = np.full((2, 3), np.nan, np.float32)
    for name in ("nanmean", "nanmax", "nanmin", "nanvar", "nanmedian"):
        assert np.isnan(getattr(ops, name)(empty, axis=1)).all(), name
    np.testing.assert_array_equal(ops.nanargmax(empty, axis=1), [-1, -1])
    np.testing.assert_array_equal(ops.nansum(empty, axis=1), [0, 0])


def test_scatter_update_takes_the_last_of_equal_indices() -> None:
    y = ops.scatter_update(np.zeros(4, np.float32), [[1], [2], [1]], np.float32([5, 6, 7]))
    np.testing.assert_array_equal(y, [0, 7, 6, 0])


@pytest.mark.parametrize("function", [
    lambda x: ops.det(x), lambda x: ops.svd(x), lambda x: ops.solve(x, x), lambda x: ops.nonzero(x),
    lambda x: ops.histogram(x), lambda x: ops.bincount(x), lambda x: ops.segment_max(x, [0, 1, 2]),
    lambda x: ops.norm(x, "nuc"), lambda x: ops.view(x, "int32"), lambda x: ops.bitwise_not(x),
])  # fmt: skip
def test_programs_have_no_such_operation(function: Callable[..., Any]) -> None:
    trace = Trace()
    x = trace.input(Spec((3, 3)), "x")
    with trace, pytest.raises(ValueError, match="works on arrays only"):
        function(x)


def test_a_branch_of_a_program_cannot_assign() -> None:
    trace, count = Trace(), Variable(np.float32(0))
    x = trace.input(Spec(()), "x")

    def counted() -> Any:
        count.assign(1.0)
        return x

    with trace, pytest.raises(ValueError, match="cannot assign"):
        ops.cond(x > 0, counted, lambda: x)


@pytest.mark.parametrize(("function", "said"), [
    (lambda x: ops.fori_loop(0, x[0, 0], lambda i, v: v, x), "must be known"),
    (lambda x: ops.while_loop(lambda v: v[0, 0] > 0, lambda v: v, x), "maximum_iterations=None"),
    (lambda x: ops.cond(x > 0, lambda: x, lambda: x), "one number"),
    (lambda x: ops.quantile(x, x[0, 0]), "known in advance"),
])  # fmt: skip
def test_what_a_program_must_know(function: Callable[..., Any], said: str) -> None:
    trace = Trace()
    x = trace.input(Spec((3, 3)), "x")
    with trace, pytest.raises(ValueError, match=said):
        function(x)


@pytest.mark.parametrize("function", [
    lambda x: ops.diff(x, axis=0), lambda x: ops.median(x), lambda x: ops.flipud(x),
    lambda x: ops.map(ops.square, x), lambda x: ops.vsplit(x, 2),
])  # fmt: skip
def test_the_batch_is_no_axis_to_go_along(function: Callable[..., Any]) -> None:
    trace = Trace()
    x = trace.input(Spec((-1, 3)), "x")
    with trace, pytest.raises(ValueError, match=r"batch|known size"):
        function(x)
