"""Data that come batch by batch: generators, PyDatasets, loaders of other libraries."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.utils.py_dataset import PyDataset

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future


class Batches:
    """Batches from something that makes them.

    A generator is read on from epoch to epoch; anything else that can be iterated over begins
    anew; a PyDataset is asked by index, by as many workers as it wants.

    `count` is their number, None where it is not known.
    """

    def __init__(self, source: Any) -> None:
        self.source = source
        self.count: int | None = None
        if isinstance(source, PyDataset):
            self.count = source.num_batches
        elif hasattr(source, "__len__"):
            self.count = len(source)
        self.is_generator = hasattr(source, "__next__")
        self.endless = isinstance(source, PyDataset) and self.count is None

    def begin(self, order: Callable[[int], np.ndarray] | None = None) -> Iterator[Any]:
        """The batches of an epoch; `order(n)` says in which order a PyDataset's are taken."""
        if isinstance(self.source, PyDataset):
            return _by_index(self.source, self.count, order)
        return self.source if self.is_generator else iter(self.source)

    def epoch_begins(self) -> None:
        if isinstance(self.source, PyDataset):
            self.source.on_epoch_begin()

    def epoch_ends(self) -> None:
        if isinstance(self.source, PyDataset):
            self.source.on_epoch_end()


def come_in_batches(x: Any) -> bool:
    """Whether x is something that makes batches, and no array, frame or nested arrays."""
    if isinstance(x, PyDataset):
        return True
    if hasattr(x, "shape") or hasattr(x, "__array__") or hasattr(x, "__dataframe__"):
        return False
    return hasattr(x, "__iter__") and not isinstance(x, (list, tuple, dict, str, bytes))


def parts_of(batch: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight) of a batch.

    Errors: ValueError for a batch that is no tuple of one to three parts.
    """
    if isinstance(batch, list):
        batch = tuple(batch)
    if not isinstance(batch, tuple):
        batch = (batch,)
    if not 1 <= len(batch) <= 3:
        raise ValueError(
            "A batch must be (x,), (x, y) or (x, y, sample_weight). "
            f"Received: a batch of {len(batch)} parts"
        )
    x, y, weight = (*map(_as_numpy, batch), None, None)[:3]
    return x, y, weight


def _as_numpy(x: Any) -> Any:
    """The tensor of another library as an array, if it says how."""
    if isinstance(x, (list, tuple)):
        return type(x)(_as_numpy(item) for item in x)
    if isinstance(x, dict):
        return {key: _as_numpy(value) for key, value in x.items()}
    return x.numpy() if hasattr(x, "numpy") and not hasattr(x, "iloc") else x


def _by_index(
    data: PyDataset, count: int | None, order: Callable[[int], np.ndarray] | None
) -> Iterator[Any]:
    indices: Iterator[int] = itertools.count() if count is None else iter(range(count))
    if order is not None and count is not None:
        indices = iter(order(count).tolist())
    if data.workers < 2:
        return (data[i] for i in indices)
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

    kind = ProcessPoolExecutor if data.use_multiprocessing else ThreadPoolExecutor
    return _ahead(data, indices, kind(data.workers), max(data.max_queue_size, data.workers))


def _ahead(data: PyDataset, indices: Iterator[int], workers: Executor, most: int) -> Iterator[Any]:
    """The batches in order, made ahead by workers, at most `most` at a time."""
    waiting: deque[Future[Any]] = deque()
    try:
        for i in itertools.islice(indices, most):
            waiting.append(workers.submit(_item, data, i))
        while waiting:
            batch = waiting.popleft().result()
            for i in itertools.islice(indices, 1):
                waiting.append(workers.submit(_item, data, i))
            yield batch
    finally:
        workers.shutdown(wait=False, cancel_futures=True)


def _item(data: PyDataset, index: int) -> Any:
    return data[index]
