"""A node as the rules see it that write C for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from lamina.export.c_header.loops import Pattern
from lamina.export.c_header.memory import sizes_of
from lamina.graph.tensor import Node, Tensor


class Names(Protocol):
    """The C names of a header."""

    def pointer(self, x: Tensor) -> str: ...
    def element(self, x: Tensor, index: str) -> str: ...
    def function(self, name: str) -> str: ...
    def array(self, x: Tensor, transposed: bool = False) -> str: ...


class Call:
    """A node of a header."""

    def __init__(self, node: Node, names: Names) -> None:
        self.node, self.names = node, names
        self.x = node.inputs[0] if node.inputs else node.output
        self.y = node.output

    def __getitem__(self, attribute: str) -> Any:
        return self.node.attributes[attribute]

    def run(self, function: str, *arguments: Tensor | str | int) -> list[str]:
        """A call of a function of the library."""
        texts = [self.names.pointer(a) if isinstance(a, Tensor) else str(a) for a in arguments]
        return [f"{self.names.function(function)}({', '.join(texts)});"]

    def move(
        self,
        sizes: Sequence[int],
        to: tuple[int, Sequence[int]],
        x: Tensor,
        source: tuple[int, Sequence[int]],
    ) -> list[str]:
        """y[to] = x[source] for a pattern of places."""

        def body(at: str, source_at: str) -> list[str]:
            return [f"{self.names.element(self.y, at)} = {self.names.element(x, source_at)};"]

        return Pattern(sizes, [to, source]).loop(body)

    def parts(self, axis: int, of: Tensor | None = None) -> tuple[int, int, int]:
        """The sizes before, at and behind an axis."""
        sizes = sizes_of(self.y if of is None else of)
        return math.prod(sizes[:axis]), sizes[axis], math.prod(sizes[axis + 1 :])

    def rows(self, x: Tensor) -> tuple[int, int]:
        *rows, columns = sizes_of(x)
        return math.prod(rows), columns


# The lines of C that compute a node for one sample.
Rule = Callable[[Call], list[str]]
