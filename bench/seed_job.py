"""Training epochs against the dense floor: the time of their multiply-adds at the FMA peak.

    seed        MNIST bytes, 784-256-128-10, dropout 0.4 and 0.3, RMSprop: 1.007 MFLOP per sample
    table       20 categories of 50 levels, one-hot: 1000 inputs, 2 % of them 1; 1000-256-1
    wide table  the same into the seed job's 256-128-10
    Gaussian    784 inputs without a zero, the seed job's network

Each is trained with zeros skipped and not, from the same seeds: the weights must be equal, bit for
bit.  The peak is measured right before and after each epoch.  Prints ratios; absolute times say
little on a shared machine.

    python bench/seed_job.py [seed] [table] ... [--batch 128] [--epochs 5]
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import lamina as keras
from lamina import config, layers
from peak import fma_peak

SAMPLES = 48_000
FLOP_PER_SAMPLE = 2 * (3 * (256 * 128 + 128 * 10) + 2 * 784 * 256)  # of the seed job
# (job, batch) -> the most that an epoch may take, in floors: without skipping, with it
BARS = {
    ("seed", 32): (1.6, None), ("seed", 128): (1.25, 0.55), ("seed", 1024): (1.15, None),
    ("table", 128): (None, 0.2),
}  # fmt: skip


class Job(NamedTuple):
    """Data, the layers' sizes, and what makes the model."""

    x: np.ndarray
    y: np.ndarray
    sizes: tuple[int, ...]
    model: Callable[[], keras.Sequential]

    @property
    def flop_per_sample(self) -> int:
        """Forward, weight gradient, and the input's gradient of all layers but the first."""
        weights = [a * b for a, b in zip(self.sizes, self.sizes[1:])]
        return 2 * (3 * sum(weights) - weights[0])


def digits(n: int) -> tuple[np.ndarray, np.ndarray]:
    """MNIST where it can be had, else drawn digits: the work is the same."""
    try:
        (x, y), _ = keras.datasets.mnist.load_data()
    except OSError:
        (x, y), _ = keras.datasets.digits.load_data()
    return x[:n].reshape(n, 784), keras.utils.to_categorical(y[:n], 10)


def seed_model(inputs: int = 784, *, scale: bool = True) -> keras.Sequential:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((inputs,))])
    if scale:
        model.add(layers.Rescaling(1 / 255))
    for layer in (
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.4),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(10, activation="softmax"),
    ):
        model.add(layer)
    model.compile(
        loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(), metrics=["accuracy"]
    )
    return model


def table_model() -> keras.Sequential:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((1000,)), layers.Dense(256, activation="relu"), layers.Dense(1)]
    )
    model.compile(loss="mean_squared_error", optimizer=keras.optimizers.RMSprop())
    return model


def seed_job() -> Job:
    return Job(*digits(SAMPLES), (784, 256, 128, 10), seed_model)


def one_hot_table() -> tuple[np.ndarray, np.ndarray]:
    """Bytes (SAMPLES, 1000), and the level of each sample's first category."""
    levels = np.random.default_rng(0).integers(0, 50, (SAMPLES, 20))
    x = np.zeros((SAMPLES, 20, 50), np.uint8)
    np.put_along_axis(x, levels[..., None], 1, axis=-1)
    return x.reshape(SAMPLES, 1000), levels[:, 0]


def table_job() -> Job:
    x, level = one_hot_table()
    return Job(x, level[:, None] / 50, (1000, 256, 1), table_model)


def wide_table_job() -> Job:
    x, level = one_hot_table()
    y = keras.utils.to_categorical(level // 5, 10)
    return Job(x, y, (1000, 256, 128, 10), lambda: seed_model(1000, scale=False))


def gaussian_job() -> Job:
    x = np.random.default_rng(0).standard_normal((SAMPLES, 784), np.float32)
    y = keras.utils.to_categorical(np.abs(x[:, :10]).argmax(axis=1), 10)
    return Job(x, y, (784, 256, 128, 10), lambda: seed_model(scale=False))


JOBS = {
    "seed": seed_job,
    "table": table_job,
    "wide table": wide_table_job,
    "Gaussian": gaussian_job,
}


def epoch_ratios(job: Job, batch: int, epochs: int, threads: int) -> dict[bool, list[float]]:
    """Each epoch's time over the floor, without and with skipping, in turns."""
    config.set_num_threads(threads)
    models = {skip: job.model() for skip in (False, True)}
    ratios: dict[bool, list[float]] = {False: [], True: []}
    for epoch in range(epochs + 1):
        for skip, model in models.items():
            config.set_skip_zeros(skip)
            if epoch == 0:
                keras.utils.set_random_seed(0)  # for the order of samples, drawn at the first fit
            peak = fma_peak(threads, 0.1)
            start = time.perf_counter()
            history = model.fit(job.x, job.y, batch_size=batch, epochs=1, verbose=0)
            seconds = time.perf_counter() - start
            peak = max(peak, fma_peak(threads, 0.1))
            if epoch:  # the first prepares
                ratios[skip].append(seconds / (len(job.x) * job.flop_per_sample / peak))
    for a, b in zip(models[False].get_weights(), models[True].get_weights(), strict=True):
        assert a.tobytes() == b.tobytes(), "skipping zeros changed the weights"
    assert np.isfinite(history.history["loss"][0]), "the network does not learn"
    return ratios


def report(name: str, job: Job, batch: int, ratios: dict[bool, list[float]]) -> str:
    parts = []
    for skip, bar in zip((False, True), BARS.get((name, batch), (None, None))):
        values = ratios[skip]
        text = f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
        parts.append(text + (f", bar {bar}" if bar else ""))
    return f"  {name:10s} batch {batch:4d}: {parts[0]:32s} zeros skipped: {parts[1]}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("jobs", nargs="*", choices=[*JOBS, []], default=[])
    parser.add_argument("--batch", type=int, nargs="*")
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()
    available = config.num_threads()
    print(f"{platform.processor() or platform.machine()}, level {config.level()}")
    print("epochs in dense floors: median (best to worst)")
    for threads in sorted({1, available}):
        print(f"{threads} thread(s): FMA peak {fma_peak(threads) / 1e9:.1f} GFLOP/s")
        for name in arguments.jobs or JOBS:
            job = JOBS[name]()
            for batch in arguments.batch or ((32, 128, 1024) if name == "seed" else (128,)):
                ratios = epoch_ratios(job, batch, arguments.epochs, threads)
                print(report(name, job, batch, ratios), flush=True)


if __name__ == "__main__":
    main()
