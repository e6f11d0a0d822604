"""Models: of symbolic inputs and outputs, or of a class with a `call` of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lamina import tree
from lamina.graph.masks import mask_of
from lamina.graph.symbolic import KerasTensor
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace, current_trace, within_layer
from lamina.layers.arguments import inputs_of, with_masks
from lamina.layers.layer import Layer
from lamina.models import intake
from lamina.models.function import Function, alone, described
from lamina.models.saved import Saved
from lamina.models.signature import Signature


class Model(Saved):
    """Layers as one thing that can be trained, evaluated, used, and be a layer itself.

    Of symbolic inputs and outputs (each one, or a list or dict of them):

        x = Input((784,))
        model = Model(x, Dense(10, "softmax")(Dense(256, "relu")(x)))

    or as a class that sets its layers in `__init__` and uses them in `call(inputs)` (which may take
    `training` too): it is built when it first sees data.

    Errors: ValueError for inputs or outputs that are no symbolic values, or not connected.

    Examples:
        >>> inputs = lamina.Input((4,))
        >>> x = lamina.layers.Dense(8, activation="relu")(inputs)
        >>> model = lamina.Model(inputs, [lamina.layers.Dense(1)(x), lamina.layers.Dense(3)(x)])
        >>> [p.shape for p in model.predict(np.zeros((2, 4)), verbose=0)]
        [(2, 1), (2, 3)]
    """

    _untracked = Saved._untracked | {"_function", "_input", "signature"}

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls.__init__ is Model.__init__ and (args or {"inputs", "outputs"} & kwargs.keys()):
            cls = _of_inputs_and_outputs(cls)
        return super().__new__(cls, *args, **kwargs)

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self._function: Function | None = None
        self._penalized: bool | None = None  # whether layers add losses, once that was asked
        if (inputs is None) != (outputs is None):
            raise ValueError(
                "A Model is made of `inputs` and `outputs` together. "
                f"Received: inputs={inputs!r}, outputs={outputs!r}"
            )
        if inputs is not None:
            self._set_function(described(inputs, outputs))
            self._layers = self.layers

    def _set_function(self, function: Function) -> None:
        self._function, self._penalized = function, None
        self.signature = Signature(function.inputs, alone(function.outputs))
        self.built = True

    def _lock_state(self) -> None:
        """A model of inputs and outputs may be given more: what it computes is settled."""
        if self._function is None:
            super()._lock_state()

    # --- computing --------------------------------------------------------------------------------

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The outputs for the inputs; a subclass without inputs and outputs overrides it."""
        if self._function is None:
            raise NotImplementedError(
                f"Model {type(self).__name__} does not have a `call()` method implemented."
            )
        inputs = with_masks(inputs, mask, replace=True)
        return self._function(self._known("inputs").match_inputs("inputs", inputs), training)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The output for a batch: arrays for arrays, tensors for tensors of a graph.

        Arrays go through one program, as in `predict`; from layer to layer where masks come with
        them, or leave with them for a layer around, and where layers add losses.
        """
        told = self._function is not None and self._function.tells_training
        if len(args) != 1 or kwargs or told or current_trace() is not None:
            return super().__call__(*args, **kwargs)
        x = args[0]
        plain = type(x) is np.ndarray and mask_of(x) is None
        if not plain and any(
            isinstance(y, KerasTensor) or mask_of(y) is not None for y in tree.flatten(x)
        ):
            return super().__call__(x)
        if self.signature is None:
            intake.inputs(self, x, finite=False)  # builds it
        if self._penalized is None:
            self._penalized = any(layer.adds_losses for layer in self._flatten())
        if self._penalized or (within_layer() and self._known("outputs").gives_masks):
            return super().__call__(intake.inputs(self, x, finite=False))
        return self._forward(x)

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights for inputs of this shape, batch axis first (or nested shapes)."""
        if self._function is not None:
            self.built = True
            return
        if input_shape is None:
            raise ValueError("You must provide an `input_shape` argument. Received: None")
        with Trace() as trace:
            self._record_signature(inputs_of(trace, input_shape))

    def build_for(self, x: Any) -> None:
        """Builds the model for inputs like these arrays."""
        with Trace() as trace:
            inputs = tree.map_structure(
                lambda a: trace.input(Spec((-1, *(a.shape[1:] or (1,)))), ""), x
            )
            if type(self).call is Model.call:  # a class with steps of its own: it has no outputs
                self.built, self.signature = True, Signature(inputs, [])
            else:
                self._record_signature(inputs)

    def _record_signature(self, inputs: Any) -> None:
        self.built = True  # the layers inside are built as they are called
        self._lock_state()
        outputs = super().__call__(inputs)
        self.signature, self._penalized = Signature(inputs, outputs), None

    # --- its parts --------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers, in the order of their distance from the outputs, or of their definition.

        Of a model of inputs and outputs those between them, without others that it holds.
        """
        if self._function is None:
            return list(self._layers)
        return [step for step in self._function.operations if isinstance(step, Layer)]

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError(
            f"`{type(self).__name__}.layers` attribute is reserved and should not be used. "
            "Please use another name."
        )

    @property
    def operations(self) -> list[Any]:
        """The layers, and the operations between them."""
        return self.layers if self._function is None else list(self._function.operations)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs, in one list."""
        return self._described("inputs").flat_inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs, in one list."""
        return self._described("outputs").flat_outputs

    @property
    def input(self) -> Any:
        """The symbolic inputs, as they are nested."""
        return self._described("inputs").inputs

    @property
    def output(self) -> Any:
        """The symbolic outputs, as they are nested."""
        return self._described("outputs").outputs

    def _described(self, attribute: str) -> Function:
        if self._function is None:
            raise AttributeError(
                f"{type(self).__name__} model '{self.name}' has no defined {attribute} yet."
            )
        return self._function

    @property
    def input_names(self) -> list[str]:
        return self._known("inputs").input_names

    @property
    def output_names(self) -> list[str]:
        return self._known("outputs").output_names

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of a name or place.  Errors: ValueError when there is none."""
        if (name is None) == (index is None):
            raise ValueError(
                f"Provide either a layer `name` or a layer `index`. Received: name={name}, index={index}"
            )
        own = self.layers
        if index is not None:
            if not -len(own) <= index < len(own):
                raise ValueError(
                    f"Was asked to retrieve layer at index {index} but model only has {len(own)} "
                    "layers."
                )
            return own[index]
        for layer in own:
            if layer.name == name:
                return layer
        raise ValueError(
            f"No such layer: {name}. Existing layers are: {[layer.name for layer in own]}."
        )

    def count_params(self) -> int:
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on model '{self.name}', but it isn't built. Build "
                "it by `model.build(input_shape)` or by calling it on data."
            )
        return sum(w.size for w in self.weights)

    # --- config -----------------------------------------------------------------------------------

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """The model of a config: of inputs and outputs where it has these, else `cls(**config)`.

        Args:
            custom_objects: classes and functions by name, for the layers in the config.
        """
        if cls.__init__ is Model.__init__ and {"input_layers", "output_layers"} <= config.keys():
            return _of_inputs_and_outputs(cls).from_config(config, custom_objects)
        return super().from_config(config)

    def get_build_config(self) -> dict[str, Any] | None:
        """The shape or nested shapes that a model with a `call` of its own was built for."""
        if self._function is not None or self.signature is None:
            return super().get_build_config()
        return {"input_shape": self.signature.input_shape}

    def to_json(self, **kwargs: Any) -> str:
        """The config as JSON, which `model_from_json` reads, here and in Keras.

        Args:
            kwargs: for `json.dumps`.
        """
        from lamina.serialization.serialize import serialize_keras_object

        return json.dumps(serialize_keras_object(self), **kwargs)

    # --- looking at it ----------------------------------------------------------------------------

    @property
    def connections(self) -> dict[str, list[str]] | None:
        """For each layer the outputs it is used on, as `layer[use][output]`; None for a chain."""
        function = self._function
        if function is None or function.is_chain:
            return None
        return {
            step.name: [
                f"{x.call.made_by.name}[{x.call.place}][{x.place}]"
                for call in function.uses(step)
                for x in call.inputs
            ]
            for step in function.operations
        }

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


def _of_inputs_and_outputs(cls: type[Model]) -> type[Model]:
    """Functional for Model itself; as in Keras, a class without a constructor becomes one of it."""
    from lamina.models.functional import Functional

    if cls is Model:
        return Functional
    if issubclass(cls, Model) and not issubclass(cls, Functional):
        cls.__bases__ = tuple(map(_of_inputs_and_outputs, cls.__bases__))
    return cls
