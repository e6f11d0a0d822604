"""Copies of models with weights of their own, and models from JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lamina import tree
from lamina.graph.symbolic import AppliedOperation, KerasTensor
from lamina.layers.input_layer import Input, InputLayer
from lamina.layers.layer import Layer
from lamina.models.functional import Functional
from lamina.models.model import Model
from lamina.models.sequential import Sequential
from lamina.serialization.registry import custom_object_scope
from lamina.serialization.serialize import collected_custom_objects


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Any:
    """A model of the same structure, of new layers with new weights, compiled as the model is.

    Args:
        model: a Sequential, a model of inputs and outputs, or of a class with a `call` of its own,
            which is made anew from its config.
        input_tensors: symbolic values to build the copy on, instead of new inputs.
        clone_function: makes the copy of a layer (inputs aside); by default from its config.
        call_function: `(layer, *args, **kwargs)`, calls a copy on its inputs.
        recursive: models used as layers are cloned layer by layer too.

    Errors: ValueError for what is no model, arguments that do not fit the kind of model, or one that
    is compiled with a lambda, which has no config.

    Examples:
        >>> model = lamina.Sequential([lamina.Input((4,)), lamina.layers.Dense(1)])
        >>> copy = lamina.models.clone_model(model)
        >>> copy.set_weights(model.get_weights())
        >>> bool((copy.layers[0].kernel.numpy() == model.layers[0].kernel.numpy()).all())
        True
    """
    for name, value in kwargs.items():
        raise ValueError(f"Argument(s) not recognized: {name}={value!r}")
    copy = _Cloning(clone_function or _from_config, call_function or _call, recursive)
    if isinstance(model, Sequential):
        return copy.sequential(model, input_tensors)
    if isinstance(model, Functional):
        return copy.functional(model, input_tensors)
    if not isinstance(model, Model):
        raise ValueError(
            f"`clone_model` needs a model. Received: model={model!r} of type {type(model).__name__}"
        )
    if input_tensors is not None or clone_function is not None or call_function is not None:
        raise ValueError(
            "`input_tensors`, `clone_function` and `call_function` are for Sequential models and "
            f"those of inputs and outputs. Received: a model of type {type(model).__name__}"
        )
    return _compiled_like(model, _from_config(model))


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model of `model.to_json()`, here or in Keras; its weights are new."""
    from lamina.serialization.deserialize import deserialize_keras_object

    return deserialize_keras_object(json.loads(json_string), custom_objects)


def _from_config(layer: Layer) -> Any:
    return type(layer).from_config(layer.get_config())


def _compiled_like(model: Model, made: Model) -> Model:
    """`made`, compiled like the model if that is, with an optimizer of its own."""
    if model.compiled:
        with collected_custom_objects() as custom_objects:
            config = model.get_compile_config()
        with custom_object_scope(custom_objects):
            made.compile_from_config(config)
    return made


def _call(layer: Any, *args: Any, **kwargs: Any) -> Any:
    return layer(*args, **kwargs)


class _Cloning:
    def __init__(self, clone: Callable[[Any], Any], call: Callable[..., Any], deep: bool) -> None:
        self._clone, self._call, self._deep = clone, call, deep

    def layer(self, layer: Any) -> Any:
        if isinstance(layer, AppliedOperation):
            return AppliedOperation(layer.function, layer.name)
        if self._deep and isinstance(layer, Sequential):
            return self.sequential(layer, None)
        if self._deep and isinstance(layer, Functional):
            return self.functional(layer, None)
        return self._clone(layer)

    def sequential(self, model: Sequential, inputs: Any) -> Model:
        if inputs is not None and len(tree.flatten(inputs)) != 1:
            raise ValueError(
                "Argument `input_tensors` must contain a single tensor for a Sequential model. "
                f"Received: input_tensors={inputs!r}"
            )
        made = Sequential(name=model.name, trainable=model.trainable)
        if inputs is not None:
            made.add(tree.flatten(inputs)[0])
        elif model._input is not None:
            made.add(_from_config(model._input))
        for layer in model.layers:
            made.add(self.layer(layer), rebuild=False)
        made._rebuild()
        return _compiled_like(model, made)

    def functional(self, model: Functional, inputs: Any) -> Any:
        function = model._described("inputs")
        if inputs is None:
            entries = [_new_input(x) for x in function.flat_inputs]
            inputs = tree.pack_sequence_as(function.inputs, entries)
        elif len(tree.flatten(inputs)) != len(function.flat_inputs):
            raise ValueError(
                f"Argument `input_tensors` must have {len(function.flat_inputs)} tensors. "
                f"Received: input_tensors={inputs!r}"
            )
        known = dict(zip(map(id, function.flat_inputs), tree.flatten(inputs)))
        copies: dict[int, Any] = {}
        for call in function.calls:
            if all(id(x) in known for x in tree.flatten(call.outputs)):
                continue
            if id(call.made_by) not in copies:
                copies[id(call.made_by)] = self.layer(call.made_by)
            copy = copies[id(call.made_by)]
            results = call.repeat(known, lambda *a, _copy=copy, **k: self._call(_copy, *a, **k))
            known.update(zip(map(id, tree.flatten(call.outputs)), tree.flatten(results)))
        outputs = tree.map_structure(lambda x: known[id(x)], function.outputs)
        return _compiled_like(model, type(model)(inputs, outputs, name=model.name))


def _new_input(x: KerasTensor) -> Any:
    if isinstance(x.call.made_by, InputLayer):
        return _from_config(x.call.made_by).output
    return Input(x.shape[1:], dtype=x.dtype, name=x.name)
