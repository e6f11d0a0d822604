"""Arrays out of pickles, and nothing else: no pickle of a data set's file can run code."""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import Any

import numpy as np

from lamina.datasets._files import BROKEN

# What NumPy's arrays are put together with, wherever the version that wrote them kept it.
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): np.zeros(0).__reduce__()[0],
    ("numpy._core.multiarray", "_reconstruct"): np.zeros(0).__reduce__()[0],
}
_BROKEN = (
    *BROKEN, pickle.UnpicklingError, AttributeError, IndexError, KeyError, RuntimeError, TypeError,
)  # fmt: skip


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(
                f"it asks for {module}.{name}, which is no part of an array"
            )
        return _ALLOWED[module, name]


def read_npz(path: str, keys: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Those arrays of a .npz, all of one length in pairs x..., y...; lists of numbers may be in them.

    ValueError names the file and what is wrong.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {key: _read_npy(archive.read(f"{key}.npy")) for key in keys}
        for key in keys:
            partner = key.replace("x", "y")
            if len(arrays[key]) != len(arrays[partner]):
                raise ValueError(f"{key!r} and {partner!r} have different lengths")
    except FileNotFoundError:
        raise
    except _BROKEN as error:
        raise ValueError(f"{path} is not the expected .npz file: {error}") from error
    return arrays


def _read_npy(content: bytes) -> np.ndarray:
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    header = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
    _, _, dtype = header[min(version[0], 2)](file)  # 3 differs from 2 in names of fields alone
    if dtype.hasobject:
        return np.asarray(_Unpickler(file).load())
    file.seek(0)
    return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def read_pickle(path: str) -> dict[str, Any]:
    """The dict that Python 2 pickled, its keys as strings.  ValueError as for `read_npz`."""
    try:
        with open(path, "rb") as file:
            found = _Unpickler(file, encoding="bytes").load()
        return {key.decode(): value for key, value in found.items()}
    except FileNotFoundError:
        raise
    except _BROKEN as error:
        raise ValueError(f"{path} is not the expected pickle: {error}") from error
