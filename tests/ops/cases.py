"""For every operation of the registry: operands and attributes to try it on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ops import arrays, elementwise, lookup, moving, ordering, updates
from ops.draws import (
    EDGES,
    LARGE,
    SIZES,
    Array,
    Case,
    above_one,
    distribution,
    generator,
    inner,
    normal,
    positive,
    unit,
)

STATES = ((0, 0), (1, 0), (12345, 7), (2**32 - 1, 2**32 - 1))


def state(seed: int, step: int) -> Array:
    return np.array([seed, step], np.uint32)


def dropout(name: str) -> Iterator[Case]:
    rng = generator(name)
    for n in (*SIZES, 127, 128, 129, 1000):
        yield Case(f"rows of {n}", (normal(rng, 5, n), state(3, n)), {"rate": 0.4})
    for shape in ((130,), (2, 3, 70), (0, 4), (700, 130)):
        yield Case(f"shape={shape}", (normal(rng, *shape), state(9, 1)), {"rate": 0.5})
    for rate in np.array([0.0, 0.021, 0.1, 0.25, 0.3, 0.9, 0.999, 1.0], np.float32).tolist():
        yield Case(f"rate={rate}", (normal(rng, 20, 100), state(9, 1)), {"rate": rate})
    for seed, step in STATES:
        operands = normal(rng, 7, 90), state(seed, step)
        yield Case(f"seed={seed} step={step}", operands, {"rate": 0.5})
    yield Case("edges", (np.tile(EDGES, (4, 1)), state(1, 2)), {"rate": 0.5}, edges=True)


def draws(name: str) -> Iterator[Case]:
    for n in SIZES:
        yield Case(f"rows of {n}", (state(3, n),), {"shape": (5, n)})
    for shape in ((), (130,), (2, 3, 70), (0, 4), (700, 130)):
        yield Case(f"shape={shape}", (state(9, 1),), {"shape": shape})
    for seed, step in STATES:
        yield Case(f"seed={seed} step={step}", (state(seed, step),), {"shape": (7, 90)})


def advance(name: str) -> Iterator[Case]:
    for seed, step in STATES:
        yield Case(f"seed={seed} step={step}", (state(seed, step),), {})


def counting(name: str) -> Iterator[Case]:
    for n in (0, 1, -5, 2**24 - 1, 2**24):
        yield Case(f"at {n}", (np.array(n, np.int32),), {})


def choosing(name: str) -> Iterator[Case]:
    # The bits of large counters are those of a NaN.
    for n, condition in ((0, 1.0), (2**24 + 1, 0.0), (-5, -2.5), (2**31 - 1, 1.0), (-1, np.nan)):
        counters = np.array(n, np.int32), np.array(7, np.int32)
        yield Case(f"{n} at {condition}", (np.array(condition, np.float32), *counters), {})


def accumulate(name: str) -> Iterator[Case]:
    rng = generator(name)
    for n in (*SIZES, LARGE, 257):
        total = 100 * normal(rng, n)
        yield Case(f"n={n}", (total, 2.0**-25 * total, normal(rng, n)), {})
    for step in (1.0, 3.0, -1.0):
        big = np.full(5, 2**24, np.float32)
        yield Case(f"2^24 and {step}", (big, np.ones_like(big), np.full_like(big, step)), {})
    pairs = np.repeat(EDGES, len(EDGES)), np.tile(EDGES, len(EDGES))
    yield Case("edges", (pairs[0], np.zeros_like(pairs[0]), pairs[1]), {}, edges=True)


CASES: dict[str, list[Case]] = {
    **{
        name: list(elementwise.unary(name))
        for name in (
            "negative", "abs", "sign", "square", "reciprocal", "exp", "floor", "relu", "sigmoid", "tanh",
            "erf", "softplus", "logical_not", "isnan", "isfinite", "stop_gradient", "ceil", "round",
            "expm1", "exp2", "cbrt", "sin", "cos", "arctan", "sinh", "cosh", "arcsinh", "selu", "silu",
            "gelu", "gelu_tanh",
        )
    },
    **{
        name: list(elementwise.unary(name, inner))
        for name in ("tan", "arcsin", "arccos", "arctanh", "erfinv")
    },
    "arccosh": list(elementwise.unary("arccosh", above_one)),
    **{
        name: list(elementwise.unary(name, positive))
        for name in ("sqrt", "rsqrt", "log", "log1p", "log2", "log10")
    },
    **{
        name: list(elementwise.binary(name))
        for name in (
            "add", "subtract", "multiply", "divide", "maximum", "minimum", "mod", "floor_divide",
            "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_and",
            "logical_or", "arctan2", "hypot", "elu", "leaky_relu",
        )
    },
    "power": list(elementwise.binary("power", positive, normal)),
    "relu_gradient": list(elementwise.gradient("relu_gradient", normal, (0.0, -0.0, 3.4e38, np.inf))),
    "sigmoid_gradient": list(elementwise.gradient("sigmoid_gradient", unit, (0.0, 0.5, 1.0))),
    "tanh_gradient": list(elementwise.gradient("tanh_gradient", unit, (-1.0, -0.5, 0.0, 1.0))),
    "selu_gradient": list(elementwise.gradient("selu_gradient", normal, (0.0, -1.758099, np.inf))),
    **{
        f"{name}_gradient": list(elementwise.gradient(f"{name}_gradient", normal, (0.0, np.inf, -np.inf)))
        for name in ("silu", "gelu", "gelu_tanh")
    },
    **{
        name: list(elementwise.ternary(name)) for name in ("elu_gradient", "leaky_relu_gradient")
    },
    "where": list(elementwise.where("where")),
    "softmax": list(arrays.rows("softmax")),
    "log_softmax": list(arrays.rows("log_softmax")),
    "sparsemax": list(arrays.rows("sparsemax")),
    "softmax_gradient": list(arrays.rows_with("softmax_gradient", normal, distribution)),
    "softmax_cross_entropy": list(arrays.rows_with("softmax_cross_entropy", normal, distribution)),
    "softmax_cross_entropy_gradient": list(arrays.cross_entropy_gradient()),
    "standardize": list(arrays.standardize("standardize")),
    "standardize_gradient": list(arrays.standardize_gradient("standardize_gradient")),
    "argmax": list(arrays.places("argmax")),
    "categorical_accuracy": list(arrays.agreement("categorical_accuracy")),
    "one_hot": list(arrays.one_hot("one_hot")),
    **{name: list(arrays.reduction(name)) for name in ("sum", "mean", "max", "min", "count")},
    "reshape": list(arrays.reshaping("reshape")),
    "broadcast_to": list(arrays.repeating("broadcast_to")),
    "transpose": list(arrays.transposing("transpose")),
    "slice": list(moving.slicing("slice")),
    "place": list(moving.placing("place")),
    "concatenate": list(moving.joining("concatenate")),
    **{name: list(ordering.chains(name)) for name in ("cumsum", "recurrence")},
    "argsort": list(ordering.sorting("argsort")),
    "top_k": list(ordering.largest("top_k")),
    "searchsorted": list(ordering.searching("searchsorted")),
    "cast": list(ordering.casting("cast")),
    "take": list(lookup.taking("take")),
    "segment_sum": list(lookup.summing("segment_sum")),
    "take_along_axis": list(lookup.taking_along("take_along_axis")),
    "add_along_axis": list(lookup.adding_along("add_along_axis")),
    "matmul": list(arrays.product("matmul")),
    "batched_matmul": list(arrays.products("batched_matmul")),
    "dropout": list(dropout("dropout")),
    **{name: list(draws(name)) for name in ("random_uniform", "random_normal")},
    "advance": list(advance("advance")),
    "increment": list(counting("increment")),
    "choose": list(choosing("choose")),
    "counter": list(counting("counter")),
    "accumulate": list(accumulate("accumulate")),
    "sgd": list(updates.sgd("sgd")),
    "adam": list(updates.adam("adam")),
    "rmsprop": list(updates.rmsprop("rmsprop")),
}  # fmt: skip
