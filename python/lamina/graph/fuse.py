"""Fusing: a matrix product takes what follows it along, so that it is done while in cache.

    gate   relu_gradient(dropout(dy), relu(x)) -> gate(dy, dropout(relu(x)), scale): the result of
           the forward pass tells which elements were kept, so nothing is drawn twice.
    dense  matmul [+ bias] [-> relu or another activation] [-> dropout] [-> relu_gradient | gate]

An operation on each element reads what is repeated for it where it lies: broadcast_to is left out.

All give the same bits as the operations they replace.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.backends.numpy import dropout_scale
from lamina.graph import dims as _dims
from lamina.graph.graph import Graph, live
from lamina.graph.operation import Operation
from lamina.graph.schedule import ELEMENTWISE
from lamina.graph.tensor import Node, Spec, Tensor

_ACTIVATIONS = {  # as numbered in cpp/ops/ops.h
    "relu": 1, "sigmoid": 2, "tanh": 3, "elu": 4, "gelu": 5, "gelu_tanh": 6, "leaky_relu": 7,
    "selu": 8, "silu": 9,
}  # fmt: skip


def _gate_shape(dy: Any, y: Any, scale: Any) -> Spec:
    return Spec(y.dims)


def _dense_shape(a: Any, *rest: Any, spec: Spec, **attributes: Any) -> Spec:
    return spec


gate = Operation(_gate_shape, "gate")
dense = Operation(_dense_shape, "dense")


def fuse(graph: Graph) -> Graph:
    """The same computation in fewer, larger operations."""
    return _fuse_dense(_fuse_gates(_leave_out_broadcasts(graph)))


def _rewritten(graph: Graph, new: dict[int, Node]) -> Graph:
    """The graph with nodes (by id) replaced by nodes of the same results."""
    replaced: dict[int, Tensor] = {}

    def lookup(x: Tensor) -> Tensor:
        while id(x) in replaced:  # what took its place may have been rewritten in turn
            x = replaced[id(x)]
        return x

    def take_place(old: Node, made: Node) -> Node:
        replaced.update({id(a): b for a, b in zip(old.outputs, made.outputs)})
        return made

    nodes = []
    for node in graph.nodes:
        if id(node) in new:
            node = take_place(node, new[id(node)])
        if any(id(x) in replaced for x in node.inputs):
            specs = [y.spec for y in node.outputs]
            inputs = [lookup(x) for x in node.inputs]
            node = take_place(node, Node(node.operation, inputs, node.attributes, specs))
        nodes.append(node)
    outputs = [lookup(x) for x in graph.outputs]
    updates = {v: lookup(x) for v, x in graph.updates.items()}
    return Graph(live(nodes, [*outputs, *updates.values()]), graph.inputs, outputs, updates)


def _leave_out_broadcasts(graph: Graph) -> Graph:
    new = {}
    for node in graph.nodes:
        if node.operation.name in ELEMENTWISE and len(node.inputs) > 1:
            inputs = [_unrepeated(x) for x in node.inputs]
            shape = _dims.broadcast(node.operation.name, *(x.dims for x in inputs))
            changed = any(x is not y for x, y in zip(inputs, node.inputs))
            if changed and shape == node.output.dims:
                new[id(node)] = Node(node.operation, inputs, node.attributes, [node.output.spec])
    return _rewritten(graph, new)


def _unrepeated(x: Tensor) -> Tensor:
    """What is broadcast to x, if the batch keeps its place."""
    while x.node is not None and x.node.operation.name == "broadcast_to":
        (source,) = x.node.inputs
        if len(source.dims) != len(x.dims) and any(d < 0 for d in source.dims):
            break
        x = source
    return x


def _fuse_gates(graph: Graph) -> Graph:
    dropped = {
        (id(n.inputs[0]), id(n.inputs[1]), n.attributes["rate"]): n.output
        for n in graph.nodes
        if n.operation.name == "dropout" and n.attributes["rate"] < 1
    }
    gates = {}
    for node in graph.nodes:
        inner = node.inputs[0].node if node.operation.name == "relu_gradient" else None
        if inner is None or inner.operation.name != "dropout":
            continue
        rate = inner.attributes["rate"]
        y = dropped.get((id(node.inputs[1]), id(inner.inputs[1]), rate))
        if y is not None:
            scale = Tensor(Spec(()), value=np.asarray(dropout_scale(rate)), name="constant")
            gates[id(node)] = Node(gate, [inner.inputs[0], y, scale], {}, [node.output.spec])
    return _rewritten(graph, gates)


def _is_constant(x: Tensor) -> bool:
    return x.value is not None and x.node is None and x.variable is None


class _Chain:
    """A matmul, and the nodes after it that join."""

    def __init__(self, product: Node) -> None:
        self.last = product
        self.inputs = list(product.inputs)
        self.attributes = product.attributes | {
            "bias": False, "dropout": False, "gate": False,
            "activation": 0, "parameter": 0.0, "rate": 0.0, "gate_scale": 1.0,
        }  # fmt: skip
        self.stage = 0

    @property
    def output(self) -> Tensor:
        return self.last.output

    def join(self, node: Node) -> bool:
        """Takes the node along if it can follow."""
        name, position = node.operation.name, [x is self.output for x in node.inputs].index(True)
        if name == "add" and self.stage < 1 and self._is_bias(node.inputs[1 - position]):
            self._take(node, 1, bias=True, operand=node.inputs[1 - position])
        elif name in _ACTIVATIONS and self.stage < 2 and self._has_number(node, position):
            parameter = float(node.inputs[1].value) if len(node.inputs) > 1 else 0.0  # type: ignore[arg-type]
            self._take(node, 2, activation=_ACTIVATIONS[name], parameter=parameter)
        elif name == "dropout" and self.stage < 3:
            self._take(node, 3, dropout=True, rate=node.attributes["rate"], operand=node.inputs[1])
        elif name == "relu_gradient" and position == 0:
            self._take(node, 4, gate=True, operand=node.inputs[1])
        elif name == "gate" and position == 0:
            scale = node.inputs[2].value
            assert scale is not None
            self._take(node, 4, gate=True, gate_scale=float(scale), operand=node.inputs[1])
        else:
            return False
        return True

    @staticmethod
    def _has_number(node: Node, position: int) -> bool:
        """Whether the activation has no parameter but one constant number."""
        parameter = node.inputs[1:]
        return position == 0 and all(x.dims == () and _is_constant(x) for x in parameter)

    def _is_bias(self, x: Tensor) -> bool:
        return x.dims == self.output.dims[-1:]

    def _take(
        self, node: Node, stage: int, operand: Tensor | None = None, **attributes: Any
    ) -> None:
        self.last, self.stage = node, stage
        self.attributes |= attributes
        if operand is not None:
            self.inputs.append(operand)


def _fuse_dense(graph: Graph) -> Graph:
    consumers = graph.consumers()
    kept = {id(t) for t in graph.results()}
    ends = {}
    for node in graph.nodes:
        if node.operation.name != "matmul":
            continue
        chain = _Chain(node)
        while chain.stage < 4 and id(chain.output) not in kept:
            readers = consumers.get(id(chain.output), [])
            if len(readers) != 1 or sum(x is chain.output for x in readers[0].inputs) != 1:
                break
            if not chain.join(readers[0]):
                break
        if chain.stage:
            spec = chain.output.spec
            ends[id(chain.last)] = Node(dense, chain.inputs, chain.attributes, [spec])
    return _rewritten(graph, ends)
