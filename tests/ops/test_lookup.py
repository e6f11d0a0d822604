"""Looking up by indices and summing by them: as NumPy on arrays, and in programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lamina import Variable, ops
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from ops.programs import ROWS, compare

pytestmark = pytest.mark.usefixtures("backend")
rng = np.random.default_rng(0)
X = rng.normal(size=(2, 3, 4)).astype(np.float32)
I = np.array([[2, 0, -1], [1, 1, -3]])  # noqa: E741
SORTED = np.argsort(X, axis=1)


def sums(ids: Any, n: int) -> np.ndarray:
    total = np.zeros((n, 4), np.float32)
    for i, row in zip(ids, X[0]):
        if 0 <= i < n:
            total[i] += row
    return total


AS_NUMPY: dict[str, tuple[Callable[[], Any], Any]] = {
    "take of all": (lambda: ops.take(X, [5, -1]), X.ravel()[[5, -1]]),
    "take rows": (lambda: ops.take(X, I % 2, axis=0), X[I % 2]),
    "take columns": (lambda: ops.take(X, I, axis=1), np.take(X, I, 1)),
    "take one": (lambda: ops.take(X, -2, axis=-1), X[..., -2]),
    "take by floats": (lambda: ops.take(X, np.float32([1, 0]), axis=0), X[[1, 0]]),
    "take by bytes": (lambda: ops.take(X, np.uint8([1, 0]), axis=0), X[[1, 0]]),
    "take nothing": (lambda: ops.take(X, np.zeros((0, 2), int), axis=0), X[:0, None][:, [0, 0]]),
    "take by a variable": (lambda: ops.take(X, Variable([1.0, 0.0]), axis=0), X[[1, 0]]),
    "take_along_axis": (
        lambda: ops.take_along_axis(X, SORTED, axis=1), np.take_along_axis(X, SORTED, 1),
    ),
    "take_along_axis, broadcast": (
        lambda: ops.take_along_axis(X, SORTED[:1], axis=1),
        np.take_along_axis(X, np.broadcast_to(SORTED[:1], X.shape), 1),
    ),
    "take_along_axis of all": (lambda: ops.take_along_axis(X, [7, 3]), X.ravel()[[7, 3]]),
    "segment_sum": (lambda: ops.segment_sum(X[0], [2, 0, 2]), sums([2, 0, 2], 3)),
    "segment_sum, some outside": (
        lambda: ops.segment_sum(X[0], [-1, 5, 1], num_segments=5), sums([-1, 5, 1], 5),
    ),
    "segment_sum of nothing": (lambda: ops.segment_sum(X[0][:0], np.zeros(0, int), 2), np.zeros((2, 4))),
    "one_hot": (lambda: ops.one_hot([2, 0], 3), np.eye(3)[[2, 0]]),
    "one_hot along an axis": (
        lambda: ops.one_hot(I % 3, 3, axis=1), np.moveaxis(np.eye(3)[I % 3], -1, 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AS_NUMPY)
def test_as_numpy(name: str) -> None:
    compute, want = AS_NUMPY[name]
    found = compute()
    assert np.shape(found) == np.shape(want)
    np.testing.assert_array_equal(found, want)


N = ROWS + 50
B = rng.normal(size=(N, 3, 4)).astype(np.float32)
TABLE = Variable(rng.normal(size=(5, 6)))


def whole(x: Any) -> Any:
    """Whole numbers from -2 to 2, of which no slope goes back."""
    return ops.clip(ops.floor(x), -2, 2)


IN_PROGRAMS: dict[str, Callable[..., Any]] = {
    "rows of a table": lambda x: ops.take(TABLE, whole(x), axis=0) * x[..., None],
    "one row of a table": lambda x: ops.take(TABLE, whole(x[:, 0, 0]), axis=0) * x[:, 0, :1],
    "columns of samples": lambda x: ops.take(x, [1, -1, 1], axis=1) * x,
    "columns by an index that is no batch": lambda x: ops.take(x, whole(TABLE[0]), axis=-1),
    "columns of a table": lambda x: ops.moveaxis(ops.take(TABLE, whole(x[:, 1]), axis=1), 0, 1),
    "along the last axis": lambda x: ops.take_along_axis(x, whole(x), axis=-1),
    "along another axis": lambda x: ops.take_along_axis(x, whole(x[:, :, :1]), axis=1),
    "sums of samples": lambda x: x[:, 0] * ops.segment_sum(x[:, 1], whole(x[:, 0, 0]) + 2, 5)[1:2],
    "the whole batch by itself": lambda x: ops.take(x[:, 0], whole(x[:, 0, 0]), axis=0),
    "one_hot": lambda x: ops.one_hot(whole(x[..., 0]), 3, axis=1) * x[:, 0, :1, None],
}  # fmt: skip


@pytest.mark.parametrize("name", IN_PROGRAMS)
def test_in_programs(name: str) -> None:
    compare(IN_PROGRAMS[name], B)


def test_an_index_outside_gives_nan_in_a_program() -> None:
    with Trace(eager=True) as trace:
        i = trace.input(Spec((3,)), "i", np.float32([0, 9, -6]))
        assert np.isnan(ops.take(TABLE, i, axis=0).value).all(axis=1).tolist() == [
            False,
            True,
            True,
        ]


def batch() -> Any:
    return Trace().input(Spec((-1, 3, 4)), "x")


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "beyond": (lambda x: ops.take(X, [[0, 2]], axis=0), r"from -2 to 1. Received: 2 at \(0, 1\)"),
    "before": (lambda x: ops.take(X, -5, axis=2), r"from -4 to 3. Received: -5 at \(\)"),
    "a part": (lambda x: ops.take(X, [0.5], axis=2), "indices must be whole numbers"),
    "not a number": (lambda x: ops.take(X, [np.nan], axis=2), "indices must be whole numbers"),
    "axis": (lambda x: ops.take(X, [0], axis=3), "axis 3 is out of bounds"),
    "of a tensor": (lambda x: ops.take(x, [0, 3], axis=1), "Received: 3 at"),
    "two batches": (lambda x: ops.take(x, x[:, 0, 0], axis=1), "Only one axis may depend"),
    "along": (lambda x: ops.take_along_axis(X, SORTED + 1, axis=1), "from -3 to 2. Received: 3"),
    "along, axes": (lambda x: ops.take_along_axis(X, [0], axis=1), "as many axes"),
    "along, shapes": (lambda x: ops.take_along_axis(X, SORTED[:, :, :3], axis=1), "broadcast"),
    "segment_sum": (lambda x: ops.segment_sum(X, [0, 1, 2]), "an id for each row"),
    "how many segments": (lambda x: ops.segment_sum(x, x[:, 0, 0]), "num_segments=None"),
    "number of segments": (lambda x: ops.segment_sum(X, [0, 1], -1), "num_segments=-1"),
    "one_hot": (lambda x: ops.one_hot([0], 3, dtype="complex64"), "dtype='complex64'"),
    "one_hot, axis": (lambda x: ops.one_hot([0], 3, axis=2), "axis 2 is out of bounds"),
    "one_hot, sparse": (lambda x: ops.one_hot([0], 3, sparse=True), "sparse=True"),
    "one_hot, classes": (lambda x: ops.one_hot([0], -1), "num_classes=-1"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    compute, message = REFUSED[name]
    with Trace(), pytest.raises(ValueError, match=message):
        compute(batch())
