"""HDF5 with more in it than Keras writes, or damaged: refused, and never read by the C library."""

from __future__ import annotations

import builtins
import io
import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.saving.hdf5 import from_hdf5, to_hdf5
from lamina.saving.hdf5_reader import read_hdf5
from lamina.saving.state import State

h5py = pytest.importorskip("h5py")

DTYPES = ("float16", "float32", "float64", "int8", "int32", "int64", "uint8", "uint32")


def written(fill: Callable[[Any], Any], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **options) as file:
        file["layers/dense/vars/0"] = np.arange(6, dtype=np.float32).reshape(2, 3)
        fill(file)
    return buffer.getvalue()


# --- what Keras writes ----------------------------------------------------------------------------


def test_the_same_as_h5py_reads() -> None:
    """Every dtype, scalars, no numbers, names beyond ASCII, attributes, groups of many entries."""
    rng = np.random.default_rng(0)

    def fill(file: Any) -> None:
        for dtype in DTYPES:
            for shape in ((), (1,), (0,), (3, 0, 2), (2, 3, 4)):
                array = (100 * rng.random(shape)).astype(dtype)
                file[f"{dtype}/{'x'.join(map(str, shape))}_"] = array
        for i in range(700):
            group = file.create_group(f"layers/dense_{i}/vars")
            group.attrs["name"] = "n" * 300
            group["0"] = rng.random((2, 3))
        file.create_group("empty/inside")
        file.attrs["many"] = np.zeros(5000)

    data = written(fill)
    found = read_hdf5(data)
    with h5py.File(io.BytesIO(data), "r") as file:
        names: list[str] = []
        file.visititems(
            lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None
        )
        assert set(names) == set(found)
        for name in names:
            assert found[name].dtype == file[name].dtype
            np.testing.assert_array_equal(found[name], file[name][()])


def test_small_arrays_in_headers() -> None:
    def fill(file: Any) -> None:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((5,))
        made = h5py.h5d.create(file.id, b"compact", h5py.h5t.NATIVE_INT32, space, plist)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(5, dtype=np.int32))

    np.testing.assert_array_equal(read_hdf5(written(fill))["compact"], np.arange(5))


def test_models_are_read_without_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = lamina.Sequential([layers.Input((2,)), layers.Dense(3)])
    model.save(tmp_path / "m.keras")
    model.save_weights(tmp_path / "m.weights.h5")
    ordinary = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "h5py":
            raise ImportError("no h5py here")
        return ordinary(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    again = lamina.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
    again.load_weights(tmp_path / "m.weights.h5")
    with pytest.raises(ImportError, match=r"lamina\[keras\]"):
        model.save(tmp_path / "n.keras")


# --- what it does not write -----------------------------------------------------------------------


def _virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
    file.create_virtual_dataset("x", layout)


def _committed(file: Any) -> None:
    file["kind"] = np.dtype("f4")
    file.create_dataset("x", (3,), file["kind"])


def _put(name: str, value: Any) -> Callable[[Any], Any]:
    return lambda file: file.__setitem__(name, value)


def _made(*args: Any, **options: Any) -> Callable[[Any], Any]:
    return lambda file: file.create_dataset("x", *args, **options)


TRICKS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "soft link": (_put("x", h5py.SoftLink("/layers")), "soft link"),
    "dangling link": (_put("x", h5py.SoftLink("/nowhere")), "soft link"),
    "external link": (_put("x", h5py.ExternalLink("/etc/passwd", "/")), "external link"),
    "cycle": (lambda f: f.__setitem__("layers/dense/x", f["/layers"]), "of its own|one place"),
    "alias": (lambda f: f.__setitem__("x", f["layers/dense/vars/0"]), "more than one place"),
    "external data": (_made((3,), "f4", external=[("/etc/passwd", 0, 12)]), "in another file"),
    "virtual": (_virtual, "has no shape|chunked|newer layout|made of others"),
    "chunks": (_made((100, 100), "f4", chunks=(10, 10)), "chunked"),
    "gzip": (_made(data=np.zeros((100, 100)), compression="gzip"), "chunked"),
    "lzf": (_made(data=np.zeros((100, 100)), compression="lzf"), "chunked"),
    "bomb": (_made((10**5, 10**5), "f8", chunks=(1, 10**5), compression="gzip"), "chunked"),
    "unwritten": (_made((10**5, 10**5), "f8"), "more than the file"),
    "unwritten, small": (_made((3,), "f8"), "has others for it"),
    "huge shape": (_made((2**40, 0), "f4"), "no shape"),
    "many axes": (_made((1,) * 32 + (0,) * 0, "f4", data=np.zeros((1,) * 32)), ""),
    "no data": (_put("x", h5py.Empty("f4")), "no shape"),
    "big-endian": (_put("x", np.zeros(3, ">f4")), "must hold numbers"),
    "complex": (_put("x", np.zeros(3, "c8")), "must hold numbers"),
    "bool": (_put("x", np.zeros(3, bool)), "must hold numbers"),
    "int16": (_put("x", np.zeros(3, "i2")), "must hold numbers"),
    "compound": (_put("x", np.zeros(3, [("a", "f4"), ("b", "f4")])), "must hold numbers"),
    "array type": (_made((3,), np.dtype(("f4", (2,)))), "must hold numbers"),
    "opaque": (_put("x", np.zeros(3, "V7")), "must hold numbers"),
    "text": (_put("x", "text"), "must hold numbers"),
    "fixed text": (_put("x", np.array([b"text"])), "must hold numbers"),
    "reference": (_made((1,), h5py.ref_dtype), "must hold numbers"),
    "ragged": (_made((1,), h5py.vlen_dtype(np.int32)), "must hold numbers"),
    "enumeration": (_made((1,), h5py.enum_dtype({"A": 1}, "i4")), "must hold numbers"),
    "named type": (_committed, "neither a group nor an array|refers to another"),
    "deep": (lambda f: f.create_group("x/" * 100), "nested deeper"),
}  # fmt: skip


@pytest.mark.parametrize(("fill", "message"), TRICKS.values(), ids=TRICKS)
def test_tricks_are_refused(fill: Callable[[Any], Any], message: str) -> None:
    data = written(fill)
    if not message:
        assert read_hdf5(data)["x"].shape == (1,) * 32
        return
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=f"no HDF5 that can be read: .*({message})"):
            from_hdf5(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(data) + (1 << 20)


@pytest.mark.parametrize(
    "options", [{"libver": "latest"}, {"libver": "v108"}, {"userblock_size": 512}], ids=str
)
def test_other_layouts_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"newer|does not begin as HDF5"):
        read_hdf5(written(lambda file: None, **options))


def test_groups_of_the_newer_kind_are_read_while_they_are_small() -> None:
    """h5py makes them of names beyond ASCII."""

    def fill(file: Any, count: int) -> None:
        for i in range(count):
            file[f"größe/{i}"] = np.arange(3)
            file[f"x/é{i}/y"] = np.arange(4)

    found = read_hdf5(written(lambda file: fill(file, 7)))
    np.testing.assert_array_equal(found["größe/6"], np.arange(3))
    np.testing.assert_array_equal(found["x/é6/y"], np.arange(4))
    with pytest.raises(ValueError, match="newer layout"):
        read_hdf5(written(lambda file: fill(file, 20)))


def test_names_beyond_ascii_are_written_so_that_they_are_read() -> None:
    state = State({f"layers/größe_{i}/vars/0": np.arange(i) for i in range(50)}, {"é/vars": "é"})
    data = to_hdf5(state, {"a": 1})
    arrays, extra = from_hdf5(data)
    assert extra == {"a": 1}
    assert set(arrays) == set(state.arrays)
    with h5py.File(io.BytesIO(data), "r") as file:
        assert file["é/vars"].attrs["name"] == "é"
        for name, array in arrays.items():
            np.testing.assert_array_equal(file[name][()], array)


# --- damage ---------------------------------------------------------------------------------------

PLAIN = written(lambda file: None)


def test_every_cut_is_refused() -> None:
    for size in range(len(PLAIN)):
        with pytest.raises(ValueError):
            read_hdf5(PLAIN[:size])


@pytest.mark.parametrize("value", [0, 1, 127, 128, 255])
def test_every_byte_may_be_another(value: int) -> None:
    """What is read is an array of the file's bytes, or ValueError."""
    for at in range(len(PLAIN)):
        data = PLAIN[:at] + bytes([value]) + PLAIN[at + 1 :]
        try:
            arrays = read_hdf5(data)
        except ValueError:
            continue
        assert sum(a.nbytes for a in arrays.values()) <= len(data)


def _header_with_itself_inside(count: int) -> bytes:
    """PLAIN, whose root's header goes on where it began."""
    made = bytearray(PLAIN)
    (root,) = struct.unpack_from("<Q", made, 64)
    struct.pack_into("<H", made, root + 2, count)
    struct.pack_into("<HHB3xQQ", made, root + 16, 16, 16, 0, root + 16, 24)
    return bytes(made)


def test_a_header_that_goes_on_forever_ends() -> None:
    before = time.process_time()
    with pytest.raises(ValueError, match=r"overlap|neither"):
        read_hdf5(_header_with_itself_inside(2**16 - 1))
    assert time.process_time() - before < 1


def test_arrays_cannot_change_what_was_read() -> None:
    array = read_hdf5(PLAIN)["layers/dense/vars/0"]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
