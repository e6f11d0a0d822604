"""How close lamina is to real Keras: for each family the comparisons made and the worst difference.

    python tests/golden/report.py [FAMILY ...]

A difference is |ours - Keras's| / max(1, |Keras's|).  Both backends run every case.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import compare
import numpy as np
from cases import CASES

import lamina


def relative(got: Any, want: Any) -> Iterator[np.ndarray]:
    """The differences of all numbers of a record that are floats."""
    if isinstance(want, dict):
        for key in want:
            yield from relative(got[key], want[key])
    elif isinstance(want, list):
        for g, w in zip(got, want, strict=True):
            yield from relative(g, w)
    elif isinstance(want, float) or (isinstance(want, np.ndarray) and want.dtype.kind == "f"):
        size = np.where(np.isfinite(want), np.abs(np.asarray(want, np.float64)), 0)
        yield np.ravel(compare.distance(got, want) / np.maximum(1.0, size))


def measure(family: str, backend: str) -> tuple[int, int, float, str]:
    """(cases, numbers, worst difference, its case) on a backend."""
    lamina.config.set_backend(backend)
    goldens = compare.load(family)
    cases = [case for case in CASES.values() if case.family == family]
    numbers, worst, at = 0, 0.0, "-"
    for case in cases:
        for part in relative(case.run(lamina), goldens[case.name]):
            numbers += part.size
            if part.size and part.max() > worst:
                worst, at = float(part.max()), case.name
    return len(cases), numbers, worst, at


def main(families: list[str]) -> None:
    start = time.perf_counter()
    chosen = families or sorted({case.family for case in CASES.values()})
    total = [0, 0]
    print(f"{'family':22}{'backend':>9}{'cases':>7}{'numbers':>9}{'worst':>10}  in")
    for family in chosen:
        for backend in ("native", "numpy"):
            cases, numbers, worst, at = measure(family, backend)
            total[0] += cases
            total[1] += numbers
            print(f"{family:22}{backend:>9}{cases:7}{numbers:9}{worst:10.1e}  {at}", flush=True)
    print(f"{total[0]} comparisons of {total[1]} numbers in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
