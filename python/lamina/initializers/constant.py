"""Initializers without chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.initializers.initializer import Initializer
from lamina.utils import check


class Constant(Initializer):
    """Every element is `value`."""

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        return np.broadcast_to(self.value, tuple(shape)).astype(dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}


class Zeros(Initializer):
    """Every element is 0."""

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        return np.zeros(tuple(shape), dtype or floatx())


class Ones(Initializer):
    """Every element is 1."""

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        return np.ones(tuple(shape), dtype or floatx())


class Identity(Initializer):
    """A matrix of `gain` on the diagonal, else 0.

    Errors: ValueError for a shape that is no matrix's.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = check.number("gain", gain)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        if len(shape) != 2:
            raise ValueError(
                "Identity matrix initializer can only be used for 2D matrices. "
                f"Received: shape={tuple(shape)} of rank {len(shape)}."
            )
        kind = np.dtype(dtype or floatx())
        return np.eye(shape[0], shape[1], dtype=kind) * kind.type(self.gain)

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}


class Given(Initializer):
    """The values of an array, for a weight of its shape."""

    def __init__(self, value: Any) -> None:
        self.value = np.asarray(value)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        if tuple(shape) != self.value.shape:
            raise ValueError(
                f"Expected `shape` to be {self.value.shape} for direct tensor as initializer. "
                f"Received: shape={tuple(shape)}"
            )
        return self.value.astype(dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}
