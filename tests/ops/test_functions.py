"""Functions of lamina.ops on arrays, as NumPy has them, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import lamina
from lamina import ops
from lamina.graph.operation import operations

pytestmark = pytest.mark.usefixtures("backend")
X = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
M = X[0]

AS_NUMPY: dict[str, tuple[Callable[[], Any], Any]] = {
    "sum of all": (lambda: ops.sum(X), X.sum()),
    "sum, axes apart": (lambda: ops.sum(X, axis=(0, 2)), X.sum(axis=(0, 2))),
    "sum, axes kept": (
        lambda: ops.sum(X, axis=(0, -1), keepdims=True), X.sum(axis=(0, 2), keepdims=True),
    ),
    "sum over no axes": (lambda: ops.sum(X, axis=()), X),
    "mean": (lambda: ops.mean(X, axis=1), X.mean(axis=1)),
    "max, axis kept": (lambda: ops.max(X, axis=1, keepdims=True), X.max(axis=1, keepdims=True)),
    "min, axes apart": (lambda: ops.min(X, axis=(0, 2)), X.min(axis=(0, 2))),
    "argmax": (lambda: ops.argmax(X, -1), X.argmax(axis=-1)),
    "argmax along another axis": (lambda: ops.argmax(X, axis=0), X.argmax(axis=0)),
    "softmax along another axis": (lambda: ops.softmax(X, axis=1), special.softmax(X, axis=1)),
    "log_softmax, negative axis": (
        lambda: ops.log_softmax(X, axis=-3), special.log_softmax(X, axis=0),
    ),
    "norm": (lambda: ops.norm(X), np.sqrt((X**2).sum())),
    "norm along an axis": (lambda: ops.norm(X, axis=1), np.sqrt((X**2).sum(axis=1))),
    "clip": (lambda: ops.clip(X, -0.5, 0.25), X.clip(-0.5, 0.25)),
    "zeros_like": (lambda: ops.zeros_like([1.0, np.nan, np.inf]), np.zeros(3)),
    "ones_like": (lambda: ops.ones_like(X), np.ones_like(X)),
    "reshape": (lambda: ops.reshape(X, (4, -1)), X.reshape(4, 6)),
    "transpose": (lambda: ops.transpose(X), X.T),
    "transpose, negative axes": (lambda: ops.transpose(X, (0, -1, 1)), X.transpose(0, 2, 1)),
    "expand_dims": (lambda: ops.expand_dims(X, -2), X[:, :, None, :]),
    "squeeze": (lambda: ops.squeeze(X[:, :1]), X[:, 0]),
    "squeeze an axis": (lambda: ops.squeeze(X[:1, :1], 1), X[:1, 0]),
    "broadcast_to": (lambda: ops.broadcast_to(M, (5, 3, 4)), np.broadcast_to(M, (5, 3, 4))),
    "matrices": (lambda: ops.matmul(X, M.T), X @ M.T),
    "matrix and vector": (lambda: ops.matmul(M, M[0]), M @ M[0]),
    "vector and matrix": (lambda: ops.matmul(M[:, 0], M), M[:, 0] @ M),
    "two vectors": (lambda: ops.matmul(M[0], M[1]), M[0] @ M[1]),
    "numbers": (lambda: ops.add(2, 3.5), 5.5),
    "lists": (lambda: ops.multiply([1.0, 2.0], [[3.0], [4.0]]), [[3, 6], [4, 8]]),
    "one_hot": (lambda: ops.one_hot([2, 0], num_classes=3), np.eye(3)[[2, 0]]),
    "where": (lambda: ops.where(X > 0, X, -1.0), np.where(X > 0, X, -1)),
    "count": (lambda: ops.count(X, axes=(0, 2)), 8),
}  # fmt: skip


@pytest.mark.parametrize("name", AS_NUMPY)
def test_as_numpy(name: str) -> None:
    compute, want = AS_NUMPY[name]
    found = compute()
    assert np.shape(found) == np.shape(want)
    np.testing.assert_allclose(found, want, rtol=1e-5, atol=1e-6)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "axis": (lambda: ops.sum(X, axis=3), "sum: axis 3 is out of bounds"),
    "axis twice": (lambda: ops.max(X, axis=(0, 0)), "an axis stands twice"),
    "softmax": (lambda: ops.softmax(X, axis=3), "softmax: axis 3 is out of bounds"),
    "softmax of a number": (lambda: ops.softmax(1.0), "softmax"),
    "reshape": (lambda: ops.reshape(X, (5, -1)), "cannot take the shape"),
    "transpose": (lambda: ops.transpose(X, (0, 1)), "must name each of 3 axes once"),
    "expand_dims": (lambda: ops.expand_dims(X, 5), "axis 5 is out of bounds"),
    "squeeze": (lambda: ops.squeeze(X, 0), "is not of size 1"),
    "broadcast_to": (lambda: ops.broadcast_to(X, (3, 4)), "cannot be broadcast to"),
    "matmul": (lambda: ops.matmul(M, M), "inner sizes must agree"),
    "matmul of a number": (lambda: ops.matmul(2.0, M), "both must be matrices or vectors"),
    "add": (lambda: ops.add(X, np.ones(3)), r"add: shapes \(2, 3, 4\) and \(3,\)"),
    "shapes": (lambda: ops.softmax_cross_entropy(M, M[:2]), "must have the same shape"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    compute, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        compute()


def test_wrong_types_are_refused() -> None:
    for wrong in (np.array(["a"]), np.array([1j]), [None]):
        with pytest.raises(TypeError, match=r"ops\.relu: cannot compute with dtype"):
            ops.relu(wrong)
    with pytest.raises(TypeError, match=r"ops\.add takes 2 operands \('x1', 'x2'\). Received: 1"):
        ops.add(X)
    with pytest.raises(TypeError, match=r"ops\.exp takes 1 .* Received: 0, and \['y'\] by name"):
        ops.exp(y=X)
    with pytest.raises(ValueError, match="where: expected both `x1` and `x2`"):
        ops.where(X > 0, 1.0)


@pytest.mark.parametrize("name", [
    "add", "arctan2", "divide", "equal", "floor_divide", "greater", "greater_equal", "hypot",
    "less", "less_equal", "logical_and", "logical_or", "maximum", "minimum", "mod", "multiply",
    "not_equal", "power", "subtract", "true_divide",
])  # fmt: skip
def test_operands_by_keras_names(name: str) -> None:
    """On arrays, and on symbolic values in the order of their names."""
    function = getattr(ops, name)
    np.testing.assert_array_equal(function(x2=2.0, x1=X), function(X, 2.0))
    entry = lamina.Input(X.shape[1:])
    model = lamina.Model(entry, function(x2=entry, x1=2.0))
    np.testing.assert_allclose(model(X), function(2.0, X), rtol=1e-6)


def test_other_operands_by_keras_names() -> None:
    assert ops.exp(x=0.0) == 1.0
    assert ops.stop_gradient(variable=3.0) == 3.0
    np.testing.assert_array_equal(ops.where(X > 0, x2=0.0, x1=X), ops.where(X > 0, X, 0.0))
    np.testing.assert_array_equal(ops.reshape(X, newshape=-1), X.ravel())
    np.testing.assert_array_equal(ops.reshape(X, (-1, 1)), X.reshape(-1, 1))


def test_where_without_values_gives_the_places() -> None:
    found = ops.where(np.array([[0, 1], [1, 1]]))
    np.testing.assert_array_equal(found, [[0, 1, 1], [1, 0, 1]])  # Keras's numbers
    with pytest.raises(ValueError, match="on arrays only"):
        ops.where(lamina.Input((3,)))


def test_operations_are_documented() -> None:
    assert all(operation.__doc__ for name, operation in operations.items() if hasattr(ops, name)
               and getattr(ops, name) is operation)  # fmt: skip
    assert repr(operations["relu"]) == "<operation relu>"
