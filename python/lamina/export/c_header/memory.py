"""What a header's function computes, step by step, and where its numbers lie.

A step is a node, or neighbouring nodes that compute each element alone: these share a loop.  Reshapes,
casts and parts that lie in a row are other views of the same numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from lamina.export.c_header.loops import steps_of
from lamina.graph import dims as _dims
from lamina.graph.graph import Graph
from lamina.graph.plan import Workspace
from lamina.graph.schedule import ELEMENTWISE
from lamina.graph.tensor import Node, Tensor


def sizes_of(x: Tensor) -> tuple[int, ...]:
    """The shape for one sample."""
    return _dims.resolve(x.dims, 1)


def size_of(x: Tensor) -> int:
    return _dims.size(sizes_of(x))


VIEWS = ("reshape", "cast")


class View(NamedTuple):
    """The tensor that holds the numbers, and the first of them."""

    root: Tensor
    start: int


def view_of(x: Tensor) -> View:
    start, node = 0, x.node
    while node is not None and (first := _first_of(node)) is not None:
        x, start = node.inputs[0], start + first
        node = x.node
    return View(x, start)


def _first_of(node: Node) -> int | None:
    """Where the numbers of the result start in those of the operand, if they lie there in a row."""
    name = node.operation.name
    if name in VIEWS:
        return 0
    if name == "broadcast_to":
        return 0 if size_of(node.output) == size_of(node.inputs[0]) else None
    if name != "slice":
        return None
    whole, part = sizes_of(node.inputs[0]), sizes_of(node.output)
    starts = [int(start) for start in node.attributes["starts"]]
    steps = node.attributes["steps"]
    cut = [axis for axis, n in enumerate(whole) if part[axis] != n]
    in_a_row = all(step == 1 or n == 1 for step, n in zip(steps, part))
    if not in_a_row or (cut and any(n != 1 for n in part[: cut[-1]])):
        return None
    return sum(start * step for start, step in zip(starts, steps_of(whole)))


def operands_of(node: Node) -> tuple[Tensor, ...]:
    """What the node reads; an elementwise one reads what is repeated for it where it lies."""
    if node.operation.name not in ELEMENTWISE:
        return node.inputs
    return tuple(_unrepeated(x) for x in node.inputs)


def _unrepeated(x: Tensor) -> Tensor:
    while x.node is not None and x.node.operation.name == "broadcast_to":
        (x,) = x.node.inputs
    return x


# --- steps ----------------------------------------------------------------------------------------


class Step:
    """Nodes that are computed in one go."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    @property
    def elementwise(self) -> bool:
        return self.nodes[0].operation.name in ELEMENTWISE

    @property
    def made(self) -> list[Tensor]:
        return [y for node in self.nodes for y in node.outputs]

    def read(self) -> list[Tensor]:
        """The operands that other steps made."""
        own = {id(y) for y in self.made}
        operands = [x for node in self.nodes for x in operands_of(node)]
        return [x for x in operands if id(view_of(x).root) not in own]

    def takes(self, node: Node) -> bool:
        """Whether the loop may go on with the node."""
        own = {id(y) for y in self.made}
        sizes = sizes_of(node.output)
        return (
            self.elementwise
            and node.operation.name in ELEMENTWISE
            and sizes_of(self.nodes[0].output) == sizes
            and all(sizes_of(x) == sizes for x in operands_of(node) if id(view_of(x).root) in own)
        )


def steps(graph: Graph) -> list[Step]:
    found: list[Step] = []
    for node in _needed(graph):
        if found and found[-1].takes(node):
            found[-1].nodes.append(node)
        else:
            found.append(Step([node]))
    return found


def _needed(graph: Graph) -> list[Node]:
    """The nodes that are not views."""
    needed = {id(view_of(x).root) for x in graph.outputs}
    nodes = []
    for node in reversed(graph.nodes):
        if any(id(y) in needed for y in node.outputs):
            nodes.append(node)
            needed.update(id(view_of(x).root) for x in operands_of(node))
    return nodes[::-1]


# --- memory ---------------------------------------------------------------------------------------


class Buffer:
    """Memory of some floats, in use from one step to another: in the workspace, or an output's own.

    It has the name of the last tensor in it.
    """

    def __init__(self, name: str, size: int, step: int) -> None:
        self.name, self.size, self.first, self.last = name, size, step, step
        self.output: int | None = None
        self.offset = 0


class Memory:
    """A buffer for each tensor that a step keeps, by the tensor's id.

    `converted` are inputs that become floats before the first step.  `copies` are the outputs (by
    number) that are made elsewhere.
    """

    def __init__(
        self, graph: Graph, steps: Sequence[Step], converted: Sequence[Tensor] = ()
    ) -> None:
        self.steps = steps
        self.buffers: dict[int, Buffer] = {}
        self.last_read: dict[int, int] = {}
        for number, step in enumerate(steps):
            for x in step.read():
                self.last_read[id(view_of(x).root)] = number
        outputs = {id(view_of(x).root) for x in graph.outputs}
        self.last_read |= dict.fromkeys(outputs, len(steps))
        for x in converted:
            self.buffers[id(x)] = Buffer(f"{x.name}/floats", size_of(x), -1)
            self.buffers[id(x)].last = self.last_read.get(id(x), -1)
        for number, step in enumerate(steps):
            kept = self.kept(step)
            for y in kept:
                self.buffers[id(y)] = self._buffer(y, number, kept)
        self.copies = self._give_outputs(graph)
        self.size = self._lay_out()

    def kept(self, step: Step) -> list[Tensor]:
        """The results that have memory."""
        return [y for y in step.made if id(y) in self.last_read or not step.elementwise]

    def _buffer(self, y: Tensor, number: int, kept: Sequence[Tensor]) -> Buffer:
        """That of an operand which is not needed any more, or a new one."""
        step, last = self.steps[number], self.last_read.get(id(y), number)
        found = None
        if step.elementwise and len(kept) == 1:
            found = next((b for x in step.read() if (b := self._left(x, y, number))), None)
        if found is None:
            found = Buffer(y.name, size_of(y), number)
        found.name, found.last = y.name, last
        return found

    def _left(self, x: Tensor, y: Tensor, number: int) -> Buffer | None:
        root, start = view_of(x)
        reads = [v for v in self.steps[number].read() if view_of(v).root is root]
        alike = all(view_of(v).start == 0 and sizes_of(v) == sizes_of(y) for v in reads)
        buffer = self.buffers.get(id(root))
        fits = buffer is not None and buffer.size == size_of(y) and buffer.last == number
        return buffer if fits and alike and start == 0 else None

    def _give_outputs(self, graph: Graph) -> list[int]:
        copies = []
        for number, x in enumerate(graph.outputs):
            root, start = view_of(x)
            buffer = self.buffers.get(id(root))
            if buffer is None or start or buffer.size != size_of(x) or buffer.output is not None:
                copies.append(number)
            else:
                buffer.output = number
        return copies

    def in_workspace(self) -> list[Buffer]:
        """In the order in which they are used."""
        unique = {id(b): b for b in self.buffers.values() if b.output is None}
        return list(unique.values())

    def _lay_out(self) -> int:
        workspace = Workspace()
        used: list[Buffer] = []
        for number, waiting in itertools.groupby(self.in_workspace(), lambda b: b.first):
            for buffer in [b for b in used if b.last < number]:
                workspace.give(buffer.offset, buffer.size)
                used.remove(buffer)
            for buffer in waiting:
                buffer.offset = workspace.take(buffer.size)
                used.append(buffer)
        return workspace.size
