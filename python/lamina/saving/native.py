"""lamina's own file: a safetensors file whose arrays any library reads.

The arrays lie in it by path.  Its metadata are strings: the config and what lamina keeps beside the
arrays, as JSON, versions, and a checksum over all of it.  safetensors is imported when it is needed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import numpy as np

from lamina.serialization.plain_json import read_json

_FORMAT = "lamina 1"
_DTYPES = ("float16", "float32", "float64", "int8", "int32", "int64", "uint8", "uint32")


def to_safetensors(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> bytes:
    """The bytes of a file with these arrays and strings, and a checksum."""
    from safetensors.numpy import save

    for name, array in arrays.items():
        _check_dtype(name, array)
    contiguous = {name: np.ascontiguousarray(a).reshape(a.shape) for name, a in arrays.items()}
    strings = {**metadata, "format": _FORMAT}
    return save(contiguous, {**strings, "checksum": _checksum(contiguous, strings)})


def from_safetensors(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays and the strings; strings are empty for a file of another library's.

    Errors: ValueError for what is no safetensors file, another version of the format, or bytes that
    are not those that were written.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise ValueError(f"The file is no safetensors file that can be read: {error}") from error
    for name, array in arrays.items():
        _check_dtype(name, array)
    header = read_json("The header", data[8 : 8 + int.from_bytes(data[:8], "little")])
    metadata: dict[str, str] = header.get("__metadata__") or {}
    if "format" not in metadata:
        return arrays, {}
    if metadata["format"] != _FORMAT:
        raise ValueError(
            f"The file is of another format than {_FORMAT!r}. Received: {metadata['format']!r}"
        )
    if metadata.pop("checksum", None) != _checksum(arrays, metadata):
        raise ValueError("The file is damaged: its checksum is not that of its content")
    return arrays, metadata


def _check_dtype(name: str, array: np.ndarray) -> None:
    if array.dtype.name not in _DTYPES:
        raise ValueError(f"Array {name!r} must hold numbers. Received: dtype={array.dtype}")


def _checksum(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> str:
    """SHA-256 over strings and arrays, in the order of their names."""
    total = hashlib.sha256(json.dumps(sorted(metadata.items())).encode())
    for name in sorted(arrays):
        array = arrays[name]
        total.update(json.dumps([name, array.dtype.name, array.shape]).encode())
        total.update(array.reshape(-1).view(np.uint8).data)
    return total.hexdigest()
