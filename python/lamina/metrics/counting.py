"""Counting in tables, and the weights that are counted."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.losses.loss import as_float
from lamina.ops.rules import dims_of


def histogram(places: Any, weight: Any, size: int) -> Any:
    """(size,): for each place 0 .. size - 1 the sum of the weights there (their number for None).

    Places outside are not counted.
    """
    places = ops.reshape(places, [-1])
    if weight is None:
        weight = ops.where(ops.greater_equal(places, 0.0), 1.0, 0.0)
    return ops.segment_sum(ops.reshape(weight, [-1]), places, num_segments=size)


def spread(sample_weight: Any, y: Any) -> Any:
    """A weight for each element of y: one for all, of its leading axes, or broadcast to its shape."""
    weight = as_float(sample_weight)
    if len(weight.shape) == len(y.shape) + 1 and weight.shape[-1] == 1:
        weight = ops.squeeze(weight, -1)
    for _ in range(len(y.shape) - len(weight.shape)):
        weight = ops.expand_dims(weight, -1)
    try:
        return ops.broadcast_to(weight, dims_of(y))
    except ValueError as error:
        raise ValueError(
            f"`sample_weight` of shape {tuple(weight.shape)} does not fit values of shape "
            f"{tuple(y.shape)}"
        ) from error
