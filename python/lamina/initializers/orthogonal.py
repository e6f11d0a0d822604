"""Orthogonal matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.initializers.random import RandomInitializer
from lamina.utils import check


class Orthogonal(RandomInitializer):
    """`gain` times a random matrix with orthogonal columns, or rows if there are fewer of them.

    The Q of the QR decomposition of normal draws, with the signs of R's diagonal, so that all such
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
        q, r = np.linalg.qr(draws.astype(dtype or "float32"))  # in float64, then rounded
        q *= np.sign(np.diag(r))
        q = q.T if sizes[0] < sizes[1] else q
        return np.ascontiguousarray(q.reshape(shape) * q.dtype.type(self.gain))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}
