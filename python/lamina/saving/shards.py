"""Weights in several files of a limited size, with an index beside them: Keras's `.weights.json`.

The index says which groups of arrays lie in which files.  Its replacement is what makes a new set the
one that loads: the files of a new set never have the names of those of the old one, which go when
the new index is there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from lamina.saving import paths
from lamina.saving.atomic import write_atomically
from lamina.saving.hdf5 import from_hdf5, to_hdf5
from lamina.saving.state import State
from lamina.serialization.plain_json import read_json
from lamina.utils import check

ENDING = ".weights.json"
_SHARD = ".weights.h5"
_GIGABYTE = 1024**3  # as Keras counts
_MARKS = ("", "b")  # the names of two sets; no other set's files can end in a number and "b"


def write_shards(filepath: paths.Path, state: State, extra: dict[str, Any], limit: float) -> None:
    """Writes the arrays into files of at most `limit` GB of them each, then the index.

    `extra` goes into the last file.  Whatever goes wrong before the index is written, the old set stays.

    Errors: ValueError for an array that is larger than the limit; OSError.
    """
    parts = list(_divided(state, limit))
    path = os.path.realpath(os.fspath(filepath))
    folder, stem = os.path.split(path.removesuffix(ENDING))
    old = _listed(path)
    names = next(names for names in _names(stem, len(parts)) if not set(names) & old)
    sums = {}
    try:
        for part, name in zip(parts, names):
            data = to_hdf5(part, extra if part is parts[-1] else None)
            sums[name] = hashlib.sha256(data).hexdigest()
            _write(os.path.join(folder, name), data)
        _write(path, json.dumps(_index(parts, names, sums), indent=4).encode())
    except BaseException:
        if not set(names) & _listed(path):
            _remove(folder, names)
        raise
    own = re.compile(rf"{re.escape(stem)}_\d{{5,}}({'|'.join(_MARKS)}){re.escape(_SHARD)}")
    _remove(folder, [name for name in old if own.fullmatch(name)])
    _write_first(os.path.join(folder, f"{stem}_00000{_SHARD}"))


def read_shards(filepath: paths.Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays by path of all the files of a set, and what `write_shards` had put beside them.

    Errors: ValueError for an index or a file that is damaged, names that lead out of the folder, arrays
    in two files, other sizes or bytes than the index says; FileNotFoundError for a file that is missing.
    """
    path = os.path.realpath(os.fspath(filepath))
    index = read_json("The index", paths.read(path))
    shards = _shards_of(index)
    sums = _sums_of(index)
    arrays: dict[str, np.ndarray] = {}
    extra: dict[str, Any] = {}
    for name, groups in shards.items():
        data = paths.read(os.path.join(os.path.dirname(path), name))
        if name in sums and hashlib.sha256(data).hexdigest() != sums[name]:
            raise ValueError(f"{name} is damaged, or belongs to another set than {path}")
        found, more = from_hdf5(data)
        extra |= more
        for key, array in found.items():
            if key.rpartition("/")[0] in groups:
                if key in arrays:
                    raise ValueError(f"The array {key!r} lies in {name} and in another file")
                arrays[key] = array
    _check_size(index, arrays)
    return arrays, extra


# --- writing --------------------------------------------------------------------------------------


def _divided(state: State, limit: float) -> Iterator[State]:
    """The state in parts, in its order: as Keras, each as full as the next array lets it be."""
    most = check.number("max_shard_size", limit, 0) * _GIGABYTE
    members: dict[str, list[str]] = {}
    for path in state.arrays:
        members.setdefault(path.rpartition("/")[0], []).append(path)
    part, size = State({}, {}), 0
    for group, name in state.names.items():
        part.names[group] = name
        for path in members.get(group, []):
            array = state.arrays[path]
            if array.nbytes > most:
                raise ValueError(
                    f"`max_shard_size` must be as large as each array: {path} has {array.nbytes} bytes, "
                    f"which is {array.nbytes / _GIGABYTE} GB. Received: max_shard_size={limit}"
                )
            if size + array.nbytes > most:
                yield part
                part, size = State({}, {}), 0
            part.arrays[path] = array
            size += array.nbytes
    yield part


def _names(stem: str, count: int) -> Iterator[list[str]]:
    """Names for the files of a set: Keras's, and others."""
    for mark in _MARKS:
        yield [f"{stem}_{i:05d}{mark}{_SHARD}" for i in range(count)]


def _listed(path: str) -> set[str]:
    """The files of the set that is there."""
    with contextlib.suppress(ValueError, OSError):
        return set(_shards_of(read_json("The index", paths.read(path))))
    return set()


def _index(parts: list[State], names: list[str], sums: dict[str, str]) -> dict[str, Any]:
    where: dict[str, list[str]] = {}
    for part, name in zip(parts, names):
        for group in dict.fromkeys(path.rpartition("/")[0] for path in part.arrays):
            where.setdefault(f"/{group}", []).append(name)
    total = sum(array.nbytes for part in parts for array in part.arrays.values())
    return {"metadata": {"total_size": float(total)}, "weight_map": where, "lamina": sums}


def _write(path: str, data: bytes) -> None:
    write_atomically(path, lambda file: file.write(data))


def _remove(folder: str, names: list[str]) -> None:
    for name in names:
        with contextlib.suppress(OSError):
            os.remove(os.path.join(folder, name))


def _write_first(path: str) -> None:
    """A first file without arrays, where it has another name: Keras opens it whatever the index says."""
    if not os.path.exists(path):
        _write(path, to_hdf5(State({}, {}), None))


# --- reading --------------------------------------------------------------------------------------


def _shards_of(index: dict[str, Any]) -> dict[str, set[str]]:
    """The groups of arrays by the file they lie in; a file without arrays has lamina's state."""
    where = index.get("weight_map")
    if not isinstance(where, dict):
        raise ValueError("The index must have a dict `weight_map`")
    found: dict[str, set[str]] = {_checked(name): set() for name in _sums_of(index)}
    for group, names in where.items():
        for name in names if isinstance(names, list) else [names]:
            found.setdefault(_checked(name), set()).add(group.strip("/"))
    return found


def _sums_of(index: dict[str, Any]) -> dict[str, Any]:
    sums = index.get("lamina")
    return sums if isinstance(sums, dict) else {}


def _checked(name: Any) -> str:
    """The name of a file of weights in the index's own folder."""
    plain = isinstance(name, str) and name.endswith(_SHARD) and not name.startswith(".")
    if not plain or set(name) & set("/\\:\0"):
        raise ValueError(f"The index names a file that is not allowed: {name!r:.200}")
    return str(name)


def _check_size(index: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    metadata = index.get("metadata")
    said = metadata.get("total_size") if isinstance(metadata, dict) else None
    total = sum(array.nbytes for array in arrays.values())
    if said is not None and said != total:
        raise ValueError(
            f"The index says that its arrays have {said!r:.50} bytes, but those in its files have {total}"
        )
