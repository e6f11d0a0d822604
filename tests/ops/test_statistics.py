"""Chains, orders, statistics, new arrays and conversions: as NumPy on arrays, and in programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from lamina import Input, Model, Variable, ops
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from ops.programs import ROWS, compare

pytestmark = pytest.mark.usefixtures("backend")
rng = np.random.default_rng(0)
X = rng.normal(size=(2, 3, 4)).astype(np.float32)
Z = X * (np.abs(X) > 0.4)  # zeros among it
M = X[0]
HARD = np.array([[1, np.nan, 3], [np.inf, 2, -np.inf], [3, 3, 1], [-np.inf] * 3], np.float32)
BINS = [0.0, 0.5, 0.5, 2.0]

AS_NUMPY: dict[str, tuple[Callable[[], Any], Any]] = {
    "cumsum": (lambda: ops.cumsum(X, 1), X.cumsum(1)),
    "cumsum of all": (lambda: ops.cumsum(X), X.cumsum()),
    "cumprod": (lambda: ops.cumprod(Z, axis=-1), Z.cumprod(-1)),
    "cumprod of one": (lambda: ops.cumprod(X[:, :1], axis=1), X[:, :1]),
    "cumprod of none": (lambda: ops.cumprod(X[:, :0], axis=1), X[:, :0]),
    "prod": (lambda: ops.prod(X), X.prod()),
    "prod over an axis": (lambda: ops.prod(X, axis=1, keepdims=True), X.prod(1, keepdims=True)),
    "prod over axes apart": (lambda: ops.prod(X, axis=(0, 2)), X.prod((0, 2))),
    "prod of none": (lambda: ops.prod(X[:, :0], axis=1), np.ones((2, 4))),
    "any": (lambda: ops.any(Z > 1.5, axis=-1), (Z > 1.5).any(-1)),
    "any of none": (lambda: ops.any(X[:0]), False),
    "all": (lambda: ops.all(Z, axis=(0, 1), keepdims=True), (Z != 0).all((0, 1), keepdims=True)),
    "all of none": (lambda: ops.all(X[:0], axis=0), np.ones((3, 4), bool)),
    "count_nonzero": (lambda: ops.count_nonzero(Z, axis=1), np.count_nonzero(Z, axis=1)),
    "argmax of all": (lambda: ops.argmax(X), X.argmax()),
    "argmax, axis kept": (lambda: ops.argmax(X, 1, keepdims=True), X.argmax(1, keepdims=True)),
    "argmax of all, axes kept": (lambda: ops.argmax(X, keepdims=True), X.argmax(keepdims=True)),
    "argmin": (lambda: ops.argmin(X, axis=1), X.argmin(1)),
    "argmin of NaN": (lambda: ops.argmin(HARD, axis=1), HARD.argmin(1)),
    "var": (lambda: ops.var(X, axis=(0, 2)), X.var((0, 2))),
    "std": (lambda: ops.std(X, axis=1, keepdims=True), X.std(1, keepdims=True)),
    "average": (lambda: ops.average(X, axis=1), X.mean(1)),
    "average with a vector": (
        lambda: ops.average(X, axis=1, weights=[1.0, 2.0, 4.0]),
        np.average(X, axis=1, weights=[1, 2, 4]),
    ),
    "average with weights": (
        lambda: ops.average(X, weights=np.abs(X)), np.average(X, weights=np.abs(X)),
    ),
    "logsumexp": (lambda: ops.logsumexp(50 * X, axis=(0, 1)), special.logsumexp(50 * X, axis=(0, 1))),
    "logsumexp of all": (lambda: ops.logsumexp(X, keepdims=True), special.logsumexp(X, keepdims=True)),
    "logsumexp, hard": (lambda: ops.logsumexp(HARD, -1), special.logsumexp(HARD, -1)),
    "logaddexp": (lambda: ops.logaddexp(90 * X, X[::-1]), np.logaddexp(90 * X, X[::-1])),
    "logaddexp, hard": (
        lambda: ops.logaddexp(HARD, HARD[[0, 1, 3, 3]]),
        special.logsumexp([HARD, HARD[[0, 1, 3, 3]]], axis=0),
    ),
    "logaddexp of NaN": (
        lambda: ops.logaddexp([np.nan, np.nan, np.inf], [-np.inf, np.inf, np.nan]), [np.nan] * 3,
    ),
    "logaddexp2 of NaN": (lambda: ops.logaddexp2(np.nan, -np.inf), np.nan),
    "logsumexp of none": (lambda: ops.logsumexp(X[:0], axis=0), np.full((3, 4), -np.inf)),
    "max with another": (lambda: ops.max(X, axis=1, initial=0.5), X.max(1, initial=0.5)),
    "max of none and another": (
        lambda: ops.max(X[:0], axis=(0, 2), keepdims=True, initial=2), np.full((1, 3, 1), 2.0),
    ),
    "min with another": (lambda: ops.min(X, initial=-9), -9),
    "min of none and another": (lambda: ops.min([], initial=-9.0), -9),
    "max over another axis than the empty one": (lambda: ops.max(X[:0], axis=1), np.zeros((0, 4))),
    "isclose": (lambda: ops.isclose(X, X * np.float32(1.000001)), np.ones(X.shape, bool)),
    "isclose, hard": (
        lambda: ops.isclose(HARD, HARD + np.float32([0, 0, 1])), np.isclose(HARD, HARD + [0, 0, 1]),
    ),
    "isclose, NaN": (lambda: ops.isclose(HARD, HARD, equal_nan=True), np.ones(HARD.shape, bool)),
    "sort": (lambda: ops.sort(X, axis=1), np.sort(X, 1)),
    "sort of all": (lambda: ops.sort(X, axis=None), np.sort(X, None)),
    "sort, hard": (lambda: ops.sort(HARD), np.sort(HARD)),
    "argsort": (lambda: ops.argsort(X, axis=0), np.argsort(X, 0)),
    "argsort, equals": (lambda: ops.argsort(Z > 0), np.argsort(Z > 0, kind="stable")),
    "top_k": (lambda: ops.top_k(X, 2)[0], -np.sort(-X)[..., :2]),
    "top_k, indices": (lambda: ops.top_k([3, 1, 3, 2], 3)[1], [0, 2, 3]),
    "top_k, hard": (lambda: ops.top_k(HARD, 2)[1], [[1, 2], [0, 1], [0, 1], [0, 1]]),
    "in_top_k": (lambda: ops.in_top_k([0, 1, 2], M, 1), M.argmax(1)[:3] == [0, 1, 2]),
    "in_top_k, ties": (lambda: ops.in_top_k([0, 1, 2, 3], [[1.0, 1, 1, 0]] * 4, 1), [1, 1, 1, 0]),
    "in_top_k, NaN": (
        lambda: ops.in_top_k([0, 1, 2, 2], [[np.nan, 1, 1]] * 4, 2), [False, True, True, True],
    ),
    "in_top_k, no class": (lambda: ops.in_top_k([3, 9], np.float32([[1, 2, 3]] * 2), 3), [False] * 2),
    "searchsorted": (lambda: ops.searchsorted(BINS, X), np.searchsorted(BINS, X)),
    "searchsorted, right": (
        lambda: ops.searchsorted(BINS, BINS, side="right"), np.searchsorted(BINS, BINS, "right"),
    ),
    "digitize": (lambda: ops.digitize(X, BINS), np.digitize(X, BINS)),
    "digitize, on the edge": (lambda: ops.digitize(BINS, BINS), np.digitize(BINS, BINS)),
    "arange": (lambda: ops.arange(3), np.arange(3)),
    "arange, steps": (lambda: ops.arange(1, 2, 0.25), np.arange(1, 2, 0.25)),
    "zeros": (lambda: ops.zeros((2, 0)), np.zeros((2, 0))),
    "ones": (lambda: ops.ones(3, "int32"), np.ones(3)),
    "full": (lambda: ops.full((2, 2), 7.5), np.full((2, 2), 7.5)),
    "full_like": (lambda: ops.full_like([1.0, 2.0], 3), [3, 3]),
    "zeros_like": (lambda: ops.zeros_like([np.nan, np.inf]), [0, 0]),
    "eye": (lambda: ops.eye(2, 3, k=1), np.eye(2, 3, 1)),
    "identity": (lambda: ops.identity(2), np.eye(2)),
    "diag of a matrix": (lambda: ops.diag(M, 1), np.diag(M, 1)),
    "diag of a matrix, below": (lambda: ops.diag(M, -1), np.diag(M, -1)),
    "diag beyond": (lambda: ops.diag(M, 9), np.diag(M, 9)),
    "diag of a vector": (lambda: ops.diag(M[0]), np.diag(M[0])),
    "diag of a vector, above": (lambda: ops.diag(M[0], 2), np.diag(M[0], 2)),
    "diag of a vector, below": (lambda: ops.diag(M[0], -1), np.diag(M[0], -1)),
    "diagonal": (lambda: ops.diagonal(X, 1, 1, 2), X.diagonal(1, 1, 2)),
    "diagonal of other axes": (lambda: ops.diagonal(X, 0, 2, 0), X.diagonal(0, 2, 0)),
    "trace": (lambda: ops.trace(X, -1, 1, 2), X.trace(-1, 1, 2)),
    "tril": (lambda: ops.tril(X, 1), np.tril(X, 1)),
    "triu": (lambda: ops.triu(X), np.triu(X)),
    "cast": (lambda: ops.cast([1.7, -1.7], "int32"), [1, -1]),
    "size": (lambda: ops.size(X), 24),
    "shape": (lambda: ops.shape(X), (2, 3, 4)),
    "ndim": (lambda: ops.ndim(3.0), 0),
}  # fmt: skip


@pytest.mark.parametrize("name", AS_NUMPY)
def test_as_numpy(name: str) -> None:
    compute, want = AS_NUMPY[name]
    found = compute()
    assert np.shape(found) == np.shape(want)
    np.testing.assert_allclose(np.float64(found), np.float64(want), rtol=1e-5, atol=1e-6)


def test_dtypes() -> None:
    assert ops.zeros(2).dtype == ops.arange(0.5).dtype == ops.eye(2).dtype == np.float32
    assert ops.arange(3).dtype == ops.argsort(X).dtype == ops.top_k(X, 1)[1].dtype == np.int32
    assert ops.searchsorted(BINS, X).dtype == ops.count_nonzero(X).dtype == np.int32
    assert ops.any(X).dtype == ops.all(X).dtype == ops.isclose(X, X).dtype == bool
    assert ops.cast(X, "float64").dtype == ops.ones(1, "float64").dtype == np.float64
    assert (
        ops.convert_to_tensor([1.0]).dtype == ops.convert_to_numpy(Variable([1])).dtype == "float32"
    )
    assert ops.convert_to_tensor([1], "bool").dtype == ops.full_like(X, 1, "bool").dtype == bool
    assert ops.sort(np.int32([3, 1])).dtype == ops.ones_like(np.int32([3])).dtype == np.int32


N = ROWS + 50
B = rng.normal(size=(N, 3, 4)).astype(np.float32)
W = Variable(rng.normal(size=(3, 4)))

IN_PROGRAMS: dict[str, Callable[..., Any]] = {
    "cumsum": lambda x: ops.cumsum(x, axis=1) * x,
    "cumsum of a weight": lambda x: ops.cumsum(W, axis=0) * x,
    "cumprod": lambda x: ops.cumprod(x, axis=-1),
    "prod": lambda x: ops.prod(x, axis=(1, 2)),
    "prod with zeros": lambda x: ops.prod(ops.relu(x), axis=1),
    "var": lambda x: ops.var(x, axis=1) * ops.std(x, axis=-1, keepdims=True)[:, :1, 0],
    "average": lambda x: ops.average(x, 1, weights=[1.0, 2.0, 0.5]),
    "logsumexp": lambda x: ops.logsumexp(x, axis=(1, 2), keepdims=True),
    "logaddexp": lambda x: ops.logaddexp(x, W),
    "sort": lambda x: ops.sort(x, axis=1) * W,
    "argsort": lambda x: ops.take_along_axis(x, ops.argsort(x[:, ::-1]), axis=-1),
    "top_k": lambda x: ops.top_k(x, 2)[0] * ops.cast(ops.top_k(x, 2)[1], "float32"),
    "in_top_k": lambda x: x[:, 0] * ops.in_top_k(ops.argmin(x[:, 1], -1), x[:, 0], 2)[:, None],
    "digitize": lambda x: x * ops.digitize(x, BINS),
    "truth": lambda x: x * ops.where(ops.any(x > 1, axis=-1, keepdims=True), 2.0, ops.all(x[:, :1] < 1)),
    "cast": lambda x: x * ops.cast(3 * x, "int32") * ops.cast(x > 0, "int32") + ops.cast(x, "float32"),
    "cast to bool": lambda x: x * ops.cast(ops.relu(x), "bool"),
    "ones of the batch": lambda x: x[..., 0] + ops.ones((ops.shape(x)[0], 3)),
    "full_like": lambda x: x * ops.full_like(x, 3),
    "zeros_like": lambda x: ops.square(x) + ops.zeros_like(x),
    "size": lambda x: x / ops.size(x),
    "diag": lambda x: ops.matmul(x, ops.diag(W[0])) + ops.trace(W),
    "diagonal": lambda x: ops.diagonal(x, 1, 1, 2),
    "tril": lambda x: ops.tril(ops.square(x)),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_PROGRAMS)
def test_in_programs(name: str) -> None:
    compare(IN_PROGRAMS[name], B)


def batch() -> Any:
    return Trace().input(Spec((-1, 3, 4)), "x")


def test_shapes_of_tensors() -> None:
    for x in (batch(), Input((3, 4))):
        assert ops.shape(x) == (None, 3, 4)
        assert ops.ndim(x) == 3


def test_parts_of_symbolic_values_are_steps_of_a_model() -> None:
    x = Input((3, 4))
    first, second = ops.split(x, 2, axis=-1)
    values, places = ops.top_k(ops.concatenate([second, x[..., :1]], axis=-1), 2)
    model = Model(x, [first, values, places, x[:, -1]])
    found = model.predict(B, verbose=0)
    np.testing.assert_array_equal(found[0], B[..., :2])
    np.testing.assert_array_equal(found[1], -np.sort(-B[..., [2, 3, 0]])[..., :2])
    np.testing.assert_array_equal(found[3], B[:, -1])


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "cumsum": (lambda x: ops.cumsum(X, 3), "axis 3 is out of bounds"),
    "cumsum of the batch": (lambda x: ops.cumsum(x, 0), "the batch has no order"),
    "cumsum, dtype": (lambda x: ops.cumsum(X, 0, "int8"), "dtype='int8'"),
    "prod of the batch": (lambda x: ops.prod(x), "the batch has no order"),
    "prod, dtype": (lambda x: ops.prod(X, dtype="int8"), "dtype='int8'"),
    "top_k": (lambda x: ops.top_k(x, 5), "k=5"),
    "top 0": (lambda x: ops.top_k(x, 0), "k=0"),
    "in_top_k": (lambda x: ops.in_top_k([0, 1], M, 1), "a target for each row"),
    "searchsorted": (lambda x: ops.searchsorted(M, X), "must be a vector"),
    "searchsorted, side": (lambda x: ops.searchsorted(BINS, X, "up"), "side='up'"),
    "digitize": (lambda x: ops.digitize(X, [1.0, 0.0]), "bins must increase"),
    "average": (lambda x: ops.average(X, 1, weights=[1.0, 2.0]), "a weight for each element"),
    "average of all": (lambda x: ops.average(X, weights=[1.0, 2.0]), "weights must have x's shape"),
    "cast": (lambda x: ops.cast(x, "float16"), "dtype='float16'"),
    "cast to text": (lambda x: ops.cast(X, "str"), "a dtype of numbers"),
    "cast to nothing": (lambda x: ops.cast(X, "flaot32"), "dtype='flaot32'"),
    "full": (lambda x: ops.zeros((3, None)), "Only the first size"),
    "sparse": (lambda x: ops.convert_to_tensor(X, sparse=True), "sparse=True"),
    "diag": (lambda x: ops.diag(X), "a vector or a matrix"),
    "diagonal": (lambda x: ops.diagonal(x), "the batch axis has no diagonal"),
    "tril": (lambda x: ops.tril(M[0]), "expected matrices"),
    "argmax": (lambda x: ops.argmax(X, 3), "axis 3 is out of bounds"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    compute, message = REFUSED[name]
    with Trace(), pytest.raises(ValueError, match=message):
        compute(batch())
