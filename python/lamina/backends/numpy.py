"""The reference backend: one plain NumPy function per operation.

Arrays of any float dtype come in, float64 among them (for gradient checks).  A result agrees with
the native backend within a rounding tolerance, random bits exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lamina.backends import numpy_arrays, numpy_functions
from lamina.backends.numpy_optimizers import adam, rmsprop, sgd

Array = np.ndarray


def run(
    name: str, arrays: Sequence[Array], attributes: dict[str, Any], specs: Sequence[Any]
) -> Any:
    """The results of one operation, in the dtypes that its shape rule promises."""
    if name not in _STATEFUL:
        arrays = [_wide(x, specs[0].dtype) for x in arrays]
    with np.errstate(all="ignore"):
        results = functions[name](*arrays, **attributes)
    if not isinstance(results, tuple):
        results = (results,)
    return tuple(np.asarray(r).astype(s.dtype, copy=False) for r, s in zip(results, specs))


_STATEFUL = (  # operands that stay integers
    "dropout", "random_uniform", "random_normal", "advance", "increment", "choose", "counter",
)  # fmt: skip


def _wide(x: Array, dtype: str) -> Array:
    """An operand as the native backend sees it: bytes do not wrap around, nothing is a float16."""
    if x.dtype.kind == "f":
        return x.astype(np.float32) if x.dtype.itemsize < 4 else x
    return x.astype(np.int64 if dtype in ("bool", "int32") else dtype)


# --- elementwise ----------------------------------------------------------------------------------


def relu(x: Array) -> Array:
    return np.where(x < 0, np.zeros_like(x), x)


def softplus(x: Array) -> Array:
    return np.logaddexp(x, np.zeros_like(x))


def rsqrt(x: Array) -> Array:
    return 1 / np.sqrt(x)


def power(a: Array, b: Array) -> Array:
    """By float64: what NumPy gives in float32 differs between CPUs."""
    if a.dtype.kind == b.dtype.kind == "i":
        if np.any(b < 0):
            raise ValueError(
                "power: integers have no negative powers among integers, make one of them floats. "
                f"Received: exponents {b!r:.100}"
            )
        return np.power(a, b)
    dtype = np.result_type(a, b, np.float32)
    return np.power(a.astype(np.float64), b).astype(dtype)


def relu_gradient(dy: Array, y: Array) -> Array:
    return np.where(y > 0, dy, np.zeros_like(dy))


def sigmoid_gradient(dy: Array, y: Array) -> Array:
    return dy * (y * (1 - y))


def tanh_gradient(dy: Array, y: Array) -> Array:
    return dy * (1 - y * y)


# --- rows -----------------------------------------------------------------------------------------


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(x: Array) -> Array:
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax_gradient(dy: Array, y: Array) -> Array:
    return y * (dy - (dy * y).sum(axis=-1, keepdims=True))


def softmax_cross_entropy(logits: Array, target: Array) -> tuple[Array, Array]:
    return -(target * log_softmax(logits)).sum(axis=-1), softmax(logits)


def softmax_cross_entropy_gradient(dloss: Array, probabilities: Array, target: Array) -> Array:
    return dloss[..., None] * (probabilities * target.sum(axis=-1, keepdims=True) - target)


def standardize(x: Array, *, epsilon: float, center: bool) -> tuple[Array, Array]:
    n = x.shape[-1]
    deviations = x - x.sum(axis=-1, keepdims=True) / n if center else x
    scale = 1 / np.sqrt((deviations * deviations).sum(axis=-1, keepdims=True) / n + epsilon)
    return deviations * scale, scale


def standardize_gradient(dy: Array, y: Array, scale: Array, *, center: bool) -> Array:
    n = y.shape[-1]
    rest = dy - y * ((dy * y).sum(axis=-1, keepdims=True) / n)
    return scale * (rest - dy.sum(axis=-1, keepdims=True) / n if center else rest)


def argmax(x: Array) -> Array:
    return x.argmax(axis=-1)


def categorical_accuracy(target: Array, prediction: Array) -> Array:
    return target.argmax(axis=-1) == prediction.argmax(axis=-1)


def one_hot(x: Array, *, num_classes: int) -> Array:
    return x[..., None] == np.arange(num_classes)


# --- reductions, shapes, matmul -------------------------------------------------------------------


def sum(x: Array, *, axes: tuple[int, ...]) -> Array:
    return x.sum(axis=axes)


def mean(x: Array, *, axes: tuple[int, ...]) -> Array:
    return x.sum(axis=axes) / count(x, axes=axes)


def max(x: Array, *, axes: tuple[int, ...]) -> Array:
    return x.max(axis=axes)


def min(x: Array, *, axes: tuple[int, ...]) -> Array:
    return x.min(axis=axes)


def count(x: Array, *, axes: tuple[int, ...]) -> Array:
    return np.asarray(math.prod(x.shape[axis] for axis in axes), x.dtype)


def reshape(x: Array, *, shape: tuple[int, ...]) -> Array:
    return x.reshape(shape)


def broadcast_to(x: Array, *, shape: tuple[int, ...]) -> Array:
    return np.broadcast_to(x, shape)


def stop_gradient(x: Array) -> Array:
    return x


def transpose(x: Array, *, axes: tuple[int, ...]) -> Array:
    return x.transpose(axes)


def matmul(a: Array, b: Array, *, transpose_a: bool, transpose_b: bool) -> Array:
    """a (m, k) times b (k, n), either one transposed; a may have more leading axes if it is not."""
    return (a.T if transpose_a else a) @ (b.T if transpose_b else b)


def batched_matmul(a: Array, b: Array, *, transpose_a: bool, transpose_b: bool) -> Array:
    """a (..., m, k) times b (..., k, n), either one's last axes exchanged."""
    return (a.swapaxes(-1, -2) if transpose_a else a) @ (b.swapaxes(-1, -2) if transpose_b else b)


# --- random ---------------------------------------------------------------------------------------


def philox(counter: Sequence[Array], key: Sequence[Array]) -> list[Array]:
    """Philox4x32-10 (Salmon et al., 2011): four words for each four-word counter, two-word key."""
    c = [np.asarray(word, np.uint64) for word in counter]
    k = [np.asarray(word, np.uint64) for word in key]
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        high0, high1 = p0 >> np.uint64(32), p1 >> np.uint64(32)
        c = [high1 ^ c[1] ^ k[0], p1 & low, high0 ^ c[3] ^ k[1], p0 & low]
        k = [(k[0] + np.uint64(0x9E3779B9)) & low, (k[1] + np.uint64(0xBB67AE85)) & low]
    return c


def _words(shape: Sequence[int], state: Array) -> Array:
    """The random words of an array of that shape; see Dropout in cpp/ops/ops.h."""
    columns = shape[-1] if len(shape) else 1
    rows = math.prod(shape[:-1])
    column = np.arange(-(-columns // 64) * 16)
    words = philox(
        [column[None, :], np.arange(rows)[:, None], np.asarray(state[1]), np.asarray(0)],
        [np.asarray(state[0]), np.asarray(0)],
    )
    # (rows, blocks, word, lane) -> (rows, columns)
    bits = np.stack([w.reshape(rows, -(-columns // 64), 16) for w in words], axis=2)
    return bits.reshape(rows, -(-columns // 64) * 64)[:, :columns].reshape(tuple(shape))


def dropout(x: Array, state: Array, *, rate: float) -> Array:
    """x / (1 - rate) where kept, else 0; `state` is (seed, step).  See dropout in cpp/ops/ops.h."""
    kept = _words(x.shape, state) >= round(float(np.float32(rate)) * 2**32)
    return np.where(kept, x * dropout_scale(rate, x.dtype), np.zeros_like(x))


def random_uniform(state: Array, *, shape: tuple[int, ...]) -> Array:
    return (_words(shape, state) >> np.uint64(8)) / 2**24


def random_normal(state: Array, *, shape: tuple[int, ...]) -> Array:
    return math.sqrt(2) * numpy_functions.erfinv((_words(shape, state) + 0.5) / 2**31 - 1)


def dropout_scale(rate: float, dtype: npt.DTypeLike = np.float32) -> Array:
    """What the elements kept are multiplied by; 0 where none is."""
    share = float(np.asarray(rate, dtype))
    return np.asarray(1 / (1 - share) if share < 1 else 0, dtype)


# --- state ----------------------------------------------------------------------------------------


def advance(state: Array) -> Array:
    return state + np.array([0, 1], np.uint32)


def increment(x: Array) -> Array:
    return x + 1


def choose(condition: Array, a: Array, b: Array) -> Array:
    return a if condition != 0 else b


def counter(x: Array) -> Array:
    return x.astype(np.float32)


def accumulate(total: Array, rest: Array, x: Array) -> tuple[Array, Array]:
    sum = total + x
    part = sum - total
    missing = _without_nan((total - (sum - part)) + (x - part) + rest)
    rounded = sum + missing
    return rounded, _without_nan(missing - (rounded - sum))


def _without_nan(x: Array) -> Array:
    return np.where(np.isnan(x), np.zeros_like(x), x)


functions: dict[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in (
        "negative", "abs", "sign", "square", "sqrt", "reciprocal", "exp", "log", "log1p", "floor",
        "tanh", "logical_not", "isnan", "isfinite", "add", "subtract", "multiply", "divide",
        "maximum", "minimum", "mod", "floor_divide", "greater", "greater_equal", "less",
        "less_equal", "equal", "not_equal", "logical_and", "logical_or", "where",
    )
}  # fmt: skip
functions |= {
    f.__name__: f
    for f in (
        relu, softplus, rsqrt, power, relu_gradient, sigmoid_gradient, tanh_gradient,
        softmax, log_softmax, softmax_gradient, softmax_cross_entropy,
        softmax_cross_entropy_gradient, standardize, standardize_gradient, argmax,
        categorical_accuracy, one_hot, sum, mean, max, min, count, reshape, broadcast_to,
        stop_gradient, transpose, matmul, batched_matmul, dropout, advance, increment, choose,
        counter, accumulate, sgd, adam, rmsprop, random_uniform, random_normal,
    )
}  # fmt: skip
functions |= numpy_arrays.functions
functions |= numpy_functions.functions
