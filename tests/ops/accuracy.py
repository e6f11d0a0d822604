"""How far functions of one number in float32 are from the truth, in ulp: distances between the two
floats around the true value.

    python tests/ops/accuracy.py [every] [level] [name ...]

prints the worst of every n-th of all floats (1 takes hours).  The table of docs/numbers.md has the
figures; test_accuracy.py sees that they hold.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from lamina import activations, backends, config, ops

Array = np.ndarray
_BLOCK = 1 << 20


class Function(NamedTuple):
    """What lamina computes in float32, and its truth in float64 for x in [least, most]."""

    call: Callable[[Any], Any]
    truth: Callable[[Array], Array]
    least: float = -math.inf
    most: float = math.inf


def _gelu(x: Array) -> Array:
    return x * special.erfc(-x / math.sqrt(2)) / 2


def _gelu_tanh(x: Array) -> Array:
    return x * special.expit(math.sqrt(8 / math.pi) * (x + 0.044715 * x**3))


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(x))


def _selu(x: Array) -> Array:
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))


def _softplus(x: Array) -> Array:
    return np.logaddexp(0, x)


def _squareplus(x: Array) -> Array:
    return np.where(x > 0, (x + np.sqrt(x * x + 4)) / 2, 2 / (np.sqrt(x * x + 4) - x))


_AS_NUMPY = (
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "cos", "cosh", "exp",
    "exp2", "expm1", "log", "log10", "log1p", "log2", "reciprocal", "sin", "sinh", "sqrt", "square",
    "tan", "tanh",
)  # fmt: skip
# From these on e^x is denormal, and has fewer digits.
_LEAST = -87.0

FUNCTIONS: dict[str, Function] = {
    **{name: Function(getattr(ops, name), getattr(np, name)) for name in _AS_NUMPY},
    "rsqrt": Function(ops.rsqrt, lambda x: 1 / np.sqrt(x)),
    "erf": Function(ops.erf, special.erf),
    "erfc": Function(ops.erfc, special.erfc, most=9.0),
    "erfinv": Function(ops.erfinv, special.erfinv),
    "sigmoid": Function(ops.sigmoid, special.expit),
    "log_sigmoid": Function(activations.log_sigmoid, lambda x: -_softplus(-x)),
    "softplus": Function(ops.softplus, _softplus),
    "softsign": Function(activations.softsign, lambda x: x / (1 + np.abs(x))),
    "elu": Function(ops.elu, _elu),
    "celu": Function(ops.celu, _elu),
    "selu": Function(ops.selu, _selu),
    "silu": Function(ops.silu, lambda x: x * special.expit(x), _LEAST),
    "mish": Function(activations.mish, lambda x: x * np.tanh(_softplus(x)), _LEAST),
    "gelu": Function(activations.gelu, _gelu),
    "gelu (tanh)": Function(lambda x: activations.gelu(x, approximate=True), _gelu_tanh, -3.0),
    "squareplus": Function(activations.squareplus, _squareplus, 0.0, 1e19),
    "sparse_plus": Function(
        activations.sparse_plus,
        lambda x: np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x)),
    ),
}


def floats(every: int, least: float = -math.inf, most: float = math.inf) -> Iterator[Array]:
    """Every n-th of all finite floats within the limits, in blocks."""
    for first in range(0, 1 << 32, every * _BLOCK):
        bits = np.arange(first, min(1 << 32, first + every * _BLOCK), every, dtype=np.uint64)
        x = bits.astype(np.uint32).view(np.float32)
        yield x[np.isfinite(x) & (x >= least) & (x <= most)]


def errors(function: Function, x: Array) -> Array:
    """The error for each x in ulp; infinite where one of the two is not finite and they differ."""
    with np.errstate(all="ignore"):
        truth = function.truth(x.astype(np.float64))
        nearest = truth.astype(np.float32)
        got = np.asarray(function.call(x))
        assert got.dtype == np.float32
        finite = np.isfinite(nearest) & np.isfinite(got)
        same = (got == nearest) | (np.isnan(got) & np.isnan(nearest))
        distance = np.abs(got.astype(np.float64) - truth) / np.spacing(np.abs(nearest))
    return np.where(finite, distance, np.where(same, 0.0, np.inf))


def worst(function: Function, every: int) -> tuple[float, float]:
    """The largest error in every n-th float, and where it is."""
    largest, place = -1.0, math.nan
    for x in floats(every, function.least, function.most):
        if x.size:
            error = errors(function, x)
            at = int(error.argmax())
            if error[at] > largest:
                largest, place = float(error[at]), float(x[at])
    return largest, place


def main(arguments: list[str]) -> None:
    every, level, *names = [*arguments, *["65537", "v3"][len(arguments) :]]
    backends.set_backend("native")
    config.set_level(level)
    for name in names or FUNCTIONS:
        error, place = worst(FUNCTIONS[name], int(every))
        print(f"{name:12} {error:7.3f} ulp at {place!r}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
