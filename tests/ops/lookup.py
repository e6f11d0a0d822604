"""Cases of operations that look elements up by indices, and sum by them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ops.draws import SIZES, Array, Case, generator, normal

# Whole numbers from -n to n - 1 and beyond; nothing else is an index.
HARD = np.array([0, -1, 2, -3, 3, -4, 99, 0.5, np.nan, np.inf, -np.inf, -0.0, 2.0], np.float32)

# Shapes (before the axis, n, after it) and the shape of the indices.
TAKEN: tuple[tuple[tuple[int, ...], int, tuple[int, ...], tuple[int, ...]], ...] = (
    ((), 7, (), (9,)), ((), 7, (3,), (4,)), ((), 5, (2, 3), (2, 2)), ((), 9, (), ()), ((), 9, (3,), ()),
    ((2,), 5, (), (3,)), ((2,), 5, (3,), (3,)), ((2, 1), 3, (2,), (2, 2)), ((), 6, (4,), (0,)),
    ((), 3, (0,), (4,)), ((2,), 3, (2,), ()), ((), 1, (3,), (5,)), ((), 40, (257,), (300,)),
    ((3,), 50, (257,), (90,)), ((), 70_001, (), (70_001,)), ((), 999, (64,), (70, 9)),
)  # fmt: skip


def _indices(rng: np.random.Generator, n: int, *shape: int) -> Array:
    return np.asarray(rng.integers(-n, n, shape), np.int32)


def taking(name: str) -> Iterator[Case]:
    rng = generator(name)
    for before, n, after, places in TAKEN:
        operands = normal(rng, *before, n, *after), _indices(rng, n, *places)
        yield Case(f"{before} {n} {after} at {places}", operands, {"axis": len(before)})
    for n in SIZES[1:]:
        yield Case(f"rows of {n}", (normal(rng, 6, n), _indices(rng, 6, 4)), {"axis": 0})
    for shape, axis in (((3, 4), 0), ((2, 3), 1), ((3,), 0)):
        yield Case(f"edges, {axis=}", (normal(rng, *shape), HARD), {"axis": axis}, edges=True)
    yield Case("of nothing", (normal(rng, 0, 4), HARD[:3]), {"axis": 0}, edges=True)


def summing(name: str) -> Iterator[Case]:
    rng = generator(name)
    for before, n, after, places in TAKEN:
        operands = normal(rng, *before, *places, *after), _indices(rng, n, *places)
        attributes = {"axis": len(before), "shape": (*before, n, *after)}
        yield Case(f"{before} {n} {after} at {places}", operands, attributes)
    for n in SIZES:
        operands = normal(rng, 4, n), _indices(rng, 6, 4)
        yield Case(f"rows of {n}", operands, {"axis": 0, "shape": (6, n)})
    for shape, axis in (((3, 4), 0), ((2, 3), 1), ((3,), 0), ((0, 4), 0)):
        x = normal(rng, *shape[:axis], len(HARD), *shape[axis + 1 :])
        yield Case(f"edges, {shape}", (x, HARD), {"axis": axis, "shape": shape}, edges=True)


ALONG = (((), 7, 9), ((3,), 5, 2), ((2, 3), 4, 4), ((300,), 257, 100), ((70_001,), 3, 1), ((0,), 3, 2),
         ((2,), 4, 0), ((), 33, 5), ((5,), 1, 3), ((2, 2), 2, 3))  # fmt: skip


def taking_along(name: str) -> Iterator[Case]:
    rng = generator(name)
    for rows, n, m in (*ALONG, *(((3,), n, 4) for n in SIZES[1:]), ((3,), 5, 17)):
        operands = normal(rng, *rows, n), _indices(rng, n, *rows, m)
        yield Case(f"{rows} {n} at {m}", operands, {})
    yield Case("edges", (normal(rng, 2, 3), np.stack([HARD, HARD[::-1]])), {}, edges=True)


def adding_along(name: str) -> Iterator[Case]:
    rng = generator(name)
    for rows, n, m in (*ALONG, *(((3,), n, 4) for n in SIZES[1:]), ((3,), 5, 17)):
        operands = normal(rng, *rows, m), _indices(rng, n, *rows, m)
        yield Case(f"{rows} {n} at {m}", operands, {"shape": (*rows, n)})
    operands = normal(rng, 2, len(HARD)), np.stack([HARD, HARD[::-1]])
    yield Case("edges", operands, {"shape": (2, 3)}, edges=True)
