"""Planning: where each tensor lies, so that a run allocates nothing.

A tensor gets a slot: the memory of a variable or constant, or an offset in one workspace.  Memory
of tensors that are no longer needed is used again; within a group of calls that threads run side by
side, each on its part, only for tensors of the same size.  An update is written straight into its
variable when no one reads the old value later, else copied there at the end.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lamina.graph import dims as _dims
from lamina.graph.dims import Dims
from lamina.graph.graph import Graph
from lamina.graph.schedule import OF_SHAPES, schedule
from lamina.graph.tensor import Node, Tensor

_VIEWS = ("reshape", "stop_gradient", "cast")
_IN_PLACE = (
    "accumulate", "sgd", "adam", "rmsprop", "maximum", "add", "subtract", "multiply", "divide", "where",
    "increment", "advance",
)  # fmt: skip
_ALIGNMENT = 16  # floats: a cache line


class Slot:
    """A tensor's place: `array`, or `offset` floats into the workspace; neither for one that is used
    within a group of rows only, and kept by the thread that computes its rows."""

    def __init__(
        self, dims: Dims, array: np.ndarray | None = None, offset: int | None = None
    ) -> None:
        self.dims, self.array, self.offset = dims, array, offset

    @property
    def place(self) -> np.ndarray | int | None:
        """What is there of the two."""
        return self.offset if self.array is None else self.array


class Call(NamedTuple):
    """One call; neighbours of one group (not 0) run side by side, each on its part."""

    operation: str
    inputs: list[int]  # slots
    outputs: list[int]
    attributes: dict[str, Any]
    group: int = 0


class Plan:
    """Slots, and the calls on them.

    A view is (slot, the slot whose memory it shows): a program may move its inputs.
    """

    def __init__(self) -> None:
        self.slots: list[Slot] = []
        self.calls: list[Call] = []
        self.inputs: list[int] = []
        self.outputs: list[int] = []
        self.views: list[tuple[int, int]] = []
        self.workspace_size = 0


def plan(graph: Graph, batch_size: int) -> Plan:
    """The plan for batches of up to `batch_size` rows."""
    return _Planner(graph, batch_size).run()


class Workspace:
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
        self.stages = schedule(graph)
        self.nodes = [node for stage in self.stages for node in stage.nodes]
        self.batch_size = batch_size
        self.plan = Plan()
        self.slot: dict[int, int] = {}  # tensor id -> slot
        self.workspace = Workspace()
        self.left: dict[int, list[int]] = {}  # size -> offsets that the group has done with
        self.end_of_rows = 0  # the step after a group of rows, while that is planned
        self.last_read = self._last_reads()
        self.in_place = self._in_place_updates()

    def run(self) -> Plan:
        for x in self.graph.inputs:
            self.plan.inputs.append(self._place(x))
        step = 0
        for number, stage in enumerate(self.stages, 1):
            by_rows = stage.split and stage.nodes[0].output.dims[0] >= 0
            self.end_of_rows = step + len(stage.nodes) if by_rows else 0
            for node in stage.nodes:
                self._call(node, number if stage.split else 0)
                self._release(node, step)
                step += 1
                if not stage.split:
                    self._end_group()
            self._end_group()
        self._store_updates()
        self.plan.outputs = [self._place(x) for x in self.graph.outputs]
        self.plan.workspace_size = self.workspace.size
        return self.plan

    def _call(self, node: Node, group: int) -> None:
        name = node.operation.name
        if name in _VIEWS:
            self._place(node.inputs[0])
            self._view(node.output, node.inputs[0])
            return
        inputs = [self._shape(x) if name in OF_SHAPES else self._place(x) for x in node.inputs]
        outputs = [self._place(y) for y in node.outputs]
        self.plan.calls.append(Call(name, inputs, outputs, node.attributes, group))

    def _root(self, x: Tensor) -> Tensor:
        """The tensor whose memory a view shows."""
        while x.node is not None and x.node.operation.name in _VIEWS:
            x = x.node.inputs[0]
        return x

    def _touched(self, node: Node) -> list[Tensor]:
        """The tensors whose memory the node reads or writes."""
        inputs = () if node.operation.name in OF_SHAPES else node.inputs
        return [self._root(x) for x in (*node.outputs, *inputs)]

    def _last_reads(self) -> dict[int, int]:
        """By the id of a tensor with memory of its own: the last step that touches it."""
        last: dict[int, int] = {}
        for step, node in enumerate(self.nodes):
            for x in self._touched(node):
                last[id(x)] = step
        end = len(self.nodes)
        for x in self.graph.results():
            last[id(self._root(x))] = end
        return last

    def _in_place_updates(self) -> dict[int, Any]:
        """Tensor id -> the variable whose memory it is computed into."""
        chosen: dict[int, Any] = {}
        steps = {id(node): step for step, node in enumerate(self.nodes)}
        read = (*self.graph.results(), *(x for n in self.nodes for x in n.inputs))
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

    def _shape(self, x: Tensor) -> int:
        """A slot that stands for the shape alone."""
        self.plan.slots.append(Slot(x.dims, offset=0))
        return len(self.plan.slots) - 1

    def _view(self, view: Tensor, x: Tensor) -> None:
        shown = self.slot[id(self._root(x))]
        of = self.plan.slots[shown]
        self._add(view, Slot(view.dims, of.array, of.offset))
        self.plan.views.append((self.slot[id(view)], shown))

    def _room(self, size: int) -> int:
        size = -size * self.batch_size if size < 0 else size
        return max(-(-size // _ALIGNMENT), 1) * _ALIGNMENT

    def _release(self, node: Node, step: int) -> None:
        """Gives back the memory of what no later step touches.

        Within a group it may only go to a tensor of that very size: then a thread that is ahead
        writes where it alone has read.
        """
        for x in {id(x): x for x in self._touched(node)}.values():
            slot = self.plan.slots[self.slot[id(x)]]
            if slot.offset is not None and self.last_read[id(x)] == step:
                self.left.setdefault(_dims.size(x.dims), []).append(slot.offset)

    def _end_group(self) -> None:
        for size, offsets in self.left.items():
            for offset in offsets:
                self.workspace.give(offset, self._room(size))
        self.left.clear()

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
        if self.last_read.get(id(x), self.end_of_rows) < self.end_of_rows:
            return Slot(x.dims)
        size = _dims.size(x.dims)
        left = self.left.get(size)
        return Slot(x.dims, offset=left.pop() if left else self.workspace.take(self._room(size)))

    def _copy(self, source: int, target: Slot) -> int:
        """The slot of a copy."""
        self.plan.slots.append(target)
        self.plan.calls.append(Call("reshape", [source], [len(self.plan.slots) - 1], {}))
        return len(self.plan.slots) - 1
