"""Indexing, joining, repeating and padding: as NumPy on arrays, and in programs."""

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
S = np.s_
UPDATED = X.copy()
UPDATED[:, 1:, 2:3] = 1

INDICES = (
    S[0], S[-1], S[:], S[...], S[:, 1], S[:, -1, 2], S[1:], S[:, ::2], S[..., 1:], S[..., ::-1], S[:, 5:],
    S[..., -3:-1], S[None], S[:, None], S[..., None], S[0, ..., None, 1], S[:, 2:0:-1, None, ::3],
    S[np.int64(1)], S[..., 0], S[1, 2, 3], S[:0], S[:, 2:1],
)  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indices_are_those_of_numpy(index: Any) -> None:
    variable = Variable(X)
    for found in (ops.get_item(X, index), variable[index]):
        assert found.shape == X[index].shape
        np.testing.assert_array_equal(found, X[index])


def test_a_variable_can_be_iterated() -> None:
    assert [x.tolist() for x in Variable(X)] == X.tolist()


AS_NUMPY: dict[str, tuple[Callable[[], Any], Any]] = {
    "slice": (lambda: ops.slice(X, (0, 1, 2), (2, 2, 1)), X[:, 1:, 2:3]),
    "flip": (lambda: ops.flip(X), X[::-1, ::-1, ::-1]),
    "flip an axis": (lambda: ops.flip(X, -1), X[..., ::-1]),
    "flip two axes": (lambda: ops.flip(X, (0, 2)), X[::-1, :, ::-1]),
    "flip nothing": (lambda: ops.flip(X[:0]), X[:0]),
    "concatenate": (lambda: ops.concatenate([X, X[..., :1]], -1), np.concatenate([X, X[..., :1]], -1)),
    "concatenate rows": (lambda: ops.concatenate((X, X)), np.concatenate([X, X])),
    "concatenate lists": (lambda: ops.concatenate([[1.0], [2.0, 3.0]]), [1, 2, 3]),
    "stack": (lambda: ops.stack([X, -X]), np.stack([X, -X])),
    "stack along the last axis": (lambda: ops.stack([X, -X], -1), np.stack([X, -X], -1)),
    "stack numbers": (lambda: ops.stack([1.0, 2.0]), [1, 2]),
    "split": (lambda: ops.split(X, 2)[1], X[1:]),
    "split before": (lambda: ops.split(X, [1, 3], axis=-1)[1], X[..., 1:3]),
    "split beyond": (lambda: ops.split(X, [3, 9], axis=-1)[2], X[..., 9:]),
    "split backwards": (lambda: ops.split(X, [-1, 2], axis=2)[1], X[..., 3:2]),
    "pad": (lambda: ops.pad(X, 2), np.pad(X, 2)),
    "pad all alike": (lambda: ops.pad(X, (1, 0)), np.pad(X, (1, 0))),
    "pad with": (
        lambda: ops.pad(X, ((0, 0), (1, 2), (0, 3)), constant_values=7),
        np.pad(X, ((0, 0), (1, 2), (0, 3)), constant_values=7),
    ),
    "pad nothing": (lambda: ops.pad(X, 0), X),
    "pad, reflect": (
        lambda: ops.pad(X, ((1, 0), (0, 2), (3, 3)), "reflect"),
        np.pad(X, ((1, 0), (0, 2), (3, 3)), "reflect"),
    ),
    "pad, symmetric": (
        lambda: ops.pad(X, ((2, 1), (0, 3), (4, 4)), "symmetric"),
        np.pad(X, ((2, 1), (0, 3), (4, 4)), "symmetric"),
    ),
    "repeat": (lambda: ops.repeat(X, 2), np.repeat(X, 2)),
    "repeat along an axis": (lambda: ops.repeat(X, 3, axis=-2), np.repeat(X, 3, axis=1)),
    "repeat each": (lambda: ops.repeat(X, [2, 0, 1], axis=1), np.repeat(X, [2, 0, 1], axis=1)),
    "tile": (lambda: ops.tile(X, 2), np.tile(X, 2)),
    "tile all": (lambda: ops.tile(X, (2, 1, 3)), np.tile(X, (2, 1, 3))),
    "tile with new axes": (lambda: ops.tile(X[0], (2, 3, 1, 2)), np.tile(X[0], (2, 3, 1, 2))),
    "unstack": (lambda: ops.unstack(X, axis=1)[2], X[:, 2]),
    "roll": (lambda: ops.roll(X, 2, axis=1), np.roll(X, 2, 1)),
    "roll two axes": (lambda: ops.roll(X, (-1, 9), axis=(0, 2)), np.roll(X, (-1, 9), (0, 2))),
    "roll all": (lambda: ops.roll(X, -5), np.roll(X, -5)),
    "slice_update": (
        lambda: ops.slice_update(X, (0, 1, 2), np.ones((2, 2, 1))),
        UPDATED,
    ),
    "moveaxis": (lambda: ops.moveaxis(X, 0, -1), np.moveaxis(X, 0, -1)),
    "moveaxis of two": (lambda: ops.moveaxis(X, (0, 1), (-1, 0)), np.moveaxis(X, (0, 1), (-1, 0))),
    "swapaxes": (lambda: ops.swapaxes(X, 0, -1), X.swapaxes(0, 2)),
    "ravel": (lambda: ops.ravel(X), X.ravel()),
}  # fmt: skip


@pytest.mark.parametrize("name", AS_NUMPY)
def test_as_numpy(name: str) -> None:
    compute, want = AS_NUMPY[name]
    found = compute()
    assert np.shape(found) == np.shape(want)
    np.testing.assert_array_equal(found, want)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool", "float32"])
def test_what_moves_keeps_its_dtype(dtype: str) -> None:
    x = (X > 0).astype(dtype)
    for y in (
        ops.flip(x),
        ops.repeat(x, 2),
        ops.tile(x, 2),
        ops.pad(x, 1),
        x[0],
        ops.stack([x, x]),
    ):
        assert y.dtype == dtype if dtype != "uint8" else y.dtype in ("uint8", "int32")


B = rng.normal(size=(ROWS + 50, 3, 4)).astype(np.float32)
C = rng.normal(size=(ROWS + 50, 3, 2)).astype(np.float32)

IN_PROGRAMS: dict[str, Callable[..., Any]] = {
    "a column": lambda x, y: x[:, 0],
    "a number": lambda x, y: x[:, 1, -1],
    "parts": lambda x, y: x[..., 1:] * x[..., :-1],
    "backwards": lambda x, y: x[:, ::-1, ::2],
    "a new axis": lambda x, y: x[:, None, 2] * y[..., :1],
    "all": lambda x, y: x[...],
    "concatenate": lambda x, y: ops.concatenate([x, y, x], axis=-1),
    "concatenate with an operand that is no batch": lambda x, y: ops.concatenate(
        [ops.sum(x, axis=0, keepdims=True) * ops.ones_like(y[..., :1]), x], axis=-1
    ),
    "concatenate, then a product": lambda x, y: ops.matmul(
        ops.concatenate([y, x], axis=-1), X[0, :1].T[[0] * 6]
    ),
    "concatenate batches": lambda x, y: ops.concatenate([x, ops.square(x)], axis=0),
    "stack": lambda x, y: ops.stack([x[..., :2], y], axis=1),
    "split": lambda x, y: ops.multiply(*ops.split(x, 2, axis=-1)),
    "pad": lambda x, y: ops.pad(x, ((0, 0), (1, 0), (0, 2)), constant_values=0.5),
    "pad, reflect": lambda x, y: ops.pad(x, ((0, 0), (2, 1), (0, 3)), "reflect"),
    "repeat": lambda x, y: ops.repeat(x, 2, axis=1),
    "repeat samples": lambda x, y: ops.repeat(x, 2, axis=0),
    "tile": lambda x, y: ops.tile(y, (1, 2, 2)),
    "flip": lambda x, y: ops.flip(x, (1, 2)) * x,
    "moveaxis": lambda x, y: ops.moveaxis(x, 1, 2),
    "roll": lambda x, y: ops.roll(x, 1, axis=1) * x,
    "slice_update": lambda x, y: ops.slice_update(x, (0, 1, 2), y[:, 1:]) * x,
    "across samples and back": lambda x, y: ops.swapaxes(ops.swapaxes(x, 0, 1)[1:], 0, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_PROGRAMS)
def test_in_programs(name: str) -> None:
    compare(IN_PROGRAMS[name], B, C)


def batch() -> Any:
    return Trace().input(Spec((-1, 3, 4)), "x")


REFUSED: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "a sample": (lambda x: x[0], ValueError, "The batch axis can only be indexed by `:`"),
    "a part of the batch": (lambda x: x[1:], ValueError, "The batch axis can only"),
    "the batch backwards": (lambda x: x[::-1], ValueError, "The batch axis can only"),
    "an index out of bounds": (lambda x: x[:, 3], IndexError, "index 3 is out of bounds for axis 1"),
    "too many indices": (lambda x: x[:, 0, 0, 0], IndexError, "too many indices"),
    "dots twice": (lambda x: x[..., 0, ...], IndexError, "can have one"),
    "a mask": (lambda x: x[x > 0], TypeError, "An index is made of integers"),
    "a list": (lambda x: x[:, [0, 1]], TypeError, "An index is made of integers"),
    "a truth value": (lambda x: x[:, True], TypeError, "An index is made of integers"),
    "a float": (lambda x: x[:, 1.0], TypeError, "An index is made of integers"),
    "slice": (lambda x: ops.slice(x, (0, 2, 0), (None, 2, 4)), ValueError, "the block leaves"),
    "slice of the batch": (lambda x: ops.slice(x, (0, 0, 0), (2, 3, 4)), ValueError, "not whole"),
    "slice, axes": (lambda x: ops.slice(x, (0,), (2,)), ValueError, "a start and a size for each"),
    "flip the batch": (lambda x: ops.flip(x, 0), ValueError, "the batch axis keeps its order"),
    "concatenate": (lambda x: ops.concatenate([x, X], -1), ValueError, "must have the same size"),
    "concatenate ranks": (lambda x: ops.concatenate([x, 1.0]), ValueError, "number of axes"),
    "concatenate with the batch": (lambda x: ops.concatenate([x, X], 0), ValueError, "all shapes must"),
    "concatenate nothing": (lambda x: ops.concatenate([]), ValueError, "one or more tensors"),
    "concatenate a tensor": (lambda x: ops.concatenate(x), ValueError, "one or more tensors"),
    "stack": (lambda x: ops.stack([x, X]), ValueError, "must have the same shape"),
    "stack, axis": (lambda x: ops.stack([x], 5), ValueError, "axis 5 is out of bounds"),
    "split": (lambda x: ops.split(x, 2, axis=1), ValueError, "indices_or_sections=2"),
    "split the batch": (lambda x: ops.split(x, 2), ValueError, "the batch axis cannot be split"),
    "pad the batch": (lambda x: ops.pad(x, 1), ValueError, "the batch cannot be padded"),
    "pad less": (lambda x: ops.pad(X, -1), ValueError, "must not be negative"),
    "pad, axes": (lambda x: ops.pad(X, ((0, 1), (1, 0))), ValueError, "pad_width="),
    "pad, mode": (lambda x: ops.pad(X, 1, "wrap"), ValueError, "mode='wrap'"),
    "pad, value": (lambda x: ops.pad(X, 1, "reflect", 1), ValueError, "can only be provided when"),
    "pad too far": (lambda x: ops.pad(X, 2, "reflect"), ValueError, "can grow by at most 1"),
    "repeat": (lambda x: ops.repeat(x, -1, axis=1), ValueError, "repeats=-1"),
    "unstack": (lambda x: ops.unstack(x, 2, axis=1), ValueError, "num=2"),
    "unstack the batch": (lambda x: ops.unstack(x), ValueError, "has no None slices"),
    "roll the batch": (lambda x: ops.roll(x, 1, 0), ValueError, "the batch axis keeps its order"),
    "roll, axes": (lambda x: ops.roll(x, (1, 2), (1,)), ValueError, "a shift for each axis"),
    "slice_update": (lambda x: ops.slice_update(x, (0, 3, 0), X), ValueError, "the block leaves"),
    "moveaxis": (lambda x: ops.moveaxis(x, (0, 1), 1), ValueError, "must name as many axes"),
    "swapaxes": (lambda x: ops.swapaxes(x, 0, 3), ValueError, "axis 3 is out of bounds"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    compute, error, message = REFUSED[name]
    with Trace(), pytest.raises(error, match=message):
        compute(batch())
