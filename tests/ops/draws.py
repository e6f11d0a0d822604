"""What a case is, and sizes and numbers to try operations on.

Sizes are 0, 1, one below, at and above the widths of vectors (4, 8, 16) and of dropout's groups (64),
and one that is large enough for threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray
Draw = Callable[..., Array]

WIDTHS = (4, 8, 16, 64)
SIZES = (0, 1, 2, *sorted({w + d for w in WIDTHS for d in (-1, 0, 1)}))
LARGE = 70_001  # elements: more than two of a thread's shares

# What is hard for a float: zeros, infinities, NaN, denormals, the ends of the range.
EDGES = np.array(
    [
        0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1.4e-45, -1.4e-45, 1.1754942e-38,
        -1.1754942e-38, 1.17549435e-38, 3.4028235e38, -3.4028235e38, 1e-30, -1e-30, 0.5, -0.5, 1.5,
        -2.5, 3.0, 8388609.0, -16777216.0, 88.72283, 88.8, -87.4, -103.9, -104.1, 9.5, -9.5,
    ],
    np.float32,
)  # fmt: skip


class Case(NamedTuple):
    """One call of an operation."""

    name: str
    operands: tuple[Array, ...]
    attributes: dict[str, Any]
    edges: bool = False  # NaN, infinities and the like among the operands

    @property
    def size(self) -> int:
        return max(x.size for x in self.operands)


def generator(*words: Any) -> np.random.Generator:
    return np.random.default_rng([sum(map(ord, str(w))) for w in words])


def normal(rng: np.random.Generator, *shape: int) -> Array:
    """Of both signs, from tiny to a few tens."""
    scale = 10.0 ** rng.uniform(-2, 1, shape)
    return np.asarray(rng.normal(size=shape) * scale, np.float32)


def positive(rng: np.random.Generator, *shape: int) -> Array:
    return np.asarray(10.0 ** rng.uniform(-2, 2, shape), np.float32)


def unit(rng: np.random.Generator, *shape: int) -> Array:
    return np.asarray(rng.uniform(size=shape), np.float32)


def inner(rng: np.random.Generator, *shape: int) -> Array:
    """Within -0.75 and 0.75: where inverse sines and the like are defined, and not too steep."""
    return np.asarray(rng.uniform(-0.75, 0.75, shape), np.float32)


def above_one(rng: np.random.Generator, *shape: int) -> Array:
    return np.asarray(1 + positive(rng, *shape), np.float32)


def wide(rng: np.random.Generator, *shape: int) -> Array:
    """Over the whole range of finite floats, denormals among them."""
    bits = rng.integers(0, 0x7F800000, shape, np.uint32) | (
        rng.integers(0, 2, shape, np.uint32) << np.uint32(31)
    )
    return np.asarray(bits, np.uint32).view(np.float32)


def small_integers(rng: np.random.Generator, *shape: int) -> Array:
    """Few values, so that many are equal."""
    return rng.integers(-2, 3, shape).astype(np.float32)


def distribution(rng: np.random.Generator, *shape: int) -> Array:
    """Rows that add up to 1."""
    x = rng.uniform(0.01, 1, shape)
    return np.asarray(x / x.sum(axis=-1, keepdims=True), np.float32)


# Pairs of shapes that NumPy broadcasts, every kind of stretch among them.
BROADCASTS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((), ()), ((), (9,)), ((17,), ()), ((1,), (17,)), ((9,), (1,)), ((17,), (33, 17)),
    ((33, 1), (33, 17)), ((5, 1), (1, 7)), ((1, 9), (4, 9)), ((3, 1, 9), (4, 1)), ((2, 3, 4), (3, 1)),
    ((2, 3, 4, 5), (3, 1, 5)), ((2, 1, 4, 1), (3, 1, 5)), ((1, 1), (1, 1)), ((1, 0), (3, 1)),
    ((0, 3), (3,)), ((1,), (0,)), ((300, 1), (300, 257)), ((257,), (300, 257)),
)  # fmt: skip
