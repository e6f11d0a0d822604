"""A layer around another one."""

from __future__ import annotations

from typing import Any

from lamina.layers.layer import Layer
from lamina.serialization import resolve


class Wrapper(Layer):
    """The base of layers that change what another layer does: `self.layer`.

    A subclass calls it in its own `call(inputs)`.

    Args:
        layer: the layer inside.

    Errors: ValueError for anything but a layer.

    Examples:
        >>> class Doubled(lamina.layers.Wrapper):
        ...     def call(self, inputs):
        ...         return 2 * self.layer(inputs)
        >>> print(Doubled(lamina.layers.Rescaling(3.0))(np.ones(2)))
        [6. 6.]
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                f"`layer` must be a layer, for {type(self).__name__}. Received: layer={layer!r}"
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": resolve.serialize(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from lamina import layers

        return cls(**{**config, "layer": layers.deserialize(config["layer"], custom_objects)})
