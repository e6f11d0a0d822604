"""A model as a function: the calls of layers and operations that lead from inputs to outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from lamina import ops, tree
from lamina.dtype_policies.floatx import FLOATS
from lamina.graph.masks import mask_of
from lamina.graph.symbolic import Call, KerasTensor
from lamina.graph.tensor import Tensor
from lamina.layers.arguments import cast_float
from lamina.layers.input_layer import Input, InputLayer


class Function:
    """The calls between symbolic inputs and outputs (each a value, or a list or dict of them).

    Errors: ValueError when an output does not depend on the inputs alone.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.inputs, self.outputs = inputs, outputs
        self.flat_inputs = _symbolic("inputs", inputs)
        self.flat_outputs = _symbolic("outputs", outputs)
        if len({id(x) for x in self.flat_inputs}) != len(self.flat_inputs):
            raise ValueError(
                "All `inputs` to a model must be different. Received: "
                f"inputs={[x.name for x in self.flat_inputs]}"
            )
        self._inner = {id(x) for x in self.flat_inputs if not _is_entry(x.call)}
        self.calls = self._in_order()
        self._check()

    def _check(self) -> None:
        given = {id(x) for x in self.flat_inputs}
        for call in self.calls:
            if _is_entry(call) and id(call.outputs) not in given:
                raise ValueError(
                    "`inputs` not connected to `outputs`: the outputs need "
                    f"'{call.made_by.name}' too. Received: "
                    f"inputs={[x.name for x in self.flat_inputs]}"
                )
        calls = [*self.calls, *(x.call for x in self.flat_inputs if _is_entry(x.call))]
        made_by = {id(call.made_by): call.made_by for call in calls}
        for name, uses in Counter(layer.name for layer in made_by.values()).items():
            if uses > 1:
                raise ValueError(
                    f'The name "{name}" is used {uses} times in the model. All layers '
                    "should have unique names."
                )

    def __call__(self, inputs: Any, training: bool | None = None) -> Any:
        """The outputs for values nested like the inputs: every call once, in order.

        `training`, if it is known, goes before what the calls were told.
        """
        given = map(_as_declared, tree.flatten(inputs), self.flat_inputs)
        known = dict(zip(map(id, self.flat_inputs), given))
        for call in self.calls:
            if any(id(x) not in known for x in tree.flatten(call.outputs)):
                results = call.repeat(known, training=training)
                for x, value in zip(tree.flatten(call.outputs), tree.flatten(results)):
                    known[id(x)] = value
                    if x._keras_mask is not None:
                        known[id(x._keras_mask)] = mask_of(value)
        return alone(tree.map_structure(lambda x: known[id(x)], self.outputs))

    def _before(self, call: Call) -> list[Call]:
        """The calls that made the arguments, as far as they belong to this function."""
        return [x.call for x in call.inputs if id(x) not in self._inner]

    def _ends(self) -> list[Call]:
        return [x.call for x in self.flat_outputs if id(x) not in self._inner]

    def _in_order(self) -> list[Call]:
        """The calls that the outputs need, each after those it needs."""
        done: set[int] = set()
        order: list[Call] = []
        stack = [(call, False) for call in reversed(self._ends())]
        while stack:
            call, ready = stack.pop()
            if id(call) in done:
                continue
            if ready:
                done.add(id(call))
                order.append(call)
            else:
                stack.append((call, True))
                stack += [(before, False) for before in reversed(self._before(call))]
        return order

    def _from_outputs(self) -> Iterator[Call]:
        """Each call once, from the outputs on, the first argument's way first."""
        seen: set[int] = set()
        stack = self._ends()[::-1]
        while stack:
            call = stack.pop()
            if id(call) not in seen:
                seen.add(id(call))
                yield call
                stack += self._before(call)[::-1]

    @property
    def operations(self) -> list[Any]:
        """The layers and operations in Keras's order."""
        return self._by_depth[0]

    @cached_property
    def _by_depth(self) -> tuple[list[Any], list[int]]:
        """The layers and operations in Keras's order, and how far each is from the outputs.

        A layer is as far as the farthest of its uses.  The farthest come first; equals stand as
        they are met on the way from the outputs.
        """
        met: dict[int, int] = {}
        for call in self._from_outputs():
            met.setdefault(id(call.made_by), len(met))
        distance: dict[int, int] = {}  # of calls
        depth: dict[int, int] = {}  # of layers
        layers: dict[int, Any] = {}
        for call in reversed(self.calls):
            layer = id(call.made_by)
            layers[layer] = call.made_by
            distance[id(call)] = depth[layer] = max(distance.get(id(call), 0), depth.get(layer, 0))
            for before in self._before(call):
                distance[id(before)] = max(distance.get(id(before), 0), distance[id(call)] + 1)
        for x in self.flat_inputs:  # one that no output needs stands first among the last
            entry = x.call.made_by
            if _is_entry(x.call) and id(entry) not in depth:
                layers[id(entry)], depth[id(entry)], met[id(entry)] = entry, 0, -1
        order = sorted(layers, key=lambda layer: (-depth[layer], met[layer]))
        return [layers[layer] for layer in order], [depth[layer] for layer in order]

    def uses(self, layer: Any) -> list[Call]:
        """The calls of a layer in this function, in the order in which they were made."""
        own = {id(call) for call in self.calls} | {id(x.call) for x in self.flat_inputs}
        made = getattr(layer, "calls", None)
        if made is None:
            made = [call for call in self.calls if call.made_by is layer]
        return [call for call in made if id(call) in own]

    @cached_property
    def tells_training(self) -> bool:
        """Whether a call was told `training`."""
        return any(call.kwargs.get("training") is not None for call in self.calls)

    @property
    def is_chain(self) -> bool:
        """Whether each layer is used once, on the output of the one before."""
        uses = [call for step in self.operations for call in self.uses(step)]
        operations, depths = self._by_depth
        alone = len(uses) == len(operations) and len(set(depths)) == len(depths)
        return alone and all(len(call.inputs) <= 1 for call in uses)


def described(inputs: Any, outputs: Any) -> Function:
    """The function of a model: from the middle of another one, the calls are made anew."""
    function = Function(inputs, outputs)
    if all(_is_entry(x.call) for x in function.flat_inputs):
        return function
    entries = [
        x if _is_entry(x.call) else Input(x.shape[1:], dtype=x.dtype, name=f"{x.name}CLONE")
        for x in function.flat_inputs
    ]
    made = function(entries)
    outputs = tree.pack_sequence_as(outputs, tree.flatten(made))
    return Function(tree.pack_sequence_as(inputs, entries), outputs)


def alone(outputs: Any) -> Any:
    """The only entry of a list or tuple of one."""
    return outputs[0] if isinstance(outputs, (list, tuple)) and len(outputs) == 1 else outputs


def _is_entry(call: Call) -> bool:
    return isinstance(call.made_by, InputLayer)


def _as_declared(x: Any, declared: KerasTensor) -> Any:
    """A tensor in the float dtype of the `Input` that stands for it; as in Keras with or without
    its last axis where that is of size 1."""
    if not isinstance(x, Tensor):
        return x
    if x.dtype != declared.dtype and x.dtype in FLOATS and declared.dtype in FLOATS:
        x = cast_float(x, declared.dtype)
    more = len(declared.shape) - len(x.shape)
    if more == 1 and declared.shape[-1] == 1:
        return ops.expand_dims(x, -1)
    return ops.squeeze(x, -1) if more == -1 and x.shape[-1] == 1 else x


def _symbolic(name: str, values: Any) -> list[KerasTensor]:
    flat = tree.flatten(values)
    wrong = [x for x in flat if not isinstance(x, KerasTensor)]
    if wrong or not flat:
        raise ValueError(
            f"All `{name}` values must be KerasTensors, as `Input()` and layers called on it give. "
            f"Received: {name}={values!r}"
        )
    return flat
