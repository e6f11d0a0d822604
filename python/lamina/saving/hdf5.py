"""Arrays by path in HDF5, as Keras lays them out.

Written by h5py, which comes with the extra `keras`; read without it.
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from lamina.saving.hdf5_reader import read_hdf5
from lamina.saving.state import State
from lamina.saving.trees import put_arrays_in, take_arrays_out, take_prefixed
from lamina.serialization.plain_json import read_json

_EXTRA = "_lamina_state"


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise ImportError("Keras's files need h5py: pip install lamina[keras]") from error
    return h5py


def to_hdf5(state: State, extra: dict[str, Any] | None) -> bytes:
    """The bytes of a file that Keras reads, with what it does not know in a group of its own (unless
    that is None)."""
    buffer = io.BytesIO()
    with _h5py().File(buffer, "w") as file:
        for group, name in state.names.items():
            made = file.create_group(group)
            if name is not None:
                made.attrs["name"] = name
        for path, array in state.arrays.items():
            file.create_dataset(path, data=array)
        if extra is not None:
            tree, arrays = take_arrays_out(extra)
            text = np.frombuffer(json.dumps(tree).encode(), np.uint8)
            file.create_dataset(f"{_EXTRA}/json", data=text)
            for name, array in arrays.items():
                file.create_dataset(f"{_EXTRA}/arrays/{name}", data=array)
    return buffer.getvalue()


def from_hdf5(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays by path, and what `to_hdf5` had put beside them.  Needs no h5py.

    Errors: ValueError as of `read_hdf5`.
    """
    try:
        arrays = read_hdf5(data)
    except ValueError as error:
        raise ValueError(f"The weights are no HDF5 that can be read: {error}") from error
    text = arrays.pop(f"{_EXTRA}/json", None)
    tree = {} if text is None else read_json("The state of lamina", text.tobytes())
    return arrays, put_arrays_in(tree, take_prefixed(f"{_EXTRA}/arrays/", arrays))
