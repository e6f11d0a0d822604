"""The machine's FMA peak, measured: what every figure is divided by."""

import threading
import time

from lamina import _core, config

_ITERATIONS = 2_000_000


def fma_peak(threads: int | None = None, seconds: float = 0.3) -> float:
    """Floating-point operations per second, of `threads` threads together at the level in use.

    The best of several short runs: a peak is what the machine can do when it is left alone.
    """
    threads = threads or config.num_threads()
    best = 0.0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        best = max(best, _once(threads))
    return best


def _once(threads: int) -> float:
    done = [0] * threads

    def work(i: int) -> None:
        done[i] = _core.fma_peak(_ITERATIONS)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(1, threads)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    work(0)
    for worker in workers:
        worker.join()
    return sum(done) / (time.perf_counter() - start)
