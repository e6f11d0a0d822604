"""Arrays by path in HDF5, as Keras lays them out.

h5py is imported when it is needed: it comes with the extra `keras`.
"""

from __future__ import annotations

import io
import json
import math
from typing import Any

import numpy as np

from lamina.saving.state import State
from lamina.serialization.plain_json import read_json

_EXTRA = "_lamina_state"
_DTYPES = ("float16", "float32", "float64", "int8", "int32", "int64", "uint8", "uint32")


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise ImportError("Keras's files need h5py: pip install lamina[keras]") from error
    return h5py


def to_hdf5(state: State, extra: dict[str, Any]) -> bytes:
    """The bytes of a file that Keras reads, with what it does not know in a group of its own."""
    buffer = io.BytesIO()
    with _h5py().File(buffer, "w") as file:
        for group, name in state.names.items():
            made = file.create_group(group)
            if name is not None:
                made.attrs["name"] = name
        for path, array in state.arrays.items():
            file.create_dataset(path, data=array)
        text = np.frombuffer(json.dumps(extra).encode(), np.uint8)
        file.create_dataset(f"{_EXTRA}/json", data=text)
    return buffer.getvalue()


def from_hdf5(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays by path, and what `to_hdf5` had put beside them.

    Errors: ValueError for what is no HDF5, and for links, data outside of the file, and datasets that
    claim more than the file holds.
    """
    arrays: dict[str, np.ndarray] = {}
    h5py = _h5py()
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            _read_group(h5py, file, "", arrays, [len(data)])
    except (OSError, KeyError, RuntimeError, TypeError) as error:
        raise ValueError(f"The weights are no HDF5 that can be read: {error}") from error
    extra = arrays.pop(f"{_EXTRA}/json", None)
    return arrays, {} if extra is None else read_json("The state of lamina", extra.tobytes())


def _read_group(
    h5py: Any, group: Any, path: str, arrays: dict[str, np.ndarray], left: list[int]
) -> None:
    if path.count("/") > 64:
        raise ValueError("The weights lie in groups nested deeper than 64 levels")
    for name in group:
        inner = f"{path}/{name}" if path else name
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise ValueError(f"Not allowed: {type(link).__name__} {inner!r} in the weights")
        item = group[name]
        if isinstance(item, h5py.Group):
            _read_group(h5py, item, inner, arrays, left)
        elif isinstance(item, h5py.Dataset):
            arrays[inner] = _read_dataset(item, inner, left)
        else:
            raise ValueError(f"Not allowed: {type(item).__name__} {inner!r} in the weights")


def _read_dataset(item: Any, path: str, left: list[int]) -> np.ndarray:
    """The numbers of a dataset, which must lie in this file; `left` is what it can still hold."""
    if item.external or item.is_virtual:
        raise ValueError(f"Not allowed: dataset {path!r} has its data in other files")
    if item.shape is None or item.dtype.name not in _DTYPES:
        raise ValueError(f"Dataset {path!r} must hold numbers. Received: dtype={item.dtype}")
    size = math.prod(item.shape) * item.dtype.itemsize
    left[0] -= size
    if left[0] < 0 or (item.chunks is None and item.id.get_storage_size() != size):
        raise ValueError(f"Dataset {path!r} claims {size} bytes, more than the file has for it")
    return item[()] if item.shape else np.asarray(item[()])
