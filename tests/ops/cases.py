"""For every operation of the registry: operands and attributes to try it on, and how exact it is.

Sizes are 0, 1, one below, at and above the widths of vectors (4, 8, 16) and of dropout's groups (64),
and one that is large enough for threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray
Draw = Callable[..., Array]

WIDTHS = (4, 8, 16, 64)
SIZES = (0, 1, 2, *sorted({w + d for w in WIDTHS for d in (-1, 0, 1)}))
LARGE = 70_001  # elements: more than two of a thread's shares

# What is hard for a float: zeros, infinities, NaN, denormals, the ends of the range.
EDGES = np.array(
    [
        0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1.4e-45, -1.4e-45, 1.1754942e-38,
        -1.1754942e-38, 1.17549435e-38, 3.4028235e38, -3.4028235e38, 1e-30, -1e-30, 0.5, -0.5, 1.5,
        -2.5, 3.0, 8388609.0, -16777216.0, 88.72283, 88.8, -87.4, -103.9, -104.1, 9.5, -9.5,
    ],
    np.float32,
)  # fmt: skip


class Case(NamedTuple):
    """One call of an operation."""

    name: str
    operands: tuple[Array, ...]
    attributes: dict[str, Any]
    edges: bool = False  # NaN, infinities and the like among the operands

    @property
    def size(self) -> int:
        return max(x.size for x in self.operands)


def normal(rng: np.random.Generator, *shape: int) -> Array:
    """Of both signs, from tiny to a few tens."""
    scale = 10.0 ** rng.uniform(-2, 1, shape)
    return np.asarray(rng.normal(size=shape) * scale, np.float32)


def positive(rng: np.random.Generator, *shape: int) -> Array:
    return np.asarray(10.0 ** rng.uniform(-2, 2, shape), np.float32)


def unit(rng: np.random.Generator, *shape: int) -> Array:
    return np.asarray(rng.uniform(size=shape), np.float32)


def wide(rng: np.random.Generator, *shape: int) -> Array:
    """Over the whole range of finite floats, denormals among them."""
    bits = rng.integers(0, 0x7F800000, shape, np.uint32) | (
        rng.integers(0, 2, shape, np.uint32) << np.uint32(31)
    )
    return np.asarray(bits, np.uint32).view(np.float32)


def small_integers(rng: np.random.Generator, *shape: int) -> Array:
    """Few values, so that many are equal."""
    return rng.integers(-2, 3, shape).astype(np.float32)


def distribution(rng: np.random.Generator, *shape: int) -> Array:
    """Rows that add up to 1."""
    x = rng.uniform(0.01, 1, shape)
    return np.asarray(x / x.sum(axis=-1, keepdims=True), np.float32)


def _rng(*words: Any) -> np.random.Generator:
    return np.random.default_rng([sum(map(ord, str(w))) for w in words])


def unary(name: str, draw: Draw = normal) -> Iterator[Case]:
    rng = _rng(name)
    for n in (*SIZES, LARGE):
        yield Case(f"n={n}", (draw(rng, n),), {})
    for shape in ((), (1,), (3, 5), (2, 3, 4), (5, 0)):
        yield Case(f"shape={shape}", (draw(rng, *shape),), {})
    yield Case("the whole range", (wide(rng, 9973),), {}, edges=True)
    yield Case("edges", (np.tile(EDGES, 3),), {}, edges=True)


# Pairs of shapes that NumPy broadcasts, every kind of stretch among them.
BROADCASTS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((), ()), ((), (9,)), ((17,), ()), ((1,), (17,)), ((9,), (1,)), ((17,), (33, 17)),
    ((33, 1), (33, 17)), ((5, 1), (1, 7)), ((1, 9), (4, 9)), ((3, 1, 9), (4, 1)), ((2, 3, 4), (3, 1)),
    ((2, 3, 4, 5), (3, 1, 5)), ((2, 1, 4, 1), (3, 1, 5)), ((1, 1), (1, 1)), ((1, 0), (3, 1)),
    ((0, 3), (3,)), ((1,), (0,)), ((300, 1), (300, 257)), ((257,), (300, 257)),
)  # fmt: skip


def binary(name: str, a: Draw = normal, b: Draw | None = None) -> Iterator[Case]:
    rng, b = _rng(name), b or a
    for n in (*SIZES, LARGE):
        yield Case(f"n={n}", (a(rng, n), b(rng, n)), {})
    for p, q in BROADCASTS:
        yield Case(f"{p} with {q}", (a(rng, *p), b(rng, *q)), {})
    for shape in ((33,), (2, 5, 7)):
        yield Case(f"many equal, {shape}", (small_integers(rng, *shape), small_integers(rng, *shape)), {})
    yield Case("edges with edges", (EDGES[:, None], EDGES[None, :]), {}, edges=True)
    yield Case("a row of edges", (np.repeat(EDGES, 30), np.tile(EDGES, 30)), {}, edges=True)


def gradient(name: str, y: Draw, ends: tuple[float, ...]) -> Iterator[Case]:
    """(dy, y) of one shape, y in the range of the function, with its ends."""
    rng = _rng(name)
    for shape in (*((n,) for n in (*SIZES, LARGE)), (), (2, 3, 4), (5, 0)):
        yield Case(f"shape={shape}", (normal(rng, *shape), y(rng, *shape)), {})
    hard = np.array([*ends, 1.4e-45, -1.4e-45, np.nan], np.float32)
    operands = np.repeat(EDGES, hard.size), np.tile(hard, EDGES.size)
    yield Case("edges", operands, {}, edges=True)


def where(name: str) -> Iterator[Case]:
    rng = _rng(name)
    for n in (*SIZES, LARGE):
        yield Case(f"n={n}", (small_integers(rng, n), normal(rng, n), normal(rng, n)), {})
    for p, q in BROADCASTS:
        a, b = normal(rng, *p), normal(rng, *q)
        yield Case(f"{p} with {q}", (small_integers(rng, *q), a, b), {})
        yield Case(f"{q} with {p}, one condition", (small_integers(rng), b, a), {})
    yield Case("edges", (EDGES, EDGES[::-1].copy(), np.roll(EDGES, 3)), {}, edges=True)


# --- rows -----------------------------------------------------------------------------------------

ROWS = (
    *((3, n) for n in SIZES if n), (1, 1), (7,), (0, 5), (2, 3, 4), (2, 0, 4), (5, 1), (700, 130),
    (3, 5000),
)  # fmt: skip


def rows(name: str, draw: Draw = normal) -> Iterator[Case]:
    rng = _rng(name)
    for shape in ROWS:
        yield Case(f"shape={shape}", (draw(rng, *shape),), {})
    yield Case("many equal", (small_integers(rng, 40, 9),), {})
    yield Case("far apart", (normal(rng, 20, 17) * 1000,), {}, edges=True)
    hard = normal(rng, 6, 19)
    hard[0], hard[1, 3], hard[2, 18], hard[3, 0] = 5.0, np.nan, -np.inf, 3e38
    hard[4, :] = -np.inf
    hard[4, 7] = 0.0
    yield Case("one row with NaN, one with infinity", (hard,), {}, edges=True)


def rows_with(name: str, first: Draw, second: Draw) -> Iterator[Case]:
    """Two operands of one shape, the second a distribution or the like."""
    rng = _rng(name)
    for shape in ROWS:
        yield Case(f"shape={shape}", (first(rng, *shape), second(rng, *shape)), {})
    yield Case("far apart", (normal(rng, 20, 17) * 1000, second(rng, 20, 17)), {}, edges=True)


def cross_entropy_gradient(name: str) -> Iterator[Case]:
    rng = _rng(name)
    for shape in ROWS:
        operands = normal(rng, *shape[:-1]), distribution(rng, *shape), unit(rng, *shape)
        yield Case(f"shape={shape}", operands, {})


def places(name: str) -> Iterator[Case]:
    yield from rows(name)
    ends = np.zeros((4, 21), np.float32)
    ends[0, 20], ends[1, 0], ends[2, [5, 13]], ends[3, [2, 9]] = 1, 1, 1, np.nan
    yield Case("first, last, twice, NaN", (ends,), {}, edges=True)
    yield Case("all -inf", (np.full((2, 9), -np.inf, np.float32),), {}, edges=True)


def agreement(name: str) -> Iterator[Case]:
    rng = _rng(name)
    for shape in ROWS:
        one_hot = np.eye(shape[-1], dtype=np.float32)[rng.integers(0, shape[-1], shape[:-1])]
        yield Case(f"shape={shape}", (one_hot, small_integers(rng, *shape)), {})


def one_hot(name: str) -> Iterator[Case]:
    rng = _rng(name)
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
    rng, empty = _rng(name), name in ("sum", "count", "mean")
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
    yield Case("many equal", (small_integers(rng, 6, 33),), {"axes": (1,)})
    hard = normal(rng, 5, 37)
    hard[0, 3], hard[1, 36], hard[2, [0, 5]], hard[3] = np.nan, np.inf, [np.inf, -np.inf], -np.inf
    yield Case("NaN and infinity in rows", (hard,), {"axes": (1,)}, edges=True)
    yield Case("NaN and infinity in columns", (hard.T.copy(),), {"axes": (0,)}, edges=True)


def reshaping(name: str) -> Iterator[Case]:
    rng = _rng(name)
    for shape, new in (
        ((6,), (2, 3)), ((2, 3), (6,)), ((2, 3, 4), (4, 6)), ((), (1, 1)), ((1,), ()), ((0, 3), (0,)),
        ((5,), (5,)), ((300, 257), (257, 300)),
    ):  # fmt: skip
        yield Case(f"{shape} to {new}", (normal(rng, *shape),), {"shape": new})
    yield Case("edges", (EDGES,), {"shape": (5, 6)}, edges=True)


def repeating(name: str) -> Iterator[Case]:
    rng = _rng(name)
    for shape, new in (
        ((), ()), ((), (9,)), ((1,), (17,)), ((17,), (33, 17)), ((33, 1), (33, 17)), ((1, 1), (3, 5)),
        ((3, 1, 5), (2, 3, 4, 5)), ((5,), (0, 5)), ((1,), (0,)), ((1, 257), (300, 257)), ((4,), (4,)),
    ):  # fmt: skip
        yield Case(f"{shape} to {new}", (normal(rng, *shape),), {"shape": new})
    yield Case("edges", (EDGES,), {"shape": (3, 30)}, edges=True)


def transposing(name: str) -> Iterator[Case]:
    rng = _rng(name)
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


# --- products, random, state ----------------------------------------------------------------------

PRODUCTS = (
    *((3, n, 5) for n in SIZES), *((n, 7, 3) for n in SIZES), *((5, 4, n) for n in SIZES),
    (1, 300, 70), (6, 256, 64), (7, 257, 65), (13, 513, 129), (24, 31, 48), (25, 600, 10), (128, 200, 96),
    (300, 70, 257),
)  # fmt: skip


def product(name: str) -> Iterator[Case]:
    rng = _rng(name)
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


STATES = ((0, 0), (1, 0), (12345, 7), (2**32 - 1, 2**32 - 1))


def state(seed: int, step: int) -> Array:
    return np.array([seed, step], np.uint32)


def dropout(name: str) -> Iterator[Case]:
    rng = _rng(name)
    for n in (*SIZES, 127, 128, 129, 1000):
        yield Case(f"rows of {n}", (normal(rng, 5, n), state(3, n)), {"rate": 0.4})
    for shape in ((130,), (2, 3, 70), (0, 4), (700, 130)):
        yield Case(f"shape={shape}", (normal(rng, *shape), state(9, 1)), {"rate": 0.5})
    for rate in (0.0, 0.021, 0.1, 0.25, 0.3, 0.9, 0.999, 1.0):
        yield Case(f"rate={rate}", (normal(rng, 20, 100), state(9, 1)), {"rate": rate})
    for seed, step in STATES:
        yield Case(f"seed={seed} step={step}", (normal(rng, 7, 90), state(seed, step)), {"rate": 0.5})
    yield Case("edges", (np.tile(EDGES, (4, 1)), state(1, 2)), {"rate": 0.5}, edges=True)


def advance(name: str) -> Iterator[Case]:
    for seed, step in STATES:
        yield Case(f"seed={seed} step={step}", (state(seed, step),), {})


def counting(name: str) -> Iterator[Case]:
    for n in (0, 1, -5, 2**24 - 1, 2**24):
        yield Case(f"at {n}", (np.array(n, np.int32),), {})


def rmsprop(name: str) -> Iterator[Case]:
    rng = _rng(name)
    for momentum, centered in ((0.0, False), (0.9, False), (0.0, True), (0.9, True)):
        for n in (*SIZES, LARGE):
            w, g, m = normal(rng, n), normal(rng, n), normal(rng, n)
            mean = normal(rng, n)
            v = 2 * mean * mean + positive(rng, n)
            slots = [v] + [m] * (momentum > 0) + [mean] * centered
            attributes = {"rho": 0.9, "epsilon": 1e-7, "momentum": momentum, "centered": centered}
            rate = np.array(0.01, np.float32)
            yield Case(f"n={n} momentum={momentum} centered={centered}", (w, g, rate, *slots), attributes)


CASES: dict[str, list[Case]] = {
    **{
        name: list(unary(name))
        for name in (
            "negative", "abs", "sign", "square", "reciprocal", "exp", "floor", "relu", "sigmoid", "tanh",
            "erf", "softplus", "logical_not", "isnan", "isfinite", "stop_gradient",
        )
    },
    **{name: list(unary(name, positive)) for name in ("sqrt", "rsqrt", "log", "log1p")},
    **{
        name: list(binary(name))
        for name in (
            "add", "subtract", "multiply", "divide", "maximum", "minimum", "mod", "floor_divide",
            "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_and",
            "logical_or",
        )
    },
    "power": list(binary("power", positive, normal)),
    "relu_gradient": list(gradient("relu_gradient", normal, (0.0, -0.0, 3.4e38, np.inf))),
    "sigmoid_gradient": list(gradient("sigmoid_gradient", unit, (0.0, 0.5, 1.0))),
    "tanh_gradient": list(gradient("tanh_gradient", unit, (-1.0, -0.5, 0.0, 1.0))),
    "where": list(where("where")),
    "softmax": list(rows("softmax")),
    "log_softmax": list(rows("log_softmax")),
    "softmax_gradient": list(rows_with("softmax_gradient", normal, distribution)),
    "softmax_cross_entropy": list(rows_with("softmax_cross_entropy", normal, distribution)),
    "softmax_cross_entropy_gradient": list(cross_entropy_gradient("softmax_cross_entropy_gradient")),
    "argmax": list(places("argmax")),
    "categorical_accuracy": list(agreement("categorical_accuracy")),
    "one_hot": list(one_hot("one_hot")),
    **{name: list(reduction(name)) for name in ("sum", "mean", "max", "min", "count")},
    "reshape": list(reshaping("reshape")),
    "broadcast_to": list(repeating("broadcast_to")),
    "transpose": list(transposing("transpose")),
    "matmul": list(product("matmul")),
    "dropout": list(dropout("dropout")),
    "advance": list(advance("advance")),
    "increment": list(counting("increment")),
    "counter": list(counting("counter")),
    "rmsprop": list(rmsprop("rmsprop")),
}  # fmt: skip
