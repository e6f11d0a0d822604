"""Cases of operations on each element."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ops.draws import (
    BROADCASTS,
    EDGES,
    LARGE,
    SIZES,
    Case,
    Draw,
    generator,
    normal,
    small_integers,
    wide,
)


def unary(name: str, draw: Draw = normal) -> Iterator[Case]:
    rng = generator(name)
    for n in (*SIZES, LARGE):
        yield Case(f"n={n}", (draw(rng, n),), {})
    for shape in ((), (1,), (3, 5), (2, 3, 4), (5, 0)):
        yield Case(f"shape={shape}", (draw(rng, *shape),), {})
    yield Case("the whole range", (wide(rng, 9973),), {}, edges=True)
    yield Case("edges", (np.tile(EDGES, 3),), {}, edges=True)


def binary(name: str, a: Draw = normal, b: Draw | None = None) -> Iterator[Case]:
    rng, b = generator(name), b or a
    for n in (*SIZES, LARGE):
        yield Case(f"n={n}", (a(rng, n), b(rng, n)), {})
    for p, q in BROADCASTS:
        yield Case(f"{p} with {q}", (a(rng, *p), b(rng, *q)), {})
    for shape in ((33,), (2, 5, 7)):
        operands = small_integers(rng, *shape), small_integers(rng, *shape)
        yield Case(f"many equal, {shape}", operands, {})
    yield Case("edges with edges", (EDGES[:, None], EDGES[None, :]), {}, edges=True)
    yield Case("a row of edges", (np.repeat(EDGES, 30), np.tile(EDGES, 30)), {}, edges=True)


def gradient(name: str, y: Draw, ends: tuple[float, ...]) -> Iterator[Case]:
    """(dy, y) of one shape, y in the range of the function, with its ends."""
    rng = generator(name)
    for shape in (*((n,) for n in (*SIZES, LARGE)), (), (2, 3, 4), (5, 0)):
        yield Case(f"shape={shape}", (normal(rng, *shape), y(rng, *shape)), {})
    hard = np.array([*ends, 1.4e-45, -1.4e-45, np.nan], np.float32)
    operands = np.repeat(EDGES, hard.size), np.tile(hard, EDGES.size)
    yield Case("edges", operands, {}, edges=True)


def where(name: str) -> Iterator[Case]:
    rng = generator(name)
    for n in (*SIZES, LARGE):
        yield Case(f"n={n}", (small_integers(rng, n), normal(rng, n), normal(rng, n)), {})
    for p, q in BROADCASTS:
        a, b = normal(rng, *p), normal(rng, *q)
        yield Case(f"{p} with {q}", (small_integers(rng, *q), a, b), {})
        yield Case(f"{q} with {p}, one condition", (small_integers(rng), b, a), {})
    yield Case("edges", (EDGES, EDGES[::-1].copy(), np.roll(EDGES, 3)), {}, edges=True)


def ternary(name: str) -> Iterator[Case]:
    """Two operands of one shape, and a third that is one number or has that shape too."""
    rng = generator(name)
    for n in (*SIZES, LARGE):
        yield Case(f"n={n}", (normal(rng, n), normal(rng, n), normal(rng)), {})
    for p, q in BROADCASTS:
        yield Case(f"{p} with {q}", (normal(rng, *p), normal(rng, *p), normal(rng, *q)), {})
    yield Case("edges", (EDGES, EDGES[::-1].copy(), np.array(0.5, np.float32)), {}, edges=True)
