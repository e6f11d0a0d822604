"""Threads and processes that make the batches of a PyDataset."""

from __future__ import annotations

import itertools
import signal
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from lamina.utils.py_dataset import PyDataset

_data: PyDataset  # in a worker process: what it makes batches of


def made_ahead(data: PyDataset, indices: Iterator[int]) -> Generator[Any, None, None]:
    """The batches in the order of `indices`, at most `max_queue_size` of them made ahead.

    No worker outlives the generator.
    """
    waiting: deque[Future[Any]] = deque()
    workers: Executor
    if data.use_multiprocessing:
        workers = ProcessPoolExecutor(data.workers, initializer=_receive, initargs=(data,))
        make: Any = _make
    else:
        workers = ThreadPoolExecutor(data.workers, thread_name_prefix="lamina_batches")
        make = data.__getitem__
    try:
        for index in itertools.islice(indices, data.max_queue_size):
            waiting.append(workers.submit(make, index))
        while waiting:
            batch = waiting.popleft().result()
            for index in itertools.islice(indices, 1):
                waiting.append(workers.submit(make, index))
            yield batch
    finally:
        if any(not batch.done() for batch in waiting):
            _stop(workers)
        workers.shutdown(wait=True, cancel_futures=True)


def _stop(workers: Executor) -> None:
    """Ends processes in the midst of their work; threads finish their batch."""
    for process in dict(getattr(workers, "_processes", None) or {}).values():
        process.terminate()


def _receive(data: PyDataset) -> None:
    global _data
    _data = data
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the parent to handle
    # Ctrl-C reaches all processes of a terminal: the one that trains ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _make(index: int) -> Any:
    return _data[index]
