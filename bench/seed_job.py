"""The seed job (MNIST, 784-256-128-10, dropout 0.4 and 0.3, RMSprop) against the dense floor.

The floor is the time of its multiply-adds at the FMA peak measured in the same run: 48,000 samples
of 1.007 MFLOP make an epoch of 48.3 GFLOP.  Prints ratios; absolute times say little on a shared
machine.

    python bench/seed_job.py [--batch 128] [--epochs 5]
"""

import argparse
import platform
import statistics
import time

import numpy as np

import lamina as keras
from lamina import config, layers
from peak import fma_peak

FLOP_PER_SAMPLE = 2 * (3 * (256 * 128 + 128 * 10) + 2 * 784 * 256)
SAMPLES = 48_000


def digits(n: int) -> tuple[np.ndarray, np.ndarray]:
    """MNIST where it can be had, else drawn digits: the work is the same."""
    try:
        (x, y), _ = keras.datasets.mnist.load_data()
    except OSError:
        (x, y), _ = keras.datasets.digits.load_data()
    return x[:n].reshape(n, 784), keras.utils.to_categorical(y[:n], 10)


def seed_model() -> keras.Sequential:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Rescaling(1 / 255),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(), metrics=["accuracy"]
    )
    return model


def epoch_ratios(batch: int, epochs: int, threads: int) -> list[float]:
    """Each epoch's time over the floor, the peak measured right before and after it."""
    config.set_num_threads(threads)
    x, y = digits(SAMPLES)
    model = seed_model()
    history = model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
    assert history.history["accuracy"][0] > 0.5, "the network does not learn"
    ratios = []
    for _ in range(epochs):
        peak = fma_peak(threads, 0.1)
        start = time.perf_counter()
        model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
        seconds = time.perf_counter() - start
        peak = max(peak, fma_peak(threads, 0.1))
        ratios.append(seconds / (SAMPLES * FLOP_PER_SAMPLE / peak))
    return ratios


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, nargs="*", default=[32, 128, 1024])
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()
    available = config.num_threads()
    print(f"{platform.processor() or platform.machine()}, level {config.level()}")
    for threads in sorted({1, available}):
        peak = fma_peak(threads)
        print(f"{threads} thread(s): FMA peak {peak / 1e9:.1f} GFLOP/s")
        for batch in arguments.batch:
            ratios = epoch_ratios(batch, arguments.epochs, threads)
            print(
                f"  batch {batch:5d}: epoch at {statistics.median(ratios):.2f} x the dense floor "
                f"({min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} epochs)"
            )


if __name__ == "__main__":
    main()
