"""Whole numbers from 0 to depth - 1 as one-hot, multi-hot and count vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.ops.rules import as_operand

MODES = ("int", "one_hot", "multi_hot", "count")
LOOKUP_MODES = (*MODES, "tf_idf")


def encode(indices: Any, output_mode: str, depth: int, count_weights: Any = None) -> Any:
    """The indices encoded; those outside of 0 .. depth - 1 leave no trace.

    "one_hot": (..., depth), where a last axis of size 1 is dropped before.  "multi_hot" and
    "count": axis 1 (axis 0 of a vector) holds what belongs to one sample, and is reduced.
    """
    indices = as_operand(indices)
    rank = len(indices.shape)
    if rank == 0:
        indices, rank = ops.reshape(indices, (1,)), 1
    if output_mode == "one_hot":
        if rank > 1 and indices.shape[-1] == 1:
            indices = ops.squeeze(indices, -1)
        return ops.one_hot(indices, num_classes=depth)
    ones = ops.one_hot(indices, num_classes=depth)
    axis = min(rank - 1, 1)
    if output_mode == "multi_hot":
        return ops.minimum(ops.sum(ones, axis=axis), 1.0)  # 0 where a sample has no entries
    if count_weights is not None:
        ones = ops.multiply(ones, ops.expand_dims(count_weights, -1))
    return ops.sum(ones, axis=axis)


def encoded_shape(
    input_shape: Sequence[int | None], output_mode: str, depth: int | None
) -> tuple[int | None, ...]:
    """The shape of `encode`'s result."""
    shape = tuple(input_shape)
    if output_mode == "int":
        return shape
    if output_mode == "one_hot":
        return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape or (1,)), depth)
    return (*shape[:1], *shape[2:], depth) if len(shape) > 1 else (depth,)


def check_mode(owner: str, output_mode: Any, known: Sequence[str] = MODES) -> str:
    """The output mode, one of those that are known."""
    if output_mode not in known:
        raise ValueError(
            f"Invalid value for argument `output_mode` of {owner}. "
            f"Expected one of {tuple(known)}. Received: output_mode={output_mode!r}"
        )
    mode: str = output_mode
    return mode


def not_sparse(sparse: Any) -> None:
    """Refuses sparse results."""
    if sparse:
        raise ValueError(f"`sparse` is not supported. Received: sparse={sparse!r}")
