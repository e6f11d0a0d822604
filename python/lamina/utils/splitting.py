"""Data cut in two, say for training and testing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from lamina.utils import check


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: None = None,
) -> tuple[Any, Any]:
    """The first `left_size` and the last `right_size` samples, each in the structure of `dataset`.

    Keras gives tf.data or PyTorch data sets of the same samples; here both halves are arrays.

    Args:
        dataset: an array, or a tuple, list or dict of arrays of one length (nested at will).
        left_size, right_size: a number of samples, or a share of them in (0, 1); None takes what
            the other leaves.
        shuffle: whether the samples are put into another order before.
        seed: of that order; the same seed gives the order that Keras on TensorFlow has.
        preferred_backend: None (lamina has no data sets of other libraries).

    Errors: TypeError for what holds no arrays and sizes that are no numbers; ValueError for arrays
    of different lengths, and sizes that leave a half empty or are larger than the data.

    Examples:
        >>> left, right = lamina.utils.split_dataset(np.arange(10), left_size=0.8)
        >>> print(left, right)
        [0 1 2 3 4 5 6 7] [8 9]
    """
    if preferred_backend is not None:
        raise ValueError(f"`preferred_backend` is not supported. Received: {preferred_backend=!r}")
    if left_size is None and right_size is None:
        raise ValueError(
            "At least one of `left_size` and `right_size` must be given. "
            "Received: left_size=None and right_size=None"
        )
    total = _length(dataset)
    left, right = _sizes(left_size, right_size, total)
    if not shuffle:
        return _take(dataset, slice(left)), _take(dataset, slice(total - right, total))
    order = list(range(total))
    if seed is None:
        seed = random.randint(0, 10**6)
    random.Random(check.integer("seed", seed)).shuffle(order)
    return _take(dataset, order[:left]), _take(dataset, order[total - right :])


def _leaves(dataset: Any, where: str = "dataset") -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(dataset, (tuple, list, dict)):
        items = dataset.items() if isinstance(dataset, dict) else enumerate(dataset)
        for key, item in items:
            yield from _leaves(item, f"{where}[{key!r}]")
    elif isinstance(dataset, np.ndarray) and dataset.ndim:
        yield where, dataset
    else:
        raise TypeError(
            "`dataset` must be an array, or a tuple, list or dict of arrays. "
            f"Received: {where} of type {type(dataset).__name__}"
        )


def _length(dataset: Any) -> int:
    leaves = list(_leaves(dataset))
    if not leaves:
        raise ValueError(f"`dataset` must hold at least one array. Received: dataset={dataset!r}")
    name, first = leaves[0]
    for other, array in leaves:
        if len(array) != len(first):
            raise ValueError(
                "All arrays of `dataset` must have the same length. "
                f"Received: {name} of shape {first.shape} and {other} of shape {array.shape}"
            )
    return len(first)


def _take(dataset: Any, which: Any) -> Any:
    if isinstance(dataset, dict):
        return {key: _take(item, which) for key, item in dataset.items()}
    if isinstance(dataset, (tuple, list)):
        return type(dataset)([_take(item, which) for item in dataset])
    return dataset[which]


def _count(name: str, size: Any, total: int) -> int | None:
    """A size as a number of samples."""
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, (int, float)):
        raise TypeError(
            f"`{name}` must be an integer, a float or None. "
            f"Received: {name}={size!r} of type {type(size).__name__}"
        )
    if not 0 < size < (total if isinstance(size, int) else 1):
        raise ValueError(
            f"`{name}` must be a positive integer smaller than {total}, or a float in (0, 1). "
            f"Received: {name}={size}"
        )
    return size if isinstance(size, int) else round(size * total)


def _sizes(left_size: Any, right_size: Any, total: int) -> tuple[int, int]:
    left, right = _count("left_size", left_size, total), _count("right_size", right_size, total)
    left = total - (right or 0) if left is None else left
    right = total - left if right is None else right
    received = f"Received: left_size={left_size} and right_size={right_size}"
    shares = isinstance(left_size, float) and isinstance(right_size, float)
    if left + right > total or (shares and left_size + right_size > 1):
        raise ValueError(f"The two sizes are together larger than the {total} samples. {received}")
    for side, size in (("left", left), ("right", right)):
        if size == 0:
            raise ValueError(f"The {side} half of {total} samples would be empty. {received}")
    return left, right
