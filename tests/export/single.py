"""Graphs of one operation: on tensors of known sizes, as its cases have them."""

from __future__ import annotations

import numpy as np

from lamina.backends import numpy as reference
from lamina.export.graph import InferenceGraph
from lamina.graph.operation import operations
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import Trace
from ops.draws import Case

Array = np.ndarray

# What a prediction never has: gradients, state, and what draws by it.
NOT_IN_PREDICTIONS = {
    "accumulate", "adam", "advance", "choose", "counter", "dropout", "increment", "random_normal",
    "random_uniform", "rmsprop", "sgd", "stop_gradient", *(n for n in operations if "_gradient" in n),
}  # fmt: skip


def graph_of_one(name: str, case: Case, constants: int = 0) -> InferenceGraph:
    """The operation on inputs, the last `constants` operands as constants."""
    with Trace() as trace:
        split = len(case.operands) - constants
        inputs = {
            f"x{i}": trace.input(Spec(x.shape), "") for i, x in enumerate(case.operands[:split])
        }
        fixed = [trace.tensor(x) for x in case.operands[split:]]
        results = operations[name](*inputs.values(), *fixed, **case.attributes)
    outputs = [results] if isinstance(results, Tensor) else list(results)
    named = [(f"y{i}", y) for i, y in enumerate(outputs)]
    return InferenceGraph(name, trace.nodes, inputs, named, list(range(len(outputs))))


def expected(name: str, case: Case) -> list[Array]:
    """By the reference, on float32, as in a program."""
    operands = [np.asarray(x, np.float32) for x in case.operands]
    specs = operations[name].specs([Spec(x.shape) for x in operands], case.attributes)
    results = reference.run(name, operands, case.attributes, specs)
    return [np.asarray(r, np.float32) for r in results]
