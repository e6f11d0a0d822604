"""Tensors side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.layers.merging.merge import Merge, check_list, listed_masks
from lamina.ops.rules import dims_of
from lamina.utils import check


class Concatenate(Merge):
    """The tensors of a list one behind the other along `axis`; their other sizes are equal.

    Args:
        axis: not the batch.

    Examples:
        >>> print(lamina.layers.Concatenate()([np.ones((1, 2)), np.zeros((1, 1))]))
        [[1. 1. 0.]]
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = check.integer("axis", axis)

    def build(self, input_shape: Any) -> None:
        check_list(self, input_shape)
        ranks = {len(shape) for shape in input_shape}
        rank = ranks.pop()
        if not -rank <= self.axis < rank:
            raise ValueError(
                f"Concatenate: axis {self.axis} is out of bounds. Received: axis={self.axis}, "
                f"input_shape={input_shape}"
            )
        others = {_without(shape, self.axis) for shape in input_shape}
        if ranks or len(others) > 1:
            raise ValueError(
                "A `Concatenate` layer requires inputs with matching shapes except for the "
                f"concatenation axis. Received: input_shape={input_shape}"
            )

    def merge(self, inputs: list[Any]) -> Any:
        return ops.concatenate(inputs, axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        masks = listed_masks(inputs, mask)
        if all(mask is None for mask in masks):
            return None
        wide = [_spread(mask, x) for mask, x in zip(masks, inputs)]
        return ops.greater(ops.max(ops.concatenate(wide, axis=self.axis), axis=-1), 0.0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


def _without(shape: Sequence[int | None], axis: int) -> tuple[int | None, ...]:
    """The shape without an axis."""
    axis %= len(shape)
    return (*shape[:axis], *shape[axis + 1 :])


def _spread(mask: Any, x: Any) -> Any:
    """1 for each element of x that counts, else 0."""
    if mask is None:
        return ops.ones_like(x)
    shown = ops.where(mask, 1.0, 0.0)
    if len(mask.shape) < len(x.shape):
        shown = ops.expand_dims(shown, -1)
    return ops.broadcast_to(shown, dims_of(x))


def concatenate(inputs: Sequence[Any], axis: int = -1, **kwargs: Any) -> Any:
    """`Concatenate(axis, **kwargs)(inputs)`."""
    return Concatenate(axis=axis, **kwargs)(inputs)
