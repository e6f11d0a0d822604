"""Calls of a model's C header beside `predict_on_batch`, one row at a time.

The seed's network 784-256-128-10, on digits (four in five of their pixels are 0) and on numbers of
which none is 0.  Both compute on one thread, in turns; the results must be equal, bit for bit.

    python bench/c_header.py [--rounds 20] [--flags "-O3 -march=native"]
"""

import argparse
import ctypes
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import lamina as keras
from lamina import config
from seed_job import digits, seed_model

ROWS = 200
SOURCE = """
#include "seed.h"
void run(const float *x, float *y, size_t rows);
void run(const float *x, float *y, size_t rows) { seed_predict_batch(x, y, rows); }
"""


def compiled(model: keras.Model, flags: str) -> Callable[[np.ndarray], np.ndarray]:
    """The header as a function of rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model.export(folder / "seed.h", verbose=False)
        (folder / "seed.c").write_text(SOURCE)
        command = ["cc", "-std=c99", *flags.split(), "-shared", "-fPIC", "seed.c", "-o", "seed.so"]
        subprocess.run([*command, "-lm"], cwd=folder, check=True)
        library = ctypes.CDLL(str(folder / "seed.so"))
        print(f"header: {(folder / 'seed.h').stat().st_size / 1e6:.1f} MB")

    def run(x: np.ndarray) -> np.ndarray:
        y = np.empty((len(x), 10), np.float32)
        library.run(*(ctypes.c_void_p(a.ctypes.data) for a in (x, y)), ctypes.c_size_t(len(x)))
        return y

    return run


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--flags", default="-O3 -march=native")
    arguments = parser.parse_args()
    config.set_num_threads(1)
    model = seed_model(scale=False)
    run = compiled(model, arguments.flags)
    samples = {
        "digits": digits(ROWS)[0].astype(np.float32) / np.float32(255),
        "no zeros": 1 - np.random.default_rng(0).random((ROWS, 784), np.float32),
    }
    print(
        f"{platform.processor() or platform.machine()}, level {config.level()}, {arguments.flags}"
    )
    for name, x in samples.items():
        found, expected = run(x), model.predict(x, verbose=0)
        np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32))
        rows = [x[i : i + 1] for i in range(ROWS)]
        taken: list[list[float]] = [[], []]
        for _ in range(arguments.rounds):
            start = time.perf_counter()
            run(x)
            middle = time.perf_counter()
            for row in rows:
                model.predict_on_batch(row)
            taken[0].append((middle - start) / ROWS)
            taken[1].append((time.perf_counter() - middle) / ROWS)
        header, predict = (statistics.median(times) for times in taken)
        print(
            f"  {name:8s} header {header * 1e6:5.1f} us, predict_on_batch {predict * 1e6:5.1f} us: "
            f"{header / predict:.2f} of its time"
        )


if __name__ == "__main__":
    main()
