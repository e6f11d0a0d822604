"""keras.ops on arrays: parts, joints, lookups, products, orders, statistics, new arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record

_rng = np.random.default_rng(11)
X = _rng.normal(size=(2, 3, 4)).astype("float32")
Y = _rng.normal(size=(2, 4, 5)).astype("float32")
M = X[0]
IDS = np.array([[2, 0], [1, -1]])
Z = (X * (np.abs(X) > 0.4)).astype("float32")
HARD = np.array([[1, np.nan, 3], [np.inf, 2, -np.inf], [3, 3, 1], [-np.inf] * 3], "float32")
BINS = np.array([-1.0, 0.0, 0.5, 2.0], "float32")

# What each function computes of keras.ops.
MOVING: dict[str, Callable[[Any], Any]] = {
    "concatenate": lambda o: o.concatenate([X, Z], axis=1),
    "concatenate_first": lambda o: o.concatenate((X, X[:1])),
    "stack": lambda o: o.stack([X, Z], axis=-1),
    "unstack": lambda o: o.unstack(X, axis=1)[2],
    "split": lambda o: o.split(X, 2, axis=2)[1],
    "split_before": lambda o: o.split(X, [1, 3], axis=-1)[1],
    "pad": lambda o: o.pad(X, ((0, 1), (2, 0), (0, 0))),
    "pad_value": lambda o: o.pad(X, 1, constant_values=2.5),
    "pad_reflect": lambda o: o.pad(X, ((1, 1), (2, 0), (3, 1)), mode="reflect"),
    "pad_symmetric": lambda o: o.pad(X, ((1, 2), (3, 0), (0, 4)), mode="symmetric"),
    "repeat": lambda o: o.repeat(X, 2),
    "repeat_axis": lambda o: o.repeat(X, 3, axis=1),
    "tile": lambda o: o.tile(X, (2, 1, 2)),
    "flip": lambda o: o.flip(X, axis=1),
    "roll": lambda o: o.roll(X, 2, axis=1),
    "roll_back": lambda o: o.roll(X, -5, axis=2),
    "roll_all": lambda o: o.roll(X, 7),
    "moveaxis": lambda o: o.moveaxis(X, (0, 1), (-1, 0)),
    "swapaxes": lambda o: o.swapaxes(X, 0, 2),
    "ravel": lambda o: o.ravel(X),
    "slice": lambda o: o.slice(X, (0, 1, 2), (2, 2, 1)),
    "slice_update": lambda o: o.slice_update(X, (0, 1, 2), Z[:1, :2, :2]),
    "get_item": lambda o: o.get_item(X, (slice(None), -1, None, slice(None, None, 2))),
    "take": lambda o: o.take(X, IDS, axis=1),
    "take_all": lambda o: o.take(X, IDS),
    "take_along_axis": lambda o: o.take_along_axis(X, np.argsort(X, 1), axis=1),
    "segment_sum": lambda o: o.segment_sum(M, np.array([0, 3, 0]), num_segments=4),
    "one_hot": lambda o: o.one_hot(np.array([[0, 2], [-1, 3]]), 3, axis=1),
    "diag": lambda o: o.diag(M[0], k=-1),
    "diagonal": lambda o: o.diagonal(X, offset=1, axis1=1, axis2=2),
    "trace": lambda o: o.trace(X, offset=-1, axis1=1, axis2=2),
    "tril": lambda o: o.tril(X, k=-1),
    "triu": lambda o: o.triu(X, k=1),
}  # fmt: skip

PRODUCTS: dict[str, Callable[[Any], Any]] = {
    "matmul": lambda o: o.matmul(X, Y),
    "matmul_broadcast": lambda o: o.matmul(M, Y),
    "matmul_vector": lambda o: o.matmul(M[0], Y),
    "dot": lambda o: o.dot(X, Y),
    "tensordot": lambda o: o.tensordot(X, Y, axes=[[2, 0], [1, 0]]),
    "outer": lambda o: o.outer(M, Y[0, 0]),
    "einsum": lambda o: o.einsum("abc,acd->abd", X, Y),
    "einsum_dense": lambda o: o.einsum("...x,xy->...y", X, Y[0]),
    "einsum_implicit": lambda o: o.einsum("ba,bc", M, M),
}

ORDERS: dict[str, Callable[[Any], Any]] = {
    "argmax": lambda o: o.argmax(X),
    "argmax_axis": lambda o: o.argmax(X, axis=1, keepdims=True),
    "argmin": lambda o: o.argmin(X, axis=-1),
    "argsort": lambda o: o.argsort(X, axis=1),
    "sort": lambda o: o.sort(X, axis=0),
    "sort_hard": lambda o: o.sort(HARD),
    "top_k": lambda o: o.top_k(X, 2)[0],
    "top_k_indices": lambda o: o.top_k(X, 3)[1],
    "top_k_ties": lambda o: o.top_k(np.array([1.0, 3, 3, 2, 3], "float32"), 2)[1],
    "top_k_hard": lambda o: o.top_k(HARD, 2)[0],
    "in_top_k": lambda o: o.in_top_k(np.array([0, 3, 1]), M, 2),
    "in_top_k_hard": lambda o: [o.in_top_k(np.full(4, i), HARD, k) for i in range(3) for k in (1, 2)],
    "searchsorted": lambda o: o.searchsorted(BINS, X.ravel(), side="right"),
    "searchsorted_hard": lambda o: o.searchsorted(BINS, HARD.ravel()),
    "digitize": lambda o: o.digitize(X, BINS),
}  # fmt: skip

STATISTICS: dict[str, Callable[[Any], Any]] = {
    "prod": lambda o: o.prod(X, axis=(0, 2)),
    "cumsum": lambda o: o.cumsum(X, axis=1),
    "cumsum_all": lambda o: o.cumsum(X),
    "cumprod": lambda o: o.cumprod(Z, axis=2),
    "any": lambda o: o.any(Z, axis=1),
    "all": lambda o: o.all(Z, axis=(0, 1), keepdims=True),
    "count_nonzero": lambda o: o.count_nonzero(Z, axis=2),
    "var": lambda o: o.var(X, axis=1),
    "std": lambda o: o.std(X, axis=(0, 1), keepdims=True),
    "average": lambda o: o.average(X, axis=1, weights=np.array([1, 2, 4], "float32")),
    "logsumexp": lambda o: o.logsumexp(30 * X, axis=(1, 2), keepdims=True),
    "logaddexp": lambda o: o.logaddexp(30 * X, Z),
    "isclose": lambda o: o.isclose(HARD, HARD + np.array([0, 0, 1e-4], "float32"), equal_nan=True),
    "mod": lambda o: o.mod(X, np.array([0.3, -0.3, 0.7, -2], "float32")),
}  # fmt: skip

NEW: dict[str, Callable[[Any], Any]] = {
    "arange": lambda o: o.arange(2, 9, 3),
    "arange_floats": lambda o: o.arange(0.5, 2.0, 0.25),
    "zeros": lambda o: o.zeros((2, 3)),
    "ones": lambda o: o.ones((2,), dtype="int32"),
    "full": lambda o: o.full((2, 2), 7.0),
    "full_like": lambda o: o.full_like(M, 3),
    "zeros_like": lambda o: o.zeros_like(M),
    "ones_like": lambda o: o.ones_like(M, dtype="int32"),
    "eye": lambda o: o.eye(2, 4, k=1),
    "identity": lambda o: o.identity(3),
    "linspace": lambda o: o.linspace(0.0, 1.0, 7),
    "cast": lambda o: o.cast(3 * X, "int32"),
    "cast_bool": lambda o: o.cast(Z, "bool"),
    "shape": lambda o: o.shape(X),
    "size": lambda o: o.size(X),
    "ndim": lambda o: o.ndim(X),
}


def _record(keras: Keras, family: dict[str, Callable[[Any], Any]]) -> Record:
    return {
        name: {"value": np.asarray(y), "dtype": np.asarray(y).dtype.kind}
        for name, y in ((name, compute(keras.ops)) for name, compute in family.items())
    }


_case = functools.partial(Case, "array_ops", backend="jax", atol=1e-6, rtol=2e-6)

CASES = [
    _case("moving", functools.partial(_record, family=MOVING)),
    _case("products", functools.partial(_record, family=PRODUCTS)),
    _case("orders", functools.partial(_record, family=ORDERS)),
    _case("statistics", functools.partial(_record, family=STATISTICS)),
    _case("new", functools.partial(_record, family=NEW)),
]
