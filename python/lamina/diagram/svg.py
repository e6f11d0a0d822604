"""Draws placed boxes and arrows as SVG."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from html import escape

from lamina.diagram.structure import (
    FRAME,
    HEADER,
    PADDING,
    ROW,
    ROW_SIZE,
    TITLE,
    TITLE_SIZE,
    Edge,
    Graph,
    Node,
    label_width,
)
from lamina.diagram.text import text_width

_COLOURS = {
    "input": "#566573",
    "weights": "#2471A3",
    "operation": "#7D3C98",
    "function": "#148F77",
    "model": "#1B2F45",
}
_ARROW, _BORDER, _LABEL, _VALUE = "#5D6D7E", "#C5CDD5", "#85929E", "#1C2833"
_YES, _NO = "#1E8449", "#B03A2E"
_FRAMES = ("#F4F6F8", "#E9EDF1")
_FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
_MARGIN, _HEAD, _CORNER = 16.0, 8.0, 5.0

Point = tuple[float, float]


def render(graph: Graph, across: float, along: float, lying: bool, straight: bool) -> str:
    """The picture of a placed graph that is so large across and along the flow."""
    width, height = (along, across) if lying else (across, along)
    pens = list(_graph(graph, _Pen(lying, straight), 0))
    box = f"{-_MARGIN:g} {-_MARGIN:g} {_n(width + 2 * _MARGIN)} {_n(height + 2 * _MARGIN)}"
    size = f'width="{_n(width + 2 * _MARGIN)}" height="{_n(height + 2 * _MARGIN)}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{box}" font-family="{_FONT}">'
    ground = f'<rect x="{-_MARGIN:g}" y="{-_MARGIN:g}" width="100%" height="100%" fill="white"/>'
    return "\n".join([head, ground, *pens, "</svg>", ""])


class _Pen:
    """How places along and across the flow become places of the picture."""

    def __init__(self, lying: bool, straight: bool) -> None:
        self.lying, self.straight = lying, straight

    def at(self, across: float, along: float) -> Point:
        return (along, across) if self.lying else (across, along)

    def xy(self, across: float, along: float) -> str:
        x, y = self.at(across, along)
        return f"{_n(x)} {_n(y)}"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _graph(graph: Graph, pen: _Pen, depth: int) -> Iterator[str]:
    """Frames first, then arrows, then boxes upon them."""
    for node in graph.nodes:
        if node.inner is not None:
            yield from _frame(node, pen, depth)
    for edge in graph.edges:
        yield from _arrow(edge, pen)
    for node in graph.nodes:
        if node.title and node.inner is None:
            yield from _box(node, pen)


def _frame(node: Node, pen: _Pen, depth: int) -> Iterator[str]:
    x, y = _corner(node, pen)
    yield (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(node.width)}" height="{_n(node.height)}" rx="9" '
        f'fill="{_FRAMES[depth % 2]}" stroke="#95A5A6" stroke-dasharray="5 4"/>'
    )
    left, line = x + FRAME * 0.6, y + TITLE * 0.75
    yield _text(left, line, node.name, TITLE_SIZE - 1, _VALUE, bold=True)
    if pen.lying:
        left += text_width(node.name, TITLE_SIZE - 1, bold=True) + 6
    else:
        line += TITLE_SIZE * 1.2
    yield _text(left, line, node.title, TITLE_SIZE - 1, _LABEL)
    if node.inner is not None:
        yield from _graph(node.inner, pen, depth + 1)
        for door in [*node.inner.entries, *node.inner.exits]:
            if door.bar:
                half = door.bar / 2
                ends = [pen.xy(door.across + side, door.along) for side in (-half, half)]
                yield (
                    f'<path d="M{ends[0]} L{ends[1]}" stroke="{_ARROW}" stroke-width="4" '
                    'stroke-linecap="round"/>'
                )


def _corner(node: Node, pen: _Pen) -> Point:
    x, y = pen.at(node.across, node.along)
    return x - node.width / 2, y - node.height / 2


def _box(node: Node, pen: _Pen) -> Iterator[str]:
    x, y = _corner(node, pen)
    colour = _COLOURS[node.kind]
    header = HEADER if node.rows else node.height
    place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(node.width)}"'
    yield f'<rect {place} height="{_n(node.height)}" rx="{_CORNER:g}" fill="white" stroke="{_BORDER}"/>'
    r, right = _CORNER, x + node.width
    low = f"V{_n(y + header)} H{_n(x)}" if node.rows else _round_bottom(x, y + header, right)
    yield (
        f'<path d="M{_n(x)} {_n(y + r)} a{r:g} {r:g} 0 0 1 {r:g} {-r:g} H{_n(right - r)} '
        f'a{r:g} {r:g} 0 0 1 {r:g} {r:g} {low} Z" fill="{colour}"/>'
    )
    line = y + header / 2 + TITLE_SIZE * 0.36
    if node.name:
        yield _text(x + PADDING, line, node.title, TITLE_SIZE, "white", bold=True)
        yield _text(right - PADDING, line, node.name, TITLE_SIZE - 1, "#E5E8E8", "end")
    else:
        yield _text(x + node.width / 2, line, node.title, TITLE_SIZE, "white", "middle", bold=True)
    labels = label_width(node.rows)
    for i, (label, value) in enumerate(node.rows):
        line = y + HEADER + PADDING / 2 + ROW * (i + 0.5) + ROW_SIZE * 0.36
        if label:
            yield _text(x + PADDING, line, label, ROW_SIZE, _LABEL)
        ink = {"yes": _YES, "no": _NO}[value] if label == "trainable" else _VALUE
        yield _text(x + PADDING + labels, line, value, ROW_SIZE, ink)


def _round_bottom(x: float, y: float, right: float) -> str:
    r = _CORNER
    return (
        f"V{_n(y - r)} a{r:g} {r:g} 0 0 1 {-r:g} {r:g} "
        f"H{_n(x + r)} a{r:g} {r:g} 0 0 1 {-r:g} {-r:g}"
    )


def _text(
    x: float,
    y: float,
    text: str,
    size: float,
    colour: str,
    anchor: str = "start",
    bold: bool = False,
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{_n(x)}" y="{_n(y)}" font-size="{size:g}" text-anchor="{anchor}"{weight}'
    return f'<text {place} fill="{colour}">{escape(text)}</text>'


# --- arrows ---------------------------------------------------------------------------------------


def _arrow(edge: Edge, pen: _Pen) -> Iterator[str]:
    points = list(edge.points)
    pointed = edge.target.inner is None and edge.target.kind != "exit"
    tip, back = points[-1], -_HEAD if points[-2][1] < points[-1][1] else _HEAD
    if pointed:
        points[-1] = (tip[0], tip[1] + back)
    path = f"M{pen.xy(*points[0])}"
    for (a, b), (c, d) in itertools.pairwise(points):
        if pen.straight or abs(a - c) < 0.1:
            path += f" L{pen.xy(c, d)}"
        else:
            middle = (b + d) / 2
            path += f" C{pen.xy(a, middle)} {pen.xy(c, middle)} {pen.xy(c, d)}"
    yield f'<path d="{path}" fill="none" stroke="{_ARROW}" stroke-width="1.4"/>'
    if pointed:
        sides = [(tip[0] - _HEAD / 2, tip[1] + back), (tip[0] + _HEAD / 2, tip[1] + back)]
        corners = " ".join(pen.xy(*corner) for corner in [tip, *sides])
        yield f'<polygon points="{corners}" fill="{_ARROW}"/>'
    first, last = (-11, 16) if edge.turned else (11, -16)
    for use, (at, along), away in zip(edge.uses, (points[0], tip), (first, last)):
        if use:  # of a shared layer
            x, y = pen.at(at, along + away)
            yield f'<circle cx="{_n(x)}" cy="{_n(y)}" r="6.5" fill="white" stroke="{_ARROW}"/>'
            yield _text(x, y + 3, use, 9, _VALUE, "middle")
