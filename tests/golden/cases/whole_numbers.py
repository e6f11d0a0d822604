"""keras.ops on integers and truth values: digits beyond 2^24, dtypes, reductions over no axis."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record

BIG = np.array([[16777217, 3], [-16777219, 7]], "int32")
I = np.array([[1, -2], [3, 4]], "int32")  # noqa: E741
TRUE = I > 0

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


def _record(keras: Keras, family: Family) -> Record:
    return {name: np.asarray(compute(keras.ops)) for name, compute in family.items()}


CASES = [
    Case("whole_numbers", name, functools.partial(_record, family=family), backend="jax")
    for name, family in (("digits", DIGITS), ("truths", TRUTHS), ("over_no_axis", OVER_NO_AXIS))
]
