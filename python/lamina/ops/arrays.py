"""What is computed on arrays only, by NumPy: a program has no such operations.

Tensors of a program are refused.  Floats that Python made are in `floatx()`, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.graph.operators import Operators
from lamina.graph.tensor import Tensor
from lamina.graph.trace import current_trace
from lamina.ops.creation import convert_to_tensor, dtype_name
from lamina.utils import check

Array = np.ndarray


def numbers(name: str, *xs: Any) -> list[Any]:
    """The operands as arrays.

    Errors: ValueError for what has no numbers while a graph is recorded.
    """
    trace = current_trace()
    for x in xs:
        known = x.value is not None if isinstance(x, Tensor) else trace is None or trace.eager
        if isinstance(x, Operators) and not known:
            raise ValueError(
                f"ops.{name} works on arrays only: a model or a training step cannot compute it. "
                f"Received: {x!r}"
            )
    return [
        np.asarray(convert_to_tensor(np.asarray(x) if isinstance(x, Operators) else x)) for x in xs
    ]


def floats(name: str, *xs: Any) -> list[Any]:
    """The operands as arrays of floats."""
    return [x if x.dtype.kind == "f" else x.astype(floatx()) for x in numbers(name, *xs)]


def _integers(name: str, *xs: Any, kinds: str = "biu") -> list[Any]:
    arrays = numbers(name, *xs)
    for a in arrays:
        if a.dtype.kind not in kinds:
            raise TypeError(f"{name}: expected integers. Received: dtype={a.dtype}")
    if all(isinstance(x, int) for x in xs):
        return arrays
    return [x if isinstance(x, int) else a for x, a in zip(xs, arrays)]  # Python's take no side


# --- whole numbers --------------------------------------------------------------------------------


def bitwise_and(x: Any, y: Any) -> Any:
    """The bits that both have."""
    return np.bitwise_and(*_integers("bitwise_and", x, y))


def bitwise_or(x: Any, y: Any) -> Any:
    """The bits that one of them has."""
    return np.bitwise_or(*_integers("bitwise_or", x, y))


def bitwise_xor(x: Any, y: Any) -> Any:
    """The bits that exactly one of them has."""
    return np.bitwise_xor(*_integers("bitwise_xor", x, y))


def bitwise_not(x: Any) -> Any:
    """The bits that x does not have."""
    return np.bitwise_not(*_integers("bitwise_not", x))


def bitwise_left_shift(x: Any, y: Any) -> Any:
    """x * 2^y."""
    return np.left_shift(*_integers("bitwise_left_shift", x, y))


def bitwise_right_shift(x: Any, y: Any) -> Any:
    """floor(x / 2^y)."""
    return np.right_shift(*_integers("bitwise_right_shift", x, y))


def gcd(x1: Any, x2: Any) -> Any:
    """The greatest common divisor."""
    return np.gcd(*_integers("gcd", x1, x2, kinds="iu"))


def lcm(x1: Any, x2: Any) -> Any:
    """The least common multiple."""
    return np.lcm(*_integers("lcm", x1, x2, kinds="iu"))


# --- results whose shape depends on the numbers ---------------------------------------------------


def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Array:
    """How often each whole number from 0 on stands in x (or in each row), or its sum of weights.

    See `segment_sum` for tensors.
    """
    if sparse:
        raise ValueError(f"bincount: results are dense. Received: sparse={sparse}")
    (x,) = _integers("bincount", x)
    least = check.integer("minlength", minlength, 0)
    if x.ndim not in (1, 2) or x.min(initial=0) < 0:
        raise ValueError(
            "bincount: expected a row, or rows, of numbers from 0 on. Received: x of shape "
            f"{x.shape}, least number {x.min(initial=0)}"
        )
    w = None if weights is None else numbers("bincount", weights)[0]
    if w is not None and w.shape != x.shape:
        raise ValueError(f"bincount: expected weights of shape {x.shape}. Received: {w.shape}")
    length = max(int(x.max(initial=-1)) + 1, least)
    rows = np.atleast_2d(x)
    own = [None] * len(rows) if w is None else w.reshape(rows.shape)
    counts = [np.bincount(row, row_weights, length) for row, row_weights in zip(rows, own)]
    result = np.reshape(counts, (*x.shape[:-1], length))
    return result.astype(np.int32 if w is None or w.dtype.kind in "biu" else w.dtype)


def histogram(
    x: Any, bins: int = 10, range: tuple[float, float] | None = None
) -> tuple[Array, Array]:
    """How many numbers fall into each of so many equal bins, as floats, and the bins' edges.

    Args:
        range: the first edge and the last; of the smallest and the largest number when None.
    """
    count = check.integer("bins", bins, 1)
    if range is not None and not (len(range) == 2 and range[0] < range[1]):
        raise ValueError(f"histogram: range must be (least, most). Received: range={range}")
    (x,) = floats("histogram", x)
    found, edges = np.histogram(x, count, range)
    return found.astype(x.dtype), edges.astype(x.dtype)


def nonzero(x: Any) -> tuple[Array, ...]:
    """The places of what is not 0: the indices along each axis, int32."""
    return tuple(i.astype(np.int32) for i in np.nonzero(*numbers("nonzero", x)))


def argpartition(x: Any, kth: int, axis: int = -1) -> Array:
    """The indices that bring the kth number to its sorted place, smaller ones before it, int32."""
    (x,) = numbers("argpartition", x)
    return np.argpartition(x, kth, axis).astype(np.int32)


def unravel_index(indices: Any, shape: Sequence[int]) -> tuple[Array, ...]:
    """The indices along each axis of places that are counted through all of `shape`."""
    (indices,) = _integers("unravel_index", indices)
    return tuple(i.astype(indices.dtype) for i in np.unravel_index(indices, tuple(shape)))


def nextafter(x1: Any, x2: Any) -> Any:
    """The next float from x1 towards x2."""
    return np.nextafter(*floats("nextafter", x1, x2))


def view(x: Any, dtype: Any = None) -> Array:
    """The bytes of x as numbers of another dtype."""
    (x,) = numbers("view", x)
    return x if dtype is None else x.view(dtype_name("view", dtype))
