"""ONNX operators for products of matrices, and for elements that are moved or repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from onnx import TensorProto, helper

from lamina.export.onnx.builder import INT, Builder
from lamina.graph.tensor import Node, Tensor

Handler = Callable[[Builder, Node], str]
_BEFORE_ALL = np.iinfo(np.int64).min  # the end of a slice that goes down to the first element


# --- products -------------------------------------------------------------------------------------


def _transposed(b: Builder, x: Tensor, transpose: bool) -> str:
    if not transpose:
        return b.floats(x)
    rank = len(x.dims)
    return b.emit("Transpose", b.floats(x), perm=[*range(rank - 2), rank - 1, rank - 2])


def _matmul(b: Builder, node: Node) -> str:
    sides = zip(node.inputs, (node.attributes["transpose_a"], node.attributes["transpose_b"]))
    return b.emit("MatMul", *(_transposed(b, x, transpose) for x, transpose in sides))


# --- shapes ---------------------------------------------------------------------------------------


def _reshape(b: Builder, node: Node) -> str:
    return b.reshape(b.value(node.inputs[0]), node.attributes["shape"])


def _broadcast_to(b: Builder, node: Node) -> str:
    (x,) = node.inputs
    return b.emit("Expand", b.value(x), b.shape(node.attributes["shape"]), kind=b.kind(x))


def _transpose(b: Builder, node: Node) -> str:
    (x,) = node.inputs
    return b.emit("Transpose", b.value(x), kind=b.kind(x), perm=list(node.attributes["axes"]))


def _concatenate(b: Builder, node: Node) -> str:
    kinds = {b.kind(x) for x in node.inputs}
    kind = kinds.pop() if len(kinds) == 1 else "float32"
    values = [b.floats(x) if kind == "float32" else b.value(x) for x in node.inputs]
    return b.emit("Concat", *values, kind=kind, axis=node.attributes["axis"])


def _cast(b: Builder, node: Node) -> str:
    """What is whole already stays as it is."""
    (x,) = node.inputs
    return b.floats(x) if node.attributes["dtype"] == "float32" else b.value(x)


# --- parts ----------------------------------------------------------------------------------------


def _slice(b: Builder, node: Node) -> str:
    (x,) = node.inputs
    a = node.attributes
    cuts = [
        (axis, start, start + step * size, step)
        for axis, (start, step, size) in enumerate(zip(a["starts"], a["steps"], a["shape"]))
        if (start, step, size) != (0, 1, x.dims[axis])
    ]
    axes, starts, ends, steps = zip(*cuts)
    ends = tuple(_BEFORE_ALL if end < 0 else end for end in ends)
    operands = (b.constant(numbers, INT) for numbers in (starts, ends, axes, steps))
    return b.emit("Slice", b.value(x), *operands, kind=b.kind(x))


def _place(b: Builder, node: Node) -> str:
    """Where all steps are 1, a border; else elements of x, and the value behind them, by index."""
    (x,) = node.inputs
    a, value = node.attributes, b.floats(node.inputs[0])
    border = b.constant(a["value"])
    if all(step == 1 for step in a["steps"]):
        after = [0 if d < 0 else n - s - d for s, n, d in zip(a["starts"], a["shape"], x.dims)]
        return b.emit("Pad", value, b.constant([*a["starts"], *after], INT), border)
    for axis, (start, step, size) in enumerate(zip(a["starts"], a["steps"], a["shape"])):
        if (start, step, size) == (0, 1, x.dims[axis]):
            continue
        n = x.dims[axis]
        places = np.full(size, n)
        places[start + step * np.arange(n)] = np.arange(n)
        widths = np.zeros(2 * len(x.dims), int)
        widths[len(x.dims) + axis] = 1
        longer = b.emit("Pad", value, b.constant(widths, INT), border)
        value = b.emit("Gather", longer, b.constant(places, INT), axis=axis)
    return value


# --- chains ---------------------------------------------------------------------------------------


def _recurrence(b: Builder, node: Node) -> str:
    """y[i] = a[i] y[i - 1] + b[i]: a Scan from the first element of b on."""
    factors, terms = map(b.floats, node.inputs)
    axis, reverse = node.attributes["axis"], int(node.attributes["reverse"])
    n = node.output.dims[axis]
    if n < 2:
        return terms
    first = (n - 1, n) if reverse else (0, 1)
    rest = (0, n - 1) if reverse else (1, n)
    start = _part(b, terms, axis, first)
    dims = [d for a, d in enumerate(node.output.dims) if a != axis]
    _, later = b.emit_all(
        "Scan", b.reshape(start, dims), _part(b, factors, axis, rest), _part(b, terms, axis, rest),
        outputs=2, body=_step(), num_scan_inputs=2, scan_input_axes=[axis, axis],
        scan_output_axes=[axis], scan_input_directions=[reverse, reverse],
        scan_output_directions=[reverse],
    )  # fmt: skip
    parts = (later, start) if reverse else (start, later)
    return b.emit("Concat", *parts, axis=axis)


def _part(b: Builder, value: str, axis: int, ends: Sequence[int]) -> str:
    bounds = (b.constant([number], INT) for number in (*ends, axis))
    return b.emit("Slice", value, *bounds)


def _step() -> object:
    """The body of the Scan: (y, a, b) -> a y + b, to go on with and as a result."""
    calls = [
        helper.make_node("Mul", ["y", "a"], ["product"]),
        helper.make_node("Add", ["product", "b"], ["next"]),
        helper.make_node("Identity", ["next"], ["result"]),
    ]
    values = {
        name: helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in ("y", "a", "b", "next", "result")
    }
    inputs, outputs = (
        [values[n] for n in ("y", "a", "b")],
        [values[n] for n in ("next", "result")],
    )
    return helper.make_graph(calls, "step", inputs, outputs)


OPERATIONS: dict[str, Handler] = {
    "matmul": _matmul,
    "batched_matmul": _matmul,
    "reshape": _reshape,
    "broadcast_to": _broadcast_to,
    "transpose": _transpose,
    "concatenate": _concatenate,
    "cast": _cast,
    "slice": _slice,
    "place": _place,
    "recurrence": _recurrence,
}
