"""How long calls take, and a neighbour that takes a core away."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator


def seconds_of(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def median_seconds(call: Callable[[], object], budget: float = 0.5) -> float:
    """The median over samples of at least 1 ms each, after a warm-up; about `budget` seconds in all."""
    once = min(seconds_of(call) for _ in range(3))
    calls = max(1, int(1e-3 / once))

    def sample() -> float:
        return seconds_of(lambda: [call() for _ in range(calls)]) / calls

    samples = []
    end = time.perf_counter() + budget
    while time.perf_counter() < end or len(samples) < 5:
        samples.append(sample())
    return statistics.median(samples)


@contextlib.contextmanager
def spinning_neighbour() -> Iterator[None]:
    """One process in a tight loop, pinned to no core."""
    neighbour = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.2)
        yield
    finally:
        neighbour.kill()
        neighbour.wait()
