"""Operations as Python expressions on NumPy arrays, as the NumPy backend computes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina.backends import numpy as backend
from lamina.graph.tensor import Node, Tensor

Expression = Callable[[Node, Sequence[str]], str]

# --- numbers --------------------------------------------------------------------------------------


def number(value: Any) -> str:
    """A float32 as an expression that gives the same bits."""
    x = np.float32(value)
    if not np.isfinite(x):
        return f"float32('{x}')"
    short = str(x)
    return f"float32({short if np.float32(float(short)) == x else repr(float(x))})"


def size(d: int) -> str:
    """A size that may depend on the batch."""
    return str(d) if d >= 0 else "batch" if d == -1 else f"{-d} * batch"


def shape(dims: Sequence[int]) -> str:
    return f"({', '.join(map(size, dims))}{',' if len(dims) == 1 else ''})"


# --- templates ------------------------------------------------------------------------------------


def _infix(sign: str) -> Expression:
    return lambda node, x: f"{x[0]} {sign} {x[1]}"


def _reshape(node: Node, x: Sequence[str]) -> str:
    dims = node.attributes["shape"]
    free = [-1 if d < 0 else d for d in dims]
    return f"{x[0]}.reshape({shape(dims) if 0 in dims else ', '.join(map(str, free)) or '()'})"


def _broadcast_to(node: Node, x: Sequence[str]) -> str:
    return f"np.broadcast_to({x[0]}, {shape(node.attributes['shape'])})"


def _transpose(node: Node, x: Sequence[str]) -> str:
    return f"{x[0]}.transpose({', '.join(map(str, node.attributes['axes']))})"


def _reduction(node: Node, x: Sequence[str]) -> str:
    return f"{x[0]}.{node.operation.name}(axis={_axes(node)})"


def _axes(node: Node) -> str:
    axes = node.attributes["axes"]
    return str(axes[0]) if len(axes) == 1 else str(tuple(axes))


def _mean(node: Node, x: Sequence[str]) -> str:
    return f"{x[0]}.sum(axis={_axes(node)}) / {_count(node, x)}"


def _count(node: Node, x: Sequence[str]) -> str:
    sizes = [node.inputs[0].dims[axis] for axis in node.attributes["axes"]]
    if all(d >= 0 for d in sizes):
        return number(math.prod(sizes))
    return f"float32({' * '.join(map(size, sizes))})"


def _matmul(node: Node, x: Sequence[str]) -> str:
    turn = "swapaxes(-1, -2)" if node.operation.name == "batched_matmul" else "T"
    sides = zip(x, (node.attributes["transpose_a"], node.attributes["transpose_b"]))
    return " @ ".join(f"{y}.{turn}" if transpose else y for y, transpose in sides)


def _concatenate(node: Node, x: Sequence[str]) -> str:
    return f"np.concatenate(({', '.join(x)}{',' if len(x) == 1 else ''}), axis={node.attributes['axis']})"


def _slice(node: Node, x: Sequence[str]) -> str:
    a = node.attributes
    whole = node.inputs[0].dims
    parts = [
        ":" if (start, step, n) == (0, 1, d) else _part(start, step, n)
        for start, step, n, d in zip(a["starts"], a["steps"], a["shape"], whole)
    ]
    return f"{x[0]}[{', '.join(parts) or '()'}].copy()"


def _part(start: int, step: int, n: int) -> str:
    end = start + step * n
    return f"{start}:{end if end >= 0 else ''}" + (f":{step}" if step != 1 else "")


_INLINE: dict[str, Expression] = {
    "add": _infix("+"),
    "subtract": _infix("-"),
    "multiply": _infix("*"),
    "divide": _infix("/"),
    "greater": _infix(">"),
    "greater_equal": _infix(">="),
    "less": _infix("<"),
    "less_equal": _infix("<="),
    "equal": _infix("=="),
    "not_equal": _infix("!="),
    "negative": lambda node, x: f"-{x[0]}",
    "cast": lambda node, x: x[0],
    "reshape": _reshape,
    "broadcast_to": _broadcast_to,
    "transpose": _transpose,
    "sum": _reduction,
    "max": _reduction,
    "min": _reduction,
    "mean": _mean,
    "count": _count,
    "matmul": _matmul,
    "batched_matmul": _matmul,
    "concatenate": _concatenate,
    "slice": _slice,
}


# --- dtypes ---------------------------------------------------------------------------------------

_MOVING = ("reshape", "broadcast_to", "transpose", "slice", "take", "cast")  # of any dtype
_TRUTHS = (  # of operands of any dtypes, and bool
    "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_not",
    "logical_and", "logical_or", "isnan", "isfinite",
)  # fmt: skip
_NOT_OF_BOOL = ("sign", "square")
_GIVES_ANOTHER = (  # than their shape rule says, as the backend writes them
    *_NOT_OF_BOOL, "argmax", "argsort", "top_k", "searchsorted", "one_hot", "sparsemax", "cast",
    "categorical_accuracy",
)  # fmt: skip


def _dtype(x: Tensor) -> str:
    return x.dtype if x.value is None else "float32"


def _operand(node: Node, x: Tensor, name: str) -> str:
    """An operand in the dtype that the operation computes in."""
    operation, wanted = node.operation.name, node.output.dtype
    unchanged = operation in (*_MOVING, *_TRUTHS) or (operation == "where" and x is node.inputs[0])
    truths = _dtype(x) == wanted == "bool" and operation not in _NOT_OF_BOOL
    if _dtype(x) == "float32" or unchanged or truths:
        return name
    return f"{name}.astype({'float32' if wanted == 'float32' else 'np.int64'})"


def helper_of(name: str) -> str | None:
    """The backend's function that an operation calls, if it is more than an expression."""
    function = backend.functions[name]
    return None if name in _INLINE or function is getattr(np, name, None) else function.__name__


def expression(node: Node, operands: Sequence[str]) -> str:
    """One call: its results are one array, or a tuple of them."""
    name = node.operation.name
    x = [_operand(node, tensor, y) for tensor, y in zip(node.inputs, operands)]
    if name in _INLINE:
        made = _INLINE[name](node, x)
    else:
        values = [
            f"{key}={shape(value) if key == 'shape' else repr(value)}"
            for key, value in node.attributes.items()
        ]
        called = helper_of(name) or f"np.{name}"
        made = f"{called}({', '.join([*x, *values])})"
    wanted = node.output.dtype
    kept = wanted == "float32" or (wanted == "bool" and name not in _NOT_OF_BOOL)
    if (kept and name not in _GIVES_ANOTHER) or (name in _MOVING and name != "cast"):
        return made
    if name in _INLINE and name != "cast":
        made = f"({made})"
    return f"{made}.astype({wanted if wanted in ('float32', 'bool') else f'np.{wanted}'})"
