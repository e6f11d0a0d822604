"""Rows of length 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.layers.layer import Layer
from lamina.layers.normalization.layer_normalization import checked_axis


class UnitNormalization(Layer):
    """x / sqrt(sum(x^2)), with the sum over `axis`; zeros stay zeros.

    Args:
        axis: an axis, or a list of axes that are taken together.
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = checked_axis(axis)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return ops.normalize(inputs, axis=self.axis, order=2, epsilon=1e-12)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
