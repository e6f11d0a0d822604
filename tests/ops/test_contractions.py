"""Products over chosen axes: as NumPy on arrays, and in programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lamina import Variable, ops
from lamina.graph.graph import graph_of
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from ops.programs import ROWS, compare

pytestmark = pytest.mark.usefixtures("backend")
rng = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


SHAPES = (
    ((2, 3, 4), (2, 4, 5)), ((3, 4), (2, 4, 5)), ((2, 3, 4), (4, 5)), ((4,), (2, 4, 5)),
    ((2, 3, 4), (4,)), ((7, 1, 3, 4), (2, 4, 5)), ((4,), (4,)), ((2, 0, 4), (2, 4, 5)),
    ((2, 3, 0), (2, 0, 5)),
)  # fmt: skip


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_matmul_is_that_of_numpy(a: Any, b: Any) -> None:
    x, y = normal(*a), normal(*b)
    for found, want in ((ops.matmul(x, y), x @ y), (Variable(x) @ y, x @ y)):
        assert found.shape == want.shape
        np.testing.assert_allclose(found, want, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("a", "b"), [*SHAPES[:5], ((2, 3, 4), (6, 4, 5)), ((), (3,)), ((3,), ())])
def test_dot_is_that_of_numpy(a: Any, b: Any) -> None:
    x, y = normal(*a), normal(*b)
    np.testing.assert_allclose(ops.dot(x, y), np.dot(x, y), rtol=1e-4, atol=1e-5)


X, Y = normal(2, 3, 4, 5), normal(4, 5, 3, 2)


@pytest.mark.parametrize(
    "axes", [0, 2, ([1], [2]), (1, 2), ([0, 1], [3, 2]), ([2, -1], [0, 1]), ([], [])], ids=str
)
def test_tensordot_is_that_of_numpy(axes: Any) -> None:
    x, y = (X[0, 0], Y[0, 0]) if axes in (0, ([], [])) else (X, Y)
    want = np.tensordot(x, y, axes)
    found = ops.tensordot(x, y, axes)
    assert found.shape == want.shape
    np.testing.assert_allclose(found, want, rtol=1e-4, atol=1e-4)


def test_outer() -> None:
    np.testing.assert_allclose(ops.outer(X, Y[0]), np.outer(X, Y[0]), rtol=1e-6)


EINSUMS = (
    ("abc,cd->abd", (2, 3, 4), (4, 5)), ("ab,bc->ac", (2, 3), (3, 4)), ("ab,cb", (2, 3), (4, 3)),
    ("abc,acd->abd", (2, 3, 4), (2, 4, 5)), ("aecd,abcd->acbe", (2, 3, 4, 5), (2, 6, 4, 5)),
    ("acbe,aecd->abcd", (2, 4, 6, 3), (2, 3, 4, 5)), ("a,a->", (3,), (3,)), ("a,b->ba", (3,), (4,)),
    ("ab,ab->ab", (2, 3), (2, 3)), ("ab,b->ab", (2, 3), (3,)), ("abc->ca", (2, 3, 4)), ("ab->", (2, 3)),
    ("ba", (2, 3)), ("...x,xy->...y", (2, 3, 4), (4, 5)), ("...ab,...bc->...ac", (2, 3, 4), (2, 4, 5)),
    ("ab,bc,cd->ad", (2, 3), (3, 4), (4, 5)), ("abc,de->ae", (2, 3, 4), (5, 6)), ("a...->...", (2, 3, 4)),
    ("ab, bc -> ca", (2, 3), (3, 4)), ("abc,cde->abde", (2, 3, 4), (4, 5, 6)),
    ("abde,cde->abc", (2, 3, 4, 5), (6, 4, 5)), ("abc,abd->acd", (2, 3, 4), (2, 3, 5)),
    ("a...b,b...->a...", (2, 3, 4), (4, 3)),
)  # fmt: skip


@pytest.mark.parametrize("case", EINSUMS, ids=str)
def test_einsum_is_that_of_numpy(case: Any) -> None:
    subscripts, *shapes = case
    operands = [normal(*s) for s in shapes]
    want = np.einsum(subscripts, *operands)
    found = ops.einsum(subscripts, *operands)
    assert np.shape(found) == want.shape
    np.testing.assert_allclose(found, want, rtol=1e-4, atol=1e-4)


B, C = normal(ROWS + 50, 3, 4), normal(ROWS + 50, 4, 2)
W, V = Variable(normal(4, 5, 2)), Variable(normal(4, 3))

IN_PROGRAMS: dict[str, Callable[..., Any]] = {
    "products of samples": lambda x, y: ops.matmul(x, y),
    "a sample with itself": lambda x, y: ops.matmul(x, ops.transpose(x, (0, 2, 1))),
    "a matrix times samples": lambda x, y: ops.matmul(V, ops.square(x)),
    "samples times matrices": lambda x, y: ops.matmul(x[:, None], ops.transpose(W, (1, 0, 2))),
    "samples times one matrix each": lambda x, y: ops.matmul(x[:, :, None], y[:, None]),
    "a row of samples": lambda x, y: ops.matmul(x[:, 0, None], y)[:, 0],
    "vectors": lambda x, y: ops.matmul(x, ops.get_item(V, np.s_[:, 0])),
    "dot": lambda x, y: ops.dot(x, V),
    "tensordot": lambda x, y: ops.tensordot(x, W, 1),
    "outer products": lambda x, y: ops.einsum("ab,ac->abc", x[:, 0], y[:, 1]),
    "einsum, dense": lambda x, y: ops.einsum("abc,cde->abde", x, W),
    "einsum, dense over two axes": lambda x, y: ops.einsum("abc,cb->a", x, V),
    "einsum, weights first": lambda x, y: ops.einsum("ij,bki->bkj", V, x),
    "einsum, attention": lambda x, y: ops.einsum("abc,acd->adb", x, y),
    "einsum, samples last": lambda x, y: ops.transpose(ops.einsum("abc,cd->bda", x, V), (2, 0, 1)),
    "across samples": lambda x, y: ops.matmul(
        x, 0.01 * ops.matmul(ops.transpose(x, (1, 2, 0)), x[:, 0])[0]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_PROGRAMS)
def test_in_programs(name: str) -> None:
    compare(IN_PROGRAMS[name], B, C)


@pytest.mark.parametrize("equation", ["abc,cd->abd", "abc,cd->adb"])
def test_a_product_with_a_matrix_stays_one_product(equation: str) -> None:
    with Trace() as trace:
        x = trace.input(Spec((-1, 3, 4)), "x")
        y = ops.einsum(equation, x, Variable(normal(4, 5)))
    nodes = [node.operation.name for node in graph_of(trace, [y]).nodes]
    assert "matmul" in nodes
    assert set(nodes) <= {"matmul", "transpose"}


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "inner sizes": (lambda: ops.matmul(X, Y), "inner sizes must agree"),
    "leading sizes": (lambda: ops.matmul(normal(2, 3, 4), normal(3, 4, 5)), "matmul: shapes"),
    "a number": (lambda: ops.matmul(X, 1.0), "both must be matrices or vectors"),
    "diagonal": (lambda: ops.einsum("aa->a", X[0, 0]), "a letter stands twice"),
    "operands": (lambda: ops.einsum("ab,bc->ac", X), "names 2 operands, not 1"),
    "axes": (lambda: ops.einsum("ab->a", X), "does not fit an operand of 4 axes"),
    "too many letters": (lambda: ops.einsum("...abcde->a", X), "does not fit"),
    "another letter": (lambda: ops.einsum("abcd->e", X), "the result needs each"),
    "letter twice in the result": (lambda: ops.einsum("abcd->aa", X), "the result needs each"),
    "sizes": (lambda: ops.einsum("abcd,abcd->a", X, Y), "sizes of axes that go together differ"),
    "tensordot": (lambda: ops.tensordot(X, Y, ([0], [0, 1])), "as many axes of both"),
    "tensordot, too many": (lambda: ops.tensordot(X, Y, 5), "as many axes of both"),
    "tensordot, axis": (lambda: ops.tensordot(X, Y, ([4], [0])), "axis 4 is out of bounds"),
    "tensordot, sizes": (lambda: ops.tensordot(X, Y, ([0], [0])), "differ"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    compute, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        compute()
