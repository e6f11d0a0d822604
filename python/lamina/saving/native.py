"""lamina's own file: a safetensors file whose arrays any library reads.

The arrays lie in it by path.  Its metadata are strings: the config and what lamina keeps beside the
arrays, as JSON, versions, and a checksum over all of it.  The package safetensors writes them; they
are read here, so that nothing is made of a file but views of its bytes.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lamina.serialization.plain_json import read_json

_FORMAT = "lamina 1"
_CODES = {
    "F16": "<f2", "F32": "<f4", "F64": "<f8", "I8": "<i1", "I32": "<i4", "I64": "<i8",
    "U8": "<u1", "U32": "<u4",
}  # fmt: skip
_DTYPES = tuple(np.dtype(code).name for code in _CODES.values())


def to_safetensors(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> bytes:
    """The bytes of a file with these arrays and strings, and a checksum."""
    from safetensors.numpy import save

    for name, array in arrays.items():
        _check_dtype(name, array)
    contiguous = {name: np.ascontiguousarray(a).reshape(a.shape) for name, a in arrays.items()}
    strings = {**metadata, "format": _FORMAT}
    return save(contiguous, {**strings, "checksum": _checksum(contiguous, strings)})


def from_safetensors(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays, as read-only views of `data`, and the strings; those are empty for a file of another
    library's.

    Errors: ValueError for what is no safetensors file, another version of the format, or bytes that
    are not those that were written.
    """
    try:
        start = 8 + int.from_bytes(data[:8], "little")
        if len(data) < start:
            raise ValueError(f"its header should have {start} bytes, but it has {len(data)}")
        header = read_json("the header", data[8:start])
        metadata = _strings(header.pop("__metadata__", {}))
        arrays = _arrays(header, data, start)
    except ValueError as error:
        raise ValueError(f"The file is no safetensors file that can be read: {error}") from error
    if "format" not in metadata:
        return arrays, {}
    if metadata["format"] != _FORMAT:
        raise ValueError(
            f"The file is of another format than {_FORMAT!r}. Received: {metadata['format']!r}"
        )
    if metadata.pop("checksum", None) != _checksum(arrays, metadata):
        raise ValueError("The file is damaged: its checksum is not that of its content")
    return arrays, metadata


def _strings(metadata: Any) -> dict[str, str]:
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise ValueError("its metadata are not strings")
    return metadata


def _arrays(header: dict[str, Any], data: bytes, start: int) -> dict[str, np.ndarray]:
    """The arrays, which must lie one behind the other from `start` to the end."""
    entries = [_entry(name, entry) for name, entry in header.items()]
    at, found = start, {}
    for first, last, dtype, shape, name in sorted(entries, key=lambda entry: entry[:2]):
        count = math.prod(shape)
        if (
            start + first != at
            or first + count * dtype.itemsize != last
            or start + last > len(data)
        ):
            raise ValueError(
                f"array {name!r}, {dtype} of shape {shape}, has the bytes {first} to {last}, which are "
                "not its own, or not as many as it needs"
            )
        found[name] = np.frombuffer(data, dtype, count, at).reshape(shape)
        at = start + last
    if at != len(data):
        raise ValueError(f"it has {len(data) - at} bytes that belong to no array")
    return found


def _entry(name: str, entry: Any) -> tuple[int, int, np.dtype[Any], tuple[int, ...], str]:
    """Where the bytes of an array begin and end, its dtype and shape."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(
            f"array {name!r} must have a dtype, a shape and offsets. Received: {entry}"
        )
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in _CODES:
        raise ValueError(f"array {name!r} must hold numbers. Received: dtype={entry['dtype']!r}")
    shape, offsets = entry["shape"], entry["data_offsets"]
    for numbers, most in ((shape, 32), (offsets, 2)):
        if not isinstance(numbers, list) or len(numbers) > most or not all(map(_is_size, numbers)):
            raise ValueError(f"array {name!r} has impossible sizes. Received: {entry}")
    if len(offsets) != 2:
        raise ValueError(f"array {name!r} must have two offsets. Received: {offsets}")
    return offsets[0], offsets[1], np.dtype(_CODES[entry["dtype"]]), tuple(shape), name


def _is_size(n: Any) -> bool:
    return type(n) is int and 0 <= n < 2**48


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
