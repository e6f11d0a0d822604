"""Counting in tables."""

from __future__ import annotations

from typing import Any

from lamina import ops


def histogram(places: Any, weight: Any, size: int) -> Any:
    """(size,): for each place 0 .. size - 1 the sum of the weights there (their number for None).

    Places outside are not counted.
    """
    places = ops.reshape(places, [-1])
    if weight is None:
        weight = ops.where(ops.greater_equal(places, 0.0), 1.0, 0.0)
    return ops.segment_sum(ops.reshape(weight, [-1]), places, num_segments=size)
