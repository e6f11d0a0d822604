"""An epoch of the seed job in float64, in epochs of float32.

    python bench/float64.py [--batch 128] [--epochs 5]

Both train the same network on the same bytes; float64 on either backend (their products differ).
Epochs are timed in turns; medians.
"""

from __future__ import annotations

import argparse
import statistics
import time

import lamina as keras
from lamina import config
from seed_job import SAMPLES, digits, seed_model

WAYS = (("float32", "native"), ("float64", "native"), ("float64", "numpy"))


def model_of(dtype: str) -> keras.Sequential:
    config.set_floatx(dtype)
    made = seed_model()
    config.set_floatx("float32")
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    x, y = digits(SAMPLES)
    for threads in (1, 2):
        config.set_num_threads(threads)
        models = {way: model_of(way[0]) for way in WAYS}
        times: dict[tuple[str, str], list[float]] = {way: [] for way in WAYS}
        for epoch in range(options.epochs + 1):
            for way, model in models.items():
                config.set_backend(way[1])
                start = time.perf_counter()
                model.fit(x, y, batch_size=options.batch, epochs=1, verbose=0)
                if epoch:
                    times[way].append(time.perf_counter() - start)
        floor = statistics.median(times["float32", "native"])
        for dtype, backend in WAYS[1:]:
            ratio = statistics.median(times[dtype, backend]) / floor
            print(
                f"{threads} threads, {dtype} on the {backend} backend: {ratio:.1f} epochs of float32"
            )


if __name__ == "__main__":
    main()
