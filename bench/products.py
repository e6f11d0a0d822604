"""lamina's matrix products against OpenBLAS (NumPy) and PyTorch, on the shapes of the seed job.

    python bench/products.py [--threads N ...] [--only SHAPE-PART] [--rounds 3]

Dense float32 operands, without zeros to skip, and a result array that exists: `lamina._core.matmul`,
`np.matmul(out=)`, `torch.mm(out=)`, called from Python.  A time is what a user sees per call, with
the call's own cost, which the 1 x 1 x 1 product shows, and with the gathering of lamina's threads,
which a call outside a program pays each time and a training step once in 50 ms.  Columns: lamina's
percentage of the FMA peak, then each peer's time over lamina's: above 1 lamina is faster.

Each number of threads runs in a process of its own.  The libraries take turns, with a pause before
each, since idle threads of the one before may spin; of `rounds` turns the best counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lamina import _core, config
from peak import fma_peak
from peer import environment
from peer.job import SIZES
from peer.timing import median_seconds

Array = np.ndarray
BUDGET = 0.03  # seconds per turn
PAUSE = 0.05


@dataclass(frozen=True)
class Product:
    """An (m, k) times (k, n); either may lie transposed in memory, as in the gradients."""

    kind: str
    m: int
    k: int
    n: int
    transpose_a: bool = False
    transpose_b: bool = False

    def operands(self) -> tuple[Array, Array]:
        draws = np.random.default_rng(0)
        a = (self.k, self.m) if self.transpose_a else (self.m, self.k)
        b = (self.n, self.k) if self.transpose_b else (self.k, self.n)
        return draws.standard_normal(a, "f"), draws.standard_normal(b, "f")

    def __str__(self) -> str:
        return f"{self.kind:8} {self.m:4} x {self.k:4} x {self.n:4}"


def products() -> list[Product]:
    found = [Product("call", 1, 1, 1)]
    for batch in (1, 32, 128, 1024):
        for inputs, units in pairwise(SIZES):
            found.append(Product("forward", batch, inputs, units))
            if batch > 1:
                found.append(Product("weights", inputs, batch, units, transpose_a=True))
                found.append(Product("inputs", batch, units, inputs, transpose_b=True))
    return found


def calls(p: Product, threads: int) -> dict[str, tuple[Callable[[], object], Array]]:
    """For each library that is installed: a call, and the array it fills."""
    a, b = p.operands()
    found: dict[str, tuple[Callable[[], object], Array]] = {}
    ours, theirs = np.empty((p.m, p.n), "f"), np.empty((p.m, p.n), "f")
    inputs, outputs = [a, b], [ours]
    attributes = {"transpose_a": p.transpose_a, "transpose_b": p.transpose_b}
    found["lamina"] = lambda: _core.matmul(inputs, outputs, attributes), ours
    a, b = a.T if p.transpose_a else a, b.T if p.transpose_b else b
    found["NumPy"] = lambda: np.matmul(a, b, out=theirs), theirs
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(threads)
        ta, tb, out = torch.from_numpy(a), torch.from_numpy(b), torch.empty(p.m, p.n)
        found["torch"] = lambda: torch.mm(ta, tb, out=out), out.numpy()
    return found


def check(p: Product, run: dict[str, tuple[Callable[[], object], Array]]) -> None:
    """Every library's result against float64; the bound is that of a sum of k rounded products."""
    a, b = (x.astype("d") for x in p.operands())
    a, b = a.T if p.transpose_a else a, b.T if p.transpose_b else b
    bound = 2 * p.k * np.finfo("f").eps * (abs(a) @ abs(b))
    for name, (call, result) in run.items():
        call()
        if not (abs(result - a @ b) <= bound).all():
            raise SystemExit(f"{name} computes a wrong product: {p}")


def seconds(p: Product, threads: int, rounds: int) -> dict[str, float]:
    run = calls(p, threads)
    check(p, run)
    best = dict.fromkeys(run, float("inf"))
    for _ in range(rounds):
        for name, (call, _result) in run.items():
            time.sleep(PAUSE)
            best[name] = min(best[name], median_seconds(call, BUDGET))
    return best


def table(threads: int, only: str, rounds: int) -> None:
    config.set_num_threads(threads)
    peak = fma_peak(threads)
    names = list(calls(Product("call", 1, 1, 1), threads))
    print(f"{threads} thread(s): FMA peak {peak / 1e9:.0f} GFLOP/s")
    print(f"{'product':29} {'lamina us':>10} {'% peak':>7}", *(f"{n:>7}" for n in names[1:]))
    for p in products():
        if only not in str(p):
            continue
        best = seconds(p, threads, rounds)
        ours = best["lamina"]
        share = 2 * p.m * p.k * p.n / ours / peak
        ratios = (f"{best[name] / ours:7.2f}" for name in names[1:])
        print(f"{p!s:29} {ours * 1e6:10.1f} {100 * share:7.0f}", *ratios, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, config.num_threads()}))
    parser.add_argument("--only", default="", help="products whose line contains this")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        table(options.threads[0], options.only, options.rounds)
        return
    for threads in options.threads:
        given = ["--only", options.only, "--rounds", str(options.rounds)]
        command = [sys.executable, os.path.abspath(__file__), "--here", "--threads", str(threads)]
        subprocess.run([*command, *given], env=environment(threads), check=True)


if __name__ == "__main__":
    main()
