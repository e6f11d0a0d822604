"""Programs that run a graph as it is, one operation of a backend after the other."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from lamina.backends import numpy
from lamina.graph import dims as _dims
from lamina.graph.graph import Graph
from lamina.graph.tensor import Node, Spec, Tensor
from lamina.programs.stepping import SteppingProgram


class NodewiseProgram(SteppingProgram):
    """A graph, run node by node."""

    def __init__(self, graph: Graph, batch_size: int, backend: ModuleType = numpy) -> None:
        self.graph = graph
        self.backend = backend
        self.batch_size = batch_size

    def run_batch(self, batch: Sequence[np.ndarray], rows: int) -> list[np.ndarray]:
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
            results = self.backend.run(node.operation.name, inputs, _resolved(node, rows), specs)
            values.update({id(y): r for y, r in zip(node.outputs, results, strict=True)})
        outputs = [value(x) for x in self.graph.outputs]
        updates = [(variable, value(x)) for variable, x in self.graph.updates.items()]
        # All are read before one is written: a value may be another variable's old one.
        for variable, new in [(v, _own(x)) for v, x in updates]:
            variable.array[...] = new
        return outputs


def _own(x: np.ndarray) -> np.ndarray:
    """x, or a copy where it shows memory that is not its own."""
    return x if x.flags.owndata else x.copy()


def _resolved(node: Node, rows: int) -> dict[str, Any]:
    """The attributes for a batch of that many rows."""
    if "shape" not in node.attributes:
        return node.attributes
    return node.attributes | {"shape": _dims.resolve(node.attributes["shape"], rows)}
