"""A job for parents and children, and a child that is killed when it hangs."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np

import lamina
from lamina import config
from models.training import blobs, fingerprint, network

THREADS = 2  # also where the machine has one processor


def samples(n: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Wide enough for steps in which threads join."""
    return blobs(n, features=300, classes=10)


def wide_network() -> lamina.Sequential:
    return network(features=300, classes=10, units=256)


def job() -> str:
    """Trains and predicts; a hash of weights, history and predictions."""
    x, y = samples()
    model = wide_network()
    model.fit(x, y, batch_size=250, epochs=2, verbose=0)
    predicted = hashlib.sha256(model.predict(x, verbose=0).tobytes()).hexdigest()
    return f"{fingerprint(model)} {predicted}"


def job_on_a_team() -> str:
    """The job with threads that this process asks for, for the first time."""
    config.set_num_threads(THREADS)
    before = tasks()
    result = job()
    assert tasks() > before, "no threads joined"
    return result


def tasks() -> int:
    """How many threads this process has."""
    return len(os.listdir("/proc/self/task"))


def forked(work: Callable[[], str], timeout: float = 60) -> str:
    """What `work` returns in a forked child."""
    return started("fork", work, timeout)


def started(method: str, work: Callable[[], str] = job, timeout: float = 60) -> str:
    """What `work` returns in a child that multiprocessing starts by `method`."""
    context = multiprocessing.get_context(method)
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(sender, work))
    child.start()
    sender.close()
    try:
        assert receiver.poll(timeout), "the child hangs"
        return str(receiver.recv())
    finally:
        child.kill()
        child.join()


def _send(sender: Connection, work: Callable[[], str]) -> None:
    sender.send(work())


def by_loky(timeout: float = 60) -> list[str]:
    """The job in two children of joblib's."""
    from joblib import Parallel, delayed

    return list(
        Parallel(n_jobs=2, backend="loky", timeout=timeout)(delayed(job)() for _ in range(2))
    )
