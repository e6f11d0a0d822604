"""Reverse-mode differentiation: the gradient rules of operations, put together."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import FLOATS
from lamina.graph.operation import operations
from lamina.graph.tensor import Node, Tensor
from lamina.graph.trace import Trace, current_trace
from lamina.graph.variable import Variable


def differentiate(trace: Trace, loss: Tensor, wrt: Sequence[Tensor]) -> list[Tensor | None]:
    """d loss / d x for each x in `wrt`, recorded into the trace; None where loss does not depend.

    `loss` has one element.  Nodes are visited once, in the reverse of the order of recording.
    """
    if loss.dims != () and loss.dims != (1,):
        raise ValueError(f"A loss must be a single number. Received: shape={loss.shape}")
    needed = _dependents(trace.nodes, wrt)
    gradients: dict[int, Tensor] = {}
    nodes = list(trace.nodes)
    with trace:
        gradients[id(loss)] = operations["broadcast_to"](np.ones((), loss.dtype), shape=loss.dims)
        for node in reversed(nodes):
            dy = [gradients.get(id(y)) for y in node.outputs]
            if id(node) in needed and any(g is not None for g in dy):
                _accumulate(gradients, node, dy, needed)
    return [gradients.get(id(x)) for x in wrt]


def gradients(loss: Any, variables: Sequence[Any]) -> list[Any]:
    """d loss / d variable for each variable, None where the loss does not depend on it.

    For a `train_step` of one's own, where `loss` is a number of the graph that is recorded.  Tensors
    may stand beside variables.  A variable that was assigned within the step counts with all values
    the loss was computed from; none of them is differentiated through an assignment.

    Errors: ValueError outside of a step; TypeError for what is no variable or tensor.
    """
    trace = current_trace()
    if trace is None:
        raise ValueError(
            "`gradients` needs a graph that is recorded: call it in a model's `train_step`. "
            f"Received: loss={loss!r}"
        )
    values = [_values(trace, x) for x in variables]
    flat = differentiate(trace, trace.tensor(loss), [x for own in values for x in own])
    found = iter(flat)
    return [_sum([next(found) for _ in own]) for own in values]


def _values(trace: Trace, x: Any) -> list[Tensor]:
    """What was read of x so far."""
    if isinstance(x, Tensor):
        return [x]
    if not isinstance(x, Variable):
        raise TypeError(
            f"`gradients` takes variables and tensors of the step. Received: {x!r:.200} of type "
            f"{type(x).__name__}"
        )
    return [trace.leaf(x), *trace.values.get(x, ())]


def _sum(gradients: list[Tensor | None]) -> Tensor | None:
    known = [dx for dx in gradients if dx is not None]
    return functools.reduce(operations["add"], known) if known else None


def _dependents(nodes: Sequence[Node], wrt: Sequence[Tensor]) -> set[int]:
    """Ids of the tensors in `wrt`, and of the nodes and tensors computed from them."""
    reached = {id(x) for x in wrt}
    for node in nodes:
        if any(id(x) in reached for x in node.inputs):
            reached.add(id(node))
            reached.update(id(y) for y in node.outputs)
    return reached


def _accumulate(
    gradients: dict[int, Tensor], node: Node, dy: list[Tensor | None], needed: set[int]
) -> None:
    rule = node.operation.gradient_rule
    if rule is None:
        return
    upstream: Any = dy[0] if len(dy) == 1 else dy
    for x, dx in zip(node.inputs, rule(node, upstream), strict=True):
        if dx is None or id(x) not in needed:
            continue
        if dx.dtype != x.dtype and {dx.dtype, x.dtype} <= set(FLOATS):
            dx = operations["cast"](dx, dtype=x.dtype)
        known = gradients.get(id(x))
        gradients[id(x)] = dx if known is None else operations["add"](known, dx)
