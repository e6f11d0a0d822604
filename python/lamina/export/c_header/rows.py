"""Products, reductions, and what is done to whole rows, in C."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lamina.export.c_header.call import Call, Rule
from lamina.export.c_header.loops import Pattern, literal, repeated
from lamina.export.c_header.memory import size_of, sizes_of
from lamina.graph.tensor import Tensor


def _product(
    c: Call, y: str, a: str, m: int, k: int, n: int, shift: Callable[[str], str] = str
) -> list[str]:
    """Lines for y (m, n) = a (m, k) b (k, n)."""
    b, ta, tb = c.node.inputs[1], bool(c["transpose_a"]), bool(c["transpose_b"])
    if _is_finite(b) and not ta:
        weights = shift(c.names.array(b, tb))
        return c.run("matmul_finite", y, a, weights, m, k, n)
    a_steps, b_steps = (1, m) if ta else (k, 1), (1, k) if tb else (n, 1)
    return c.run("matmul", y, a, *a_steps, shift(c.names.pointer(b)), *b_steps, m, k, n)


def _is_finite(x: Tensor) -> bool:
    """Whether x is a constant without NaN and infinity."""
    return x.value is not None and bool(np.isfinite(x.value).all())


def _matmul(c: Call) -> list[str]:
    n = sizes_of(c.y)[-1]
    a = sizes_of(c.x)
    k = a[0] if c["transpose_a"] else a[-1]
    m = a[1] if c["transpose_a"] else math.prod(a[:-1])
    return _product(c, c.names.pointer(c.y), c.names.pointer(c.x), m, k, n)


def _batched_matmul(c: Call) -> list[str]:
    a, b = c.node.inputs
    *lead, m, n = sizes_of(c.y)
    k = sizes_of(a)[-2 if c["transpose_a"] else -1]
    steps = [
        [step * size for step in repeated(sizes_of(x)[:-2], lead)]
        for x, size in ((c.y, m * n), (a, m * k), (b, k * n))
    ]

    def body(*places: str) -> list[str]:
        y, x, w = ("" if at == "0" else f" + {at}" for at in places)
        to, source = c.names.pointer(c.y) + y, c.names.pointer(a) + x
        return _product(c, to, source, m, k, n, lambda name: name + w)

    return Pattern(lead, [(0, s) for s in steps]).loop(body)


# --- reductions, rows -----------------------------------------------------------------------------


def _reduction(c: Call) -> list[str]:
    axes = [int(axis) for axis in c["axes"]]
    sizes = sizes_of(c.x)
    outer, inner = math.prod(sizes[: axes[0]]), math.prod(sizes[axes[-1] + 1 :])
    n = math.prod(sizes[axes[0] : axes[-1] + 1])
    return c.run(c.node.operation.name, c.y, c.x, outer, n, inner)


def _along_rows(c: Call) -> list[str]:
    return c.run(c.node.operation.name, c.y, c.x, *c.rows(c.x))


def _standardize(c: Call) -> list[str]:
    epsilon = literal(c["epsilon"])
    y, scale = c.node.outputs
    return c.run("standardize", y, scale, c.x, *c.rows(c.x), epsilon, int(c["center"]))


def _softmax_cross_entropy(c: Call) -> list[str]:
    (loss, probabilities), (logits, target) = c.node.outputs, c.node.inputs
    rows = c.rows(logits)
    return c.run("softmax_cross_entropy", loss, probabilities, logits, target, *rows)


def _categorical_accuracy(c: Call) -> list[str]:
    return c.run("categorical_accuracy", c.y, *c.node.inputs, *c.rows(c.x))


def _count(c: Call) -> list[str]:
    n = math.prod(sizes_of(c.x)[int(axis)] for axis in c["axes"])
    return [f"{c.names.element(c.y, '0')} = {literal(n)};"]


def _one_hot(c: Call) -> list[str]:
    return c.run("one_hot", c.y, c.x, *c.rows(c.y))


def _argsort(c: Call) -> list[str]:
    rows, columns = c.rows(c.x)
    return c.run("order", c.y, c.x, rows, columns, columns, 0)


def _top_k(c: Call) -> list[str]:
    return c.run("order", c.y, c.x, *c.rows(c.x), int(c["k"]), 1)


def _searchsorted(c: Call) -> list[str]:
    known, x = c.node.inputs
    return c.run("searchsorted", c.y, known, x, size_of(known), size_of(x), int(c["right"]))


RULES: dict[str, Rule] = {
    "matmul": _matmul,
    "batched_matmul": _batched_matmul,
    "standardize": _standardize,
    "softmax_cross_entropy": _softmax_cross_entropy,
    "categorical_accuracy": _categorical_accuracy,
    "count": _count,
    "one_hot": _one_hot,
    "argsort": _argsort,
    "top_k": _top_k,
    "searchsorted": _searchsorted,
    **dict.fromkeys(("sum", "mean", "max", "min"), _reduction),
    **dict.fromkeys(("softmax", "log_softmax", "sparsemax", "argmax"), _along_rows),
}
