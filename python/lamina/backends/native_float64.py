"""float64 on the native backend: the reference's functions, but for products and random numbers.

Matrix products are computed in C++, each element as one chain of fused multiply-adds in the order of
k, as in float32: so results depend neither on the number of threads nor on what else is in the batch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import _core
from lamina.backends import numpy

Array = np.ndarray


def run(
    name: str, arrays: Sequence[Array], attributes: dict[str, Any], specs: Sequence[Any]
) -> Any:
    """The results of one operation, in the dtypes that its shape rule promises."""
    if name in ("matmul", "batched_matmul"):
        return (_product(*arrays, **attributes),)
    if name == "dropout":
        return (_dropout(*arrays, **attributes),)
    return numpy.run(name, arrays, attributes, specs)


def _product(a: Array, b: Array, *, transpose_a: bool, transpose_b: bool) -> Array:
    """a (..., m, k) times b (..., k, n), either one's last axes exchanged."""
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    if b.ndim == 2 and not transpose_a:  # the leading axes of a are rows too
        shape = (*a.shape[:-1], b.shape[-2 if transpose_b else -1])
        a, lead = a.reshape(math.prod(a.shape[:-1]), a.shape[-1]), ()
    else:
        shape = (*lead, a.shape[-1 if transpose_a else -2], b.shape[-2 if transpose_b else -1])
    y = np.empty(shape)
    left, right = _matrices(a, lead), _matrices(b, lead)
    rows = left.shape[2 if transpose_a else 1]
    result = y.reshape(len(left), rows, shape[-1])
    _core.matmul_float64(result, left, right, transpose_a, transpose_b)
    return y


def _dropout(x: Array, state: Array, *, rate: float) -> Array:
    """x / (1 - rate) for the elements that are kept in float32 too, else 0."""
    kept = np.empty(x.shape, np.float32)
    _core.dropout([np.ones(x.shape, np.float32), state], [kept], {"rate": rate})
    return np.where(kept != 0, x * numpy.dropout_scale(rate, x.dtype), np.zeros_like(x))


def _matrices(x: Array, lead: tuple[int, ...]) -> Array:
    """(matrices, rows, columns), once for each of the leading axes."""
    whole = np.broadcast_to(x, (*lead, *x.shape[-2:]))
    return np.ascontiguousarray(whole, np.float64).reshape(math.prod(lead), *x.shape[-2:])
