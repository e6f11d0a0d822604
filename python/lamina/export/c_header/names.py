"""The C names in a header: of parameters, memory, constants and functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lamina.export.c_header import library
from lamina.export.c_header.loops import INDENT, literal
from lamina.export.c_header.memory import Memory, view_of
from lamina.graph.tensor import Tensor

if TYPE_CHECKING:
    from lamina.export.graph import InferenceGraph

_IN_A_ROW = 8
_KEYWORDS = """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept
    const constexpr continue default delete do double else enum explicit export extern false float for
    friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq
    private protected public register requires restrict return short signed sizeof static struct switch
    template this throw true try typedef typeid typename typeof union unsigned using virtual void
    volatile wchar_t while xor xor_eq main size_t sqrtf NAN INFINITY
""".split()  # noqa: SIM905


def identifier(text: str) -> str:
    """The text with what C does not allow in names replaced."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")
    if not name or name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if name in _KEYWORDS else name


class Names:
    """See `Names` in call.py."""

    def __init__(self, graph: InferenceGraph, name: str, memory: Memory) -> None:
        self.name = name
        self.functions: list[str] = []  # of the library, as they are used
        taken = {"ROWS", "WORKSPACE"}  # in capitals: macros tell their sizes
        self.inputs = _parameters([x.name for x in graph.inputs], "x", taken)
        self.outputs = _parameters(graph.output_names, "y", taken)
        self.workspace = {id(b): _local(b.name, taken) for b in memory.in_workspace()}
        self._bases = {id(x): own for x, own in zip(graph.inputs, self.inputs)} | {
            key: self.workspace[id(b)] if b.output is None else self.outputs[b.output]
            for key, b in memory.buffers.items()
        }
        self._arrays: dict[tuple[int, bool], tuple[str, np.ndarray]] = {}
        functions = (*library.functions(), "predict", "predict_with", "predict_batch", "workspace")
        self._taken = {function.upper() for function in functions}

    def pointer(self, x: Tensor) -> str:
        root, start = view_of(x)
        return f"{self._base(root)} + {start}" if start else self._base(root)

    def element(self, x: Tensor, index: str) -> str:
        root, start = view_of(x)
        if root.value is not None and root.value.size == 1:
            return literal(root.value.item())
        if start:
            index = str(start) if index == "0" else f"{start} + {index}"
        return f"{self._base(root)}[{index}]"

    def _base(self, root: Tensor) -> str:
        return self._bases.get(id(root)) or self.array(root)

    def function(self, name: str) -> str:
        self.functions.append(name)
        return f"{self.name}_{name}"

    def array(self, x: Tensor, transposed: bool = False) -> str:
        """The name of a constant, or of one with its last two axes exchanged."""
        known = self._arrays.get((id(x), transposed))
        if known is None:
            value = np.asarray(x.value, np.float32)
            name = unique(identifier(x.name), self._taken)
            known = name, value.swapaxes(-1, -2) if transposed else value
            self._arrays[id(x), transposed] = known
        return f"{self.name}_{known[0]}"

    def array_definitions(self) -> Iterator[str]:
        """The constants, in the order in which they are used."""
        for name, value in self._arrays.values():
            yield (
                f"static const float {self.name}_{name}[{max(value.size, 1)}] = {{  // {value.shape}\n"
                f"{_numbers(value)}}};"
            )


def _parameters(names: Sequence[str], alone: str, taken: set[str]) -> list[str]:
    """Names of the inputs or outputs: those of the model, or x or y where there is one."""
    if len(names) == 1:
        return [unique(alone, taken)]
    return [unique(re.sub(r"^([i-nv]\d*)$", r"\1_", identifier(n)), taken) for n in names]


def _local(name: str, taken: set[str]) -> str:
    """That of a tensor; one that no layer made might have the name of a function of C."""
    return unique(identifier(name if "/" in name else f"of_{name}"), taken)


def unique(name: str, taken: set[str]) -> str:
    """The name, or one with a number, that is not taken yet, in capitals neither; it is then."""
    found, number = name, 0
    while found.upper() in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(found.upper())
    return found


def _numbers(value: np.ndarray) -> str:
    """Lines of the array's numbers."""
    finite = bool(np.isfinite(value).all())
    texts = [f"{x!s}f" if finite else literal(x) for x in value.ravel()] or ["0.0f"]
    rows = (texts[i : i + _IN_A_ROW] for i in range(0, len(texts), _IN_A_ROW))
    return "".join(f"{INDENT}{', '.join(row)},\n" for row in rows)
