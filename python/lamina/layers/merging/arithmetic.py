"""Sums, products, means and extremes of several tensors, element by element."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamina import ops
from lamina.layers.merging.merge import Merge, check_list, feature_mask, joined


class Add(Merge):
    """The sum of a list of tensors.

    Examples:
        >>> print(lamina.layers.Add()([np.array([[1.0, 2.0]]), np.array([[10.0, 20.0]])]))
        [[11. 22.]]
    """

    def merge(self, inputs: list[Any]) -> Any:
        return joined(ops.add, inputs)


class Subtract(Merge):
    """The difference of two tensors: the first less the second."""

    def build(self, input_shape: Any) -> None:
        check_list(self, input_shape, 2)
        super().build(input_shape)

    def merge(self, inputs: list[Any]) -> Any:
        return ops.subtract(*inputs)


class Average(Merge):
    """The mean of a list of tensors."""

    def merge(self, inputs: list[Any]) -> Any:
        return ops.divide(joined(ops.add, inputs), float(len(inputs)))


class Multiply(Merge):
    """The product of a list of tensors.

    What a mask hides counts as 1, and as 0 where all are hidden.
    """

    def merge(self, inputs: list[Any]) -> Any:
        masks = [feature_mask(x) for x in inputs]
        seen = [x if m is None else ops.where(m, x, 1.0) for x, m in zip(inputs, masks)]
        product = joined(ops.multiply, seen)
        if any(m is None for m in masks):
            return product
        return ops.where(joined(ops.logical_or, masks), product, 0.0)


class Maximum(Merge):
    """The largest of a list of tensors; of two, one that a mask hides gives way to the other."""

    def merge(self, inputs: list[Any]) -> Any:
        return _extreme(ops.maximum, inputs)


class Minimum(Merge):
    """The smallest of a list of tensors; of two, one that a mask hides gives way to the other."""

    def merge(self, inputs: list[Any]) -> Any:
        return _extreme(ops.minimum, inputs)


def _extreme(function: Callable[[Any, Any], Any], inputs: list[Any]) -> Any:
    output, seen = inputs[0], feature_mask(inputs[0])
    for x in inputs[1:]:
        mask = feature_mask(x)
        x = x if mask is None else ops.where(mask, x, output)
        output = output if seen is None else ops.where(seen, output, x)
        seen = None if mask is None or seen is None else ops.logical_or(seen, mask)
        output = function(output, x)
    return output


def add(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Add(**kwargs)(inputs)`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Subtract(**kwargs)(inputs)`."""
    return Subtract(**kwargs)(inputs)


def average(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Average(**kwargs)(inputs)`."""
    return Average(**kwargs)(inputs)


def multiply(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Multiply(**kwargs)(inputs)`."""
    return Multiply(**kwargs)(inputs)


def maximum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Maximum(**kwargs)(inputs)`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """`Minimum(**kwargs)(inputs)`."""
    return Minimum(**kwargs)(inputs)
