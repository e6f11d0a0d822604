"""A model as boxes and arrows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lamina import activations, tree
from lamina.diagram.text import text_width
from lamina.graph.symbolic import AppliedOperation, Call
from lamina.layers.input_layer import InputLayer
from lamina.models.model import Model
from lamina.models.sequential import Sequential
from lamina.models.summary import format_shape

GAP_ALONG, GAP_ACROSS, BEND_GAP = 44.0, 28.0, 14.0
FRAME, TITLE = 18.0, 24.0  # around a nested model, and above it
HEADER, ROW, PADDING = 26.0, 17.0, 10.0
TITLE_SIZE, ROW_SIZE = 13.0, 11.5
_LEAST_WIDTH = 96.0
_PER_USE = 17.0  # the room for the arrows of a shared layer


@dataclass(frozen=True)
class Shown:
    """What a box tells of its layer."""

    shapes: bool = False
    dtype: bool = False
    names: bool = False
    activations: bool = False
    trainable: bool = False
    nested: bool = False


@dataclass(eq=False)
class Node:
    """A layer's box, the frame of a nested model, or a point that arrows pass.

    `across` and `along` say where its middle is and `width` and `height` how large it is in the
    picture; arrows run along.
    """

    kind: str
    title: str = ""
    name: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0
    inner: Graph | None = None
    rank: int = 0
    across: float = 0.0
    along: float = 0.0
    bar: float = 0.0  # across an entry or exit that several arrows share

    def size(self, lying: bool) -> tuple[float, float]:
        """How large it is across and along the flow."""
        return (self.height, self.width) if lying else (self.width, self.height)


@dataclass(eq=False)
class Edge:
    """An arrow from a port of a box to a port of another; `uses` numbers those of shared layers."""

    source: Node
    target: Node
    ports: tuple[int, int] = (0, 0)
    uses: tuple[str, str] = ("", "")
    points: list[tuple[float, float]] = field(default_factory=list)
    turned: bool = False  # against the flow: to an earlier use of a shared layer


@dataclass(eq=False)
class Graph:
    """Boxes and arrows; a nested model's frame has points where arrows enter and leave it."""

    nodes: list[Node]
    edges: list[Edge]
    entries: list[Node] = field(default_factory=list)
    exits: list[Node] = field(default_factory=list)
    across: float = 0.0  # how much room it takes


def read(model: Model, shown: Shown, framed: bool = False) -> Graph:
    """The layers of a built model and how they are connected; one box for a model of own code."""
    function = model._function
    if function is None:
        return Graph([_box(model, [], shown)], [])
    steps = model.operations
    nodes = {id(step): _node(step, function.uses(step), shown) for step in steps}
    graph = Graph(list(nodes.values()), [])
    if framed:
        graph.entries = [Node("entry") for _ in function.flat_inputs]
        graph.exits = [Node("exit") for _ in function.flat_outputs]
    entries = dict(zip((id(x) for x in function.flat_inputs), graph.entries))

    def connect(x: Any, target: Node, port: int = 0, use: str = "") -> None:
        source = None if id(x) in entries and isinstance(model, Sequential) else x.call.made_by
        if source is not None and id(source) in nodes:
            mark = _mark(function.uses(source), x.call)
            graph.edges.append(Edge(nodes[id(source)], target, (x.place, port), (mark, use)))
        elif id(x) in entries:
            graph.edges.append(Edge(entries[id(x)], target, (0, port), ("", use)))

    for x in function.flat_inputs:
        if framed and id(x.call.made_by) in nodes:
            graph.edges.append(Edge(entries[id(x)], nodes[id(x.call.made_by)]))
    for step in steps:
        calls = function.uses(step)
        for call in calls:
            for port, x in enumerate(call.inputs):
                connect(x, nodes[id(step)], port, _mark(calls, call))
    for x, leaving in zip(function.flat_outputs, graph.exits):
        connect(x, leaving)
    graph.nodes = [*graph.entries, *graph.nodes, *graph.exits]
    return graph


def _mark(calls: Sequence[Call], call: Call) -> str:
    """The number of a use, where there are several."""
    return str([id(other) for other in calls].index(id(call)) + 1) if len(calls) > 1 else ""


def _node(step: Any, calls: Sequence[Call], shown: Shown) -> Node:
    if shown.nested and isinstance(step, Model) and step._function is not None:
        inner = read(step, shown, framed=True)
        return Node("frame", type(step).__name__, step.name, inner=inner)
    return _box(step, calls, shown)


def _box(step: Any, calls: Sequence[Call], shown: Shown) -> Node:
    node = Node(_kind(step), getattr(step, "class_name", type(step).__name__))
    node.name = step.name if shown.names else ""
    node.rows = _rows(step, calls, shown)
    title = text_width(node.title, TITLE_SIZE, bold=True)
    if node.name:
        title += text_width("  " + node.name, TITLE_SIZE)
    labels = label_width(node.rows)
    widest = max((text_width(value, ROW_SIZE) for _, value in node.rows), default=0.0)
    node.width = max(_LEAST_WIDTH, title + 2 * PADDING, labels + widest + 2 * PADDING)
    node.height = HEADER + (ROW * len(node.rows) + PADDING if node.rows else 4)
    if len(calls) > 1:
        node.height = max(node.height, _PER_USE * (len(calls) + 1))
    return node


def label_width(rows: Sequence[tuple[str, str]]) -> float:
    """How much room the column of labels takes."""
    return max((text_width(label, ROW_SIZE) + 10 for label, _ in rows), default=0.0)


def _kind(step: Any) -> str:
    if isinstance(step, InputLayer):
        return "input"
    if isinstance(step, Model):
        return "model"
    if isinstance(step, AppliedOperation):
        return "operation"
    return "weights" if step.weights else "function"


def _rows(step: Any, calls: Sequence[Call], shown: Shown) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    activation = getattr(step, "activation", None)
    if shown.activations and activation is not None:
        rows.append(("activation", str(activations.serialize(activation))))
    results = [x for call in calls for x in tree.flatten(call.outputs)]
    if shown.shapes:
        if not isinstance(step, InputLayer):
            rows += _labelled("input", _shapes([call.inputs for call in calls]))
        rows += _labelled("output", _shapes([call.outputs for call in calls]))
    if shown.dtype:
        rows.append(("dtype", ", ".join(dict.fromkeys(x.dtype for x in results)) or "?"))
    if shown.trainable and getattr(step, "weights", None):
        rows.append(("trainable", "yes" if step.trainable else "no"))
    return rows


def _shapes(uses: Sequence[Any]) -> list[str]:
    """The shapes of what each use takes or gives, as lines: the same line once."""
    lines: list[str] = []
    for values in uses:
        if isinstance(values, dict):
            found = [f"{key}: {format_shape(x.shape)}" for key, x in values.items()]
        else:
            found = [format_shape(x.shape) for x in tree.flatten(values)]
        if len(found) > 1 and len(set(found)) == 1:
            found = [f"{len(found)} × {found[0]}"]
        lines += [line for line in found if line not in lines]
    return lines or ["?"]


def _labelled(label: str, lines: Sequence[str]) -> list[tuple[str, str]]:
    return [("" if i else label, line) for i, line in enumerate(lines)]
