"""A stack of layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lamina import layers, tree
from lamina.graph.symbolic import KerasTensor
from lamina.layers.arguments import holds_shapes, with_masks
from lamina.layers.input_layer import InputLayer
from lamina.layers.layer import Layer
from lamina.models.function import Function
from lamina.models.model import Model
from lamina.utils.naming import auto_name


class Sequential(Model):
    """Layers, each fed with the output of the one before.

    With an `Input` (or a first layer that carries `input_shape`, or is a model of inputs and outputs)
    weights are made as layers are added; else when the model first sees data, or by `build`.  A first
    layer of several inputs, one that merges, takes the list or dict of them.

        model = Sequential([Input((784,)), Dense(256, "relu"), Dense(10, "softmax")])
        model = Sequential() | Input((784,)) | Dense(10, "softmax")

    Args:
        layers: the layers in order, or None to add them later.
        trainable: whether training may change the weights.
        name: by default "sequential", counted.

    Examples:
        >>> model = lamina.Sequential([lamina.Input((4,)), lamina.layers.Dense(8)])
        >>> model.add(lamina.layers.Dense(1))
        >>> model.output_shape, model.count_params()
        ((None, 1), 49)
    """

    _casts_inputs = False  # its `Input` has a dtype

    def __init__(
        self,
        layers: Iterable[Layer] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, trainable=trainable)
        self._input: InputLayer | None = None
        if layers is not None:
            if not isinstance(layers, Iterable):
                raise ValueError(f"`layers` must be a list of layers. Received: layers={layers!r}")
            for layer in layers:
                self.add(layer, rebuild=False)
            self._rebuild()

    # --- the stack --------------------------------------------------------------------------------

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Puts a layer on top.

        Errors: ValueError for what is not a layer, a name that is taken, or a second Input.
        """
        if isinstance(layer, KerasTensor) and isinstance(layer.call.made_by, InputLayer):
            layer = layer.call.made_by
        if not isinstance(layer, Layer):
            raise ValueError(
                "Only instances of `keras.Layer` can be added to a Sequential model. "
                f"Received: {layer!r} (of type {type(layer)})"
            )
        if isinstance(layer, InputLayer):
            self._set_input(layer)
        else:
            if layer.name in [other.name for other in self._layers]:
                raise ValueError(
                    "All layers added to a Sequential model should have unique names. Name "
                    f"'{layer.name}' is already the name of a layer in this model. Update the `name` "
                    "argument to pass a unique name."
                )
            self._layers.append(layer)
            self._forget_programs()
            if self._function is not None:
                before = self._function
                self._set_function(Function(before.inputs, layer(before.outputs)))
            else:
                self._set_unbuilt()
        if rebuild:
            self._rebuild()

    def _set_input(self, layer: InputLayer) -> None:
        if self._input is not None or self._layers:
            known = (
                self._input.batch_shape if self._input is not None else "its first layer's input"
            )
            raise ValueError(
                f"Sequential model '{self.name}' has already been configured to use input shape "
                f"{known}. You cannot add a different Input layer to it: {layer.batch_shape}."
            )
        self._input = layer

    def pop(self, rebuild: bool = True) -> Layer:
        """Takes the last layer off and returns it.  Errors: ValueError when there is none."""
        if not self._layers:
            raise ValueError(
                f"Sequential model '{self.name}' has no layers to pop. Received: layers=[]"
            )
        layer = self._layers.pop()
        self._forget_programs()
        if self._function is not None and self._layers:
            last = self._function.uses(self._layers[-1])[0]
            self._set_function(Function(self._function.inputs, last.outputs))
        else:
            self._set_unbuilt()
        if rebuild:
            self._rebuild()
        return layer

    def __or__(self, layer: Layer) -> Sequential:
        """`model | layer` adds the layer and returns the model."""
        self.add(layer)
        return self

    @property
    def operations(self) -> list[Any]:
        """The layers, without the Input."""
        return list(self._layers)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the Input."""
        return list(self._layers)

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError(
            "`Sequential.layers` attribute is reserved and should not be used. Use `add()` and `pop()` "
            "to change the layers in this model."
        )

    # --- building ---------------------------------------------------------------------------------

    def _set_function(self, function: Function) -> None:
        super()._set_function(function)
        auto_name("functional")  # Keras makes a model of it each time, which takes a name

    def _set_unbuilt(self) -> None:
        self._function = self.signature = None
        self.built = False

    def _rebuild(self) -> None:
        if self._function is None and self._layers:
            shape = self._told_shape()
            if shape is not None:
                self.build(shape)

    def _told_shape(self) -> Any:
        """The input's shape, where the Input or the first layer says it."""
        if self._input is not None:
            return self._input.batch_shape
        first = self._layers[0]
        function = first._function if isinstance(first, Model) else None
        if function is not None and len(function.flat_inputs) == 1:
            return function.flat_inputs[0].shape
        return first._batch_input_shape

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights for inputs of this shape, batch axis first (or nested shapes).

        Errors: ValueError for a model without layers, or another shape than it was made for.
        """
        if not self._layers:
            raise ValueError(
                f"Sequential model {self.name} cannot be built because it has no layers. Call "
                "`model.add(layer)`."
            )
        if input_shape is None:
            if self._input is None:
                raise ValueError("You must provide an `input_shape` argument.")
            input_shape = self._input.batch_shape
        if self._input is None and holds_shapes(input_shape):
            super().build(input_shape)
            return
        if not isinstance(input_shape, (tuple, list)) or not input_shape:
            raise ValueError(
                f"`input_shape` must be a tuple, batch first. Received: input_shape={input_shape!r}"
            )
        if self._input is None:
            self._input = InputLayer(batch_shape=input_shape, dtype=self._layers[0].compute_dtype)
        elif tuple(input_shape[1:]) != self._input.batch_shape[1:]:
            raise ValueError(
                f"Sequential model '{self.name}' has already been configured to use input shape "
                f"{self._input.batch_shape}. You cannot build it with input_shape {input_shape}"
            )
        if self._function is not None:
            return
        x = self._input.output
        for layer in self._layers:
            x = layer(x)
        self._set_function(Function(self._input.output, x))

    def build_for(self, x: Any) -> None:
        """Builds the model for inputs like this array, or these for a first layer that merges."""
        if isinstance(x, (list, tuple)) and len(x) == 1:
            x = x[0]
        if tree.is_nested(x):
            super().build_for(x)
        else:
            self.build((None, *(x.shape[1:] or (1,))))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._layers:
            self.build()
        return super().__call__(*args, **kwargs)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if self._function is None and not tree.is_nested(inputs):
            self.build((None, *inputs.shape[1:]))
        if self._function is not None:
            return super().call(inputs, training, mask)
        inputs = with_masks(inputs, mask, replace=True)
        for layer in self._layers:
            inputs = layer(inputs)
        return inputs

    # --- config -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The layers' configs: what `from_config` makes an equal model of."""
        stack = ([self._input] if self._input is not None else []) + self._layers
        config = {**super().get_config(), "layers": [layers.serialize(layer) for layer in stack]}
        if self._function is not None:
            config["build_input_shape"] = self.input_shape
        return config

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """A model of layers made from their configs.

        Errors: ValueError for a config without "name" and "layers"; as `deserialize_keras_object`.
        """
        if "name" not in config or "layers" not in config:
            raise ValueError(
                "The config of a Sequential model must have 'name' and 'layers'. "
                f"Received: {list(config)[:20]}"
            )
        model = cls(name=config["name"])
        model._trainable = config.get("trainable", True)  # the layers say so for themselves
        for entry in config["layers"]:
            model.add(layers.deserialize(entry, custom_objects), rebuild=False)
        model._rebuild()
        if not model.built and config.get("build_input_shape"):
            model.build(tuple(config["build_input_shape"]))
        return model

    def get_build_config(self) -> dict[str, Any] | None:
        return {"input_shape": self.input_shape} if self.built else None
