"""Cases of chains along an axis, orders of rows, places among sorted numbers, conversions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ops.draws import EDGES, LARGE, SIZES, Case, generator, normal, small_integers, unit

CHAINS = (
    ((5,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3, 4), 1), ((2, 0, 3), 1), ((300, 257), 0), ((300, 257), 1),
    ((3, 70, 130), 1), ((LARGE,), 0), ((1, 4), 0), ((4, 1), 1),
)  # fmt: skip


def chains(name: str) -> Iterator[Case]:
    rng = generator(name)
    shapes = [*CHAINS, *(((2, n), 1) for n in SIZES), *(((n, 2), 0) for n in SIZES)]
    for i, (shape, axis) in enumerate(shapes):
        operands = (normal(rng, *shape),)
        if name == "recurrence":
            operands = (2 * unit(rng, *shape) - 1, *operands)
        yield Case(f"{shape} along {axis}", operands, {"axis": axis, "reverse": bool(i % 2)})
    operands = (EDGES,) if name == "cumsum" else (np.ones_like(EDGES), EDGES)
    yield Case("edges", operands, {"axis": 0, "reverse": False}, edges=True)


def _rows(name: str) -> Iterator[tuple[str, Any, bool]]:
    rng = generator(name)
    for shape in (*((3, n) for n in SIZES), (7,), (0, 5), (2, 3, 4), (700, 130), (3, 5000)):
        yield f"shape={shape}", normal(rng, *shape), False
    yield "many equal", small_integers(rng, 40, 19), False
    yield "edges", np.stack([EDGES, EDGES[::-1], np.full_like(EDGES, np.nan)]), True


def sorting(name: str) -> Iterator[Case]:
    for what, x, edges in _rows(name):
        yield Case(what, (x,), {}, edges)


def largest(name: str) -> Iterator[Case]:
    for what, x, edges in _rows(name):
        for k in {1, 3, x.shape[-1]} if x.shape[-1] else ():
            if k <= x.shape[-1]:
                yield Case(f"{what} k={k}", (x,), {"k": k}, edges)


def searching(name: str) -> Iterator[Case]:
    rng = generator(name)
    for n in SIZES:
        for right in (False, True):
            operands = np.sort(small_integers(rng, n)), small_integers(rng, 3, n)
            yield Case(f"among {n}, {right=}", operands, {"right": right})
    operands = np.sort(normal(rng, 1000)), normal(rng, LARGE)
    yield Case("many", operands, {"right": True})
    yield Case("a number", (np.sort(normal(rng, 9)), normal(rng)), {"right": False})
    for right in (False, True):
        known = np.sort(np.append(EDGES, np.nan))
        yield Case(f"edges, {right=}", (known, EDGES), {"right": right}, edges=True)


def casting(name: str) -> Iterator[Case]:
    rng = generator(name)
    for n in SIZES:
        yield Case(f"n={n}", (normal(rng, 2, n),), {"dtype": "float32"})
    yield Case("whole numbers", (small_integers(rng, 3, 4),), {"dtype": "int32"})
    yield Case("edges", (EDGES,), {"dtype": "float32"}, edges=True)
