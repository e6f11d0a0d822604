"""Neighbouring operations that are one ONNX operator."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

from lamina.export.onnx.builder import Builder
from lamina.graph.graph import Graph
from lamina.graph.tensor import Node, Tensor


class Patterns:
    """What stands for the last node of each pattern, and the nodes that have no operator of their own."""

    def __init__(self, graph: Graph) -> None:
        self.emitters: dict[int, Callable[[Builder], str]] = {}
        self.absorbed: set[int] = set()
        uses = graph.consumers()
        ends = {id(x) for x in graph.outputs}
        self._read = uses.keys() | ends
        self._alone = {  # tensors that one node reads, and no one else
            x for x, readers in uses.items() if len(readers) == 1 and x not in ends
        }
        for node in graph.nodes:
            if node.operation.name == "add":
                for x, other in _both_ways(node):
                    if id(node) not in self.emitters and node.output.dims == x.dims:
                        self._match(node, x, other)

    def _match(self, add: Node, x: Tensor, bias: Tensor) -> None:
        before = x.node if id(x) in self._alone else None
        if before is None:
            return
        if before.operation.name == "matmul" and len(x.dims) == 2:
            self.emitters[id(add)] = lambda b: _gemm(b, before, bias)
            self.absorbed.add(id(before))
        if before.operation.name == "multiply" and _is_row(bias, x.dims[-1]):
            for y, gamma in _both_ways(before):
                rows = self._standardized(y)
                if rows is not None and _is_row(gamma, x.dims[-1]):
                    self.emitters[id(add)] = functools.partial(_normal, rows, gamma, bias)
                    self.absorbed |= {id(before), id(rows)}
                    return

    def _standardized(self, y: Tensor) -> Node | None:
        """The node that makes rows of mean 0, of which no one else wants anything."""
        node = y.node if id(y) in self._alone else None
        if node is None or node.operation.name != "standardize" or node.output is not y:
            return None
        scale = node.outputs[1]
        return node if node.attributes["center"] and id(scale) not in self._read else None


def _both_ways(node: Node) -> Iterator[tuple[Tensor, Tensor]]:
    first, second = node.inputs
    yield first, second
    yield second, first


def _is_row(x: Tensor, n: int) -> bool:
    """Whether it is n constants."""
    return x.value is not None and x.dims == (n,)


def _gemm(b: Builder, product: Node, bias: Tensor) -> str:
    operands = map(b.floats, (*product.inputs, bias))
    a, c = (int(product.attributes[name]) for name in ("transpose_a", "transpose_b"))
    return b.emit("Gemm", *operands, transA=a, transB=c)


def _normal(rows: Node, gamma: Tensor, beta: Tensor, b: Builder) -> str:
    operands = map(b.floats, (rows.inputs[0], gamma, beta))
    return b.emit("LayerNormalization", *operands, axis=-1, epsilon=rows.attributes["epsilon"])
