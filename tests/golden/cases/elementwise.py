"""Functions of each element in `ops`."""

from __future__ import annotations

import functools

import numpy as np

from .case import Case, Keras, Record, arrays

_X = np.concatenate([np.linspace(-9, 9, 40), [0.0, -0.0, 1e-30, -1e-6, 1e4, -3e5]]).astype(
    "float32"
)
_INNER = np.linspace(-1, 1, 41).astype("float32")
_ABOVE = np.concatenate([np.linspace(1, 30, 30), [1e10]]).astype("float32")
_HARD = np.array([np.nan, np.inf, -np.inf, 1.0, 0.0, -0.5], "float32")

_DOMAINS = {
    "sin": _X, "cos": _X, "tan": _X, "arcsin": _INNER, "arccos": _INNER, "arctan": _X,
    "sinh": _X[:40], "cosh": _X[:40], "arcsinh": _X, "arccosh": _ABOVE, "arctanh": _INNER[1:-1],
    "expm1": _X[:44], "log2": _ABOVE, "log10": _ABOVE, "exp2": _X[:44], "ceil": _X, "round": _X,
    "trunc": _X, "isinf": _HARD, "isnan": _HARD, "erfinv": _INNER[1:-1], "cbrt": _X,
    "nan_to_num": _HARD, "deg2rad": _X, "rad2deg": _X, "absolute": _X,
}  # fmt: skip


def unary(keras: Keras) -> Record:
    names = [name for name in _DOMAINS if name not in ("isinf", "isnan")]
    return dict(zip(names, arrays(getattr(keras.ops, n)(_DOMAINS[n]) for n in names)))


def others(keras: Keras) -> Record:
    o, y = keras.ops, _X[::-1].copy()
    results = {
        "arctan2": o.arctan2(_X, y),
        "hypot": o.hypot(_X, y),
        "logaddexp": o.logaddexp(_X[:40], y[-40:]),
        "true_divide": o.true_divide(_X, y + np.float32(0.3)),
        "round_one": o.round(_X, decimals=1),
        "round_tens": o.round(_X, -1),
        "nan_to_num": o.nan_to_num(_HARD, nan=1.0, posinf=2.0, neginf=3.0),
        "logical_xor": o.logical_xor(_HARD[3:] != 0, np.array([True, True, False])),
    }
    found = dict(zip(results, arrays(results.values())))
    for name in ("isinf", "isnan"):
        found[name] = [bool(v) for v in np.asarray(getattr(o, name)(_HARD))]
    found["logical_xor"] = [bool(v) for v in found["logical_xor"]]
    return found


_case = functools.partial(Case, "elementwise", atol=1e-7, rtol=1e-6)

CASES = [_case("unary", unary), _case("others", others)]
