"""Steps that do not count."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.layers.layer import Layer


class Masking(Layer):
    """Hides the steps of a sequence whose features are all `mask_value`: they become 0.

    The mask, (batch, steps), travels with the output to layers, losses and metrics.
    """

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True
        self.built = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.max(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        shown = ops.max(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        return ops.where(shown, inputs, 0.0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mask_value": self.mask_value}
