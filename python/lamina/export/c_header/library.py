"""The C functions that headers are made of: c/*.h, of which a header gets those it needs."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from importlib import resources

_FILES = ("floats.h", "doubles.h", "rows.h")
_PREFIX = "lamina_"


@functools.cache
def functions() -> dict[str, str]:
    """The text of each function by its name, without the prefix; one stands behind those it calls."""
    found = {}
    folder = resources.files("lamina.export.c_header") / "c"
    for file in _FILES:
        text = (folder / file).read_text()
        for part in text.split("\n\n"):
            name = re.search(rf"^static inline [\w ]+ \*?{_PREFIX}(\w+)\(", part, re.MULTILINE)
            if name:
                found[name[1]] = part.strip()
    return found


def source(names: Iterable[str], prefix: str) -> str:
    """The functions of these names, and all that they call, with another prefix."""
    known = functions()
    needed: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in needed:
            needed.add(name)
            left += re.findall(rf"\b{_PREFIX}(\w+)\(", known[name])
    text = "\n\n".join(part for name, part in known.items() if name in needed)
    return re.sub(rf"\b{_PREFIX}", prefix, text)
