"""A function of tensors as a program over batches, and beside it node by node on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import backends, ops, programs
from lamina.graph.differentiate import differentiate
from lamina.graph.graph import graph_of
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace

Array = np.ndarray
Function = Callable[..., Any]
ROWS = 300  # more than a thread takes at once


def _with_gradient(trace: Trace, function: Function, inputs: list[Any]) -> list[Any]:
    """The result of the function, and the slopes of the sum of its squares."""
    with trace:
        y = function(*inputs)
        loss = ops.sum(ops.square(y))
    gradients = differentiate(trace, loss, inputs)
    return [y, *(g for g in gradients if g is not None)]


def run(function: Function, *arrays: Array) -> list[Array]:
    """The function's result and gradients by a program of the current backend, over batches of
    which the last is smaller.  Rows of the arrays are samples."""
    trace = Trace()
    inputs = [trace.input(Spec((-1, *x.shape[1:])), "x") for x in arrays]
    outputs = _with_gradient(trace, function, inputs)
    with trace:  # a result may have several rows for each sample
        outputs = [ops.reshape(y, (-1, -y.dims[0], *y.dims[1:])) for y in outputs]
    program = programs.compile_program(graph_of(trace, outputs), ROWS)
    results = [np.empty((len(arrays[0]), *y.dims[1:]), np.float32) for y in outputs]
    program.map(arrays, len(arrays[0]), results)
    return [r.reshape(-1, *r.shape[2:]) for r in results]


def computed(function: Function, *arrays: Array) -> list[Array]:
    """The same in float64, node by node, batch for batch."""
    before = backends.name()
    backends.set_backend("numpy")
    parts = []
    for first in range(0, len(arrays[0]), ROWS):
        batch = [np.float64(x[first : first + ROWS]) for x in arrays]
        trace = Trace(eager=True)
        inputs = [trace.input(Spec(x.shape, "float64"), "x", x) for x in batch]
        parts.append([t.value for t in _with_gradient(trace, function, inputs)])
    backends.set_backend(before)
    return [np.concatenate(values) for values in zip(*parts)]


def compare(function: Function, *arrays: Array) -> None:
    """Asserts that both agree."""
    found, want = run(function, *arrays), computed(function, *arrays)
    assert len(found) == len(want)
    for f, w in zip(found, want):
        np.testing.assert_allclose(f, w, rtol=2e-5, atol=2e-5 * (1 + np.abs(w).max(initial=0)))
