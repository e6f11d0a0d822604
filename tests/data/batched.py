"""Samples in batches: generators, data sets, loaders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lamina.utils import PyDataset
from models.training import blobs, network

X, Y = blobs(100)
WEIGHTS = np.linspace(0, 2, 100).astype(np.float32)


def batches(*parts: Any, size: int = 20) -> Iterator[Any]:
    for first in range(0, len(parts[0]), size):
        yield tuple(part[first : first + size] for part in parts)


def endless() -> Iterator[Any]:
    while True:
        yield from batches(X, Y)


class Rows(PyDataset):
    """Batches of 20 in their order, and what was called."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count, self.calls = 5, list[Any]()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, step: int) -> Any:
        self.calls.append(step)
        rows = slice(20 * step, 20 * (step + 1))
        return X[rows], Y[rows]

    def on_epoch_begin(self) -> None:
        self.calls.append("begin")

    def on_epoch_end(self) -> None:
        self.calls.append("end")


class Endless(Rows):
    num_batches = None


class Loader:
    """Begins anew for each loop; its length is not known to all."""

    def __init__(self, length: int | None = None) -> None:
        self.length, self.loops = length, 0

    def __len__(self) -> int:
        if self.length is None:
            raise TypeError("no length")
        return self.length

    def __iter__(self) -> Iterator[Any]:
        self.loops += 1
        return batches(X, Y)


def fitted(*data: Any, **settings: Any) -> Any:
    model = network()
    model.fit(*data, **{"verbose": 0, "shuffle": False, "batch_size": 20, **settings})
    return model
