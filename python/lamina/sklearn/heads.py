"""What a perceptron's output computes, and what its loss is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from lamina import ops


class Head(NamedTuple):
    """An output activation and its loss.

    `outputs(z)` is the activation; `losses(z, y)` a loss per row and output (of softmax: per row), whose
    derivative by z is outputs(z) - y.  They are computed of z, so that they are finite.  `averaged` says
    whether the loss that is shown is the mean over the outputs, not their sum.
    """

    outputs: Callable[[Any], Any]
    losses: Callable[[Any, Any], Any]
    averaged: bool = False


def _softmax_loss(z: Any, labels: Any) -> Any:
    return ops.softmax_cross_entropy(z, ops.one_hot(labels, z.shape[-1], dtype=z.dtype))[0]


def _logistic_loss(z: Any, y: Any) -> Any:
    """-log p for y = 1 and -log(1 - p) for y = 0, of logits: log(1 + exp(-z)) and log(1 + exp(z))."""
    return ops.softplus(ops.multiply(z, ops.subtract(1.0, ops.multiply(2.0, y))))


def _half_square(z: Any, y: Any) -> Any:
    return ops.multiply(0.5, ops.square(ops.subtract(z, y)))


def _poisson(z: Any, y: Any) -> Any:
    """Half the deviance: y log(y / mean) - y + mean, of mean = exp(z)."""
    logs = ops.log(ops.where(ops.greater(y, 0.0), y, 1.0))
    rest = ops.multiply(y, ops.subtract(ops.subtract(logs, 1.0), z))
    return ops.add(ops.exp(z), rest)


HEADS = {
    "softmax": Head(ops.softmax, _softmax_loss),
    "logistic": Head(ops.sigmoid, _logistic_loss),
    "identity": Head(lambda z: z, _half_square, averaged=True),
    "exp": Head(ops.exp, _poisson),
}
