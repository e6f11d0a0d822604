"""Models of symbolic inputs and outputs, as configs and back."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from lamina import tree
from lamina.graph.symbolic import AppliedOperation, KerasTensor
from lamina.layers.input_layer import InputLayer
from lamina.models.function import Function, alone
from lamina.models.model import Model
from lamina.models.operation_config import SavedOperation, operation_config
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.serialization.serialize import SavedTensor, serialize_keras_object

__all__ = ["Functional"]

Config = dict[str, Any]


class Functional(Model):
    """What `Model(inputs, outputs)` makes."""

    _casts_inputs = False  # each `Input` has a dtype

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(inputs, outputs, name, **kwargs)
        if self._function is None:
            raise ValueError(
                "All `inputs` and `outputs` of a model must be KerasTensors. "
                "Received: inputs=None, outputs=None"
            )

    def get_config(self) -> Config:
        """The layers' configs and what each was called on, as Keras writes them."""
        function = self._described("config")
        places = {
            id(c): i for step in function.operations for i, c in enumerate(function.uses(step))
        }
        return {
            "name": self.name,
            "trainable": self.trainable,
            "layers": [_step_config(function, step, places) for step in function.operations],
            "input_layers": tree.map_structure(lambda x: _end(x, places), function.inputs),
            "output_layers": tree.map_structure(lambda x: _end(x, places), function.outputs),
        }

    @property
    def input_shape(self) -> Any:
        """The shape of the input, None for the batch; a list of them for several inputs."""
        return alone([x.shape for x in self.inputs])

    @property
    def output_shape(self) -> Any:
        """The shape of the output, None for the batch; a list of them for several outputs."""
        return alone([x.shape for x in self.outputs])

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that give the outputs."""
        return [x.call.made_by.name for x in self.outputs]

    def get_build_config(self) -> Config:
        """A model of inputs and outputs is built as it is made."""
        return {"input_shape": None}

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """A model of layers made and called as the config says.

        Errors: ValueError for a config that misses something or whose calls lead nowhere.
        """
        for key in ("name", "layers", "input_layers", "output_layers"):
            if key not in config:
                raise ValueError(
                    f"The config of a Functional model must have {key!r}. Received: {list(config)}"
                )
        made = _Rebuilding(config["layers"], custom_objects)
        function = made.inputs_and_outputs(config["input_layers"], config["output_layers"])
        model = cls(*function, name=config["name"])
        model._trainable = bool(config.get("trainable", True))  # the layers say so for themselves
        return model


def _history(x: KerasTensor, places: Mapping[int, int]) -> list[Any]:
    if all(x is not y for y in tree.flatten(x.call.outputs)):
        raise ValueError(
            f"The config cannot say that the mask of {x.call.made_by.name!r} is used by itself: leave "
            "it out where it travels with its value, or compute it by `lamina.ops`"
        )
    return [x.call.made_by.name, places[id(x.call)], x.place]


def _end(x: KerasTensor, places: Mapping[int, int]) -> list[Any]:
    """As `_history`, but Keras counts the calls of models from 1 there."""
    name, place, index = _history(x, places)
    return [name, place + isinstance(x.call.made_by, Functional), index]


def _step_config(function: Function, step: Any, places: Mapping[int, int]) -> Config:
    """A layer's config with its calls, or an operation's."""
    calls = [c for c in function.uses(step) if c.args or c.kwargs]
    if isinstance(step, AppliedOperation):
        config, *node = operation_config(calls[0])
        nodes: list[Any] = [node]
    else:
        config = serialize_keras_object(step)
        nodes = [(call.args, call.kwargs) for call in calls]
    return {
        **config,
        "name": step.name,
        "inbound_nodes": [
            {"args": _saved(list(args), places), "kwargs": _saved(kwargs, places)}
            for args, kwargs in nodes
        ],
    }


def _saved(arguments: Any, places: Mapping[int, int]) -> Any:
    """Arguments with each symbolic value as the config of its place."""

    def saved(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return serialize_keras_object(x)
        history = _history(x, places)
        config = {"shape": x.shape, "dtype": x.dtype, "keras_history": history}
        return {"class_name": "__keras_tensor__", "config": config}

    return tree.map_structure(saved, arguments)


class _Rebuilding:
    """The layers of a config, and the values their calls have given so far."""

    def __init__(self, entries: Any, custom_objects: Mapping[str, Any] | None) -> None:
        self.layers: dict[str, Any] = {}
        self.values: dict[tuple[str, int, int], KerasTensor] = {}
        waiting = []
        for entry in entries:
            layer = _step(entry, custom_objects)
            name = entry.get("name", layer.name)
            self.layers[name] = layer
            if isinstance(layer, InputLayer):
                self._keep(name, 0, layer.output)
            for place, saved in enumerate(entry.get("inbound_nodes", ())):
                node = deserialize_keras_object(saved, custom_objects)
                if not _saved_tensors(node):
                    raise ValueError(f"The config calls {name!r} on no symbolic value")
                waiting.append((name, place, node))
        self._call(waiting)

    def _keep(self, name: str, place: int, outputs: Any) -> list[tuple[str, int, int]]:
        """Keeps what a call gave, and returns the places of it."""
        kept = {(name, place, i): x for i, x in enumerate(tree.flatten(outputs))}
        self.values |= kept
        return list(kept)

    def _call(self, calls: list[Any]) -> None:
        """Repeats the calls, each when its arguments are there and those before it are done."""
        waiting: dict[Any, list[Any]] = defaultdict(list)  # by a value that is missing
        ready = deque(calls)
        while ready:
            name, place, node = call = ready.popleft()
            needed = [*map(_key, _saved_tensors(node)), *([(name, place - 1, 0)] if place else [])]
            missing = [key for key in needed if key not in self.values]
            if missing:
                waiting[missing[0]].append(call)
                continue
            args, kwargs = (self._restored(node[key]) for key in ("args", "kwargs"))
            for key in self._keep(name, place, self.layers[name](*args, **kwargs)):
                ready.extend(waiting.pop(key, ()))
        if waiting:
            names = sorted({name for group in waiting.values() for name, _, _ in group})
            raise ValueError(
                "The config's calls cannot be repeated: some need what none of the others gives. "
                f"Received: calls of {names}"
            )

    def _restored(self, saved: Any) -> Any:
        """Saved arguments with symbolic values in place of their configs."""
        if isinstance(saved, SavedTensor):
            return self.values[_key(saved)]
        if isinstance(saved, dict):
            return {key: self._restored(value) for key, value in saved.items()}
        if isinstance(saved, (list, tuple)):
            return [self._restored(value) for value in saved]
        return saved

    def inputs_and_outputs(self, inputs: Any, outputs: Any) -> tuple[Any, Any]:
        return self._named(inputs), self._named(outputs)

    def _named(self, saved: Any) -> Any:
        if isinstance(saved, dict):
            return {key: self._named(value) for key, value in saved.items()}
        if len(saved) == 3 and isinstance(saved[0], str):
            first = isinstance(self.layers.get(saved[0]), Functional)
            key = (saved[0], int(saved[1]) - first, int(saved[2]))
            if key not in self.values:
                raise ValueError(f"The config names an output that no layer gives: {list(saved)}")
            return self.values[key]
        return [self._named(value) for value in saved]


def _step(entry: Any, custom_objects: Mapping[str, Any] | None) -> Any:
    if str(entry.get("module", "")).startswith(("keras.src.ops", "keras.src.activations")):
        return SavedOperation(entry, custom_objects)
    plain = {key: value for key, value in entry.items() if key not in ("name", "inbound_nodes")}
    return deserialize_keras_object(plain, custom_objects)


def _saved_tensors(node: Any) -> list[SavedTensor]:
    if isinstance(node, SavedTensor):
        return [node]
    if isinstance(node, dict):
        return [x for value in node.values() for x in _saved_tensors(value)]
    if isinstance(node, (list, tuple)):
        return [x for value in node for x in _saved_tensors(value)]
    return []


def _key(x: SavedTensor) -> tuple[str, int, int]:
    name, place, index = x.keras_history
    return str(name), int(place), int(index)
