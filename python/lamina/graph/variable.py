"""State that programs read and write: weights, optimizer slots, metric totals, counters."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.graph.operators import Operators
from lamina.graph.trace import current_trace

_DTYPES = ("float32", "float64", "int32", "uint32")
_ALIGNMENT = 64
_OVERHEAD = 512  # bytes of a variable beside its numbers
_left: ContextVar[list[int] | None] = ContextVar("bytes_left_for_variables", default=None)
_storing = threading.RLock()  # a first value is stored once, whichever threads ask for it


def _renew_lock() -> None:
    """In a forked child no thread is left that could give the old lock back."""
    global _storing
    _storing = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


@contextmanager
def limited_memory(size: int) -> Iterator[None]:
    """Layers and variables made inside may take `size` bytes together, beside variables that begin as
    zeros without touching memory.  Errors: ValueError as soon as one would take more."""
    token = _left.set([size])
    try:
        yield
    finally:
        _left.reset(token)


def take_memory(what: str, size: int) -> None:
    """Counts `size` bytes as taken.  Errors: ValueError where memory is limited and they are too many."""
    left = _left.get()
    if left is not None:
        left[0] -= size
        if left[0] < 0:
            raise ValueError(f"{what} is more than the file has memory for")


def _aligned(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    size = math.prod(shape) * np.dtype(dtype).itemsize
    raw = np.zeros(size + _ALIGNMENT, np.uint8)
    return np.ndarray(shape, dtype, raw, offset=-raw.ctypes.data % _ALIGNMENT)


class Variable(Operators):
    """An array that keeps its place in memory, so that programs can hold on to it.

    Args:
        initializer: the first value (array or number), or a callable `(shape, dtype)`; one that is
            `repeatable` (lamina's random ones are) is called when the value is first needed.  None
            leaves the memory as it is given: zeros, on pages that are not touched yet.
        shape: needed for a callable and None.
        dtype: "float32" or "float64", `floatx()` when None; "int32" and "uint32" for counters.
        trainable: whether an optimizer may change it.
        name: as shown in summaries and files.
    """

    __slots__ = (
        "_array", "_first", "constraint", "dtype", "name", "path", "regularizer", "trainable",
    )  # fmt: skip

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: str | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        dtype = dtype or floatx()
        if dtype not in _DTYPES:
            raise ValueError(f"Variable: dtype must be one of {_DTYPES}. Received: dtype={dtype!r}")
        if initializer is not None and not callable(initializer):
            initializer = np.asarray(initializer)
            shape = initializer.shape if shape is None else shape
        elif shape is None:
            raise ValueError(
                "Variable: an initializer that is no value needs the argument `shape`."
            )
        touched = 0 if initializer is None else math.prod(shape) * np.dtype(dtype).itemsize
        take_memory(f"Variable {name!r} of shape {tuple(shape)}", touched + _OVERHEAD)
        self._array = _aligned(tuple(shape), dtype)
        self.dtype = dtype
        self._first: Any = initializer
        self.trainable = trainable
        self.name = name or "variable"
        self.path = self.name
        self.regularizer: Callable[[Any], Any] | None = None
        self.constraint: Callable[[Any], Any] | None = None
        if not getattr(initializer, "repeatable", False):
            self._store_first()

    def _store_first(self) -> None:
        with _storing:
            if self._first is not None:
                first = self._first
                if callable(first):
                    first = first(self.shape, dtype=self.dtype)
                self._store(np.asarray(first))

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.shape

    @property
    def ndim(self) -> int:
        return self._array.ndim

    @property
    def size(self) -> int:
        return self._array.size

    @property
    def array(self) -> np.ndarray:
        """The memory itself: writes are seen by every program."""
        if self._first is not None:
            self._store_first()
        return self._array

    @property
    def value(self) -> Any:
        """The current value: a tensor while a graph is recorded, else the array (read-only)."""
        trace = current_trace()
        if trace is not None:
            return trace.read(self)
        view = self.array.view()
        view.flags.writeable = False
        return view

    def numpy(self) -> np.ndarray:
        """A copy of the current numbers."""
        return self.array.copy()

    def assign(self, value: Any) -> Any:
        """Sets the value; while a graph is recorded, makes that a part of the program."""
        trace = current_trace()
        if trace is not None:
            return trace.assign(self, value)
        self._store(np.asarray(value))
        return self

    def check_fit(self, array: np.ndarray) -> None:
        """Refuses an array of another shape or kind of numbers."""
        if array.dtype.kind not in ("f" if self.dtype.startswith("float") else "iub"):
            raise TypeError(f"variable {self.name!r} cannot hold dtype {array.dtype}")
        self._check_shape(array)

    def _check_shape(self, array: np.ndarray) -> None:
        if array.shape != self.shape:
            raise ValueError(
                f"The shape of the target variable and the shape of the target value in "
                f"`variable.assign(value)` must match. variable.shape={self.shape}, Received: "
                f"value.shape={array.shape}. Target variable: {self.name}"
            )

    def _store(self, array: np.ndarray) -> None:
        self._check_shape(array)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"variable {self.name!r} cannot hold dtype {array.dtype}")
        with _storing:
            self._array[...] = array
            self._first = None

    def assign_add(self, value: Any) -> Any:
        return self.assign(self + value)

    def assign_sub(self, value: Any) -> Any:
        return self.assign(self - value)

    def __getitem__(self, key: Any) -> Any:
        """A copy of the numbers there, by NumPy's rules; while a graph is recorded `ops.get_item`."""
        return np.array(self.array[key]) if current_trace() is None else super().__getitem__(key)

    def __pos__(self) -> Any:
        return self.numpy() if current_trace() is None else self.value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """The current numbers.  Errors: TypeError while a graph is recorded, which has none."""
        trace = current_trace()
        return np.array(self.array if trace is None else trace.read(self), dtype=dtype)

    def __reduce__(self) -> Any:
        named = {name: getattr(self, name) for name in ("path", "regularizer", "constraint")}
        made = (self.numpy(), self.shape, self.dtype, self.trainable, self.name)
        return Variable, made, (None, named)

    def __float__(self) -> float:
        return float(np.asarray(self))

    def __int__(self) -> int:
        return int(np.asarray(self))

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self.array}>"
