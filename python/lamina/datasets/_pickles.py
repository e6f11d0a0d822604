"""Plain values and arrays out of pickles, whose other powers are not there.

A pickle is a program for a stack machine, and Python's own machine calls whatever the program names,
lets it set the inside of arrays and reserve memory by a number.  This one has the instructions
that lists, dicts, texts, numbers and NumPy's arrays are made by, and no others.

Source: the opcodes of Python's `pickletools`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

_MOST = 1 << 18  # lists, tuples, dicts: as Python's they take up to 64 times their bytes
_RECONSTRUCT, _ARRAY, _DTYPE = "_reconstruct", "ndarray", "dtype"
_ENCODE, _BYTES = "encode", "bytes"  # of bytes, in pickles that Python 2 can read
# What NumPy's arrays are put together with, wherever the version that wrote them kept it.
_NAMES = {
    ("numpy", "ndarray"): _ARRAY,
    ("numpy", "dtype"): _DTYPE,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("_codecs", "encode"): _ENCODE,
    ("__builtin__", "bytes"): _BYTES,
}
_MARK: Any = object()


class _Name(str):
    """One of the values of _NAMES: no string of the file's."""


class _Dtype:
    """A dtype that is being made."""

    def __init__(self, name: Any) -> None:
        name = _text(name)
        if name[:1] not in tuple("biufO") or not name[1:].isdigit() or len(name) > 3:
            raise ValueError(f"it has an array of dtype {name!r}")
        self.name, self.order = name, "|"

    def build(self, state: Any) -> None:
        order = _text(state[1]) if isinstance(state, tuple) and len(state) >= 2 else ""
        if order not in ("<", ">", "|", "="):
            raise ValueError("it has a dtype of no known order of bytes")
        self.order = order


class _Array:
    """An array that is being made."""

    value: np.ndarray | None = None

    def build(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[2], _Dtype):
            raise ValueError("it has an array of no known kind")
        _, shape, dtype, fortran, content = state
        if not isinstance(shape, tuple) or not all(
            type(n) is int and 0 <= n < 2**31 for n in shape
        ):
            raise ValueError(f"it has an array of shape {shape!r}")
        if dtype.name[0] == "O":
            self.value = _objects(content, shape)
            return
        content = content.encode("latin1") if isinstance(content, str) else content
        kind = np.dtype(dtype.order + dtype.name)
        if not isinstance(content, bytes) or len(content) != math.prod(shape) * kind.itemsize:
            raise ValueError(f"it has an array of shape {shape} with too few bytes, or too many")
        order: Any = "F" if fortran else "C"
        self.value = np.array(np.frombuffer(content, kind).reshape(shape, order=order))


def _objects(content: Any, shape: tuple[int, ...]) -> np.ndarray:
    if not isinstance(content, list) or len(content) != math.prod(shape) or len(shape) != 1:
        raise ValueError(f"it has an array of shape {shape} with too few objects, or too many")
    made = np.empty(len(content), object)
    made[:] = content
    return made


def read_objects(data: Any, shape: tuple[int, ...]) -> np.ndarray:
    """The array of objects that NumPy pickled.  Errors: ValueError for anything else."""
    value = load(data)
    if not isinstance(value, np.ndarray) or value.shape != shape:
        raise ValueError(f"it holds no array of shape {shape}")
    return value


def read_pickle(path: str) -> dict[str, Any]:
    """The dict that Python 2 pickled, its keys as strings.

    Errors: ValueError that names the file and what is wrong.
    """
    with open(path, "rb") as file:
        data = file.read()
    try:
        found = load(data)
        if not isinstance(found, dict):
            raise ValueError("it holds no dict")
        return {_text(key): value for key, value in found.items()}
    except ValueError as error:
        raise ValueError(f"{path} is not the expected pickle: {error}") from error


def load(data: Any) -> Any:
    """What a pickle holds.  Errors: ValueError for what is cut off, or more than plain values."""
    try:
        return _finished(_Machine(memoryview(data)).run())
    except (IndexError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise ValueError(f"it is cut off or no pickle: {error!r}") from error


def _text(x: Any) -> str:
    if isinstance(x, bytes):
        return x.decode("latin1")
    if not isinstance(x, str):
        raise ValueError(f"it has a {type(x).__name__} where a name should be")
    return x


def _finished(x: Any) -> Any:
    if type(x) in _UNFINISHED:
        x = x.value if isinstance(x, _Array) else None
        if x is None:
            raise ValueError("it ends before a value is complete")
    return x


_UNFINISHED = {_Array, _Dtype, _Name, type(_MARK)}


class _Machine:
    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._made = 0

    def run(self) -> Any:
        data, push = self._data, self._stack.append
        while True:
            code = data[self._at]
            self._at += 1
            if code == 0x4B:  # one byte: numbers are nearly all of a text
                push(data[self._at])
                self._at += 1
            elif code == 0x4D:  # two bytes
                push(data[self._at] | data[self._at + 1] << 8)
                self._at += 2
            elif code == 0x2E:
                return self._stack.pop()
            elif code in _CODES:
                _CODES[code](self)
            else:
                raise ValueError(f"it has the instruction {code:#x}, which no plain value needs")

    # --- bytes ------------------------------------------------------------------------------------

    def take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise ValueError(f"it ends before {size} more bytes")
        self._at, taken = end, bytes(self._data[self._at : end])
        return taken

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def line(self) -> str:
        for end in range(self._at, min(self._at + 100, len(self._data))):
            if self._data[end] == 10:
                line = self.take(end - self._at).decode("ascii")
                self._at += 1
                return line
        raise ValueError("it has a name without end")

    # --- the stack --------------------------------------------------------------------------------

    def push(self, x: Any) -> None:
        self._stack.append(x)

    def new(self, x: Any) -> None:
        self._made += 1
        if self._made > _MOST:
            raise ValueError(f"it has more than {_MOST} lists, tuples and dicts")
        self._stack.append(x)

    def pop(self, count: int) -> list[Any]:
        items = self._stack[-count:]
        if len(items) < count or any(item is _MARK for item in items):
            raise ValueError("it takes more from its stack than is there")
        del self._stack[-count:]
        return items

    def to_mark(self) -> list[Any]:
        at = len(self._stack) - 1
        while self._stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise ValueError("it takes more from its stack than is there")
        items = self._stack[at + 1 :]
        del self._stack[at:]
        return items

    def extend(self, items: list[Any]) -> None:
        if type(self._stack[-1]) is not list:
            raise ValueError("it puts items into what is no list")
        unfinished = set(map(type, items)) & _UNFINISHED
        self._stack[-1].extend(map(_finished, items) if unfinished else items)

    def update(self, items: list[Any]) -> None:
        if type(self._stack[-1]) is not dict or len(items) % 2:
            raise ValueError("it puts items into what is no dict")
        self._stack[-1].update(zip(map(_text, items[::2]), map(_finished, items[1::2])))

    def keep(self, place: int) -> None:
        self._memo[place] = self._stack[-1]

    def name(self, module: Any, name: Any) -> None:
        if (module, name) not in _NAMES:
            raise ValueError(f"it asks for {module}.{name}, which is no part of an array")
        self.push(_Name(_NAMES[module, name]))

    def reduce(self) -> None:
        function, arguments = self.pop(2)
        if not isinstance(function, _Name) or not isinstance(arguments, tuple):
            raise ValueError("it calls what is no part of an array")
        if function == _RECONSTRUCT and isinstance(arguments[0], _Name) and arguments[0] == _ARRAY:
            self.new(_Array())
        elif function == _DTYPE:
            self.new(_Dtype(arguments[0]))
        elif function == _ENCODE and isinstance(arguments[0], str) and arguments[1:] == ("latin1",):
            self.push(arguments[0].encode("latin1"))
        elif function == _BYTES and arguments == ():
            self.push(b"")
        else:
            raise ValueError(f"it calls {function} with what that does not take")

    def build(self) -> None:
        made, state = self._stack[-2:-1], self.pop(1)[0]
        if not made or not isinstance(made[0], (_Array, _Dtype)):
            raise ValueError("it sets the state of what is no array")
        made[0].build(state)


_CODES: dict[int, Callable[[_Machine], None]] = {
    0x80: lambda m: None if m.number("<B") <= 5 else m.name("protocol", "unknown"),
    0x95: lambda m: m.number("<Q"),  # a frame
    0x28: lambda m: m.push(_MARK),
    0x4E: lambda m: m.push(None),
    0x88: lambda m: m.push(True),
    0x89: lambda m: m.push(False),
    0x4A: lambda m: m.push(m.number("<i")),
    0x8A: lambda m: m.push(int.from_bytes(m.take(m.number("<B")), "little", signed=True)),
    0x47: lambda m: m.push(m.number(">d")),
    0x55: lambda m: m.push(m.take(m.number("<B"))),  # Python 2's strings are bytes
    0x54: lambda m: m.push(m.take(m.number("<I"))),
    0x43: lambda m: m.push(m.take(m.number("<B"))),
    0x42: lambda m: m.push(m.take(m.number("<I"))),
    0x8E: lambda m: m.push(m.take(m.number("<Q"))),
    0x8C: lambda m: m.push(m.take(m.number("<B")).decode("utf-8")),
    0x58: lambda m: m.push(m.take(m.number("<I")).decode("utf-8")),
    0x5D: lambda m: m.new([]),
    0x61: lambda m: m.extend(m.pop(1)),
    0x65: lambda m: m.extend(m.to_mark()),
    0x29: lambda m: m.push(()),
    0x74: lambda m: m.new(tuple(m.to_mark())),
    0x85: lambda m: m.new(tuple(m.pop(1))),
    0x86: lambda m: m.new(tuple(m.pop(2))),
    0x87: lambda m: m.new(tuple(m.pop(3))),
    0x7D: lambda m: m.new({}),
    0x73: lambda m: m.update(m.pop(2)),
    0x75: lambda m: m.update(m.to_mark()),
    0x71: lambda m: m.keep(m.number("<B")),
    0x72: lambda m: m.keep(m.number("<I")),
    0x94: lambda m: m.keep(len(m._memo)),
    0x68: lambda m: m.push(m._memo[m.number("<B")]),
    0x6A: lambda m: m.push(m._memo[m.number("<I")]),
    0x63: lambda m: m.name(m.line(), m.line()),
    0x93: lambda m: m.name(*m.pop(2)),
    0x52: lambda m: m.reduce(),
    0x62: lambda m: m.build(),
}
