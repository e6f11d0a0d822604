"""Loops in C over elements that lie in regular patterns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

INDENT = "    "


def literal(x: float | np.floating) -> str:
    """A float32 in C: the shortest decimal number that is read as these bits."""
    x = np.float32(x)
    if math.isnan(x):
        return "NAN"
    if math.isinf(x):
        return "INFINITY" if x > 0 else "-INFINITY"
    return f"{x!s}f"


def steps_of(sizes: Sequence[int]) -> list[int]:
    """How far apart neighbours along each axis are in contiguous memory."""
    return [math.prod(sizes[axis + 1 :]) for axis in range(len(sizes))]


def repeated(own: Sequence[int], sizes: Sequence[int]) -> list[int]:
    """The steps through an operand of shape `own` that is broadcast to `sizes`."""
    steps = [0 if n == 1 else step for n, step in zip(own, steps_of(own))]
    return [0] * (len(sizes) - len(own)) + steps


class Pattern:
    """Elements (i0, i1, ...) of some sizes, at start + i0 step0 + i1 step1 + ... in some arrays."""

    def __init__(self, sizes: Sequence[int], arrays: Sequence[tuple[int, Sequence[int]]]) -> None:
        axes: list[tuple[int, tuple[int, ...]]] = []
        for size, *steps in zip(sizes, *(steps for _, steps in arrays)):
            if size == 1:
                continue
            if axes and all(before == step * size for before, step in zip(axes[-1][1], steps)):
                axes[-1] = axes[-1][0] * size, tuple(steps)
            else:
                axes.append((size, tuple(steps)))
        self.sizes = [size for size, _ in axes]
        self.places = [
            (start, [steps[number] for _, steps in axes])
            for number, (start, _) in enumerate(arrays)
        ]

    def loop(self, body: Callable[..., Sequence[str]]) -> list[str]:
        """Loops around what `body` gives for the texts of the elements' places."""
        if 0 in self.sizes:
            return []
        variables = list(itertools.islice(_variables(), len(self.sizes)))
        inner = body(*(place(start, zip(steps, variables)) for start, steps in self.places))
        lines, indent = [], ""
        for variable, size in zip(variables, self.sizes):
            lines.append(f"{indent}for (size_t {variable} = 0; {variable} < {size}; ++{variable})")
            indent += INDENT
        if len(inner) > 1:
            opened = f"{lines.pop()} {{" if lines else "{"
            outer = indent.removesuffix(INDENT)
            return [*lines, opened, *(outer + INDENT + line for line in inner), outer + "}"]
        return [*lines, *(indent + line for line in inner)]


def _variables() -> itertools.chain[str]:
    return itertools.chain("ijklmn", (f"i{number}" for number in itertools.count()))


def place(start: int, terms: Sequence[tuple[int, str]] | zip[tuple[int, str]]) -> str:
    """start + step * variable + ..., as short as it can be."""
    text = ""
    for step, variable in terms:
        if step:
            product = variable if abs(step) == 1 else f"{abs(step)} * {variable}"
            text += f" {'-' if step < 0 else '+'} {product}"
    if start or not text or text.startswith(" -"):
        return f"{start}{text}"
    return text.removeprefix(" + ")
