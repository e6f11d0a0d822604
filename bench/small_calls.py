"""Calls that are over in microseconds, and prediction at full speed, against the machine's limits.

A call on one row cannot be faster than reading the weights (0.94 MB for the seed's network
784-256-128-10) once: the floor, measured in turns with the calls on one thread.  10,000 rows are
compared with the FMA peak.  The results are compared with the NumPy backend's first.

    python bench/small_calls.py [--rounds 20]
"""

import argparse
import contextlib
import io
import os
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np

import lamina as keras
from lamina import _core, config, layers
from peak import fma_peak
from seed_job import seed_model

ROWS = 10_000
FLOP_PER_ROW = 2 * (784 * 256 + 256 * 128 + 128 * 10)
CALLS_BAR, PREDICT_BAR = 10.0, 12.0  # microseconds
SHARE_BAR = 0.9
TINY_BAR = 5.0  # milliseconds


def tiny_model() -> keras.Sequential:
    model = keras.Sequential(
        [
            keras.Input((16,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(16, activation="relu"),
            layers.Dense(16, activation="softmax"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def check(model: keras.Sequential, x: np.ndarray, y: np.ndarray) -> None:
    """Predictions and scores are those of the NumPy backend, and rows do not depend on batches."""
    found, scores = model.predict(x, verbose=0), model.evaluate(x, y, verbose=0)
    for i in range(0, len(x), 997):
        np.testing.assert_array_equal(model(x[i : i + 1])[0], found[i])
    config.set_backend("numpy")
    np.testing.assert_allclose(found, model.predict(x, verbose=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(scores, model.evaluate(x, y, verbose=0), rtol=1e-4)
    config.set_backend("native")


def seconds(call: Callable[[], object], times: int) -> float:
    """The median time of a call, the first two aside."""
    taken = []
    for _ in range(times + 2):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[2:])


def aligned_copy(arrays: list[np.ndarray]) -> np.ndarray:
    """The numbers of all arrays in one, on a 64-byte boundary."""
    size = sum(a.size for a in arrays)
    raw = np.empty(size + 16, np.float32)
    first = -raw.ctypes.data % 64 // 4
    return np.concatenate([a.ravel() for a in arrays], out=raw[first : first + size])


def single_rows(model: keras.Sequential, x: np.ndarray, rounds: int) -> None:
    weights = aligned_copy(model.get_weights())
    few = weights[:8]
    threads = config.num_threads()

    def floor() -> float:
        """Reads the weights on one thread: the time of a search that finds nothing."""
        config.set_num_threads(1)
        read = seconds(lambda: _core.first_nonfinite(weights), 50)
        read -= seconds(lambda: _core.first_nonfinite(few), 50)
        config.set_num_threads(threads)
        return read

    calls: dict[str, tuple[Callable[[], object], float]] = {
        "model(x[:1])": (lambda: model(x[:1]), CALLS_BAR),
        "predict_on_batch(x[:1])": (lambda: model.predict_on_batch(x[:1]), CALLS_BAR),
        "predict(x[:1], verbose=0)": (lambda: model.predict(x[:1], verbose=0), PREDICT_BAR),
        "predict(x[:1])": (lambda: model.predict(x[:1]), PREDICT_BAR),
    }
    floors: list[float] = []
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, (call, _bar) in calls.items():
            floors.append(floor())
            with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
                taken[name].append(seconds(call, 50))
    read = statistics.median(floors)
    print(f"reading {weights.nbytes / 1e6:.2f} MB of weights once: {read * 1e6:.1f} us, the floor")
    for name, (_, bar) in calls.items():
        median = statistics.median(taken[name])
        print(
            f"  {name:27s} {median * 1e6:5.1f} us = {median / read:.2f} x the floor (bar {bar:.0f} us)"
        )


def many_rows(model: keras.Sequential, x: np.ndarray, y: np.ndarray, rounds: int) -> None:
    calls: dict[str, Callable[[], object]] = {
        "predict": lambda: model.predict(x, verbose=0),
        "evaluate": lambda: model.evaluate(x, y, verbose=0),
        "evaluate, batch_size=256": lambda: model.evaluate(x, y, batch_size=256, verbose=0),
    }
    available = config.num_threads()
    for threads in sorted({1, available}):
        config.set_num_threads(threads)
        for name, call in calls.items():
            shares = []
            for _ in range(max(3, rounds // 4)):
                peak = fma_peak(threads, 0.03)
                taken = seconds(call, 3)
                peak = max(peak, fma_peak(threads, 0.03))
                shares.append(ROWS * FLOP_PER_ROW / taken / peak)
            print(
                f"  {threads} thread(s), {name:25s} {ROWS:,} rows at {statistics.median(shares):.0%} "
                f"of the FMA peak (bar {SHARE_BAR:.0%})"
            )


def tiny_fit(rounds: int) -> None:
    """Milliseconds of ten epochs of 1,000 rows through three layers of 16 units."""
    rng = np.random.default_rng(0)
    x = rng.random((1000, 16), np.float32)
    y = np.eye(16, dtype=np.float32)[rng.integers(0, 16, 1000)]
    model = tiny_model()
    taken = seconds(lambda: model.fit(x, y, batch_size=32, epochs=10, verbose=0), rounds)
    print(f"  fit, 16-16-16, 1,000 rows, 10 epochs: {taken * 1e3:.1f} ms (bar {TINY_BAR:.0f} ms)")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    rng = np.random.default_rng(0)
    x = rng.random((ROWS, 784), np.float32)
    y = np.eye(10, dtype=np.float32)[rng.integers(0, 10, ROWS)]
    model = seed_model(scale=False)
    with contextlib.redirect_stdout(io.StringIO()):
        check(model, x, y)
    print(f"{platform.processor() or platform.machine()}, level {config.level()}")
    single_rows(model, x, rounds)
    many_rows(model, x, y, rounds)
    tiny_fit(rounds)


if __name__ == "__main__":
    main()
