"""HDF5 written anew with something in it that Keras never writes."""

from __future__ import annotations

import contextlib
import io
import random
from typing import Any

import h5py
import numpy as np

_DTYPES = (
    "f2", "f4", "f8", ">f4", "i1", "i4", "i8", "u1", "u4", "u8", "c8", "S5", "?",
    np.dtype([("a", "f4"), ("b", "i4")]), np.dtype(("f4", (2,))), h5py.string_dtype(),
    h5py.ref_dtype, h5py.vlen_dtype(np.int32), h5py.enum_dtype({"A": 1}, "i1"), np.dtype("V7"),
)  # fmt: skip
_SHAPES = ((), (0,), (1,), (3, 4), (2, 0, 5), (4, 4), (10**6, 10**6), (1,) * 32)


def edited_hdf5(data: bytes, rng: random.Random) -> bytes:
    """The same groups and datasets, with one to three odd things."""
    buffer = io.BytesIO()
    libver = rng.choice(("earliest", "earliest", "latest", "v108"))
    block = rng.choice((0, 0, 0, 512, 4096))
    with (
        h5py.File(io.BytesIO(data), "r") as old,
        h5py.File(buffer, "w", libver=libver, userblock_size=block) as new,
    ):
        for name in old:
            old.copy(name, new)
        for _ in range(rng.choice((1, 1, 2, 3))):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RuntimeError):
                _edit(new, rng)  # what h5py can write
    return buffer.getvalue()


def _edit(file: Any, rng: random.Random) -> None:
    names: list[str] = []
    file.visit(names.append)
    datasets = [n for n in names if isinstance(file.get(n), h5py.Dataset)]
    name = rng.choice(datasets or ["x"])
    kind = rng.randrange(12)
    old = file.get(name)
    plain = isinstance(old, h5py.Dataset) and old.dtype.kind in "fiu" and old.size < 1000
    values = old[()] if plain else np.zeros(3, "f4")
    group = name.rpartition("/")[0] or "/"
    if kind <= 7 and old is not None:
        del file[name]
    if kind == 0:
        file.create_dataset(name, rng.choice(_SHAPES), rng.choice(_DTYPES))
    elif kind == 1 and values.ndim:
        options = {"compression": rng.choice(("gzip", "lzf", None)), "chunks": True}
        file.create_dataset(name, data=values, shuffle=rng.random() < 0.5, **options)
    elif kind == 2:
        file.create_dataset(
            name, (1000, 1000, 100), "f4", chunks=(1000, 1000, 1), compression="gzip"
        )
    elif kind == 3:
        file[name] = rng.choice((h5py.SoftLink("/layers"), h5py.ExternalLink("other.h5", "/"),
                                 h5py.SoftLink(name)))  # fmt: skip
    elif kind == 4:
        file.create_dataset(name, (3,), "f4", external=[("/etc/passwd", 0, 12)])
    elif kind == 5:
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
        file.create_virtual_dataset(name, layout)
    elif kind == 6:
        file[name] = file[group if group in file else "/"]  # a group inside of itself
    elif kind == 7:
        values = np.asarray(values)
        file.create_dataset(name, data=values.astype(rng.choice(("f2", "f4", "f8", "i4", "u1"))))
    elif kind == 8 and old is not None:
        old.attrs[rng.choice(("name", "x"))] = rng.choice(
            ("a" * 1000, np.zeros(1000), h5py.Empty("f4"))
        )
    elif kind == 9:
        inner = "x/" * rng.choice((1, 30, 100))
        file.require_group(inner)[f"y{rng.random()}"] = np.zeros(2, "f4")
    elif kind == 10:
        for i in range(rng.choice((3, 60))):
            file.require_group("many").create_dataset(f"{rng.random()}{i}", data=np.zeros(1, "f4"))
    elif old is not None:
        file[f"alias{rng.random()}"] = old  # two hard links to one dataset
