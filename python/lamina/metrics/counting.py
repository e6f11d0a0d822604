"""Counting in tables."""

from __future__ import annotations

from typing import Any

from lamina import ops


def histogram(places: Any, weight: Any, size: int) -> Any:
    """(size,): for each place 0 .. size - 1 the sum of the weights there (their number for None).

    Places outside are not counted.
    """
    places = ops.reshape(places, [-1])
    hits = ops.one_hot(places, num_classes=size)
    if weight is None:
        return ops.sum(hits, axis=0)
    return ops.sum(ops.multiply(ops.reshape(weight, [-1, 1]), hits), axis=0)
