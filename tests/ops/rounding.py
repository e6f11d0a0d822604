"""How far an operation in float32 may be from the same in float64: so many ulps of a magnitude.

The magnitude is the result itself where an operation is accurate to its last digits, and else the
size of what is added up on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray
ULP = 2.0**-23
SMALLEST = 2.0**-149  # of all floats; the distance between the denormal ones


Magnitude = Callable[[Sequence[Array], dict[str, Any], Sequence[Array]], Sequence[Array]]


class Rounding(NamedTuple):
    """At most `ulps` of `magnitude(operands, attributes, results)`; None: of the result."""

    ulps: float
    magnitude: Magnitude | None = None

    def allowed(
        self, operands: Sequence[Array], attributes: dict[str, Any], results: Sequence[Array]
    ) -> list[Array]:
        """The greatest difference from each of the results, which are exact."""
        with np.errstate(all="ignore"):
            sizes = results
            if self.magnitude is not None:
                sizes = self.magnitude(operands, attributes, results)
            return [
                self.ulps * np.where(np.isfinite(size), ULP * np.abs(size) + SMALLEST, np.inf)
                for size in sizes
            ]


def _upstream(operands: Any, attributes: Any, results: Any) -> Any:
    return (operands[0],)


def _with_rounded(share: float) -> Magnitude:
    """The result, and x times the rounding of an exponential that may be denormal; with a share,
    the result times the size of the exponent, which was rounded too."""

    def magnitude(operands: Any, attributes: Any, results: Any) -> Any:
        x = np.abs(operands[0])
        near = np.minimum(x, 12)
        exponent = share * 1.6 * (near + 0.044715 * near**3)
        return (np.abs(results[0]) * (1 + exponent) + np.minimum(x, 110) * 2.0**-126,)

    return magnitude


def _elu_gradient(operands: Any, attributes: Any, results: Any) -> Any:
    dy, y, alpha = (np.abs(x) for x in operands)
    return (dy * (1 + y + alpha),)


def _selu_gradient(operands: Any, attributes: Any, results: Any) -> Any:
    return (np.abs(operands[0]) * (2 + np.abs(operands[1])),)


def _products(operands: Any, attributes: Any, results: Any) -> Any:
    a, b = (np.nan_to_num(np.abs(x), posinf=0) for x in operands)
    a = a.swapaxes(-1, -2) if attributes["transpose_a"] else a
    return (a @ (b.swapaxes(-1, -2) if attributes["transpose_b"] else b),)


def _sums(operands: Any, attributes: Any, results: Any) -> Any:
    return (np.abs(operands[0]).sum(axis=attributes["axes"]),)


def _chains(operands: Any, attributes: Any, results: Any) -> Any:
    """All that is added up before each element, each time with another rounding."""
    x = np.abs(operands[-1])
    axis, n = attributes["axis"], x.shape[attributes["axis"]]
    return (np.broadcast_to(np.sqrt(n) * x.sum(axis=axis, keepdims=True), x.shape),)


def _sums_by_index(operands: Any, attributes: Any, results: Any) -> Any:
    """The longest chain of each sum: all that could be added up."""
    return (np.full(results[0].shape, np.abs(operands[0]).sum(initial=0)),)


def _means(operands: Any, attributes: Any, results: Any) -> Any:
    n = np.prod([operands[0].shape[a] for a in attributes["axes"]])
    return (np.abs(operands[0]).sum(axis=attributes["axes"]) / n,)


def _distance(x: Array) -> Array:
    """How far below the row's largest: what the exponential is taken of."""
    return np.nan_to_num(np.abs(x - x.max(axis=-1, keepdims=True)), posinf=0)


def _of_exponents(x: Array) -> Array:
    """The rounding of x - max, its own and that of all which are added to the sum."""
    p = np.exp(x - x.max(axis=-1, keepdims=True))
    p = np.nan_to_num(p / p.sum(axis=-1, keepdims=True))
    return 1 + _distance(x) + (p * _distance(x)).sum(axis=-1, keepdims=True)


def _softmax(operands: Any, attributes: Any, results: Any) -> Any:
    return (results[-1] * _of_exponents(operands[0]),)


def _log_softmax(operands: Any, attributes: Any, results: Any) -> Any:
    return (_of_exponents(operands[0]),)


def _softmax_gradient(operands: Any, attributes: Any, results: Any) -> Any:
    dy, y = operands
    return (y * (np.abs(dy) + np.abs(dy * y).sum(axis=-1, keepdims=True)),)


def _cross_entropy(operands: Any, attributes: Any, results: Any) -> Any:
    logits, target = operands
    terms = target * _of_exponents(logits)
    return terms.sum(axis=-1), *_softmax(operands, attributes, results)


def _cross_entropy_gradient(operands: Any, attributes: Any, results: Any) -> Any:
    dloss, p, target = (np.abs(x) for x in operands)
    return (dloss[..., None] * (p * target.sum(axis=-1, keepdims=True) + target),)


def _standardize(operands: Any, attributes: Any, results: Any) -> Any:
    """The rounding of the mean and of x - mean, magnified by the scale."""
    (x,), (y, scale) = operands, results
    largest = scale * np.abs(x).max(axis=-1, keepdims=True, initial=0)
    return largest + np.abs(y) * (1 + largest), scale * (1 + largest)


def _standardize_gradient(operands: Any, attributes: Any, results: Any) -> Any:
    dy, y, scale = (np.abs(x) for x in operands)
    n = max(1, y.shape[-1])
    means = dy.sum(axis=-1, keepdims=True) / n, (dy * y).sum(axis=-1, keepdims=True) / n
    return (scale * (dy + means[0] + y * means[1]),)


def _accumulated(operands: Any, attributes: Any, results: Any) -> Any:
    """Both beside what is added up: the rest of a float32 is as large as that sum's rounding."""
    size = sum(np.abs(x) for x in operands)
    return size, size


def _rmsprop(operands: Any, attributes: Any, results: Any) -> Any:
    """Each result beside what it is the sum of; the root of v - mean^2 magnifies their rounding."""
    w, g, rate, v, *_ = (np.abs(x) for x in operands)
    sizes = [np.abs(x) for x in results]
    mean = sizes[-1] if attributes["centered"] else 0 * w
    spread = sizes[1] - mean * mean + attributes["epsilon"]
    step = rate * g / np.sqrt(spread) * (1 + (sizes[1] + mean * mean) / spread)
    moments = [sizes[2] + step] if attributes["momentum"] else []
    means = [mean + g] if attributes["centered"] else []
    change = moments[0] if moments else step
    return (w + change, sizes[1] + v, *moments, *means)


def _sgd(operands: Any, attributes: Any, results: Any) -> Any:
    w, g, rate, *slots = (np.abs(x) for x in operands)
    m = attributes["momentum"] * slots[0] if slots else 0 * w
    return (w + 2 * (m + rate * g), *[m + rate * g] * len(slots))


def _adam(operands: Any, attributes: Any, results: Any) -> Any:
    """Each result beside what it is the sum of."""
    w, g, rate, m, v, *highest = (np.abs(x) for x in operands)
    _, new_m, new_v, *new_highest = (np.abs(x) for x in results)
    rest_1, rest_2 = 1 - attributes["beta_1"], 1 - attributes["beta_2"]
    m = new_m + m + rest_1 * g
    v = new_v + v + rest_2 * g * g
    root = np.sqrt((new_highest or [new_v])[0]) + attributes["epsilon"]
    step = rate * m / root * (1 + v / (root * root))
    return (w + step, m, v, *[a + v for a in highest])


ROUNDING: dict[str, Rounding] = {
    **dict.fromkeys(  # exact
        (
            "negative", "abs", "sign", "floor", "relu", "logical_not", "isnan", "isfinite",
            "stop_gradient", "relu_gradient", "maximum", "minimum", "greater", "greater_equal", "less",
            "less_equal", "equal", "not_equal", "logical_and", "logical_or", "where", "argmax",
            "categorical_accuracy", "one_hot", "max", "min", "count", "reshape", "broadcast_to",
            "transpose", "slice", "place", "concatenate", "take", "take_along_axis", "argsort",
            "top_k", "searchsorted", "cast", "advance",
            "increment", "choose", "counter", "ceil", "round",
        ),
        Rounding(0),
    ),
    **dict.fromkeys(  # rounded once
        (
            "square", "sqrt", "reciprocal", "add", "subtract", "multiply", "divide", "mod",
            "leaky_relu", "leaky_relu_gradient",
        ),
        Rounding(0.5),
    ),
    **dict.fromkeys(  # in double, and rounded once
        (
            "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "arcsinh",
            "arccosh", "arctanh", "exp2", "log2", "log10", "cbrt", "hypot", "erfinv", "sparsemax",
        ),
        Rounding(0.51),
    ),
    "power": Rounding(0.51),
    "floor_divide": Rounding(2),
    **dict.fromkeys(
        ("exp", "log", "log1p", "tanh", "erf", "softplus", "sigmoid", "rsqrt", "expm1"), Rounding(2)
    ),
    "elu": Rounding(2),
    "selu": Rounding(3),
    "silu": Rounding(3, _with_rounded(0)),
    "gelu": Rounding(4, _with_rounded(0)),
    "gelu_tanh": Rounding(4, _with_rounded(1)),
    "elu_gradient": Rounding(2, _elu_gradient),
    "selu_gradient": Rounding(2, _selu_gradient),
    **dict.fromkeys(("silu_gradient", "gelu_gradient", "gelu_tanh_gradient"), Rounding(6, _upstream)),
    "sigmoid_gradient": Rounding(2),
    "tanh_gradient": Rounding(2, _upstream),
    "softmax": Rounding(8, _softmax),
    "log_softmax": Rounding(8, _log_softmax),
    "softmax_gradient": Rounding(2, _softmax_gradient),
    "softmax_cross_entropy": Rounding(8, _cross_entropy),
    "softmax_cross_entropy_gradient": Rounding(2, _cross_entropy_gradient),
    "standardize": Rounding(6, _standardize),
    "standardize_gradient": Rounding(6, _standardize_gradient),
    "sum": Rounding(6, _sums),
    "cumsum": Rounding(1, _chains),
    "recurrence": Rounding(2, _chains),
    "segment_sum": Rounding(2, _sums_by_index),
    "add_along_axis": Rounding(2, _sums_by_index),
    "mean": Rounding(6, _means),
    "matmul": Rounding(8, _products),
    "batched_matmul": Rounding(8, _products),
    "dropout": Rounding(1),
    "random_uniform": Rounding(0),
    "random_normal": Rounding(3.5),  # the reference is rounded too
    "accumulate": Rounding(1, _accumulated),
    "sgd": Rounding(2, _sgd),
    "adam": Rounding(2, _adam),
    "rmsprop": Rounding(2, _rmsprop),
}  # fmt: skip
