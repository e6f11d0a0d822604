"""Threads: beside a busy process, called from many threads at once, in children, after a call.

Every figure is a ratio or a count of one run.  Results are checked before anything is timed.

    python bench/threads.py [busy] [callers] [after] [children] [--runs 10]

`children` needs joblib.
"""

import argparse
import hashlib
import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np

import lamina as keras
from lamina import config
from peer.timing import seconds_of, spinning_neighbour
from seed_job import SAMPLES, digits, seed_model

CALLERS = 16
HUNG = 60.0  # seconds


def trained(rows: int, batch: int = 128) -> keras.Sequential:
    x, y = digits(rows)
    model = seed_model()
    model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
    return model


def busy(runs: int) -> None:
    """An epoch beside a process that spins, over the quiet epochs right before it."""
    x, y = digits(SAMPLES)
    for batch in (128, 32):
        model = trained(SAMPLES, batch)

        def epoch(model: keras.Sequential = model, batch: int = batch) -> float:
            return seconds_of(lambda: model.fit(x, y, batch_size=batch, epochs=1, verbose=0))

        ratios = []
        for _ in range(min(runs, 5)):
            quiet = min(epoch(), epoch())
            with spinning_neighbour():
                ratios.append(statistics.mean([epoch(), epoch()]) / quiet)
        print(
            f"batch {batch:3d}, one process spinning: an epoch takes {statistics.median(ratios):.2f} x "
            f"its quiet time ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def callers(runs: int) -> None:
    """16 threads predict on one model, over the same calls one after another."""
    x, _ = digits(10_000)
    model = trained(12_000)
    for rows, calls in ((1, 300), (100, 25), (10_000, 1)):
        part = x[:rows]
        want = model.predict(part, verbose=0).tobytes()
        for threads in sorted({config.num_threads(), 1}, reverse=True):
            ratios = []
            for _ in range(min(runs, 5)):
                together = at_once(model, part, calls, want)
                config.set_num_threads(threads)
                ratios.append(together / one_after_another(model, part, calls))
                config.set_num_threads(0)
            print(
                f"{rows:6d} rows: {CALLERS} threads at once take {statistics.median(ratios):.2f} x the "
                f"time of the calls one after another, each on {threads} thread(s) "
                f"({min(ratios):.2f} to {max(ratios):.2f})"
            )


def one_after_another(model: keras.Sequential, x: np.ndarray, calls: int) -> float:
    return seconds_of(lambda: [model.predict(x, verbose=0) for _ in range(CALLERS * calls)])


def at_once(model: keras.Sequential, x: np.ndarray, calls: int, want: bytes) -> float:
    start = threading.Barrier(CALLERS + 1)
    different = []

    def work() -> None:
        start.wait()
        results = [model.predict(x, verbose=0) for _ in range(calls)]
        different.extend(r for r in results if r.tobytes() != want)

    threads = [threading.Thread(target=work) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    start.wait()
    taken = seconds_of(lambda: [thread.join() for thread in threads])
    assert not different, "other threads changed a result"
    return taken


def after(runs: int) -> None:
    """CPU time that a call costs when its thread then waits: the idle helpers' is included."""
    x, _ = digits(12_000)
    model = trained(12_000)

    def cost(threads: int) -> float:
        config.set_num_threads(threads)
        start = time.process_time()
        for _ in range(10 * runs):
            model.predict(x[:100], verbose=0)
            time.sleep(0.02)
        return time.process_time() - start

    available = config.num_threads()
    if available > 1:
        alone = cost(1)
        print(
            f"predict of 100 rows, 50 times a second: {available} threads use "
            f"{cost(available) / alone:.2f} x the CPU time of one"
        )
    config.set_num_threads(0)


def job() -> str:
    """A hash of the weights, history and predictions of a small training on a team."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (1024, 784), np.uint8)
    y = keras.utils.to_categorical(rng.integers(0, 10, 1024), 10)
    model = seed_model()
    history = model.fit(x, y, batch_size=256, epochs=2, verbose=0)
    digest = hashlib.sha256(repr(sorted(history.history.items())).encode())
    for array in (*model.get_weights(), model.predict(x, verbose=0)):
        digest.update(array.tobytes())
    return digest.hexdigest()


def send_job(sender: Connection) -> None:
    sender.send(job())


def started(method: str) -> Callable[[], list[str]]:
    """A child of its own for the job; not a Pool, which has locks of its own to hang on."""

    def run() -> list[str]:
        context = multiprocessing.get_context(method)
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=send_job, args=(sender,))
        child.start()
        sender.close()
        try:
            if not receiver.poll(HUNG):
                raise TimeoutError
            return [receiver.recv()]
        finally:
            child.kill()
            child.join()

    return run


def by_loky() -> list[str]:
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    try:
        return list(Parallel(2, backend="loky", timeout=HUNG)(delayed(job)() for _ in range(2)))
    finally:
        get_reusable_executor().shutdown(kill_workers=True)  # each run has children of its own


def children(runs: int) -> None:
    """After training: children of every kind train and predict."""
    results = {job()}
    methods = {name: started(name) for name in ("fork", "spawn", "forkserver")}
    for name, run in {**methods, "loky": by_loky}.items():
        hangs, failures = 0, []
        for _ in range(runs):
            try:
                results.update(run())
            except TimeoutError:
                hangs += 1
            except Exception as error:  # counted, and shown below
                failures.append(error)
        results.add(job())  # the parent goes on
        print(f"{name}: {runs} runs, {hangs} hangs, {len(failures)} failures", *failures[:1])
    print(f"{len(results)} distinct SHA-256 in all of them (expected: 1):", *sorted(results))


PARTS = {"busy": busy, "callers": callers, "after": after, "children": children}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    print(f"level {config.level()}, {config.num_threads()} threads")
    for name in arguments.parts or PARTS:
        PARTS[name](arguments.runs)


if __name__ == "__main__":
    main()
