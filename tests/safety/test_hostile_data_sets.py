"""Files of data sets that ask for code or memory: refused, and never unpickled or evaluated."""

from __future__ import annotations

import io
import os
import pickle
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamina.datasets import _npy, _pickles, boston_housing, imdb

rng = np.random.default_rng(0)


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


# --- arrays of numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["?", "u1", "<i2", ">i4", "<i8", ">f4", "<f8", "f2"])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 4), (2, 0, 5), (2, 3, 4)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_same_as_numpy_reads(dtype: str, shape: tuple[int, ...], order: Any) -> None:
    array = np.array((100 * rng.random(shape)).astype(dtype), order=order)
    found = _npy.read_npy(npy(array))
    assert found.dtype == array.dtype
    assert found.flags.writeable
    np.testing.assert_array_equal(found, array)


def with_header(text: str, body: bytes = bytes(24), version: int = 1) -> bytes:
    return (
        b"\x93NUMPY" + bytes([version, 0]) + len(text).to_bytes(2, "little") + text.encode() + body
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "does not begin"),
        (with_header("", version=4), "does not begin"),
        (with_header(""), "not one that NumPy writes"),
        (with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000,), }"), "has 24"),
        (with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000, 0), }"), "has 24"),
        (with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "9" * 30 + ",), }"), "Num"),
        (with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (-3,), }"), "NumPy writes"),
        (with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (2**9,), }"), "NumPy writes"),
        (with_header("{'descr': '<f9', 'fortran_order': False, 'shape': (3,), }"), "no dtype"),
        (with_header("{'descr': 'V8', 'fortran_order': False, 'shape': (3,), }"), "NumPy writes"),
        (with_header("{'descr': '<U2', 'fortran_order': False, 'shape': (3,), }"), "NumPy writes"),
        (with_header("{'descr': [('a', 'O')], 'fortran_order': False, 'shape': (3,), }"), "NumPy writes"),
        (with_header("__import__('os').mkdir('x')"), "NumPy writes"),
        (with_header("{" * 10**4), "NumPy writes"),
        (npy(np.array([{}, []], object)), "it is object, not numbers"),
    ],
)  # fmt: skip
def test_headers_that_lie(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _npy.read_npy(content)


def test_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, x=np.zeros((10**7, 13)), y=np.zeros(10**7))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"bomb\.npz.*more than"):
            boston_housing.load_data(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


# --- pickles --------------------------------------------------------------------------------------

TEXTS = [rng.integers(0, 10**5, n).tolist() for n in (0, 1, 5, 2000)]


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize(
    "value",
    [
        [], [1, [2, [300, [70000, -5]]]], {"a": 1, "b": [1.5, None, True, False]}, (), (1,), (1, 2, 3, 4),
        "é", b"\xff\x00", 2**40, -(2**70), np.arange(6).reshape(2, 3), np.arange(3, dtype=">f4"),
        np.array(TEXTS + [[]], object), np.zeros((0, 3)), np.asfortranarray(np.arange(6).reshape(2, 3)),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_plain_values_are_read(value: Any, protocol: int) -> None:
    found = _pickles.load(pickle.dumps(value, protocol))
    assert type(found) is type(value)
    np.testing.assert_equal(found, value)


def test_texts_come_back_as_they_were_saved(tmp_path: Path) -> None:
    texts = np.empty(4, object)
    texts[:] = TEXTS
    np.savez(tmp_path / "t.npz", x=texts)
    found = _npy.read_npz(str(tmp_path / "t.npz"), ("x",), objects=True)["x"]
    assert found.dtype == object
    assert found.tolist() == TEXTS


class Evil:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.made = function, arguments

    def __reduce__(self) -> Any:
        return self.made


CODE = [
    (os.mkdir, "/tmp/broken_in"), (eval, "1"), (exec, "1"), (__import__, "os"), (getattr, [], "append"),
    (np.load, "x"), (np.zeros, 10**10), (bytearray, 10**10), (list, "x"), (np.ndarray, (10**10,)),
    (np.dtype, "V9"), (np.dtype, "O8"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments"), [(f, a) for f, *a in CODE])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_nothing_is_called(function: Any, arguments: Any, protocol: int) -> None:
    with pytest.raises(ValueError):
        _pickles.load(pickle.dumps([Evil(function, *arguments)], protocol))
    assert not os.path.exists("/tmp/broken_in")


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tC\1btR"
FLOATS = (
    b"cnumpy\ndtype\n(X\2\0\0\0f8K\0K\1tR(K\3X\1\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cut off"),
        (b"\x80\x09N.", "protocol"),
        (b"cos\nsystem\n(X\4\0\0\0truetR.", "os.system"),
        (b"\x8c\2os\x8c\6system\x93.", "os.system"),
        (b"(ios\nsystem\n.", "instruction 0x69"),
        (b"Nr\xff\xff\xff\xff(.", "before a value"),  # Python's own takes memory for 2^32 places
        (b"\x95" + b"\xff" * 8 + b"(.", "before a value"),
        (b"B\xff\xff\xff\xff.", "more bytes"),
        (b"\x8e" + b"\xff" * 8 + b".", "more bytes"),
        (b"\x8a\xff.", "more bytes"),
        (b"]" * 10**6 + b".", "more than 262144"),
        (b"e.", "takes more|cut off"),
        (b"(.", "before a value is complete"),
        (b"K\1K\2e.", "takes more"),
        (b"K\1K\2a.", "no list"),
        (b"h\7.", "cut off"),
        (b"c" + b"x" * 1000, "without end"),
        (b"cnumpy\ndtype\n.", "before a value is complete"),
        (ARRAY + b".", "before a value is complete"),
        (ARRAY + b"(K\1(K\2t" + FLOATS + b"\x89C\x08" + bytes(8) + b"tb.", "too few bytes"),
        (ARRAY + b"(K\1(J\xff\xff\xff\xfft" + FLOATS + b"\x89C\x08" + bytes(8) + b"tb.", "of shape"),
        (ARRAY + b"(K\1(J\xff\xff\xff\x7ft" + FLOATS + b"\x89C\x08" + bytes(8) + b"tb.", "too few bytes"),
        (ARRAY + b"K\1b.", "no known kind"),
        (b"K\1K\1b.", "no array"),
    ],
)  # fmt: skip
def test_programs_that_are_no_values(content: bytes, message: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=message):
            _pickles.load(content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 32 << 20


def test_texts_of_other_things(tmp_path: Path) -> None:
    path = tmp_path / "imdb.npz"
    for bad in ([[1, "a"]], [None], ["text"], [{"a": 1}], [[1.5]], [[[1]]]):
        texts = np.empty(1, object)
        texts[:] = bad
        np.savez(path, x_train=texts, y_train=[0], x_test=texts, y_test=[1])
        with pytest.raises(ValueError, match=r"imdb\.npz.*no lists of integers"):
            imdb.load_data(path)


def test_a_member_that_is_not_what_the_archive_says(tmp_path: Path) -> None:
    path = tmp_path / "boston_housing.npz"
    np.savez(path, x=np.ones((3, 2)), y=np.ones(3))
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("y.npy").header_offset
    data = bytearray(path.read_bytes())
    data[at + 60] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ValueError, match=r"boston_housing\.npz is not the expected .npz file"):
        boston_housing.load_data(path)
