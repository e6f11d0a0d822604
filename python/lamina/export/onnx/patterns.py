"""Neighbouring operations that are one ONNX operator."""

from __future__ import annotations

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
        for node in graph.nodes:
            for x in node.inputs:
                alone = (
                    len(uses[id(x)]) == 1 and id(x) not in ends and id(node) not in self.emitters
                )
                if alone and node.operation.name == "add" and x.node is not None:
                    self._match(node, x, x.node, uses, ends)

    def _match(
        self, add: Node, x: Tensor, before: Node, uses: dict[int, list[Node]], ends: set[int]
    ) -> None:
        bias = next((y for y in add.inputs if y is not x), None)
        if bias is None or add.output.dims != x.dims:
            return
        if before.operation.name == "matmul" and _is_row(bias, x.dims[-1]) and len(x.dims) == 2:
            self.emitters[id(add)] = lambda b: _gemm(b, before, bias)
            self.absorbed.add(id(before))
        if before.operation.name == "multiply" and _is_row(bias, x.dims[-1]):
            for y, gamma in _both_ways(before):
                alone = len(uses[id(y)]) == 1 and id(y) not in ends
                if alone and _is_row(gamma, x.dims[-1]) and _is_centred(y, uses):
                    rows = y.node
                    assert rows is not None
                    self.emitters[id(add)] = lambda b, n=rows, g=gamma: _normal(b, n, g, bias)  # type: ignore[misc]
                    self.absorbed |= {id(before), id(rows)}
                    return


def _both_ways(node: Node) -> Iterator[tuple[Tensor, Tensor]]:
    first, second = node.inputs
    yield first, second
    yield second, first


def _is_row(x: Tensor, n: int) -> bool:
    """Whether it is n constants."""
    return x.value is not None and x.dims == (n,)


def _is_centred(y: Tensor, uses: dict[int, list[Node]]) -> bool:
    """Whether it is a standardized row whose scale no one wants."""
    node = y.node
    if node is None or node.operation.name != "standardize" or y.index != 0:
        return False
    return node.attributes["center"] and id(node.outputs[1]) not in uses


def _gemm(b: Builder, product: Node, bias: Tensor) -> str:
    operands = map(b.floats, (*product.inputs, bias))
    turned = (int(product.attributes[name]) for name in ("transpose_a", "transpose_b"))
    a, c = turned
    return b.emit("Gemm", *operands, transA=a, transB=c)


def _normal(b: Builder, rows: Node, gamma: Tensor, beta: Tensor) -> str:
    operands = map(b.floats, (rows.inputs[0], gamma, beta))
    return b.emit("LayerNormalization", *operands, axis=-1, epsilon=rows.attributes["epsilon"])
