"""Many threads that call at once: the same bits, and no more helpers than processors."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lamina import backends, config
from models.training import fingerprint, run_python
from threads.children import samples, wide_network

CALLERS = 16


@pytest.fixture(autouse=True)
def _native() -> None:
    backends.set_backend("native")


def at_once(work: Callable[[int], bool]) -> bool:
    """Whether work(0 .. 15), begun together, are all true."""
    start = threading.Barrier(CALLERS)

    def begin(i: int) -> bool:
        start.wait(30)
        return work(i)

    with ThreadPoolExecutor(CALLERS) as pool:
        return all(pool.map(begin, range(CALLERS)))


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("rows", [1, 33, 100, 1000])
def test_predict(threads: int, rows: int) -> None:
    config.set_num_threads(threads)
    model = wide_network()
    x, _ = samples(1000 + CALLERS)
    want = model.predict(x, verbose=0)

    def work(i: int) -> bool:
        part = slice(i, i + rows)
        found = (model.predict(x[part], verbose=0) for _ in range(max(3, 300 // rows)))
        return all(y.tobytes() == want[part].tobytes() for y in found)

    assert at_once(work)


def test_models_trained_at_once() -> None:
    """Beside others that predict, and a number of threads that changes."""
    x, y = samples()
    models = [wide_network() for _ in range(CALLERS)]
    for model in models:
        model._shuffle_seed = 5

    def work(i: int) -> bool:
        if i % 4:
            models[i].fit(x, y, epochs=2, batch_size=125, verbose=0)
        else:
            config.set_num_threads(1 + i // 4)
            models[0].predict(x, verbose=0)
        return True

    assert at_once(work)
    trained = [fingerprint(models[i]) for i in range(CALLERS) if i % 4]
    assert len(set(trained)) == 1
    np.testing.assert_array_equal(models[0].get_weights()[0], models[4].get_weights()[0])


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_callers_share_the_helpers() -> None:
    """Threads that call do not each bring helpers of their own."""
    code = """
import threading
import time
from threads.children import *

def settled_tasks():
    time.sleep(0.3)  # threads have started, or have ended
    return tasks()

config.set_num_threads(3)
x, _ = samples()
model = wide_network()
model.predict(x, verbose=0)
before = settled_tasks()
over = threading.Event()

def work():
    model.predict(x, verbose=0)
    over.wait(60)

threads = [threading.Thread(target=work) for _ in range(16)]
for thread in threads:
    thread.start()
during = settled_tasks()
over.set()
for thread in threads:
    thread.join()
print(during - before, settled_tasks() - before)
"""
    assert run_python(code) == "16 0"
