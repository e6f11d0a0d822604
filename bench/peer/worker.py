"""What runs in a process of its own; prints a line of JSON.

python -m peer.worker data FOLDER
python -m peer.worker imports NAME
python -m peer.worker measure NAME FOLDER THREADS EPOCHS BUSY
"""

from __future__ import annotations

import importlib
import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from peer import ENTRIES
from peer.job import BATCH, Array, Job, Peer
from peer.timing import median_seconds, seconds_of, spinning_neighbour


def data(folder: str) -> dict[str, Any]:
    """Stores digits, and weights that lamina trained on them for peers that cannot train."""
    import lamina as keras
    from peer.keras_api import seed_model
    from seed_job import SAMPLES

    name = "MNIST"
    try:
        (x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
    except OSError:
        name = "drawn digits"
        (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, y = x[:SAMPLES].reshape(-1, 784), y[:SAMPLES].astype("int32")
    keras.utils.set_random_seed(0)
    model = seed_model(keras)
    model.fit(x, keras.utils.to_categorical(y, 10), batch_size=BATCH, epochs=5, verbose=0)
    trained = {f"trained{i}": w for i, w in enumerate(model.get_weights())}
    arrays = {"x": x, "labels": y, "x_test": x_test.reshape(-1, 784), "labels_test": y_test}
    np.savez(Path(folder) / "data.npz", **arrays, **trained)
    return {"data": name}


def imports(name: str, repeats: int = 3) -> dict[str, Any]:
    """Seconds that the imports of a script take, beyond a Python that imports nothing."""

    def run(program: str) -> float:
        command = [sys.executable, "-c", program]
        return seconds_of(lambda: subprocess.run(command, check=True, stderr=subprocess.DEVNULL))

    run(ENTRIES[name].imports)
    loaded = [run(ENTRIES[name].imports) for _ in range(repeats)]
    bare = [run("pass") for _ in range(repeats)]
    return {"import": statistics.median(loaded) - statistics.median(bare)}


def timings(peer: Peer, job: Job, epochs: int) -> dict[str, Any]:
    """An epoch, and one row and all test rows by each way of predicting."""
    found: dict[str, Any] = {}
    if peer.epoch is not None:
        found["epoch"] = statistics.median(seconds_of(peer.epoch) for _ in range(epochs))
    x = job.x_test
    for way, predict in peer.ways.items():
        found[f"one {way}"] = median_seconds(partial(predict, x[:1]))
        at_once = median_seconds(partial(predict, x))
        in_parts = median_seconds(partial(_in_parts, predict, x))
        found[f"all {way}"] = min(at_once, in_parts)
    return found


def _in_parts(predict: Callable[[Array], Array], x: Array) -> Array:
    """1,000 rows a call: what stays in the caches suits some libraries better."""
    return np.concatenate([predict(x[i : i + 1000]) for i in range(0, len(x), 1000)])


def accuracy(peer: Peer, job: Job) -> float:
    """On the test images; every way of predicting must say the same."""
    results = [predict(job.x_test) for predict in peer.ways.values()]
    for result, way in zip(results, peer.ways):
        if not np.allclose(result, results[0], rtol=0, atol=1e-4):
            raise ValueError(f"{way} does not agree with {next(iter(peer.ways))}")
    return float((results[0].argmax(axis=1) == job.labels_test).mean())


def measure(name: str, folder: str, threads: str, epochs: str, busy: str) -> dict[str, Any]:
    job = Job.load(Path(folder), int(threads))
    module, function = ENTRIES[name].build.split(".")
    peer = getattr(importlib.import_module(f"peer.{module}"), function)(job)
    if peer.epoch is not None:
        peer.epoch()
    found: dict[str, Any] = {"version": peer.version, "quiet": timings(peer, job, int(epochs))}
    found["accuracy"] = accuracy(peer, job)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found["memory"] = peak if sys.platform == "darwin" else peak * 1024
    if int(busy):
        with spinning_neighbour():
            found["busy"] = timings(peer, job, int(epochs))
    return found


if __name__ == "__main__":
    action = {"data": data, "imports": imports, "measure": measure}[sys.argv[1]]
    print(json.dumps(action(*sys.argv[2:])))
