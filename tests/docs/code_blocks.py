"""The code blocks of a markdown page, and what they say they print."""

from __future__ import annotations

import contextlib
import io
import pathlib
import re
from dataclasses import dataclass
from typing import Any

NOT_RUN = "<!-- not run:"  # on a line above a block, with the reason


@dataclass
class Block:
    """A block of Python, the line it begins at, and the text block right below it."""

    code: str
    line: int
    output: str
    runs: bool


def blocks(page: pathlib.Path) -> list[Block]:
    """All blocks of Python on a page."""
    fences = list(re.finditer(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.M | re.S))
    text = page.read_text()
    made = []
    for i, fence in enumerate(fences):
        if fence[1] != "python":
            continue
        following = fences[i + 1] if i + 1 < len(fences) else None
        printed = ""
        if (
            following
            and following[1] == "text"
            and not text[fence.end() : following.start()].strip()
        ):
            printed = following[2]
        before = text[: fence.start()].rstrip().rpartition("\n")[2]
        line = text.count("\n", 0, fence.start()) + 1
        made.append(Block(fence[2], line, printed, not before.startswith(NOT_RUN)))
    return made


def run(page: pathlib.Path) -> None:
    """Runs the blocks of a page, one after the other, in one namespace.

    Errors: AssertionError where a block prints anything but the text below it.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        code = compile("\n" * block.line + block.code, str(page), "exec")
        if not block.runs:
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)
        got, said = _lines(printed.getvalue()), _lines(block.output)
        assert got == said, f"{page}, line {block.line}: printed {got}, says {said}"


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]
