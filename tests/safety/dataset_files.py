"""Mutants of the files that the readers of data sets take: npz, and gzipped idx."""

from __future__ import annotations

import gzip
import io
import pickle
import random
import zipfile
from typing import Any

import numpy as np
from bytes_edits import edited_bytes

from lamina.datasets import _files, boston_housing, imdb, mnist, reuters

SHAPES = {"x_train": (20, 4, 4), "y_train": (20,), "x_test": (10, 4, 4), "y_test": (10,)}
_HEADERS = (
    ("'|u1'", "'|O'"), ("'|u1'", "'<f8'"), ("<f8", ">f8"), ("<f8", "<U9"), ("<f8", "|V8"),
    ("<f8", "<M8[s]"), ("(20,", "(10000000000,"), ("(20,", "(-1,"), ("(20,", "(20,) + (1,"),
    ("(20,", "(True,"), ("(20,", "(20.0,"), ("False", "True"), ("'descr'", "'shape'"), ("}", ""),
    ("'<f8'", "[('a', '<f8'), ('b', 'O')]"), ("{", "{" * 300), ("(20,", "(2**70,"),
    ("'descr': ", "'descr': __import__('os') or "), ("(20,", "(99999999999999999999,"),
    ("'|O'", "'<i8'"), ("'|O'", "'O8'"), (", }", ", 'x': 1, }"),
)  # fmt: skip


def npz_seeds() -> list[dict[str, bytes]]:
    """Members of the files of MNIST, IMDB, Reuters and Boston, in small."""
    rng = np.random.default_rng(1)
    digits = {key: rng.integers(0, 10, shape).astype(np.uint8) for key, shape in SHAPES.items()}
    texts = np.empty(20, object)
    texts[:] = [rng.integers(1, 50, 1 + i).tolist() for i in range(20)]
    labels = rng.integers(0, 2, 20)
    films = {"x_train": texts, "y_train": labels, "x_test": texts, "y_test": labels}
    houses = {"x": rng.normal(size=(20, 3)), "y": rng.normal(size=20)}
    return [_members(arrays) for arrays in (digits, films, {"x": texts, "y": labels}, houses)]


def _members(arrays: dict[str, Any]) -> dict[str, bytes]:
    made = {}
    for key, array in arrays.items():
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, array, allow_pickle=True)
        made[f"{key}.npy"] = buffer.getvalue()
    return made


_READERS = (mnist.load_data, imdb.load_data, reuters.load_data, boston_housing.load_data)


def npz(files: list[dict[str, bytes]], rng: random.Random) -> bytes:
    """A mutant; its first random number chose the file, which the reader has to know."""
    members = dict(files[rng.randrange(len(files))])
    name = rng.choice(list(members))
    kind = rng.random()
    if kind < 0.3:
        members[name] = edited_bytes(members[name], rng, rng.choice(list(members.values())))
    elif kind < 0.6:
        old, new = rng.choice(_HEADERS)
        head = 10 + int.from_bytes(members[name][8:10], "little")
        text = members[name][10:head].decode("latin1").replace(old, new, 1)
        members[name] = (
            members[name][:8]
            + len(text).to_bytes(2, "little")
            + text.encode()
            + members[name][head:]
        )
    elif kind < 0.7:
        head = 10 + int.from_bytes(members[name][8:10], "little")
        members[name] = members[name][:head] + edited_bytes(members[name][head:], rng)
    elif kind < 0.8:
        head = 10 + int.from_bytes(members[name][8:10], "little")
        members[name] = members[name][:head] + pickle.dumps(
            rng.choice(_PICKLED), rng.choice((0, 2, 4))
        )
    elif kind < 0.85:
        members[rng.choice(list(members))] = members[name]
        members.pop(rng.choice([*members, ""]), None)
    buffer = io.BytesIO()
    how = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for key, content in members.items():
            archive.writestr(key, content)
    data = buffer.getvalue()
    return data if kind < 0.85 else edited_bytes(data, rng, data)


_PICKLED: tuple[Any, ...] = (
    print, [1, 2], {"a": 1}, np.zeros(20), "x", 1, None, [[1, "a"]] * 20, [[10**30]] * 20, [None] * 20,
    np.array([[1.5], {}, None] * 6 + [1, 2], object), np.zeros((20, 2)), [[]] * 20, ValueError("x"),
    np.float64, np.dtype("f8"), [-1] * 20, [[float("nan")]] * 20, bytearray(b"x"), 1j, ...,
)  # fmt: skip


def reader_of_npz(seed: str) -> Any:
    """What reads the mutant of an index."""

    def read(path: str, index: int) -> str:
        _files.SHAPES.update(SHAPES)  # in a child of its own; the true ones make a mutant of 47 MB
        chosen = random.Random(f"{seed}-{index}").randrange(len(_READERS))
        (x, y), (x_test, y_test) = _READERS[chosen](path=path)
        assert len(x) == len(y)
        assert len(x_test) == len(y_test)
        return "loaded"

    return read


def idx_seeds() -> list[bytes]:
    """Files of images and of labels, unpacked."""
    rng = np.random.default_rng(1)
    made = []
    for shape in (SHAPES["x_train"], SHAPES["y_train"]):
        head = bytes([0, 0, 8, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
        made.append(head + rng.integers(0, 10, shape).astype(np.uint8).tobytes())
    return made


def idx(files: list[bytes], rng: random.Random) -> bytes:
    """A mutant: of what is packed, or of the packed file."""
    data = rng.choice(files)
    kind = rng.random()
    if kind < 0.6:
        data = edited_bytes(data, rng, rng.choice(files))
    if kind < 0.05:
        data += bytes(rng.choice((1, 1000, 10**6)))
    packed = gzip.compress(data, rng.choice((0, 6)))
    if rng.random() < 0.05:
        packed += rng.choice((packed, b"x", bytes(100)))
    return packed if kind < 0.6 else edited_bytes(packed, rng, packed)


def read_idx(path: str, index: int) -> str:
    """As images, or as labels."""
    shape = SHAPES["x_train" if index % 2 else "y_train"]
    array = _files.read_idx(path, shape)
    assert array.shape == shape
    assert array.dtype == np.uint8
    return "loaded"
