"""What users bring, as arrays whose rows are samples.

Nothing is converted here that a program can convert batch by batch: integers, bytes and float64
stay as they are, and so do strides between samples.  A copy is made only where the numbers of one
sample do not lie in one piece.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina import backends
from lamina.data.sparse import SparseRows, is_sparse
from lamina.graph.tensor import Tensor


def as_samples(name: str, value: Any, *, finite: bool = True, dtype: str = "float32") -> Any:
    """The array for the argument `name`: samples on axis 0, a native numeric dtype.

    Sparse matrices become SparseRows.  A memory map is not read here: what is not finite in it is
    found by the step that computes with it.

    Errors: TypeError for what is not numeric; ValueError for no samples, a single number, or (when
    `finite`) NaN, infinity and what is infinite in `dtype`, with the first index.
    """
    if is_sparse(value) or isinstance(value, SparseRows):
        return _sparse_samples(name, value, finite, dtype)
    array = _to_array(name, value)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"`{name}` must be an array of numbers. Received: {name} of dtype {array.dtype}"
            f"{_column_hint(value) or _word_hint(array)}"
        )
    if array.ndim == 0:
        raise ValueError(f"`{name}` must have a first axis of samples. Received: {name}={value!r}")
    if len(array) == 0:
        raise ValueError(f"`{name}` has no samples. Received: {name}.shape={array.shape}")
    if array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if not _rows_in_one_piece(array):
        array = np.ascontiguousarray(array)
    if finite and not isinstance(value, np.memmap):
        check_finite(name, array, dtype)
    return array


def _sparse_samples(name: str, value: Any, finite: bool, dtype: str) -> SparseRows:
    rows = value if isinstance(value, SparseRows) else SparseRows(value)
    if rows.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` must hold numbers. Received: {name} of dtype {rows.dtype}")
    if len(rows) == 0:
        raise ValueError(f"`{name}` has no samples. Received: {name}.shape={rows.shape}")
    if finite and rows.stored.size and rows.dtype.kind == "f":
        first = first_nonfinite(rows.stored, dtype)
        if first is not None:
            raise ValueError(
                f"`{name}` must be finite in {dtype}. Received: {name}{list(rows.place(first[0]))} = "
                f"{rows.stored[first]} in a sparse matrix of shape {rows.shape}"
            )
    return rows


def _to_array(name: str, value: Any) -> np.ndarray:
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, Tensor):
        raise TypeError(f"`{name}` must hold numbers. Received: {value!r}")
    if isinstance(value, dict) or (hasattr(value, "__next__") and not hasattr(value, "shape")):
        raise TypeError(
            f"`{name}` must be an array. Received: {name} of type {type(value).__name__}"
        )
    if hasattr(value, "to_numpy"):
        array = np.asarray(value.to_numpy())
        if array.dtype.kind == "O" and _other_columns(value) == []:  # columns that can have gaps
            array = value.to_numpy(np.float64, na_value=np.nan)
        return array
    if not hasattr(value, "__array__") and hasattr(value, "__dlpack__"):
        return np.from_dlpack(value)
    try:
        return np.asarray(value)
    except ValueError as error:
        if isinstance(value, (list, tuple)) and all(hasattr(item, "shape") for item in value[:9]):
            kind, shapes = type(value).__name__, ", ".join(str(item.shape) for item in value[:9])
            raise ValueError(
                f"`{name}` must be one array. Received: {name}, a {kind} of {len(value)} of "
                f"shapes {shapes}"
            ) from error
        raise ValueError(f"`{name}` cannot be made an array: {error}") from error


def _other_columns(value: Any) -> list[str] | None:
    """The columns of a frame that hold no numbers; None for what is no frame."""
    dtypes: Any = getattr(value, "dtypes", None)
    if isinstance(dtypes, list):  # of polars
        return [name for name in value.columns if value[name].to_numpy().dtype.kind not in "biuf"]
    if not hasattr(dtypes, "items"):
        return None
    return [str(c) for c, dtype in dtypes.items() if getattr(dtype, "kind", "O") not in "biuf"]


def _column_hint(value: Any) -> str:
    wrong = _other_columns(value)
    return f" (columns {', '.join(wrong)})" if wrong else ""


def _word_hint(array: np.ndarray) -> str:
    if array.dtype.kind == "U" or any(isinstance(item, str) for item in array.flat[:1]):
        return ". Words become numbers by np.unique(words, return_inverse=True)[1] or StringLookup"
    return ""


def _rows_in_one_piece(array: np.ndarray) -> bool:
    stride = array.itemsize
    for size, own in zip(array.shape[:0:-1], array.strides[:0:-1]):
        if size != 1 and own != stride:
            return False
        stride *= size
    return True


def check_finite(name: str, array: np.ndarray, dtype: str) -> None:
    """Refuses NaN, infinity, and what `dtype` would make infinite, naming the first."""
    if array.dtype.kind != "f":
        return
    place = first_nonfinite(array, dtype)
    if place is not None:
        raise ValueError(
            f"`{name}` must be finite in {dtype}. Received: {name}[{', '.join(map(str, place))}] = "
            f"{array[place]} in an array of shape {array.shape}"
        )


def first_nonfinite(array: np.ndarray, dtype: str = "float32") -> tuple[int, ...] | None:
    """The index of the first NaN, infinity, or number that `dtype` would make infinite."""
    if dtype == "float32" and backends.name() == "native" and array.flags.c_contiguous:
        from lamina import _core

        flat = _core.first_nonfinite(array)
    else:
        flat = -1
        rows = max(1, 2**22 // max(1, array[0].size))
        for start in range(0, len(array), rows):
            with np.errstate(all="ignore"):
                part = array[start : start + rows].astype(dtype, copy=False)
            wrong = ~np.isfinite(part).reshape(-1)
            if wrong.any():
                flat = start * array[0].size + int(wrong.argmax())
                break
    return None if flat < 0 else tuple(int(i) for i in np.unravel_index(flat, array.shape))


def same_length(**arrays: np.ndarray | None) -> int:
    """The number of samples; ValueError when the arrays do not agree."""
    sizes = {name: len(array) for name, array in arrays.items() if array is not None}
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"'{name}' has {n}" for name, n in sizes.items())
        raise ValueError(
            "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples. "
            f"Received: {listed}"
        )
    return next(iter(sizes.values()))


def fit_shape(name: str, array: Any, shape: tuple[int | None, ...]) -> Any:
    """The samples in the shape a model expects: as Keras does, an axis of size 1 at the end is
    added or dropped.  Errors: ValueError for another shape."""
    own, wanted = array.shape[1:], tuple(shape[1:])
    if own == wanted:
        return array
    if isinstance(array, SparseRows):
        raise ValueError(
            f"Invalid input shape for input `{name}`: expected shape {shape}, but input has "
            f"incompatible shape {array.shape}"
        )
    if (*own, 1) == wanted or own == (*wanted, 1):
        return array.reshape(len(array), *(d for d in wanted if d is not None))
    raise ValueError(
        f"Invalid input shape for input `{name}`: expected shape {shape}, but input has incompatible "
        f"shape {array.shape}{_shape_hint(array.shape, wanted)}"
    )


def _shape_hint(given: tuple[int, ...], wanted: tuple[int | None, ...]) -> str:
    """What is likely wrong with samples of the shape `given`, where one must have `wanted`."""
    if given == wanted:
        return (
            ". The first axis counts samples: a single sample is x[np.newaxis], and Input(shape) "
            "says the shape of one sample"
        )
    sizes = [size for size in wanted if size is not None]
    if len(sizes) == len(wanted) and math.prod(given[1:]) == math.prod(sizes):
        return f". x.reshape{(-1, *wanted)} has it"
    return ""
