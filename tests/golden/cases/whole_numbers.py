"""keras.ops on integers and truth values: digits beyond 2^24, dtypes; rare arguments of functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record

BIG = np.array([[16777217, 3], [-16777219, 7]], "int32")
I = np.array([[1, -2], [3, 4]], "int32")  # noqa: E741
TRUE = I > 0
X = np.random.default_rng(3).normal(size=(2, 3, 4)).astype("float32")

Family = dict[str, Callable[[Any], Any]]

DIGITS: Family = {
    "add": lambda o: o.add(BIG, 1),
    "multiply": lambda o: o.multiply(BIG, 3),
    "equal": lambda o: o.equal(BIG, BIG - 1),
    "where": lambda o: o.where(TRUE, BIG, 0),
    "clip": lambda o: o.clip(BIG, 5, 2**30),
    "maximum": lambda o: o.maximum(BIG, 4),
    "reshape": lambda o: o.reshape(BIG, (4,)),
    "transpose": lambda o: o.transpose(BIG),
    "take": lambda o: o.take(BIG, np.array([1, 0]), axis=0),
    "concatenate": lambda o: o.concatenate([BIG, I], axis=0),
    "pad": lambda o: o.pad(BIG, 1),
    "sum": lambda o: o.sum(BIG, axis=1),
    "prod": lambda o: o.prod(BIG, axis=1),
    "max": lambda o: o.max(BIG, axis=0),
    "cumsum": lambda o: o.cumsum(BIG, axis=1),
    "sort": lambda o: o.sort(BIG, axis=0),
    "argmax": lambda o: o.argmax(np.array([16777216, 16777217], "int32")),
    "floor_divide": lambda o: o.floor_divide(BIG, 2),
    "mod": lambda o: o.mod(BIG, 10),
    "fmod": lambda o: o.fmod(BIG, 10),
    "power": lambda o: o.power(np.int32(3), np.arange(20, dtype="int32")),
    "power_square": lambda o: o.power(I, 2),
    "power_float": lambda o: o.power(I, 2.0),
    "round": lambda o: o.round(BIG),
    "round_decimals": lambda o: o.round(BIG, 2),
    "trunc": lambda o: o.trunc(BIG),
    "nan_to_num": lambda o: o.nan_to_num(BIG),
    "relu": lambda o: o.relu(BIG),
    "hard_tanh": lambda o: o.hard_tanh(BIG),
    "nanmax": lambda o: o.nanmax(BIG, axis=0),
    "nanmin": lambda o: o.nanmin(BIG),
    "nansum": lambda o: o.nansum(BIG),
    "nanprod": lambda o: o.nanprod(I),
    "nanargmax": lambda o: o.nanargmax(np.array([16777216, 16777217], "int32")),
    "matmul": lambda o: o.matmul(BIG, I),
    "matmul_batched": lambda o: o.matmul(np.stack([BIG, I]), np.stack([I, I])),
    "dot": lambda o: o.dot(BIG, I),
    "inner": lambda o: o.inner(BIG, I),
    "vdot": lambda o: o.vdot(BIG, I),
    "tensordot": lambda o: o.tensordot(BIG, I, axes=1),
    "einsum": lambda o: o.einsum("ij,kj->ik", BIG, I),
    "diag": lambda o: o.diag(BIG[0]),
    "diagflat": lambda o: o.diagflat(BIG),
    "correlate": lambda o: o.correlate(BIG[0], BIG[1]),
}  # fmt: skip

TRUTHS: Family = {
    "square": lambda o: o.square(TRUE),
    "sum": lambda o: o.sum(TRUE),
    "abs": lambda o: o.abs(TRUE),
    "trunc": lambda o: o.trunc(TRUE),
    "relu": lambda o: o.relu(TRUE),
    "power": lambda o: o.power(TRUE, TRUE),
    "tril": lambda o: o.tril(TRUE),
    "triu": lambda o: o.triu(TRUE),
}

OVER_NO_AXIS: Family = {
    "count_nonzero": lambda o: o.count_nonzero(41.8),
    "count_nonzero_axes": lambda o: o.count_nonzero(I, axis=()),
    "mean": lambda o: o.mean(3),
    "mean_axes": lambda o: o.mean(I, axis=()),
    "var": lambda o: o.var(3),
    "std": lambda o: o.std(3),
    "average": lambda o: o.average(3),
    "average_axes": lambda o: o.average(I, axis=()),
    "sum": lambda o: o.sum(True),
    "sum_axes": lambda o: o.sum(TRUE, axis=()),
    "sum_keepdims": lambda o: o.sum(TRUE, axis=(), keepdims=True),
    "sum_int": lambda o: o.sum(3),
    "prod": lambda o: o.prod(True),
    "prod_axes": lambda o: o.prod(TRUE, axis=()),
    "max": lambda o: o.max(False),
    "max_float": lambda o: o.max(1.5),
}

ARGUMENTS: Family = {
    "softmax_of_all": lambda o: o.softmax(X, axis=None),
    "softmax_axes": lambda o: o.softmax(X, axis=(2, 0)),
    "log_softmax_of_all": lambda o: o.log_softmax(X, axis=None),
    "log_softmax_axes": lambda o: o.log_softmax(X, axis=(0, 1)),
    "expand_dims": lambda o: o.expand_dims(X, (0, -1)),
    "expand_dims_order": lambda o: o.expand_dims(X, [3, 0]),
    "cumsum": lambda o: o.cumsum(4 * X, 0, dtype="int32"),
    "cumprod": lambda o: o.cumprod(4 * X, 1, dtype="int32"),
    "prod": lambda o: o.prod(4 * X, 1, dtype="int32"),
    "einsum": lambda o: o.einsum("abc,dc->abd", X, X[0], optimize=True),
    "argsort_of_a_number": lambda o: o.argsort(np.float32(3)),
    "normalize_a_number": lambda o: o.normalize(np.float32(-3)),
    "normalize_a_number_of_order": lambda o: o.normalize(np.float32(3), axis=None, order=3),
    "diff_no_times": lambda o: o.diff(np.float32(3), n=0),
    "bincount_of_none": lambda o: o.bincount(np.zeros(0, "int32"), minlength=7),
    "bincount_of_none_in_rows": lambda o: o.bincount(np.zeros((2, 0), "int32"), minlength=3),
    "max": lambda o: o.max(X, axis=(0, 2), initial=0.5),
    "min": lambda o: o.min(X, axis=1, keepdims=True, initial=-0.5),
    "max_of_none": lambda o: o.max(X[:0], axis=0, initial=2.0),
}

LISTS: Family = {
    "convert_to_tensor": lambda o: o.convert_to_tensor([1, 2]),
    "convert_a_number": lambda o: o.convert_to_tensor(3),
    "convert_mixed": lambda o: o.convert_to_tensor([True, 2]),
    "array": lambda o: o.array([1, 2]),
    "bitwise_and": lambda o: o.bitwise_and([1, 2], [3, 3]),
    "bitwise_not": lambda o: o.bitwise_not([1, 2]),
    "left_shift": lambda o: o.left_shift([1, 2], 3),
    "left_shift_numbers": lambda o: o.left_shift(1, 3),
    "gcd": lambda o: o.gcd([4, 6], 2),
    "lcm": lambda o: o.lcm([4, 6], [3, 4]),
    "sum": lambda o: o.sum([1, 2]),
    "prod": lambda o: o.prod([1, 2]),
    "stack": lambda o: o.stack([1, 2]),
    "reshape": lambda o: o.reshape([1, 2], (2, 1)),
}


def rescaling(keras: Keras) -> Record:
    rescale, x = keras.layers.Rescaling, np.array([[3, 200]])
    return {
        "int": np.asarray(rescale(2)(x)),
        "uint8": np.asarray(rescale(2, offset=1)(x.astype("uint8"))),
        "list": np.asarray(rescale([2, 3])(x)),
        "bool": np.asarray(rescale(2)(x > 3)),
        "float": np.asarray(rescale(0.5, 1)(x.astype("float64"))),
    }


def _record(keras: Keras, family: Family) -> Record:
    return {name: np.asarray(compute(keras.ops)) for name, compute in family.items()}


CASES = [
    Case("whole_numbers", name, functools.partial(_record, family=family), backend="jax", rtol=rtol)
    for name, family, rtol in (
        ("digits", DIGITS, 0.0), ("truths", TRUTHS, 0.0), ("over_no_axis", OVER_NO_AXIS, 0.0),
        ("lists", LISTS, 0.0), ("arguments", ARGUMENTS, 2e-6),
    )
]  # fmt: skip
CASES.append(Case("whole_numbers", "rescaling", rescaling, backend="jax"))
