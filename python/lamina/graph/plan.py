"""Planning: where each tensor lies, so that a run allocates nothing.

A tensor gets a slot: the memory of a variable or constant, or an offset in one workspace.  Memory
of tensors that are no longer needed is used again.  An update is written straight into its variable
when no one reads the old value later, else copied there at the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.graph import dims as _dims
from lamina.graph.dims import Dims
from lamina.graph.graph import Graph
from lamina.graph.tensor import Tensor

_VIEWS = ("reshape", "stop_gradient")
_IN_PLACE = frozenset(
    ("rmsprop", "add", "subtract", "multiply", "divide", "where", "increment", "advance")
)
_ALIGNMENT = 16  # floats: a cache line


class Slot:
    """A tensor's place: `array`, or `offset` floats into the workspace."""

    def __init__(self, dims: Dims, array: np.ndarray | None = None, offset: int = 0) -> None:
        self.dims, self.array, self.offset = dims, array, offset


class Plan:
    """Slots, and the calls on them: (operation, input slots, output slots, attributes)."""

    def __init__(self) -> None:
        self.slots: list[Slot] = []
        self.calls: list[tuple[str, list[int], list[int], dict[str, Any]]] = []
        self.inputs: list[int] = []
        self.outputs: list[int] = []
        self.workspace_size = 0


def plan(graph: Graph, batch_size: int) -> Plan:
    """The plan for batches of up to `batch_size` rows."""
    return _Planner(graph, batch_size).run()


class _Workspace:
    """Offsets for tensors: first fit among what is free."""

    def __init__(self) -> None:
        self.free: list[tuple[int, int]] = []  # (offset, size), in order
        self.size = 0

    def take(self, size: int) -> int:
        for i, (offset, room) in enumerate(self.free):
            if room >= size:
                self.free[i : i + 1] = [(offset + size, room - size)] if room > size else []
                return offset
        self.size += size
        return self.size - size

    def give(self, offset: int, size: int) -> None:
        merged: list[tuple[int, int]] = []
        for start, room in sorted([*self.free, (offset, size)]):
            if merged and merged[-1][0] + merged[-1][1] == start:
                start, room = merged[-1][0], merged[-1][1] + room
                merged.pop()
            merged.append((start, room))
        self.free = merged


class _Planner:
    def __init__(self, graph: Graph, batch_size: int) -> None:
        self.graph = graph
        self.batch_size = batch_size
        self.plan = Plan()
        self.slot: dict[int, int] = {}  # tensor id -> slot
        self.workspace = _Workspace()
        self.last_read = self._last_reads()
        self.in_place = self._in_place_updates()

    def run(self) -> Plan:
        for x in self.graph.inputs:
            self.plan.inputs.append(self._place(x))
        for step, node in enumerate(self.graph.nodes):
            inputs = [self._place(x) for x in node.inputs]
            if node.operation.name in _VIEWS:
                self._view(node.output, node.inputs[0])
            else:
                outputs = [self._place(y) for y in node.outputs]
                self.plan.calls.append((node.operation.name, inputs, outputs, node.attributes))
            self._release(step)
        self._store_updates()
        self.plan.outputs = [self._place(x) for x in self.graph.outputs]
        self.plan.workspace_size = self.workspace.size
        return self.plan

    def _root(self, x: Tensor) -> Tensor:
        """The tensor whose memory a view shows."""
        while x.node is not None and x.node.operation.name in _VIEWS:
            x = x.node.inputs[0]
        return x

    def _last_reads(self) -> dict[int, int]:
        """By the id of a tensor with memory of its own: the last step that touches it."""
        last: dict[int, int] = {}
        for step, node in enumerate(self.graph.nodes):
            for x in (*node.outputs, *node.inputs):
                last[id(self._root(x))] = step
        end = len(self.graph.nodes)
        for x in self.graph.results():
            last[id(self._root(x))] = end
        return last

    def _in_place_updates(self) -> dict[int, Any]:
        """Tensor id -> the variable whose memory it is computed into."""
        chosen: dict[int, Any] = {}
        steps = {id(node): step for step, node in enumerate(self.graph.nodes)}
        read = (*self.graph.results(), *(x for n in self.graph.nodes for x in n.inputs))
        leaves = {x.variable: x for x in read if x.variable is not None}
        for variable, tensor in self.graph.updates.items():
            node = tensor.node
            if node is None or node.operation.name not in _IN_PLACE or id(tensor) in chosen:
                continue
            old = leaves.get(variable)
            if old is None or self.last_read[id(old)] <= steps[id(node)]:
                chosen[id(tensor)] = variable
        return chosen

    def _place(self, x: Tensor) -> int:
        if id(x) not in self.slot:
            variable = x.variable if x.variable is not None else self.in_place.get(id(x))
            if variable is not None:
                made = Slot(x.dims, array=variable.array)
            elif x.value is not None and x.node is None and not self._is_input(x):
                made = Slot(x.dims, array=np.ascontiguousarray(x.value, np.float32))
            else:
                made = self._anywhere(x)
            self._add(x, made)
        return self.slot[id(x)]

    def _add(self, x: Tensor, made: Slot) -> None:
        self.slot[id(x)] = len(self.plan.slots)
        self.plan.slots.append(made)

    def _view(self, view: Tensor, x: Tensor) -> None:
        of = self.plan.slots[self.slot[id(x)]]
        self._add(view, Slot(view.dims, of.array, of.offset))

    def _room(self, x: Tensor) -> int:
        size = _dims.size(x.dims)
        size = -size * self.batch_size if size < 0 else size
        return max(-(-size // _ALIGNMENT), 1) * _ALIGNMENT

    def _release(self, step: int) -> None:
        """Gives back the memory of what no later step reads."""
        node = self.graph.nodes[step]
        for x in {id(r): r for r in map(self._root, (*node.outputs, *node.inputs))}.values():
            slot = self.plan.slots[self.slot[id(x)]]
            if slot.array is None and self.last_read[id(x)] == step:
                self.workspace.give(slot.offset, self._room(x))

    def _store_updates(self) -> None:
        """Copies for updates that were not computed in place.

        Values that are other variables' old values go through memory of their own first.
        """
        pending = [(v, x) for v, x in self.graph.updates.items() if id(x) not in self.in_place
                   or self.in_place[id(x)] is not v]  # fmt: skip
        staged = []
        for variable, x in pending:
            source = self._place(x)
            if self.plan.slots[source].array is not None:
                source = self._copy(source, self._anywhere(x))
            staged.append((variable, source))
        for variable, source in staged:
            self._copy(source, Slot(variable.shape, array=variable.array))

    def _is_input(self, x: Tensor) -> bool:
        return any(x is y for y in self.graph.inputs)

    def _anywhere(self, x: Tensor) -> Slot:
        return Slot(x.dims, offset=self.workspace.take(self._room(x)))

    def _copy(self, source: int, target: Slot) -> int:
        """The slot of a copy."""
        self.plan.slots.append(target)
        self.plan.calls.append(("reshape", [source], [len(self.plan.slots) - 1], {}))
        return len(self.plan.slots) - 1
