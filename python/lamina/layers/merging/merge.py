"""The base of layers that make one tensor of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamina import ops
from lamina.graph.masks import mask_of, with_mask
from lamina.layers.layer import Layer
from lamina.ops.rules import dims_of


class Merge(Layer):
    """Element by element, of tensors whose shapes broadcast; axes are added after the batch."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def merge(self, inputs: list[Any]) -> Any:
        """The result for inputs of one rank."""
        raise NotImplementedError(f"{type(self).__name__} does not implement merge(inputs)")

    def build(self, input_shape: Any) -> None:
        check_list(self, input_shape)
        batches = {shape[0] for shape in input_shape if shape} - {None}
        if len(batches) > 1:
            raise ValueError(
                "Cannot merge tensors with different batch sizes. Received tensors with shapes "
                f"{list(input_shape)}"
            )
        samples = [tuple(shape[1:]) for shape in input_shape]
        rank = max(map(len, samples))
        for sizes in zip(*((1,) * (rank - len(s)) + s for s in samples)):
            if len(set(sizes) - {1}) > 1:
                raise ValueError(
                    f"Inputs have incompatible shapes. Received shapes {list(input_shape)}"
                )

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(
                "A merge layer should be called on a list of inputs. Received: "
                f"inputs={inputs!r:.200} (not a list of tensors)"
            )
        rank = max(len(x.shape) for x in inputs)
        return self.merge([_with_rank(x, rank) for x in inputs])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        masks = listed_masks(inputs, mask)
        if any(mask is None for mask in masks):
            return None
        return joined(ops.logical_or, masks)


def check_list(layer: Layer, input_shape: Any, count: int | None = None) -> None:
    """Refuses what is not a list of shapes, of that many where `count` is given."""
    a_list = (
        isinstance(input_shape, (list, tuple))
        and len(input_shape) > 0
        and all(isinstance(shape, (list, tuple)) for shape in input_shape)
    )
    if not a_list or (count is not None and len(input_shape) != count):
        what = "at least 1 input" if count is None else f"exactly {count} inputs"
        raise ValueError(
            f"A `{type(layer).__name__}` layer should be called on a list of {what}. Received: "
            f"input_shape={input_shape}"
        )


def listed_masks(inputs: Sequence[Any], mask: Any) -> list[Any]:
    """A mask, or None, for each input.  Errors: ValueError for anything but a list of so many."""
    if mask is None:
        return [None] * len(inputs)
    if not isinstance(mask, (list, tuple)) or len(mask) != len(inputs):
        raise ValueError(
            f"`mask` must be a list with an entry for each of {len(inputs)} inputs. "
            f"Received: mask={mask!r:.200}"
        )
    return list(mask)


def joined(function: Callable[[Any, Any], Any], inputs: Sequence[Any]) -> Any:
    """f(... f(f(a, b), c) ...)."""
    result = inputs[0]
    for x in inputs[1:]:
        result = function(result, x)
    return result


def feature_mask(x: Any) -> Any:
    """What of x counts, with an axis for its features; None when there is no mask."""
    mask = mask_of(x)
    return None if mask is None else ops.expand_dims(mask, -1)


def _with_rank(x: Any, rank: int) -> Any:
    if len(x.shape) == rank:
        return x
    batch, *sample = dims_of(x)
    mask = mask_of(x)
    wider = ops.reshape(x, (batch, *(1,) * (rank - 1 - len(sample)), *sample))
    return wider if mask is None else with_mask(wider, mask)
