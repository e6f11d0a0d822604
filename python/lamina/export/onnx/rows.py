"""ONNX operators for reductions, rows, and what is looked up in them or put in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina.export.onnx.builder import BOOL, INT, Builder
from lamina.graph.tensor import Node, Tensor

Handler = Callable[[Builder, Node], "str | tuple[str, ...]"]
_LAST = -1


# --- reductions -----------------------------------------------------------------------------------


def _reduction(operator: str) -> Handler:
    return lambda b, node: b.emit(
        operator, b.floats(node.inputs[0]), axes=list(node.attributes["axes"]), keepdims=0
    )


def _sum(b: Builder, node: Node) -> str:
    axes = b.constant(node.attributes["axes"], INT)
    return b.emit("ReduceSum", b.floats(node.inputs[0]), axes, keepdims=0)


def _row_sum(b: Builder, x: str, keepdims: int = 1) -> str:
    return b.emit("ReduceSum", x, b.constant([_LAST], INT), keepdims=keepdims)


def _count(b: Builder, node: Node) -> str:
    sizes = b.emit("Shape", b.value(node.inputs[0]), kind=INT)
    some = b.emit("Gather", sizes, b.constant(node.attributes["axes"], INT), kind=INT)
    return b.floats(b.emit("ReduceProd", some, kind=INT, axes=[0], keepdims=0))


# --- rows -----------------------------------------------------------------------------------------


def _along_rows(operator: str) -> Handler:
    return lambda b, node: b.emit(operator, b.floats(node.inputs[0]), axis=_LAST)


def _softmax_cross_entropy(b: Builder, node: Node) -> tuple[str, str]:
    logits, target = map(b.floats, node.inputs)
    products = b.emit("Mul", target, b.emit("LogSoftmax", logits, axis=_LAST))
    loss = b.emit("Neg", _row_sum(b, products, keepdims=0))
    return loss, b.emit("Softmax", logits, axis=_LAST)


def _standardize(b: Builder, node: Node) -> tuple[str, ...]:
    x, epsilon = b.floats(node.inputs[0]), node.attributes["epsilon"]
    n, center = node.inputs[0].dims[-1], node.attributes["center"]
    if center and n >= 0:
        ones = b.constant(np.ones(n))
        y, _, scale = b.emit_all(
            "LayerNormalization", x, ones, outputs=3, axis=_LAST, epsilon=epsilon
        )
        return y, scale
    if center:
        x = b.emit("Sub", x, b.emit("ReduceMean", x, axes=[_LAST], keepdims=1))
    squares = b.emit("ReduceMean", b.emit("Mul", x, x), axes=[_LAST], keepdims=1)
    root = b.emit("Sqrt", b.emit("Add", squares, b.constant(epsilon)))
    return b.emit("Div", x, root), b.emit("Reciprocal", root)


def _sparsemax(b: Builder, node: Node) -> str:
    """By the sorted row: the k largest are kept while 1 + k x_k > the sum of them."""
    x, n = b.floats(node.inputs[0]), node.inputs[0].dims[-1]
    x = b.emit("Sub", x, b.emit("ReduceMax", x, axes=[_LAST], keepdims=1))
    ordered, _ = b.emit_all("TopK", x, b.constant([n], INT), outputs=2, axis=_LAST)
    sums = b.emit("CumSum", ordered, b.constant(_LAST, INT))
    ranked = b.emit("Mul", ordered, b.constant(np.arange(1, n + 1)))
    reached = b.emit("Add", ranked, b.constant(1.0))
    kept = b.floats(b.emit("Greater", reached, sums, kind=BOOL))
    rest = b.emit("Sub", _row_sum(b, b.emit("Mul", kept, ordered)), b.constant(1.0))
    return b.emit("Relu", b.emit("Sub", x, b.emit("Div", rest, _row_sum(b, kept))))


def _argmax(b: Builder, x: Tensor) -> str:
    return b.emit("ArgMax", b.floats(x), kind=INT, axis=_LAST, keepdims=0)


def _categorical_accuracy(b: Builder, node: Node) -> str:
    return b.emit("Equal", *(_argmax(b, x) for x in node.inputs), kind=BOOL)


def _one_hot(b: Builder, node: Node) -> str:
    column = b.emit("Unsqueeze", b.floats(node.inputs[0]), b.constant([_LAST], INT))
    classes = b.constant(np.arange(node.attributes["num_classes"]))
    return b.emit("Equal", column, classes, kind=BOOL)


# --- looked up ------------------------------------------------------------------------------------


def _places(b: Builder, indices: Tensor, n: int) -> tuple[str, str | None]:
    """Indices as integers, and which stand for one of n places; None where a runtime checks that.

    What is not whole, or lies outside of -n .. n - 1, gives NaN in a program.  ONNX Runtime refuses
    integers outside: integers are left as they are.
    """
    kind = b.kind(indices)
    if kind.startswith(("int", "uint")):
        return (b.value(indices) if kind in ("int32", INT) else b.whole(indices)), None
    value = indices.value
    if value is not None and np.all((value >= -n) & (value < n) & (value == np.floor(value))):
        return b.whole(indices), None
    x = b.floats(indices)
    size = b.constant(float(n)) if n >= 0 else b.floats(b.shape([n]))
    bounds = (
        b.emit("Equal", x, b.emit("Floor", x), kind=BOOL),
        b.emit("GreaterOrEqual", x, b.emit("Neg", size), kind=BOOL),
        b.emit("Less", x, size, kind=BOOL),
    )
    inside = b.emit("And", bounds[0], b.emit("And", *bounds[1:], kind=BOOL), kind=BOOL)
    return b.whole(b.emit("Where", inside, x, b.constant(0.0))), inside


def _take(b: Builder, node: Node) -> str:
    x, indices = node.inputs
    axis = node.attributes["axis"]
    places, inside = _places(b, indices, x.dims[axis])
    y = b.emit("Gather", b.floats(x), places, axis=axis)
    if inside is None:
        return y
    after = len(x.dims) - axis - 1
    if after:
        inside = b.reshape(inside, [*indices.dims, *[1] * after])
    return b.emit("Where", inside, y, b.constant(np.nan))


def _take_along_axis(b: Builder, node: Node) -> str:
    x, indices = node.inputs
    places, inside = _places(b, indices, x.dims[-1])
    y = b.emit("GatherElements", b.floats(x), places, axis=_LAST)
    return y if inside is None else b.emit("Where", inside, y, b.constant(np.nan))


def _add_along_axis(b: Builder, node: Node) -> str:
    x, indices = node.inputs
    shape = node.attributes["shape"]
    places, inside = _places(b, indices, shape[-1])
    return _scattered(b, "ScatterElements", shape, places, b.floats(x), inside, axis=_LAST)


def _scattered(
    b: Builder, operator: str, shape: Any, places: str, x: str, inside: str | None, **axis: Any
) -> str:
    """Zeros of a shape, and x, where it is inside, added to the places."""
    if inside is not None:
        x = b.emit("Where", inside, x, b.constant(0.0))
    zeros = b.emit("Expand", b.constant(0.0), b.shape(shape))
    return b.emit(operator, zeros, places, x, reduction="add", **axis)


def _segment_sum(b: Builder, node: Node) -> str:
    """The axis is brought to the front: whole slices are added to slices."""
    x, indices = node.inputs
    axis, shape = node.attributes["axis"], node.attributes["shape"]
    places, inside = _places(b, indices, shape[axis])
    rank, depth = len(shape), len(indices.dims)
    front = [*range(axis, axis + depth), *range(axis), *range(axis + depth, len(x.dims))]
    rest = [d for a, d in enumerate(shape) if a != axis]
    rows = b.emit("Transpose", b.floats(x), perm=front)
    column = b.reshape(places, [*indices.dims, 1])
    if inside is not None:
        inside = b.reshape(inside, [*indices.dims, *[1] * len(rest)])
    y = _scattered(b, "ScatterND", [shape[axis], *rest], column, rows, inside)
    back = [*range(1, axis + 1), 0, *range(axis + 1, rank)]
    return b.emit("Transpose", y, perm=back)


# --- orders ---------------------------------------------------------------------------------------


def _ordered(b: Builder, x: Tensor, k: int, largest: int) -> str:
    """The indices of the first k: of equals the first one, and NaN is the largest."""
    value = b.floats(x)
    value = b.emit("Where", b.emit("IsNaN", value, kind=BOOL), b.constant(np.inf), value)
    size = b.constant([k], INT)
    _, indices = b.emit_all("TopK", value, size, outputs=2, axis=_LAST, largest=largest)
    b.kinds[indices] = INT
    return indices


def _argsort(b: Builder, node: Node) -> str:
    return _ordered(b, node.inputs[0], node.inputs[0].dims[-1], largest=0)


def _top_k(b: Builder, node: Node) -> str:
    return _ordered(b, node.inputs[0], node.attributes["k"], largest=1)


def _searchsorted(b: Builder, node: Node) -> str:
    """The size without those that come later: so NaN is the largest."""
    known, x = node.inputs
    column = b.emit("Unsqueeze", b.floats(x), b.constant([_LAST], INT))
    operator = "Greater" if node.attributes["right"] else "GreaterOrEqual"
    later = b.floats(b.emit(operator, b.floats(known), column, kind=BOOL))
    return b.emit("Sub", b.constant(float(known.dims[0])), _row_sum(b, later, keepdims=0))


def _cumsum(b: Builder, node: Node) -> str:
    axis, reverse = b.constant(node.attributes["axis"], INT), int(node.attributes["reverse"])
    return b.emit("CumSum", b.floats(node.inputs[0]), axis, reverse=reverse)


OPERATIONS: dict[str, Handler] = {
    "sum": _sum,
    "mean": _reduction("ReduceMean"),
    "max": _reduction("ReduceMax"),
    "min": _reduction("ReduceMin"),
    "count": _count,
    "softmax": _along_rows("Softmax"),
    "log_softmax": _along_rows("LogSoftmax"),
    "softmax_cross_entropy": _softmax_cross_entropy,
    "standardize": _standardize,
    "sparsemax": _sparsemax,
    "argmax": lambda b, node: _argmax(b, node.inputs[0]),
    "categorical_accuracy": _categorical_accuracy,
    "one_hot": _one_hot,
    "take": _take,
    "take_along_axis": _take_along_axis,
    "add_along_axis": _add_along_axis,
    "segment_sum": _segment_sum,
    "argsort": _argsort,
    "top_k": _top_k,
    "searchsorted": _searchsorted,
    "cumsum": _cumsum,
}
