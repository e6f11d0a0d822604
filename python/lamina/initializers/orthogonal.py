"""Orthogonal matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.initializers.random import RandomInitializer
from lamina.utils import check

_BLOCK = 1 << 16  # numbers that stay in cache: 512 KB


def orthonormalize(a: np.ndarray) -> np.ndarray:
    """The Q of a = QR with R's diagonal positive, for a (m, n) of n <= m independent columns.

    Modified Gram-Schmidt in float64.  It is made of element-wise operations alone, whose bits are
    the same on every machine, which those of BLAS and LAPACK are not.
    """
    vectors = np.array(a.T, np.float64, order="C")
    width = max(1, _BLOCK // max(1, a.shape[0]))
    for first in range(0, len(vectors), width):
        block = vectors[first : first + width]
        for vector in vectors[:first]:
            _project_out(block, vector)
        for k, vector in enumerate(block, 1):
            vector /= np.sqrt(_sum(vector * vector))
            _project_out(block[k:], vector)
    return vectors.T


def _project_out(vectors: np.ndarray, unit: np.ndarray) -> None:
    """Takes from each of the vectors (n, m) its part along the unit vector (m,)."""
    vectors -= _sum(vectors * unit)[..., None] * unit


def _sum(x: np.ndarray) -> np.ndarray:
    """The sum along the last axis, added in pairs; x is overwritten."""
    while x.shape[-1] > 1:
        half = x.shape[-1] // 2
        x[..., :half] += x[..., -half:]
        x = x[..., : x.shape[-1] - half]
    return x[..., 0]


class Orthogonal(RandomInitializer):
    """`gain` times a random matrix with orthogonal columns, or rows if there are fewer of them.

    The Q of the QR decomposition of normal draws whose R has a positive diagonal, so that all such
    matrices are equally likely (Saxe et al., 2014).  Axes but the last are taken as one.

    Errors: ValueError for a shape of fewer than two axes.
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = check.number("gain", gain)
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        if len(shape) < 2:
            raise ValueError(
                "The tensor to initialize must be at least two-dimensional. "
                f"Received: shape={tuple(shape)} of rank {len(shape)}."
            )
        sizes = math.prod(shape[:-1]), shape[-1]
        draws = self.generator().normal(size=(max(sizes), min(sizes)))
        q = orthonormalize(draws.astype(dtype or floatx())).astype(dtype or floatx())
        q = q.T if sizes[0] < sizes[1] else q
        return np.ascontiguousarray(q.reshape(shape) * q.dtype.type(self.gain))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}
