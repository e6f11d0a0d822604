"""CIFAR's files: pickled batches of images, one plane of a colour after the other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from lamina.datasets._pickles import read_pickle

if TYPE_CHECKING:
    from lamina.datasets._files import Array

_SIZE = 3 * 32 * 32


def read_batches(folder: str, names: list[str], key: str) -> tuple[Array, Array]:
    """The images (n, 32, 32, 3) and labels (n, 1) of these files.  ValueError for anything else."""
    images, labels = [], []
    for name in names:
        path = os.path.join(folder, name)
        try:
            batch = read_pickle(path)
        except FileNotFoundError as error:
            raise ValueError(
                f"{folder} is not the expected folder: it has no file {name}"
            ) from error
        x, y = batch.get("data"), batch.get(key)
        if not isinstance(x, np.ndarray) or x.dtype != np.uint8 or x.shape[1:] != (_SIZE,):
            raise ValueError(f"{path}: 'data' is no uint8 array of rows of {_SIZE}")
        if not isinstance(y, list) or len(y) != len(x) or set(map(type, y)) - {int}:
            raise ValueError(f"{path}: {key!r} is no list of {len(x)} labels")
        images.append(x)
        labels += y
    x = np.concatenate(images).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return x, np.array(labels)[:, None]
