"""State that changes only under a condition of the step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from lamina import ops
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable


def stored(variable: Variable) -> Any:
    """The value as it is stored (counters: integers): a tensor of the graph, or a copy."""
    trace = current_trace()
    return variable.numpy() if trace is None else trace.stored(variable)


@contextmanager
def only_where(condition: Any, variables: Iterable[Variable]) -> Iterator[None]:
    """What is assigned to the variables within the block is kept where `condition` is not 0."""
    before = [(v, stored(v)) for v in variables]
    yield
    for v, old in before:
        new = stored(v)
        if new is not old:
            choose = ops.choose if v.dtype in ("int32", "uint32") else ops.where
            v.assign(choose(condition, new, old))
