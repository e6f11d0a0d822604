"""Graphs, compiled: something that a backend runs on batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from lamina import backends
from lamina.graph.graph import round_inputs

if TYPE_CHECKING:
    import numpy as np

    from lamina.graph.graph import Graph


class Program(Protocol):
    """A compiled graph.  Inputs are arrays whose rows are samples, of any numeric dtype."""

    def run_steps(
        self, arrays: Sequence[np.ndarray], order: np.ndarray, first: int, last: int, seconds: float
    ) -> int: ...

    def map(
        self, arrays: Sequence[np.ndarray], rows: int, results: Sequence[np.ndarray]
    ) -> None: ...

    def predict(self, x: Any) -> np.ndarray | None: ...


def compile_program(graph: Graph, batch_size: int) -> Program:
    """The graph as something the current backend runs, for batches of up to `batch_size` rows.

    The native one runs float32 in C++; a graph with float64 in it is run node by node.
    """
    round_inputs(graph)
    if backends.name() == "native" and not _has_float64(graph):
        from lamina.programs.native import NativeProgram

        return NativeProgram(graph, batch_size)
    from lamina.programs.nodewise import NodewiseProgram

    return NodewiseProgram(graph, batch_size, backends.current())


def _has_float64(graph: Graph) -> bool:
    tensors = (x for node in graph.nodes for x in (*node.inputs, *node.outputs))
    return any(x.dtype == "float64" for x in (*graph.inputs, *graph.results(), *tensors))
