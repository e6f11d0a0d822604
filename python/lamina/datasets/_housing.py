"""Tables of houses: an array x of features and an array y of prices, shuffled and split."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lamina.datasets._files import load_path, read_tables

if TYPE_CHECKING:
    import os

    from lamina.datasets._files import Array, Arrays


def check_split(test_split: float) -> None:
    if not 0 <= test_split < 1:
        raise ValueError(f"`test_split` must lie in [0, 1). Received: test_split={test_split!r}")


def load(path: str | os.PathLike[str], origin: str, file_hash: str) -> tuple[Array, Array]:
    """x and y of the file."""
    read = partial(read_tables, pairs=(("x", "y"),), check=_check)
    arrays = load_path(path, origin, read, file_hash)
    return arrays["x"], arrays["y"]


def _check(x: Array, y: Array) -> None:
    if x.ndim != 2 or x.dtype.kind not in "iuf" or y.dtype.kind not in "iuf":
        raise ValueError(f"it is no table of numbers: x is {x.dtype} {x.shape}, y is {y.dtype}")


def split(x: Array, y: Array, test_split: float, seed: int) -> Arrays:
    """Shuffled by the seed; the last share `test_split` is the test set."""
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y, first = x[order], y[order], int(len(x) * (1 - test_split))
    return (x[:first].copy(), y[:first].copy()), (x[first:].copy(), y[first:].copy())
