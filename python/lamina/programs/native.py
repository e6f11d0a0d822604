"""Programs on the native backend: fused, planned, and run by a loop in C++."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import _core
from lamina.graph.fuse import fuse
from lamina.graph.graph import Graph
from lamina.graph.plan import plan


class NativeProgram:
    """A graph, compiled for batches of up to `batch_size` rows.  Runs release the GIL."""

    def __init__(self, graph: Graph, batch_size: int, *, fused: bool = True) -> None:
        planned = plan(fuse(graph) if fused else graph, batch_size)
        self.plan = planned
        self._program = _core.Program(
            slots=[(s.dims, s.place) for s in planned.slots],
            instructions=[
                (call.operation, call.inputs, call.outputs, _plain(call.attributes), call.group)
                for call in planned.calls
            ],
            inputs=planned.inputs,
            outputs=planned.outputs,
            views=planned.views,
            workspace_size=planned.workspace_size,
            batch_size=batch_size,
        )
        # The output for an array of numbers of the input's shape, as it lies; None for any other.
        self.predict: Callable[[Any], np.ndarray | None] = self._program.predict

    def run_steps(
        self, arrays: Sequence[np.ndarray], order: np.ndarray, first: int, last: int, seconds: float
    ) -> int:
        """Steps first .. last over batches of the rows in `order`, or until the time is over."""
        done: int = self._program.run_steps(arrays, order, first, last, seconds)
        return done

    def map(self, arrays: Sequence[np.ndarray], rows: int, results: Sequence[np.ndarray]) -> None:
        """All rows in order; row r of output i goes to results[i][r]."""
        self._program.map(arrays, rows, results)


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    """What the core needs of the attributes: it knows shapes from the slots."""
    return {k: v for k, v in attributes.items() if k not in ("shape", "num_classes")}
