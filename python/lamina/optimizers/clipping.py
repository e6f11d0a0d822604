"""Gradients kept below a limit."""

from __future__ import annotations

from typing import Any

from lamina import ops


def clip(
    gradients: list[Any],
    clipnorm: float | None,
    clipvalue: float | None,
    global_clipnorm: float | None,
) -> list[Any]:
    """The gradients, clipped by whichever limit is set (none: as they are)."""
    if clipnorm:
        return [_by_norm(g, clipnorm) for g in gradients]
    if global_clipnorm:
        return _by_global_norm(gradients, global_clipnorm)
    if clipvalue:
        return [ops.clip(g, -clipvalue, clipvalue) for g in gradients]
    return gradients


def _by_norm(gradient: Any, limit: float) -> Any:
    """The gradient, scaled so that its norm is at most `limit`."""
    return ops.divide(ops.multiply(gradient, limit), ops.maximum(ops.norm(gradient), limit))


def _by_global_norm(gradients: list[Any], limit: float) -> list[Any]:
    """The gradients, scaled alike so that the norm of all together is at most `limit`."""
    squares: Any = 0.0
    for g in gradients:
        squares = ops.add(squares, ops.sum(ops.square(g)))
    norm = ops.sqrt(squares)
    scale = ops.multiply(limit, ops.minimum(ops.reciprocal(norm), 1.0 / limit))
    # An infinite norm must not hide: it makes the step NaN, as in Keras.
    scale = ops.add(scale, ops.subtract(norm, norm))
    return [ops.multiply(g, scale) for g in gradients]
