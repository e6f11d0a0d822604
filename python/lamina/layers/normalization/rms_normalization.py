"""RMS normalization (Zhang and Sennrich, 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.layers.layer import Layer
from lamina.layers.normalization.layer_normalization import checked_axis
from lamina.layers.normalization.scaled import sizes_of
from lamina.utils import check


class RMSNormalization(Layer):
    """scale * x / sqrt(mean(x^2) + epsilon), with each sample's own mean over `axis`.

    Args:
        axis: the axis or axes over which the mean is taken; scale has their sizes.
        epsilon: added to the mean.
    """

    scale: Variable

    def __init__(
        self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis: int | list[int] = checked_axis(axis)
        self.epsilon = check.number("epsilon", epsilon)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = sizes_of(self.name, self.axis, input_shape)
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        self.scale = self.add_weight(shape, "ones", name="scale")

    def call(self, x: Any) -> Any:
        return ops.rms_normalization(x, self.scale, self.axis, self.epsilon)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}
