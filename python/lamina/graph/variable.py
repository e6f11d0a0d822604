"""State that programs read and write: weights, optimizer slots, metric totals, counters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina.graph.operators import Operators
from lamina.graph.trace import current_trace

_DTYPES = ("float32", "float64", "int32", "uint32")
_ALIGNMENT = 64


def _aligned(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    count = int(np.prod(shape, dtype=np.int64))
    raw = np.zeros(count * np.dtype(dtype).itemsize + _ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % _ALIGNMENT
    return raw[start : start + count * np.dtype(dtype).itemsize].view(dtype).reshape(shape)


class Variable(Operators):
    """An array that keeps its place in memory, so that programs can hold on to it.

    Args:
        initializer: the first value (array or number), or a callable `(shape, dtype)`.
        shape: needed for a callable only.
        dtype: float32; int32 and uint32 for counters; float64 for gradient checks on the
            numpy backend.
        trainable: whether an optimizer may change it.
        name: as shown in summaries and files.
    """

    __slots__ = ("_array", "constraint", "name", "path", "regularizer", "trainable")

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: str | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        dtype = dtype or "float32"
        if dtype not in _DTYPES:
            raise ValueError(f"Variable: dtype must be one of {_DTYPES}. Received: dtype={dtype!r}")
        if callable(initializer):
            if shape is None:
                raise ValueError("Variable: a callable initializer needs the argument `shape`.")
            first = initializer(tuple(shape), dtype=dtype)
        else:
            first = initializer
        first = np.asarray(first)
        self._array = _aligned(first.shape if shape is None else tuple(shape), dtype)
        self.trainable = trainable
        self.name = name or "variable"
        self.path = self.name
        self.regularizer: Callable[[Any], Any] | None = None
        self.constraint: Callable[[Any], Any] | None = None
        self._store(first)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.shape

    @property
    def dtype(self) -> str:
        return self._array.dtype.name

    @property
    def ndim(self) -> int:
        return self._array.ndim

    @property
    def size(self) -> int:
        return self._array.size

    @property
    def array(self) -> np.ndarray:
        """The memory itself: writes are seen by every program."""
        return self._array

    @property
    def value(self) -> Any:
        """The current value: a tensor while a graph is recorded, else the array (read-only)."""
        trace = current_trace()
        if trace is not None:
            return trace.read(self)
        view = self._array.view()
        view.flags.writeable = False
        return view

    def numpy(self) -> np.ndarray:
        """A copy of the current numbers."""
        return self._array.copy()

    def assign(self, value: Any) -> Any:
        """Sets the value; while a graph is recorded, makes that a part of the program."""
        trace = current_trace()
        if trace is not None:
            return trace.assign(self, value)
        self._store(np.asarray(value))
        return self

    def _store(self, array: np.ndarray) -> None:
        if array.shape != self.shape:
            raise ValueError(
                f"The shape of the target variable and the shape of the target value in "
                f"`variable.assign(value)` must match. variable.shape={self.shape}, Received: "
                f"value.shape={array.shape}. Target variable: {self.name}"
            )
        if array.dtype.kind not in "biuf":
            raise TypeError(f"variable {self.name!r} cannot hold dtype {array.dtype}")
        self._array[...] = array

    def assign_add(self, value: Any) -> Any:
        return self.assign(self + value)

    def assign_sub(self, value: Any) -> Any:
        return self.assign(self - value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._array, dtype=dtype)

    def __float__(self) -> float:
        return float(self._array)

    def __int__(self) -> int:
        return int(self._array)

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self._array}>"
