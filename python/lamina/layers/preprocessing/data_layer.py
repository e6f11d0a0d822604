"""The base of layers that work on arrays alone, and what they take for an array."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from lamina.graph.tensor import Tensor
from lamina.layers.config import dtype_name
from lamina.layers.layer import Layer


class DataLayer(Layer):
    """A layer for data outside of a model: strings and 64-bit integers cannot enter a program.

    Args:
        dtypes: what `dtype` may be, the default first.
    """

    def __init__(
        self, *, dtype: Any = None, dtypes: tuple[str, ...] = ("float32",), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if dtype_name(dtype) not in (None, *dtypes):
            raise ValueError(f"`dtype` must be one of {dtypes}. Received: dtype={dtype!r}")
        self._dtype = dtype_name(dtype) or dtypes[0]
        self.built = True

    @property
    def dtype(self) -> str:
        """The dtype of what the layer gives."""
        return self._dtype

    _in_models = False  # whether `call` takes tensors too

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        parts = list(inputs.values()) if isinstance(inputs, dict) else inputs
        parts = parts if isinstance(parts, (list, tuple)) else [parts]
        tensors = [x for x in parts if isinstance(x, Tensor)]
        if not tensors:
            return self.call(inputs)
        if not self._in_models:
            raise TypeError(
                f"{type(self).__name__} works on arrays, not inside of a model: call the layer on the "
                f"data before they go to the model. Received: inputs={tensors[0]!r}"
            )
        return super().__call__(inputs, *args, **kwargs)


def first_batches(batches: Iterable[Any], steps: int | None) -> Iterator[Any]:
    """The batches that `adapt` takes: the first `steps` of them, or all."""
    for i, batch in enumerate(batches):
        if steps is not None and i >= steps:
            return
        yield batch


def as_strings(name: str, x: Any, encoding: str = "utf-8") -> np.ndarray:
    """An array of Python strings (dtype object) from strings or bytes of whatever kind.

    Errors: TypeError for anything else in it, None and NaN too, with its index.
    """
    array = np.asarray(x)
    if array.dtype.kind not in "OUST":
        raise TypeError(f"`{name}` must hold strings. Received: {name} with dtype={array.dtype}")
    flat = array.ravel().tolist()
    for i, value in enumerate(flat):
        if isinstance(value, bytes):
            flat[i] = value.decode(encoding)
        elif not isinstance(value, str):
            where = tuple(int(k) for k in np.unravel_index(i, array.shape))
            raise TypeError(f"`{name}` must hold strings. Received: {value!r} at index {where}")
    strings = np.empty(len(flat), object)
    strings[:] = flat
    return strings.reshape(array.shape)


def as_integers(name: str, x: Any) -> np.ndarray:
    """An array of int64 from integers, booleans, or floats without a fraction.

    Errors: TypeError for what is no number, ValueError for fractions, NaN and infinity.
    """
    array = np.asarray(x)
    if array.dtype.kind == "O" and all(isinstance(v, int) for v in array.ravel().tolist()):
        array = array.astype(np.int64)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` must hold integers. Received: {name} with dtype={array.dtype}")
    if array.dtype.kind == "f":
        bad = np.argwhere(~(np.isfinite(array) & (array == np.trunc(array))))
        if len(bad):
            where = tuple(int(i) for i in bad[0])
            raise ValueError(
                f"`{name}` must hold whole numbers. Received: {array[where]} at index {where}"
            )
    return array.astype(np.int64)
