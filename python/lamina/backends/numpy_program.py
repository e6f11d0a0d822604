"""Programs on the reference backend: the graph as it is, one NumPy function per operation."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.backends import numpy as backend
from lamina.graph import dims as _dims
from lamina.graph.graph import Graph
from lamina.graph.tensor import Node, Spec, Tensor


class NumpyProgram:
    """A graph, run node by node."""

    def __init__(self, graph: Graph, batch_size: int) -> None:
        self.graph = graph
        self.batch_size = batch_size

    def run_steps(
        self, arrays: Sequence[np.ndarray], order: np.ndarray, first: int, last: int, seconds: float
    ) -> int:
        """Steps first .. last over batches of the rows in `order`, or until the time is over."""
        deadline = time.monotonic() + seconds
        for step in range(first, min(last, -(-len(order) // self.batch_size))):
            rows = order[step * self.batch_size : (step + 1) * self.batch_size]
            self._run([array[rows] for array in arrays], len(rows))
            if time.monotonic() >= deadline:
                return step + 1
        return last

    def map(self, arrays: Sequence[np.ndarray], rows: int, results: Sequence[np.ndarray]) -> None:
        """All rows in order; row r of output i goes to results[i][r]."""
        for first in range(0, rows, self.batch_size):
            last = min(first + self.batch_size, rows)
            outputs = self._run([array[first:last] for array in arrays], last - first)
            for result, output in zip(results, outputs, strict=True):
                result[first:last] = output

    def _run(self, batch: Sequence[np.ndarray], rows: int) -> list[np.ndarray]:
        values: dict[int, np.ndarray] = {}
        for tensor, array in zip(self.graph.inputs, batch, strict=True):
            shape = _dims.resolve(tensor.dims, rows)
            with np.errstate(all="ignore"):  # what float32 cannot hold is infinite, as natively
                values[id(tensor)] = array.astype(tensor.dtype).reshape(shape)

        def value(x: Tensor) -> np.ndarray:
            if x.variable is not None:
                return x.variable.array
            return values[id(x)] if id(x) in values else np.asarray(x.value)

        for node in self.graph.nodes:
            specs = [Spec(_dims.resolve(y.dims, rows), y.dtype) for y in node.outputs]
            inputs = [value(x) for x in node.inputs]
            results = backend.run(node.operation.name, inputs, _resolved(node, rows), specs)
            values.update({id(y): r for y, r in zip(node.outputs, results, strict=True)})
        outputs = [value(x) for x in self.graph.outputs]
        updates = [(variable, value(x)) for variable, x in self.graph.updates.items()]
        # All are read before one is written: a value may be another variable's old one.
        for variable, new in [(v, np.array(x)) for v, x in updates]:
            variable.array[...] = new
        return outputs


def _resolved(node: Node, rows: int) -> dict[str, Any]:
    """The attributes for a batch of that many rows."""
    if "shape" not in node.attributes:
        return node.attributes
    return node.attributes | {"shape": _dims.resolve(node.attributes["shape"], rows)}
