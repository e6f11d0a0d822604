"""A table in box-drawing characters, laid out as `rich` lays out the one that Keras prints."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_ALIGN = {"l": str.ljust, "r": str.rjust, "c": str.center}


def column_widths(ends: Sequence[float], line_length: int) -> list[int]:
    """Characters of text in each column, for columns that end at the fractions `ends`.

    The borders and one space on each side of a cell are taken evenly from the columns;
    columns that end before the line does are widened in proportion.

    Raises:
        ValueError: a column would be narrower than 4 characters.
    """
    stops = [int(end * line_length) for end in ends]
    widths = [stop - start for start, stop in zip([0, *stops], stops)]
    room = line_length - len(ends) - 1
    cells = [width + 2 for width in widths]
    fitted = _shrink(cells, room) if sum(cells) > room else _widen(cells, room)
    if min(widths) < 4 or min(fitted) < 3:
        raise ValueError(
            "line_length is too small for these columns: each needs 4 characters or more. "
            f"Received: line_length={line_length}, which gives widths {widths}"
        )
    return [cell - 2 for cell in fitted]


def _shrink(cells: list[int], room: int) -> list[int]:
    fitted: list[int] = []
    for i, cell in enumerate(cells):
        excess = sum(fitted) + sum(cells[i:]) - room
        fitted.append(cell - round(excess / (len(cells) - i)))
    return fitted


def _widen(cells: list[int], room: int) -> list[int]:
    fitted: list[int] = []
    for i, cell in enumerate(cells):
        spare = room - sum(fitted) - sum(cells[i:])
        fitted.append(cell + math.ceil(spare * cell / sum(cells[i:])))
    return fitted


def render(
    header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], align: str
) -> list[str]:
    """The lines of the table; `align` has one letter (l, r, c) per column."""
    bars = ["━" * (width + 2) for width in widths]
    lines = ["┏" + "┳".join(bars) + "┓"]
    lines += _row_lines(header, widths, align, "┃", at_bottom=True)
    lines.append("┡" + "╇".join(bars) + "┩")
    thin = [bar.replace("━", "─") for bar in bars]
    for i, row in enumerate(rows):
        if i:
            lines.append("├" + "┼".join(thin) + "┤")
        lines += _row_lines(row, widths, align, "│")
    lines.append("└" + "┴".join(thin) + "┘")
    return lines


def _row_lines(
    row: Sequence[str], widths: Sequence[int], align: str, border: str, at_bottom: bool = False
) -> list[str]:
    """One row as lines of equal length; its cells stand at the top, or at the bottom."""
    cells = [_wrap(text, width) for text, width in zip(row, widths)]
    height = max(len(cell) for cell in cells)
    lines = []
    for i in range(height):
        texts = []
        for cell, width, letter in zip(cells, widths, align):
            k = i - (height - len(cell)) if at_bottom else i
            text = cell[k] if 0 <= k < len(cell) else ""
            texts.append(f" {_ALIGN[letter](text, width)} ")
        lines.append(border + border.join(texts) + border)
    return lines


def _wrap(text: str, width: int) -> list[str]:
    """The text in lines broken between words; a word that is too long ends in an ellipsis."""
    lines = [""]
    for word in re.findall(r"\s*\S+\s*", text):
        if lines[-1] and len(lines[-1]) + len(word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    stripped = [line.rstrip() for line in lines]
    return [line if len(line) <= width else line[: width - 1] + "…" for line in stripped]
