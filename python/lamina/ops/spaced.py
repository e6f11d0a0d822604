"""More new arrays: numbers in rows, windows, matrices; what a tensor is."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.graph.operators import Operators
from lamina.graph.tensor import Tensor
from lamina.ops.composite import clip
from lamina.ops.creation import Shape, cast, convert_to_tensor, dtype_name, zeros, zeros_like
from lamina.utils import check


def array(x: Any, dtype: Any = None) -> Any:
    """x as an array, or the tensor it is."""
    return convert_to_tensor(x, dtype)


def copy(x: Any) -> Any:
    """The numbers of x in an array of their own; a tensor of a program is never changed."""
    return x if isinstance(x, Operators) else np.array(convert_to_tensor(x))


def empty(shape: Shape, dtype: Any = None) -> Any:
    """A new array, of zeros; see `full`."""
    return zeros(shape, dtype)


def empty_like(x: Any, dtype: Any = None) -> Any:
    """A new array, of zeros, of x's shape."""
    return zeros_like(x, dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> np.ndarray:  # noqa: N803
    """(N, M): 1 on the k-th diagonal and below, else 0."""
    return np.tri(N, M, k, dtype_name("tri", dtype or floatx()))


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10,
    dtype: Any = None,
    axis: int = 0,
) -> np.ndarray:
    """`base` to the power of `num` numbers at equal distances from start to stop."""
    num = check.integer("num", num, 0)
    return np.logspace(start, stop, num, endpoint, base, axis=axis).astype(
        dtype_name("logspace", dtype or floatx())
    )


def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> np.ndarray:
    """`num` numbers from start to stop, each the same multiple of the one before."""
    num = check.integer("num", num, 0)
    return np.geomspace(start, stop, num, endpoint, axis=axis).astype(
        dtype_name("geomspace", dtype or floatx())
    )


def bartlett(x: int) -> np.ndarray:
    """The triangular window of x numbers, in `floatx()`."""
    return np.bartlett(check.integer("x", x)).astype(floatx())


def blackman(x: int) -> np.ndarray:
    """Blackman's window of x numbers, in `floatx()`."""
    return np.blackman(check.integer("x", x)).astype(floatx())


def hamming(x: int) -> np.ndarray:
    """Hamming's window of x numbers, in `floatx()`."""
    return np.hamming(check.integer("x", x)).astype(floatx())


def hanning(x: int) -> np.ndarray:
    """Hann's window of x numbers, in `floatx()`."""
    return np.hanning(check.integer("x", x)).astype(floatx())


def kaiser(x: int, beta: float) -> np.ndarray:
    """Kaiser's window of x numbers, in `floatx()`."""
    return np.kaiser(check.integer("x", x), check.number("beta", beta)).astype(floatx())


# --- what a tensor is -----------------------------------------------------------------------------


def is_tensor(x: Any) -> bool:
    """Whether x is an array or a tensor (a variable is neither)."""
    return isinstance(x, (np.ndarray, np.generic, Tensor))


def dtype(x: Any) -> str:
    """The name of x's dtype."""
    own = getattr(x, "dtype", None)
    return own if isinstance(own, str) else str(convert_to_tensor(x).dtype.name)


def saturate_cast(x: Any, dtype: str) -> Any:
    """x as another dtype; numbers outside its range become its least or its largest number."""
    name = dtype_name("saturate_cast", dtype)
    kind = np.dtype(name).kind
    if kind == "b" or (kind == "f" and name != "float16"):
        return cast(x, name)
    own = np.iinfo(name) if kind in "iu" else np.finfo(name)
    least, most = float(own.min), float(own.max)
    if isinstance(x, Operators):
        return cast(clip(x, least, most), name)
    x = convert_to_tensor(x)
    if x.dtype.kind == "f" and kind in "iu" and most > 2**24:  # the largest float within
        most = float(np.nextafter(x.dtype.type(most), x.dtype.type(0)))
    return np.clip(x, own.min, own.max if x.dtype.kind != "f" else most).astype(name)
