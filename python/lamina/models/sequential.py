"""A stack of layers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lamina import layers
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import Trace, current_trace
from lamina.layers.input_layer import InputLayer
from lamina.layers.layer import Layer
from lamina.models.trainer import Trainer


class Sequential(Trainer):
    """Layers, each fed with the output of the one before.

    With an `Input` (or a first layer that carries `input_shape`) weights are made as layers are
    added; else when the model first sees data, or by `build`.

        model = Sequential([Input((784,)), Dense(256, "relu"), Dense(10, "softmax")])
        model = Sequential() | Input((784,)) | Dense(10, "softmax")

    Args:
        layers: a list of layers, or None to add them later.
        trainable: whether training may change the weights.
        name: by default "sequential", counted.
    """

    def __init__(
        self,
        layers: Sequence[Layer] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, trainable=trainable)
        self._input: InputLayer | None = None
        if layers is not None:
            if not isinstance(layers, (list, tuple)):
                raise ValueError(f"`layers` must be a list of layers. Received: layers={layers!r}")
            for layer in layers:
                self.add(layer, rebuild=False)
            self._rebuild()

    # --- the stack --------------------------------------------------------------------------------

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

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("_input", "_layers"):
            object.__setattr__(self, name, value)  # the stack is kept by `add` and `pop` alone
        else:
            super().__setattr__(name, value)

    def add(self, layer: Layer, rebuild: bool = True) -> None:
        """Puts a layer on top.

        Errors: ValueError for what is not a layer, a name that is taken, or a second Input.
        """
        if not isinstance(layer, Layer):
            raise ValueError(
                "Only instances of `keras.Layer` can be added to a Sequential model. "
                f"Received: {layer!r} (of type {type(layer)})"
            )
        if isinstance(layer, InputLayer):
            self._set_input(layer)
        else:
            if any(layer.name == other.name for other in self._layers):
                raise ValueError(
                    "All layers added to a Sequential model should have unique names. Name "
                    f"'{layer.name}' is already the name of a layer in this model. Update the `name` "
                    "argument to pass a unique name."
                )
            if not self._layers and self._input is None and layer._batch_input_shape is not None:
                self._set_input(InputLayer(batch_shape=layer._batch_input_shape))
            self._layers.append(layer)
            self._forget_programs()
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
        self.built = False
        self._output_shape = None
        if rebuild:
            self._rebuild()
        return layer

    def __or__(self, layer: Layer) -> Sequential:
        """`model | layer` adds the layer and returns the model."""
        self.add(layer)
        return self

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of a name or place.  Errors: ValueError when there is none."""
        if (name is None) == (index is None):
            raise ValueError(
                f"Provide either a layer `name` or a layer `index`. Received: name={name}, index={index}"
            )
        if index is not None:
            if not -len(self._layers) <= index < len(self._layers):
                raise ValueError(
                    f"Was asked to retrieve layer at index {index} but model only has "
                    f"{len(self._layers)} layers."
                )
            return self._layers[index]
        for layer in self._layers:
            if layer.name == name:
                return layer
        raise ValueError(
            f"No such layer: {name}. Existing layers are: {[layer.name for layer in self._layers]}."
        )

    # --- building ---------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        self._forget_programs()
        self.built = False
        if self._input is not None and self._layers:
            self.build(self._input.batch_shape)

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights for inputs of this shape, batch axis first.

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
        if not isinstance(input_shape, (tuple, list)) or not input_shape:
            raise ValueError(
                f"`input_shape` must be a tuple, batch first. Received: input_shape={input_shape!r}"
            )
        if self._input is None:
            self._input = InputLayer(batch_shape=input_shape)
        elif tuple(input_shape[1:]) != self._input.batch_shape[1:]:
            raise ValueError(
                f"Sequential model '{self.name}' has already been configured to use input shape "
                f"{self._input.batch_shape}. You cannot build it with input_shape {input_shape}"
            )
        self.built = True
        with Trace() as trace:
            x = trace.input(Spec((-1, *self._input.batch_shape[1:])), "input")  # type: ignore[arg-type]
            for layer in self._layers:
                x = layer(x, training=False)
                layer._output_shape = x.shape
        self._output_shape = x.shape

    def call(self, inputs: Any, training: bool = False) -> Any:
        x = inputs
        for layer in self._layers:
            x = layer(x, training=training)
        return x

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The output for a batch: an array for arrays, a tensor for tensors of a graph."""
        if not self._layers:
            self.build()
        symbolic = isinstance(inputs, Tensor) or current_trace() is not None
        if symbolic or args or kwargs.get("training"):
            return super().__call__(inputs, *args, **kwargs)
        return self.predict_on_batch(inputs)

    def _known(self, attribute: str) -> InputLayer:
        if not self.built or self._input is None:
            raise AttributeError(f"Sequential model '{self.name}' has no defined {attribute} yet.")
        return self._input

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of the input, None for the batch.  Errors: AttributeError before it is built."""
        return self._known("input shape").batch_shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape of the output, None for the batch.  Errors: AttributeError before it is built."""
        self._known("output shape")
        assert self._output_shape is not None
        return self._output_shape

    def count_params(self) -> int:
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on model '{self.name}', but it isn't built. Build "
                "it by `model.build(input_shape)` or by calling it on data."
            )
        return sum(w.size for w in self.weights)

    # --- looking at it ----------------------------------------------------------------------------

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Prints the layers, their output shapes and their numbers of parameters."""
        from lamina.models.summary import summary

        summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def get_config(self) -> dict[str, Any]:
        """The layers' configs: what `from_config` makes an equal model of."""
        stack = ([self._input] if self._input is not None else []) + self._layers
        config = {**super().get_config(), "layers": [layers.serialize(layer) for layer in stack]}
        if self.built:
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
                f"Received: config={config}"
            )
        model = cls(name=config["name"])
        model._trainable = config.get("trainable", True)  # the layers say so for themselves
        for entry in config["layers"]:
            model.add(layers.deserialize(entry, custom_objects), rebuild=False)
        model._rebuild()
        if not model.built and config.get("build_input_shape"):
            model.build(tuple(config["build_input_shape"]))
        return model

    def to_json(self, **kwargs: Any) -> str:
        """The config as JSON, which `model_from_json` reads, here and in Keras.

        Args:
            kwargs: for `json.dumps`.
        """
        from lamina.saving.serialize import serialize_keras_object

        return json.dumps(serialize_keras_object(self), **kwargs)

    def get_build_config(self) -> dict[str, Any] | None:
        return {"input_shape": self.input_shape} if self.built else None
