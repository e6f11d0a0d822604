"""Layers one after the other, as one layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina.layers.layer import Layer
from lamina.serialization import resolve


class Pipeline(Layer):
    """Applies layers in turn: a preprocessing that is kept in one piece.

    Unlike a `Sequential` it is no model, and `training` is True unless it is told: by a caller, or by
    the model around.  Arrays of strings and integers go through as they are.

    Args:
        layers: a list of layers.

    Errors: TypeError for anything but a list or tuple of layers.

    Examples:
        >>> steps = [lamina.layers.Rescaling(2.0), lamina.layers.Flatten()]
        >>> print(lamina.layers.Pipeline(steps)(np.ones((1, 2, 2))))
        [[2. 2. 2. 2.]]
    """

    def __init__(self, layers: Sequence[Layer], name: str | None = None) -> None:
        super().__init__(name=name)
        if not isinstance(layers, (list, tuple)) or not all(isinstance(x, Layer) for x in layers):
            raise TypeError(f"`layers` must be a list of layers. Received: layers={layers!r}")
        self._pipeline_layers = list(layers)

    @property
    def layers(self) -> list[Layer]:
        """The layers in their order."""
        return list(self._pipeline_layers)

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        for i, layer in enumerate(self._pipeline_layers):
            known = layer._call_parameters
            told = {"training": training} if "training" in known else {}
            if i == 0 and mask is not None and "mask" in known:
                told["mask"] = mask
            inputs = layer(inputs, **told)
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {"layers": [resolve.serialize(x) for x in self._pipeline_layers], "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Pipeline:
        from lamina import layers

        made = [layers.deserialize(x, custom_objects) for x in config["layers"]]
        return cls(**{**config, "layers": made})
