"""Random numbers by position: image i always finds the same ones, however it is asked for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_WORDS = 108  # of 64 bits for each image; a multiple of 4, as Philox makes four at a time


class Draws:
    """The random numbers of images first to first + count - 1, taken one after the other.

    They come from Philox's raw bits, which NumPy keeps as they are from version to version.
    """

    def __init__(self, seed: int, split: int, first: int, count: int) -> None:
        key = np.array([seed, split], np.uint64)
        philox = np.random.Philox(key=key, counter=first * _WORDS // 4)
        words = np.asarray(philox.random_raw(count * _WORDS), "<u8")
        self._words = words.reshape(count, _WORDS)
        self._used = 0

    def _take(self, count: int) -> Array:
        self._used += count
        if self._used > _WORDS:
            raise IndexError(f"An image needs {self._used} words, but has {_WORDS}")
        return np.ascontiguousarray(self._words[:, self._used - count : self._used])

    def uniform(self) -> Array:
        """(n,) numbers in [0, 1)."""
        return np.asarray((self._take(1)[:, 0] >> np.uint64(11)) * 2.0**-53)

    def bell(self, *shape: int) -> Array:
        """(n, *shape) numbers of mean 0 and variance 1, none beyond 2.45: sums of two uniform ones.

        Wilder hands could not be read.
        """
        words = self._take(math.prod(shape)).reshape(-1, *shape)
        sums = (words >> np.uint64(32)) + (words & np.uint64(2**32 - 1))
        return np.asarray((sums / 2**32 - 1) * 6**0.5)

    def byte(self, *shape: int) -> Array:
        """(n, *shape) whole numbers from 0 to 255."""
        octets = self._take(-(-math.prod(shape) // 8)).view(np.uint8)
        return octets[:, : math.prod(shape)].reshape(len(octets), *shape)
