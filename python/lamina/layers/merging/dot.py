"""Scalar products of samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.layers.merging.merge import Merge, check_list


class Dot(Merge):
    """For each sample the sum of products of two tensors along one axis of each.

    Of shapes (batch, a, n) and (batch, n, b), axes (2, 1): (batch, a, b).  Of two vectors a column.

    Args:
        axes: an axis of the first and one of the second input; one number stands for both.
        normalize: divide both by their length along that axis first: cosines.
    """

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axes, (int, list, tuple)):
            raise TypeError(
                "Invalid type for argument `axes`: it should be a list or an int. Received: "
                f"axes={axes!r}"
            )
        if not isinstance(axes, int) and (
            len(axes) != 2 or not all(isinstance(axis, int) for axis in axes)
        ):
            raise ValueError(
                "Invalid format for argument `axes`: it should contain two integers. Received: "
                f"axes={axes}"
            )
        self.axes = axes
        self.normalize = normalize

    def build(self, input_shape: Any) -> None:
        check_list(self, input_shape, 2)
        first, second = input_shape
        a, b = self._axes_for(len(first), len(second))
        if 0 in (a, b):
            raise ValueError(
                f"Cannot take products over the batch axis. Received: axes={self.axes}"
            )
        if first[a] != second[b]:
            raise ValueError(
                f"Incompatible input shapes: axis values {first[a]} (at axis {a}) != {second[b]} "
                f"(at axis {b}). Full input shapes: {first}, {second}"
            )

    def _axes_for(self, *ranks: int) -> list[int]:
        axes = [self.axes] * 2 if isinstance(self.axes, int) else list(self.axes)
        for axis, rank in zip(axes, ranks):
            if rank < 2 or not -rank <= axis < rank:
                raise ValueError(
                    f"Dot: axis {axis} is out of bounds. Received: axes={self.axes} for inputs of "
                    f"{ranks} axes"
                )
        return [axis % rank for axis, rank in zip(axes, ranks)]

    def call(self, inputs: Any) -> Any:
        first, second = inputs
        a, b = self._axes_for(len(first.shape), len(second.shape))
        if self.normalize:
            first, second = ops.normalize(first, axis=a), ops.normalize(second, axis=b)
        names = iter("cdefghijklmnopqrstuvwxyz")
        labels = [
            "".join(
                "a" if i == 0 else "b" if i == axis else next(names) for i in range(len(x.shape))
            )
            for x, axis in ((first, a), (second, b))
        ]
        result = "a" + "".join(n for term in labels for n in term if n not in "ab")
        y = ops.einsum(f"{labels[0]},{labels[1]}->{result}", first, second)
        return y if len(result) > 1 else ops.expand_dims(y, -1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


def dot(inputs: Sequence[Any], axes: int | Sequence[int] = -1, **kwargs: Any) -> Any:
    """`Dot(axes, **kwargs)(inputs)`."""
    return Dot(axes=axes, **kwargs)(inputs)
