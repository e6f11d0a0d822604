"""Activation functions, Keras's names and defaults."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.graph.symbolic import describable as _describable
from lamina.ops import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    relu6,
    soft_shrink,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh_shrink,
    threshold,
)  # fmt: skip
from lamina.ops.reductions import Axis as _Axis
from lamina.serialization import resolve as _resolve

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]


def linear(x: Any) -> Any:
    """x."""
    return x


def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Any:
    """x above `threshold` (at most `max_value`), `negative_slope` * (x - threshold) below.

    Examples:
        >>> print(lamina.activations.relu(np.array([-1.0, 0.5, 9.0]), negative_slope=0.5, max_value=6.0))
        [-0.5  0.5  6. ]
    """
    if threshold == 0:
        y = ops.relu(x) if negative_slope == 0 else ops.leaky_relu(x, negative_slope)
    else:
        below = ops.multiply(negative_slope, ops.subtract(x, threshold))
        y = ops.where(ops.greater(x, threshold), x, below)
    return y if max_value is None else ops.minimum(y, max_value)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x))."""
    return ops.sigmoid(x)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return ops.tanh(x)


def softmax(x: Any, axis: _Axis = -1) -> Any:
    """exp(x) / sum(exp(x)) along `axis`, without overflow."""
    return ops.softmax(x, axis=axis)


def log_softmax(x: Any, axis: _Axis = -1) -> Any:
    """The logarithm of softmax."""
    return ops.log_softmax(x, axis=axis)


def softplus(x: Any) -> Any:
    """log(1 + exp(x))."""
    return ops.softplus(x)


def exponential(x: Any) -> Any:
    """exp(x)."""
    return ops.exp(x)


def selu(x: Any) -> Any:
    """1.0507 * elu(x, 1.6733) (Klambauer et al., 2017); for `lecun_normal` and `AlphaDropout`."""
    return ops.selu(x)


def silu(x: Any) -> Any:
    """x * sigmoid(x) (Ramachandran et al., 2017)."""
    return ops.silu(x)


def gelu(x: Any, approximate: bool = False) -> Any:
    """x times the normal distribution up to x, or an approximation (Hendrycks and Gimpel, 2016)."""
    return ops.gelu(x, approximate=approximate)


def mish(x: Any) -> Any:
    """x * tanh(softplus(x)) (Misra, 2019)."""
    return ops.multiply(x, ops.tanh(ops.softplus(x)))


relu = _describable(relu, "ReLU")  # one step of a model, whatever operations it is made of
swish, hard_swish = silu, hard_silu

_known = {
    f.__name__: f
    for f in (
        celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh,
        leaky_relu, linear, log_sigmoid, log_softmax, mish, relu, relu6, selu, sigmoid, silu,
        soft_shrink, softmax, softplus, softsign, sparse_plus, sparse_sigmoid, sparsemax,
        squareplus, tanh, tanh_shrink, threshold,
    )
} | {"swish": silu, "hard_swish": hard_silu}  # fmt: skip


def get(identifier: Any) -> Any:
    """The function of a name, or the callable itself; None is linear.

    Errors: ValueError for an unknown name or something that cannot be called.
    """
    if identifier is None:
        return linear
    return _resolve.resolve("activation function", _known, identifier)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The activation of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def serialize(activation: Any) -> Any:
    """The name of one of the functions here; the config of anything else."""
    return _resolve.name_or_config(_known, activation)
