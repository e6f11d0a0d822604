"""Calls of ONNX operators and the constants they read, as they are collected for a model.

A value is known by its name.  It holds float32, bool or int64; a tensor of a graph has a value of
the kind that its operator gives, and others are made of it where an operator wants them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina.export.graph import InferenceGraph, Names
from lamina.graph.tensor import Node, Tensor

FLOAT, BOOL, INT = "float32", "bool", "int64"


class Call(NamedTuple):
    """One operator on values."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]


class Builder:
    """Collects what a graph becomes."""

    def __init__(self, graph: InferenceGraph) -> None:
        self.graph = graph
        tensors = [*graph.inputs, *graph.constants, *(y for n in graph.nodes for y in n.outputs)]
        self.names = Names([x.name for x in tensors] + graph.output_names)
        self.calls: list[Call] = []
        self.arrays: dict[str, np.ndarray] = {}
        self.kinds: dict[str, str] = {}  # of values: a dtype's name
        self.renamed: dict[str, str] = {}
        self._values: dict[int, str] = {}  # of tensors, by id
        self._made: dict[Any, str] = {}  # conversions and constants that are known
        self._prefix = ""
        for x, dtype in zip(graph.inputs, graph.input_dtypes):
            self._values[id(x)], self.kinds[x.name] = x.name, dtype
        for x in graph.constants:
            self._values[id(x)] = self._array(x.name, np.asarray(x.value, np.float32))

    # --- values -----------------------------------------------------------------------------------

    def emit(self, operator: str, *inputs: str, kind: str = FLOAT, **attributes: Any) -> str:
        """Adds a call and gives its result."""
        return self.emit_all(operator, *inputs, kind=kind, outputs=1, **attributes)[0]

    def emit_all(
        self, operator: str, *inputs: str, outputs: int, kind: str = FLOAT, **attributes: Any
    ) -> tuple[str, ...]:
        """Adds a call and gives its results."""
        names = tuple(self.names.new(f"{self._prefix}/{operator}") for _ in range(outputs))
        self.kinds.update(dict.fromkeys(names, kind))
        self.calls.append(Call(operator, inputs, names, attributes))
        return names

    def floats(self, x: Tensor | str) -> str:
        """A tensor's value as float32."""
        return self._as(x, FLOAT)

    def truths(self, x: Tensor | str) -> str:
        """A tensor's value as bool: whether it is not 0."""
        return self._as(x, BOOL)

    def whole(self, x: Tensor | str) -> str:
        """A tensor's value as int64, cut off towards 0."""
        return self._as(x, INT)

    def _as(self, x: Tensor | str, kind: str) -> str:
        name = x if isinstance(x, str) else self._values[id(x)]
        if self.kinds[name] == kind:
            return name
        key = name, kind
        if key not in self._made:
            if name in self.arrays:
                self._made[key] = self.constant(self.arrays[name], kind)
            else:
                self._made[key] = self.emit("Cast", name, kind=kind, to=kind)
        return self._made[key]

    def value(self, x: Tensor) -> str:
        """A tensor's value as it is made."""
        return self._values[id(x)]

    def kind(self, x: Tensor) -> str:
        """What a tensor's value holds as it is made."""
        return self.kinds[self._values[id(x)]]

    def constant(self, value: Any, kind: str = FLOAT) -> str:
        """Numbers as a value."""
        array = np.asarray(value).astype(kind)
        key = kind, array.shape, array.tobytes()
        if key not in self._made:
            self._made[key] = self._array(self.names.new("constant"), array)
        return self._made[key]

    def _array(self, name: str, array: np.ndarray) -> str:
        self.arrays[name], self.kinds[name] = array, array.dtype.name
        return name

    # --- sizes ------------------------------------------------------------------------------------

    def shape(self, dims: Sequence[int]) -> str:
        """The sizes of a shape that may depend on the batch, int64."""
        if all(d >= 0 for d in dims):
            return self.constant(list(dims), INT)
        if self._made.get("batch") is None:
            sizes = self.emit("Shape", self._values[id(self.graph.inputs[0])], kind=INT)
            self._made["batch"] = self.emit("Gather", sizes, self.constant([0], INT), kind=INT)
        batch, parts = self._made["batch"], []
        for d in dims:
            if d >= 0:
                parts.append(self.constant([d], INT))
            elif d == -1:
                parts.append(batch)
            else:
                parts.append(self.emit("Mul", batch, self.constant([-d], INT), kind=INT))
        return parts[0] if len(parts) == 1 else self.emit("Concat", *parts, kind=INT, axis=0)

    def reshape(self, value: str, dims: Sequence[int]) -> str:
        """A value in another shape."""
        kind = self.kinds[value]
        if 0 in dims:
            return self.emit("Reshape", value, self.shape(dims), kind=kind, allowzero=1)
        sizes = self.constant([-1 if d < 0 else d for d in dims], INT)
        return self.emit("Reshape", value, sizes, kind=kind)

    # --- nodes ------------------------------------------------------------------------------------

    def begin(self, node: Node) -> None:
        """What is emitted from here on is of that node."""
        self._prefix = node.output.name
        self._first = len(self.calls)

    def end(self, tensors: Sequence[Tensor], values: Sequence[str]) -> None:
        """The results of the node that was begun; values that were made for it get their names."""
        own = {name for call in self.calls[self._first :] for name in call.outputs}
        for tensor, value in zip(tensors, values):
            self._values[id(tensor)] = value
            if value in own and value not in self.renamed and self.kinds[value] == FLOAT:
                self.renamed[value] = tensor.name

    def results(self) -> None:
        """Gives the graph's outputs, as float32, their names."""
        for tensor, name in zip(self.graph.outputs, self.graph.output_names):
            self._prefix = name
            value = self.floats(tensor)
            if self.renamed.get(value, value) == name and value not in self.arrays:
                continue
            made = any(value in call.outputs for call in self.calls)
            if not made or value in self.renamed:
                value = self.emit("Identity", value)
            self.renamed[value] = name
