"""Names of files: the format that an ending says, and what is not written or read."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable
from typing import Any

Path = str | os.PathLike[str]

_AGAIN = "Keras 3 reads it, and can save what it read as a `.keras` or `.weights.h5` file."
_REASONS = {  # why a name that Keras knows is not one of a file here
    ".weights.json": (
        "Weights in several files are written by `model.save_weights(path, max_shard_size=...)` and "
        "read by `model.load_weights(path)`."
    ),
    ".h5": f"An ending `.h5` alone means Keras 2's format: {_AGAIN}",
    ".hdf5": f"An ending `.hdf5` means Keras 2's format: {_AGAIN}",
}


def ending(filepath: Path, known: Iterable[str]) -> str:
    """The one of the endings that the name has.

    Errors: ValueError for a name with another, which says why where Keras would know it; TypeError
    for what is no name.
    """
    path = _name(filepath)
    for each in known:
        if path.endswith(each):
            return each
    raise ValueError(
        f"File format not supported: expected a name that ends in {' or '.join(known)}. "
        f"Received: filepath={path}. {_reason(path)}".rstrip()
    )


def _name(filepath: Any) -> str:
    if not isinstance(filepath, (str, os.PathLike)):
        raise TypeError(f"`filepath` must be the name of a file. Received: filepath={filepath!r}")
    return os.fspath(filepath)


def _reason(path: str) -> str:
    if path.startswith("hf://"):
        return "The Hugging Face Hub is not asked: download the file."
    if os.path.isdir(path):
        return "Models in folders (`zipped=False`, SavedModel, Orbax) are neither written nor read."
    return next((why for end, why in _REASONS.items() if path.endswith(end)), "")


def of_shards(filepath: Path) -> str:
    """The name of an index of several files.

    Errors: ValueError for another ending; a name of one file is changed into it with a warning, as in
    Keras.
    """
    path = _name(filepath)
    if path.endswith(".weights.h5"):
        changed = path.removesuffix(".h5") + ".json"
        warnings.warn(
            f"Weights in several files have an index that ends in `.weights.json`: {path} is written as "
            f"{changed}",
            stacklevel=4,
        )
        return changed
    if not path.endswith(".weights.json"):
        raise ValueError(
            "The name must end in `.weights.json` where `max_shard_size` is given. "
            f"Received: filepath={path}"
        )
    return path


def may_write(filepath: Path, overwrite: bool) -> bool:
    """Whether a file may be made there; asks on a terminal unless `overwrite`.

    Errors: FileExistsError elsewhere.
    """
    path = os.fspath(filepath)
    if overwrite or not os.path.exists(path):
        return True
    if not sys.stdin.isatty():
        raise FileExistsError(f"{path} is there, and `overwrite` is False")
    return input(f"{path} already exists - overwrite? [y/n] ").strip().lower() in ("y", "yes")


def read(filepath: Path) -> bytes:
    """All of a file.  Errors: FileNotFoundError."""
    path = os.fspath(filepath)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"File not found: filepath={path}")
    with open(path, "rb") as file:
        return file.read()
