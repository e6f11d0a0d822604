"""What every peer gets (data, first weights) and hands back (a training epoch, ways to predict)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

BATCH = 128
SIZES = (784, 256, 128, 10)
RATES = (0.4, 0.3)
LEARNING_RATE, RHO, EPSILON = 1e-3, 0.9, 1e-7
Array = np.ndarray


@dataclass(frozen=True)
class Job:
    """Images as bytes (n, 784), labels as integers (n,); weights for peers that only predict."""

    x: Array
    labels: Array
    x_test: Array
    labels_test: Array
    trained: list[Array]
    threads: int

    @staticmethod
    def load(folder: Path, threads: int) -> Job:
        data = np.load(folder / "data.npz")
        trained = [data[f"trained{i}"] for i in range(2 * len(SIZES) - 2)]
        return Job(data["x"], data["labels"], data["x_test"], data["labels_test"], trained, threads)


@dataclass(frozen=True)
class Peer:
    """`epoch` trains once over the data (None: the library cannot); each way of predicting takes bytes
    (n, 784) to probabilities (n, 10), both NumPy arrays."""

    version: str
    epoch: Callable[[], object] | None
    ways: dict[str, Callable[[Array], Array]]


def first_weights(seed: int = 0) -> list[Array]:
    """[kernel, bias, ...], as Glorot and Bengio (2010) draw them, float32."""
    draws = np.random.default_rng(seed)
    weights = []
    for inputs, units in pairwise(SIZES):
        limit = np.sqrt(6 / (inputs + units))
        weights.append(draws.uniform(-limit, limit, (inputs, units)).astype("f"))
        weights.append(np.zeros(units, "f"))
    return weights
