"""The part of HDF5 that Keras writes, read from bytes that nobody vouches for.

HDF5 can do much more than keep arrays by path: compress them, leave them in other files, compute
them from other arrays, lead to them by links; and its C library has had memory errors on damaged
files.  h5py writes groups and plain arrays in the oldest of its layouts unless it is asked otherwise.
So only that is read here, in Python, where a wrong address is an exception.

Source: HDF5 File Format Specification: superblock 0, object headers 1, groups of symbol tables,
contiguous and compact arrays.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

_NOWHERE = 2**64 - 1
_DEEPEST = 64  # groups
_COMPACT, _CONTIGUOUS = 0, 1  # layouts: in the header, in one piece
_MOST_AXES, _LONGEST = 32, 2**32
_NEWER = "it has a newer layout of HDF5 than Keras writes"

# The kinds of messages that an object's header is made of.
_SPACE, _LINK_INFO, _DTYPE, _LINK, _EXTERNAL, _LAYOUT, _CONTINUATION, _SYMBOLS = (
    1, 2, 3, 6, 7, 8, 16, 17,
)  # fmt: skip


def _integer(size: int, signed: bool) -> bytes:
    """The description of little-endian integers of `size` bytes."""
    return struct.pack("<BB2xIHH", 0x10, 8 * signed, size, 0, 8 * size)


def _float(size: int, fraction: int) -> bytes:
    """The description of little-endian IEEE numbers of `size` bytes, `fraction` bits of it so."""
    bits, exponent = 8 * size, 8 * size - 1 - fraction
    places = (0, bits, fraction, exponent, 0, fraction, 2 ** (exponent - 1) - 1)
    return struct.pack("<BBBxIHHBBBBI", 0x11, 0x20, bits - 1, size, *places)


_DTYPES = {
    _float(2, 10): "float16", _float(4, 23): "float32", _float(8, 52): "float64",
    _integer(1, True): "int8", _integer(4, True): "int32", _integer(8, True): "int64",
    _integer(1, False): "uint8", _integer(4, False): "uint32",
}  # fmt: skip


def read_hdf5(data: bytes) -> dict[str, np.ndarray]:
    """The arrays by path, as read-only views of `data`: they take no memory of their own.

    Errors: ValueError for what is no HDF5, for damage, and for what Keras does not write: links, data
    in other files, chunks and compression, other things than numbers, an object in two places.
    """
    found: dict[str, np.ndarray] = {}
    file = _File(data)
    for path, array in file.arrays(file.root(), ""):
        if path in found:
            raise ValueError(f"{path!r} stands in it twice")
        found[path] = array
    return found


Entry = tuple[str, int]  # what a group has: a name, and the address of an object's header


class _File:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._seen: set[int] = set()  # addresses of headers and nodes: nothing has two places
        self._messages = len(data) // 8  # that can be in it
        self._bytes = len(data)  # that arrays can still claim

    # --- bytes ------------------------------------------------------------------------------------

    def _piece(self, at: int, size: int) -> bytes:
        if at + size > len(self._data):
            raise ValueError(f"{size} bytes at {at} lie beyond its end: it may have been cut off")
        return self._data[at : at + size]

    def _take(self, form: str, at: int) -> tuple[Any, ...]:
        return struct.unpack(form, self._piece(at, struct.calcsize(form)))

    def _block(self, mark: bytes, at: int, form: str) -> tuple[Any, ...]:
        """What follows on a mark; no block is read twice."""
        if self._piece(at, 4) != mark or at in self._seen:
            raise ValueError(f"it has no {mark.decode()} of its own at {at}")
        self._seen.add(at)
        return self._take(form, at + 4)

    # --- groups -----------------------------------------------------------------------------------

    def root(self) -> int:
        """The address of the first group's header."""
        mark, version, offsets, lengths, base, end, root = self._take("<8sB4xBBx8xQ8xQ16xQ", 0)
        if mark != b"\x89HDF\r\n\x1a\n":
            raise ValueError("it does not begin as HDF5 does")
        if version != 0:
            raise ValueError(_NEWER)
        if (offsets, lengths, base) != (8, 8, 0) or end > len(self._data):
            raise ValueError("its superblock does not fit it: it may have been cut off")
        return int(root)

    def arrays(self, address: int, path: str) -> Iterator[tuple[str, np.ndarray]]:
        """The arrays at a path and below."""
        parts = list(self._header(address))
        messages = dict(parts)
        if _LAYOUT in messages:
            yield path, self._array(messages, path)
            return
        if _SYMBOLS in messages:
            entries = self._entries(messages[_SYMBOLS])
        elif _LINK_INFO in messages:
            entries = map(_linked, self._links(parts))
        else:
            raise ValueError(f"{path!r} is neither a group nor an array")
        if path.count("/") > _DEEPEST:
            raise ValueError(f"groups are nested deeper than {_DEEPEST} levels")
        for name, inner in entries:
            yield from self.arrays(inner, f"{path}/{name}" if path else name)

    def _header(self, address: int) -> Iterator[tuple[int, bytes]]:
        """The messages of an object."""
        version, count, size = self._take("<BxH4xI", address)
        if version != 1:
            raise ValueError(_NEWER)
        if address in self._seen:
            raise ValueError(f"the object at {address} has more than one place")
        self._seen.add(address)
        blocks = [(address + 16, size)]
        for at, size in blocks:
            end = at + size
            while count and at + 8 <= end:
                kind, size, flags = self._take("<HHB3x", at)
                message, at = self._piece(at + 8, size), at + 8 + size
                count, self._messages = count - 1, self._messages - 1
                if self._messages < 0:
                    raise ValueError("its headers overlap")
                if kind == _CONTINUATION:
                    blocks.append(_unpacked("<QQ", message))
                elif flags & 2 and kind in (_SPACE, _DTYPE, _LAYOUT):
                    raise ValueError("a header refers to another for its content")
                else:
                    yield kind, message

    def _entries(self, symbols: bytes) -> Iterator[Entry]:
        tree, heap = _unpacked("<QQ", symbols)
        size, names = self._block(b"HEAP", heap, "<4xQ8xQ")
        return self._symbols(tree, self._piece(names, size))

    def _symbols(self, at: int, names: bytes, above: int = 256) -> Iterator[Entry]:
        """The entries below a node of a group's tree."""
        kind, level, count = self._block(b"TREE", at, "<BBH")
        if kind != 0 or level >= above:
            raise ValueError("the tree of a group is broken")
        for i in range(count):
            (child,) = self._take("<Q", at + 32 + 16 * i)
            if level:
                yield from self._symbols(child, names, level)
                continue
            _, number = self._block(b"SNOD", child, "<HH")
            for k in range(number):
                place, address, kind = self._take("<QQI", child + 8 + 40 * k)
                name = _name(names[place : names.find(b"\0", place)])
                if kind == 2:
                    raise ValueError(f"{name!r} is a soft link")
                yield name, address

    def _links(self, parts: list[tuple[int, bytes]]) -> Iterator[bytes]:
        """The messages that say what a group has, which h5py uses when a name is not of ASCII."""
        info = dict(parts)[_LINK_INFO]
        numbered = _unpacked("<BB", info)[1] & 1
        (heap,) = _unpacked("<10xQ" if numbered else "<2xQ", info)
        if heap != _NOWHERE:
            raise ValueError(_NEWER)  # more than eight of them lie elsewhere
        return (message for kind, message in parts if kind == _LINK)

    # --- arrays -----------------------------------------------------------------------------------

    def _array(self, messages: dict[int, bytes], path: str) -> np.ndarray:
        if _EXTERNAL in messages:
            raise ValueError(f"{path!r} has its data in another file")
        layout = messages[_LAYOUT]
        if _unpacked("<BB", layout) not in ((3, _COMPACT), (3, _CONTIGUOUS)):
            raise ValueError(
                f"{path!r} is chunked, compressed or made of others: Keras's never are"
            )
        described = messages.get(_DTYPE, b"")
        dtype = _DTYPES.get(described[:12]) or _DTYPES.get(described[:20])
        if dtype is None:
            raise ValueError(
                f"{path!r} must hold numbers: little-endian, of {', '.join(_DTYPES.values())}"
            )
        shape = _shape(messages.get(_SPACE, b""), path)
        size = math.prod(shape) * np.dtype(dtype).itemsize
        self._bytes -= size
        if self._bytes < 0:
            raise ValueError(f"{path!r} of shape {shape} claims more than the file has")
        content = self._content(layout, size, path)
        return np.frombuffer(content, dtype).reshape(shape)

    def _content(self, layout: bytes, size: int, path: str) -> memoryview:
        if layout[1] == _COMPACT:
            content, at, claimed = memoryview(layout), 4, int.from_bytes(layout[2:4], "little")
        else:
            content = memoryview(self._data)
            at, claimed = _unpacked("<2xQQ", layout)
        if size == 0:
            return content[:0]
        if claimed != size or at + size > len(content):
            raise ValueError(f"{path!r} needs {size} bytes, but the file has others for it")
        return content[at : at + size]


def _unpacked(form: str, message: bytes) -> tuple[Any, ...]:
    if len(message) < struct.calcsize(form):
        raise ValueError("a message of a header is too short")
    return struct.unpack_from(form, message)


def _name(text: bytes) -> str:
    name = text.decode("utf-8")
    if not name or "/" in name or "\0" in name:
        raise ValueError(f"{name!r} is no name")
    return name


def _linked(message: bytes) -> Entry:
    """The name and the address in a message about what a group has."""
    version, flags = _unpacked("<BB", message)
    kind = message[2:3] if flags & 8 else b"\0"
    at = 2 + bool(flags & 8) + 8 * bool(flags & 4) + bool(flags & 16)
    width = 1 << (flags & 3)
    start = at + width
    end = start + int.from_bytes(message[at:start], "little")
    name = _name(message[start:end])
    if version != 1 or kind != b"\0":
        raise ValueError(f"{name!r} is a soft or external link")
    return name, _unpacked("<Q", message[end : end + 8])[0]


def _shape(space: bytes, path: str) -> tuple[int, ...]:
    version, axes = _unpacked("<BB", space)
    shape = _unpacked(f"<8x{axes}Q", space) if version == 1 and axes <= _MOST_AXES else (_LONGEST,)
    if any(size >= _LONGEST for size in shape):
        raise ValueError(f"{path!r} has no shape that Keras writes")
    return shape
