"""Arrays in `.npz` files, read so that no file can run code or claim more than it has.

NumPy's own reader evaluates the header as Python and unpickles arrays of objects.
"""

from __future__ import annotations

import math
import os
import re
import zipfile
from typing import Any

import numpy as np

from lamina.datasets._pickles import read_objects
from lamina.utils.zip_members import open_archive, read_member

_HEADER = re.compile(
    r"\{'descr': '([<>|=]?[biufO][0-9]{0,2})', 'fortran_order': (True|False), "
    r"'shape': \(((?:[0-9]{1,18}(?![0-9])L?,? ?){0,8})\), \} *\n?"
)


def read_npz(
    path: str, keys: tuple[str, ...], most: int | None = None, objects: bool = False
) -> dict[str, np.ndarray]:
    """Those arrays of a `.npz`.

    most: the bytes that they may have together; by default 4 times those of the file and 16 MB.
    objects: whether they may be of objects: lists of numbers, say.

    Errors: ValueError for anything else.
    """
    with open(path, "rb") as file:
        if most is None:
            most = 4 * os.fstat(file.fileno()).st_size + (16 << 20)
        with open_archive(file, most) as archive:
            return {key: _read(archive, key, objects) for key in keys}


def _read(archive: zipfile.ZipFile, key: str, objects: bool) -> np.ndarray:
    names = archive.namelist()
    if f"{key}.npy" not in names:
        raise ValueError(f"it has no array {key!r}: no {key}.npy is among {names[:100]}")
    try:
        return read_npy(read_member(archive, f"{key}.npy"), objects)
    except ValueError as error:
        raise ValueError(f"array {key!r}: {error}") from error


def read_npy(content: bytes, objects: bool = False) -> np.ndarray:
    """The array of a `.npy` file's bytes.  Errors: ValueError for anything else."""
    if content[:6] != b"\x93NUMPY" or content[6:7] not in (b"\1", b"\2", b"\3"):
        raise ValueError("it does not begin as an array does")
    width = 2 if content[6] == 1 else 4
    start = 8 + width
    end = start + int.from_bytes(content[8:start], "little")
    header = _HEADER.fullmatch(content[start:end].decode("latin1"))
    if header is None or end > len(content):
        raise ValueError(
            f"its header is not one that NumPy writes: {content[start : start + 200]!r}"
        )
    shape = tuple(int(n) for n in re.findall("[0-9]+", header[3]))
    body = memoryview(content)[end:]
    if "O" in header[1]:
        if not objects:
            raise ValueError("it is object, not numbers")
        return read_objects(body, shape)
    try:
        dtype = np.dtype(header[1])
    except TypeError as error:
        raise ValueError(f"it has no dtype of NumPy's: {header[1]!r}") from error
    if math.prod(shape) * dtype.itemsize != len(body) or max(shape, default=0) >= 2**31:
        raise ValueError(f"it is {dtype} of shape {shape}, but has {len(body)} bytes")
    order: Any = "F" if header[2] == "True" else "C"
    return np.array(np.frombuffer(body, dtype).reshape(shape, order=order))
