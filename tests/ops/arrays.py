"""Cases of operations on rows, of reductions, of changes of shape, of products."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ops.draws import (
    EDGES,
    LARGE,
    SIZES,
    Case,
    Draw,
    distribution,
    generator,
    normal,
    small_integers,
    unit,
)

# --- rows -----------------------------------------------------------------------------------------

ROWS = (
    *((3, n) for n in SIZES if n), (1, 1), (7,), (0, 5), (2, 3, 4), (2, 0, 4), (5, 1), (700, 130),
    (3, 5000), (21, 10), (700, 10),
)  # fmt: skip


def rows(name: str, draw: Draw = normal) -> Iterator[Case]:
    rng = generator(name)
    for shape in ROWS:
        yield Case(f"shape={shape}", (draw(rng, *shape),), {})
    yield Case("many equal", (small_integers(rng, 40, 9),), {})
    yield Case("far apart", (normal(rng, 20, 17) * 1000,), {}, edges=True)
    hard = normal(rng, 6, 19)
    hard[0], hard[1, 3], hard[2, 18], hard[3, 0] = 5.0, np.nan, -np.inf, 3e38
    hard[4, :] = -np.inf
    hard[4, 7] = 0.0
    yield Case("one row with NaN, one with infinity", (hard,), {}, edges=True)
    yield Case("short rows with NaN, with infinity", (hard[:, :9].copy(),), {}, edges=True)


def rows_with(name: str, first: Draw, second: Draw) -> Iterator[Case]:
    """Two operands of one shape, the second a distribution or the like."""
    rng = generator(name)
    for shape in ROWS:
        yield Case(f"shape={shape}", (first(rng, *shape), second(rng, *shape)), {})
    yield Case("far apart", (normal(rng, 20, 17) * 1000, second(rng, 20, 17)), {}, edges=True)


def cross_entropy_gradient() -> Iterator[Case]:
    rng = generator("cross entropy gradient")
    for shape in ROWS:
        operands = normal(rng, *shape[:-1]), distribution(rng, *shape), unit(rng, *shape)
        yield Case(f"shape={shape}", operands, {})


def standardize(name: str) -> Iterator[Case]:
    rng = generator(name)
    for center in (True, False):
        for shape in ROWS:
            how = {"epsilon": 1e-3 if shape[-1] % 2 else 1e-5, "center": center}
            yield Case(f"shape={shape} {center=}", (normal(rng, *shape),), how)
        how = {"epsilon": 1e-3, "center": center}
        yield Case(f"far from 0 {center=}", (unit(rng, 9, 40) + 100,), how, edges=True)
        hard = normal(rng, 4, 19)
        hard[0], hard[1, 3], hard[2, 18] = 5.0, np.nan, -np.inf
        for columns in (19, 9):
            operand = hard[:, -columns:].copy()
            yield Case(f"NaN, infinity, constant {columns} {center=}", (operand,), how, edges=True)


def standardize_gradient(name: str) -> Iterator[Case]:
    rng = generator(name)
    for center in (True, False):
        for shape in ROWS:
            operands = normal(rng, *shape), normal(rng, *shape), unit(rng, *shape[:-1], 1)
            yield Case(f"shape={shape} {center=}", operands, {"center": center})


def places(name: str) -> Iterator[Case]:
    yield from rows(name)
    ends = np.zeros((4, 21), np.float32)
    ends[0, 20], ends[1, 0], ends[2, [5, 13]], ends[3, [2, 9]] = 1, 1, 1, np.nan
    yield Case("first, last, twice, NaN", (ends,), {}, edges=True)
    yield Case("all -inf", (np.full((2, 9), -np.inf, np.float32),), {}, edges=True)


def agreement(name: str) -> Iterator[Case]:
    rng = generator(name)
    for shape in ROWS:
        one_hot = np.eye(shape[-1], dtype=np.float32)[rng.integers(0, shape[-1], shape[:-1])]
        yield Case(f"shape={shape}", (one_hot, small_integers(rng, *shape)), {})


def one_hot(name: str) -> Iterator[Case]:
    rng = generator(name)
    labels = np.array([0, 1, 2, 3, -1, 99, 70, 0], np.float32)
    for classes in SIZES[1:]:
        yield Case(f"classes={classes}", (labels,), {"num_classes": classes})
    for shape in ((), (0,), (1,), (3, 4), (9000,)):
        x = rng.integers(0, 9, shape).astype(np.float32)
        yield Case(f"shape={shape}", (np.asarray(x),), {"num_classes": 9})
    hard = np.array([np.nan, np.inf, -np.inf, -0.0, 3.4e38, -3.4e38, 4.0, 3.0], np.float32)
    yield Case("edges", (hard,), {"num_classes": 4}, edges=True)


# --- reductions, shapes ---------------------------------------------------------------------------


def reduction(name: str) -> Iterator[Case]:
    """Over the whole, the first, a middle, the last axis, and neighbours."""
    rng, empty = generator(name), name in ("sum", "count", "mean")
    for n in SIZES:
        if n or empty:
            yield Case(f"n={n}", (normal(rng, n),), {"axes": (0,)})
            yield Case(f"rows of {n}", (normal(rng, 3, n),), {"axes": (1,)})
            yield Case(f"columns of {n}", (normal(rng, n, 5),), {"axes": (0,)})
        yield Case(f"{n} columns", (normal(rng, 3, n),), {"axes": (0,)})
    for axes in ((0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)):
        yield Case(f"axes={axes}", (normal(rng, 3, 5, 18),), {"axes": axes})
    for shape, axes in (
        ((LARGE,), (0,)), ((4 * LARGE,), (0,)), ((300, 257), (0,)), ((300, 257), (1,)),
        ((2, 4097, 3), (1,)), ((40, 3, 700), (0, 1)), ((0, 4), (1,)), ((1, 9), (0,)), ((9, 1), (1,)),
        ((4096,), (0,)), ((4097,), (0,)), ((8193, 2), (0,)),
    ):  # fmt: skip
        yield Case(f"shape={shape}, axes={axes}", (normal(rng, *shape),), {"axes": axes})
    if name == "count":
        yield Case("axes that are no neighbours", (normal(rng, 3, 5, 7),), {"axes": (0, 2)})
    yield Case("many equal", (small_integers(rng, 6, 33),), {"axes": (1,)})
    hard = normal(rng, 5, 37)
    hard[0, 3], hard[1, 36], hard[2, [0, 5]], hard[3] = np.nan, np.inf, [np.inf, -np.inf], -np.inf
    yield Case("NaN and infinity in rows", (hard,), {"axes": (1,)}, edges=True)
    yield Case("NaN and infinity in columns", (hard.T.copy(),), {"axes": (0,)}, edges=True)


def reshaping(name: str) -> Iterator[Case]:
    rng = generator(name)
    for shape, new in (
        ((6,), (2, 3)), ((2, 3), (6,)), ((2, 3, 4), (4, 6)), ((), (1, 1)), ((1,), ()), ((0, 3), (0,)),
        ((5,), (5,)), ((300, 257), (257, 300)),
    ):  # fmt: skip
        yield Case(f"{shape} to {new}", (normal(rng, *shape),), {"shape": new})
    yield Case("edges", (EDGES,), {"shape": (5, 6)}, edges=True)


def repeating(name: str) -> Iterator[Case]:
    rng = generator(name)
    for shape, new in (
        ((), ()), ((), (9,)), ((1,), (17,)), ((17,), (33, 17)), ((33, 1), (33, 17)), ((1, 1), (3, 5)),
        ((3, 1, 5), (2, 3, 4, 5)), ((5,), (0, 5)), ((1,), (0,)), ((1, 257), (300, 257)), ((4,), (4,)),
    ):  # fmt: skip
        yield Case(f"{shape} to {new}", (normal(rng, *shape),), {"shape": new})
    yield Case("edges", (EDGES,), {"shape": (3, 30)}, edges=True)


def transposing(name: str) -> Iterator[Case]:
    rng = generator(name)
    for n in SIZES:
        yield Case(f"({n}, 5)", (normal(rng, n, 5),), {"axes": (1, 0)})
        yield Case(f"(9, {n})", (normal(rng, 9, n),), {"axes": (1, 0)})
    for shape, axes in (
        ((2, 3, 4), (0, 2, 1)), ((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (1, 0, 2)), ((3, 4), (0, 1)),
        ((2, 3, 4, 5), (3, 1, 0, 2)), ((2, 3, 4, 5), (0, 3, 1, 2)), ((1, 7, 1), (2, 1, 0)), ((7,), (0,)),
        ((), ()), ((300, 257), (1, 0)), ((9, 40, 50), (2, 1, 0)), ((5, 30, 40), (0, 2, 1)),
    ):  # fmt: skip
        yield Case(f"{shape} as {axes}", (normal(rng, *shape),), {"axes": axes})
    yield Case("edges", (EDGES.reshape(5, 6),), {"axes": (1, 0)}, edges=True)


# --- products -------------------------------------------------------------------------------------

PRODUCTS = (
    *((3, n, 5) for n in SIZES), *((n, 7, 3) for n in SIZES), *((5, 4, n) for n in SIZES),
    (1, 300, 70), (6, 256, 64), (7, 257, 65), (13, 513, 129), (24, 31, 48), (25, 600, 10), (128, 200, 96),
    (300, 70, 257),
)  # fmt: skip


def product(name: str) -> Iterator[Case]:
    rng = generator(name)
    for m, k, n in PRODUCTS:
        for ta, tb in ((False, False), (True, False), (False, True), (True, True)):
            a = normal(rng, *((k, m) if ta else (m, k)))
            b = normal(rng, *((n, k) if tb else (k, n)))
            flags = {"transpose_a": ta, "transpose_b": tb}
            kind = "T" * ta + "," + "T" * tb
            yield Case(f"m={m} k={k} n={n} {kind}", (a, b), flags)
    plain = {"transpose_a": False, "transpose_b": False}
    for shape, n in (((2, 3, 4), 5), ((2, 1, 3, 4), 1), ((0, 3, 4), 5), ((2, 3, 0), 4)):
        operands = normal(rng, *shape), normal(rng, shape[-1], n)
        yield Case(f"{shape} times {n} columns", operands, plain)
    sparse = normal(rng, 40, 60) * (rng.uniform(size=(40, 60)) < 0.1)
    yield Case("mostly zeros", (sparse.astype(np.float32), normal(rng, 60, 33)), plain)
    weights = normal(rng, 60, 33)
    weights[5, 3], weights[7, 8] = np.nan, np.inf
    yield Case("zeros times NaN", (sparse.astype(np.float32), weights), plain, edges=True)


# The leading axes of both operands.
LEADS = (
    ((2,), (2,)), ((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2,)), ((3,), ()),
    ((1,), (3,)), ((0,), (0,)), ((), ()), ((70,), (70,)), ((4, 2), (4, 1)),
)  # fmt: skip


def products(name: str) -> Iterator[Case]:
    rng = generator(name)
    flags = [{"transpose_a": ta, "transpose_b": tb} for ta in (False, True) for tb in (False, True)]
    sizes = [s for n in SIZES for s in ((n, 2, 2), (2, n, 3), (3, 1, n))]
    for i, (m, k, n) in enumerate([*sizes, (30, 40, 50), (70, 20, 64)]):
        for j, (lead_a, lead_b) in enumerate([*LEADS, ((2,), (2,))][i % 3 :: 3]):
            attributes = flags[(i + j) % 4]
            a = normal(rng, *lead_a, *((k, m) if attributes["transpose_a"] else (m, k)))
            b = normal(rng, *lead_b, *((n, k) if attributes["transpose_b"] else (k, n)))
            yield Case(f"{lead_a} {a.shape}, {b.shape} {attributes}", (a, b), attributes)
    a, b = normal(rng, 3, 200, 180), normal(rng, 3, 180, 190)
    yield Case("a few large ones", (a, b), flags[0])
