"""Chains along an axis, and elements that are looked up or go elsewhere, in C."""

from __future__ import annotations

from lamina.export.c_header.call import Call, Rule
from lamina.export.c_header.loops import Pattern, literal, repeated, steps_of
from lamina.export.c_header.memory import size_of, sizes_of
from lamina.graph.tensor import Tensor


def _cumsum(c: Call) -> list[str]:
    return c.run("cumsum", c.y, c.x, *c.parts(c["axis"]), int(c["reverse"]))


def _recurrence(c: Call) -> list[str]:
    a, b = c.node.inputs
    return c.run("recurrence", c.y, a, b, *c.parts(c["axis"]), int(c["reverse"]))


def _take(c: Call) -> list[str]:
    x, indices = c.node.inputs
    outer, n, inner = c.parts(c["axis"], x)
    return c.run("take", c.y, x, indices, outer, n, size_of(indices), inner)


def _segment_sum(c: Call) -> list[str]:
    x, indices = c.node.inputs
    outer, n, inner = c.parts(c["axis"])
    return c.run("segment_sum", c.y, x, indices, outer, n, size_of(indices), inner)


def _take_along_axis(c: Call) -> list[str]:
    x, indices = c.node.inputs
    rows, n = c.rows(x)
    return c.run("take_along_axis", c.y, x, indices, rows, n, sizes_of(c.y)[-1])


def _add_along_axis(c: Call) -> list[str]:
    x, indices = c.node.inputs
    rows, n = c.rows(c.y)
    return c.run("add_along_axis", c.y, x, indices, rows, n, sizes_of(x)[-1])


# --- elsewhere ------------------------------------------------------------------------------------


def _broadcast_to(c: Call) -> list[str]:
    sizes = sizes_of(c.y)
    return c.move(sizes, (0, steps_of(sizes)), c.x, (0, repeated(sizes_of(c.x), sizes)))


def _transpose(c: Call) -> list[str]:
    sizes, steps = sizes_of(c.y), steps_of(sizes_of(c.x))
    return c.move(sizes, (0, steps_of(sizes)), c.x, (0, [steps[int(a)] for a in c["axes"]]))


def _places(c: Call, large: Tensor) -> tuple[int, list[int]]:
    """Where the elements of the smaller tensor lie in the large one."""
    steps = steps_of(sizes_of(large))
    start = sum(int(s) * step for s, step in zip(c["starts"], steps))
    return start, [int(s) * step for s, step in zip(c["steps"], steps)]


def _slice(c: Call) -> list[str]:
    sizes = sizes_of(c.y)
    return c.move(sizes, (0, steps_of(sizes)), c.x, _places(c, c.x))


def _place(c: Call) -> list[str]:
    value = literal(c["value"])
    whole = Pattern([size_of(c.y)], [(0, [1])])
    lines = whole.loop(lambda at: [f"{c.names.element(c.y, at)} = {value};"])
    sizes = sizes_of(c.x)
    return lines + c.move(sizes, _places(c, c.y), c.x, (0, steps_of(sizes)))


def _concatenate(c: Call) -> list[str]:
    axis, start, lines = c["axis"], 0, []
    steps = steps_of(sizes_of(c.y))
    for x in c.node.inputs:
        sizes = sizes_of(x)
        lines += c.move(sizes, (start, steps), x, (0, steps_of(sizes)))
        start += sizes[axis] * steps[axis]
    return lines


RULES: dict[str, Rule] = {
    "cumsum": _cumsum,
    "recurrence": _recurrence,
    "take": _take,
    "segment_sum": _segment_sum,
    "take_along_axis": _take_along_axis,
    "add_along_axis": _add_along_axis,
    "broadcast_to": _broadcast_to,
    "transpose": _transpose,
    "slice": _slice,
    "place": _place,
    "concatenate": _concatenate,
}
