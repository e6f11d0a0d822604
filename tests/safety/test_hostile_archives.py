"""`.keras` archives that are no plain archives: refused."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lamina
from lamina import layers, models

pytest.importorskip("h5py")

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Members:
    model = lamina.Sequential([layers.Input((2,)), layers.Dense(3)])
    path = tmp_path_factory.mktemp("good") / "m.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: Members, kind: int = zipfile.ZIP_STORED, more: Any = ()) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, content in (*members.items(), *more):
            archive.writestr(name, content)
    return buffer.getvalue()


def load(data: bytes, folder: Path) -> Any:
    path = folder / "m.keras"
    path.write_bytes(data)
    return models.load_model(path)


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_packed_anew_is_read(members: Members, kind: int, tmp_path: Path) -> None:
    assert load(zipped(members, kind), tmp_path).built


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_compressions(members: Members, kind: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="compression of member"):
        load(zipped(members, kind), tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt", "/outside.txt", "assets/../outside.txt", "assets/../../outside.txt",
        "assets//x", "assets/./x", "C:\\x", "assets/C:x", "assets\\..\\x", "other.txt", "assets",
        "model.weights.npz", "config.json/x",
    ],
)  # fmt: skip
def test_members_of_other_names(members: Members, name: str, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(ValueError, match="not allowed: member"):
        load(zipped(members, more=[(name, b"x")]), inside)
    assert os.listdir(tmp_path) == ["inside"]
    assert os.listdir(inside) == ["m.keras"]


def test_a_member_twice(members: Members, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(members, more=[("config.json", b"{}")])
    with pytest.raises(ValueError, match="twice"):
        load(data, tmp_path)


@pytest.mark.parametrize("missing", ["config.json", "model.weights.h5"])
def test_a_member_that_is_missing(members: Members, missing: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"has no {missing}"):
        load(zipped({k: v for k, v in members.items() if k != missing}), tmp_path)


def test_a_link_as_a_member_is_its_text(members: Members, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("assets/lookup/vocabulary.txt")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    assert load(zipped(members, more=[(link, b"/etc/passwd")]), tmp_path).built
    assert not (tmp_path / "assets").exists()


def patched(data: bytes, mark: bytes, name: str, offset: int, form: str, value: int) -> bytes:
    """With another value in the (local or central) header of a member."""
    made = bytearray(data)
    at = -1
    while True:
        at = made.find(mark, at + 1)
        assert at >= 0
        start = at + (30 if mark == LOCAL else 46)
        if made[start : start + len(name)] == name.encode():
            struct.pack_into(form, made, at + offset, value)
            return bytes(made)


LOCAL, CENTRAL = b"PK\3\4", b"PK\1\2"
CONFIG = "config.json"
PATCHES: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda d: patched(d, CENTRAL, CONFIG, 24, "<I", 10**9), "more than"),  # size
    (lambda d: patched(d, CENTRAL, CONFIG, 24, "<I", 2**32 - 1), "."),  # size: zip64, without any
    (lambda d: patched(d, CENTRAL, CONFIG, 24, "<I", 10), "."),
    (lambda d: patched(d, CENTRAL, CONFIG, 20, "<I", 10), "."),  # packed size
    (lambda d: patched(d, CENTRAL, CONFIG, 16, "<I", 0), "CRC"),
    (lambda d: patched(d, CENTRAL, CONFIG, 8, "<H", 1), "encrypted"),
    (lambda d: patched(d, CENTRAL, CONFIG, 10, "<H", 99), "compression"),
    (lambda d: patched(d, CENTRAL, CONFIG, 42, "<I", 0), "."),  # where another member is
    (lambda d: patched(d, CENTRAL, CONFIG, 42, "<I", 2**31), "."),
    (lambda d: patched(d, LOCAL, CONFIG, 26, "<H", 2**16 - 1), "."),  # length of the name
    (lambda d: d[: len(d) // 2], "no zip"),
    (lambda d: d[:-1], "."),
    (lambda d: b"", "no zip"),
]


@pytest.mark.parametrize(("patch", "message"), PATCHES, ids=range(len(PATCHES)))
def test_headers_that_lie(
    members: Members, patch: Callable[[bytes], bytes], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=f"(?s)no `.keras` archive that can be read.*{message}"):
        load(patch(zipped(members)), tmp_path)


def test_bombs(members: Members, tmp_path: Path) -> None:
    """A member of 200 MB zeros packed to 200 kB: as it is, and under a size that hides it."""
    bomb = zipped({**members, CONFIG: bytes(200 << 20)}, zipfile.ZIP_DEFLATED)
    hidden = patched(bomb, CENTRAL, CONFIG, 24, "<I", 100)
    many = zipped(
        {**members, **{f"assets/{i}": bytes(1 << 20) for i in range(20)}}, zipfile.ZIP_DEFLATED
    )
    for data, message in ((bomb, "more than"), (hidden, "."), (many, "more than")):
        tracemalloc.start()
        try:
            with pytest.raises(ValueError, match=message):
                load(data, tmp_path)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 4 * len(data) + (8 << 20)


def test_a_pickle_restores_through_the_same_readers() -> None:
    """What a pickled model calls takes bytes of a file, and is as strict with them."""
    import pickle
    import pickletools

    from lamina.saving import pickling

    model = lamina.Sequential([layers.Input((2,)), layers.Dense(3)])
    data = pickle.dumps(model)
    called = {op.name for op, _, _ in pickletools.genops(data)} & {"BUILD", "INST", "OBJ", "NEWOBJ"}
    assert not called
    with pytest.raises(ValueError, match="no safetensors file"):
        pickling.restore(b"nonsense", {})
