"""Activation functions, Keras's names and defaults."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.utils import resolve as _resolve

__all__ = [
    "deserialize",
    "exponential",
    "get",
    "linear",
    "log_softmax",
    "ops",
    "relu",
    "serialize",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
]


def linear(x: Any) -> Any:
    """x."""
    return x


def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Any:
    """x above `threshold` (at most `max_value`), `negative_slope` * (x - threshold) below."""
    if threshold == 0 and negative_slope == 0:
        y = ops.relu(x)
    else:
        below = ops.multiply(negative_slope, ops.subtract(x, threshold))
        y = ops.where(
            ops.greater_equal(x, threshold) if threshold == 0 else ops.greater(x, threshold),
            x,
            below,
        )
    return y if max_value is None else ops.minimum(y, max_value)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x))."""
    return ops.sigmoid(x)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return ops.tanh(x)


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) / sum(exp(x)) along `axis`, without overflow."""
    return ops.softmax(x, axis=axis)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of softmax."""
    return ops.log_softmax(x, axis=axis)


def softplus(x: Any) -> Any:
    """log(1 + exp(x))."""
    return ops.softplus(x)


def exponential(x: Any) -> Any:
    """exp(x)."""
    return ops.exp(x)


_known = {
    f.__name__: f
    for f in (linear, relu, sigmoid, tanh, softmax, log_softmax, softplus, exponential)
}


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
