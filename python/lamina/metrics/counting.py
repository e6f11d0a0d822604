"""Counting in tables, what has columns, and the weights that are counted."""

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


def check_columns(metric: Any, y_true: Any, y_pred: Any, columns: int | None) -> int:
    """The number of columns of both matrices: `columns`, or any number when None.

    Errors: ValueError for other shapes.
    """
    found = y_pred.shape[1] if len(y_pred.shape) == 2 else None
    fits = found is not None and columns in (None, found)
    if not fits or len(y_true.shape) != 2 or y_true.shape[1] != found:
        raise ValueError(
            f"{type(metric).__name__} expects 2D inputs with shape (batch_size, output_dim)"
            f"{'' if columns is None else f', output_dim={columns} as in the first batch'}. "
            f"Received: y_pred.shape={tuple(y_pred.shape)} and y_true.shape={tuple(y_true.shape)}"
        )
    return int(found)


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
