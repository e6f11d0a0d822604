"""What a program computes: the live part of a trace, with its inputs, results and updates."""

from __future__ import annotations

from collections.abc import Sequence

from lamina.graph.tensor import Node, Tensor
from lamina.graph.trace import Trace
from lamina.graph.variable import Variable


class Graph:
    """Nodes in an order in which they can run, and what goes in and comes out.

    `updates` says which tensor each assigned variable holds after a run.
    """

    def __init__(
        self,
        nodes: list[Node],
        inputs: list[Tensor],
        outputs: list[Tensor],
        updates: dict[Variable, Tensor],
    ) -> None:
        self.nodes = nodes
        self.inputs = inputs
        self.outputs = outputs
        self.updates = updates

    def results(self) -> list[Tensor]:
        """All tensors that must exist at the end of a run."""
        return [*self.outputs, *self.updates.values()]

    def consumers(self) -> dict[int, list[Node]]:
        """The nodes that read a tensor, by the tensor's id."""
        found: dict[int, list[Node]] = {}
        for node in self.nodes:
            for x in node.inputs:
                found.setdefault(id(x), []).append(node)
        return found


def round_inputs(graph: Graph) -> None:
    """Makes float32 of float64 inputs that are read rounded to float32 alone: programs convert what
    they are given."""
    wide = [x for x in graph.inputs if x.dtype == "float64"]
    if not wide:
        return
    consumers, results = graph.consumers(), {id(x) for x in graph.results()}
    for x in wide:
        readers = consumers.get(id(x), [])
        if id(x) not in results and all(map(_rounds, readers)):
            x.dtype = "float32"
            _put_in_place(graph, {id(node.output): x for node in readers})


def _put_in_place(graph: Graph, others: dict[int, Tensor]) -> None:
    """Leaves out the nodes of the tensors with these ids, for which others are read."""
    if not others:
        return

    def current(x: Tensor) -> Tensor:
        while id(x) in others:
            x = others[id(x)]
        return x

    graph.nodes = [node for node in graph.nodes if id(node.output) not in others]
    for node in graph.nodes:
        node.inputs = tuple(map(current, node.inputs))
    graph.outputs = [current(x) for x in graph.outputs]
    graph.updates = {variable: current(x) for variable, x in graph.updates.items()}


def _rounds(node: Node) -> bool:
    return node.operation.name == "cast" and node.output.dtype == "float32"


def live(nodes: Sequence[Node], results: Sequence[Tensor]) -> list[Node]:
    """The nodes that the results need, in order."""
    needed = {id(t.node) for t in results if t.node}
    kept = []
    for node in reversed(nodes):
        if id(node) in needed:
            kept.append(node)
            needed.update(id(x.node) for x in node.inputs if x.node)
    return kept[::-1]


def graph_of(trace: Trace, outputs: Sequence[Tensor] = ()) -> Graph:
    """The graph of a trace: its outputs, and every variable that was assigned.

    `stop_gradient` is left out: what it is there for is done.
    """
    graph = Graph([], list(trace.inputs), list(outputs), dict(trace.state))
    graph.nodes = live(trace.nodes, graph.results())
    same = {id(n.output): n.inputs[0] for n in graph.nodes if n.operation.name == "stop_gradient"}
    _put_in_place(graph, same)
    return graph
