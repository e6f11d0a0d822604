"""A layer that changes nothing."""

from __future__ import annotations

from typing import Any

from lamina.layers.layer import Layer


class Identity(Layer):
    """The input, whatever it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return inputs
