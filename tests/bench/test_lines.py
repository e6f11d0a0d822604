"""Every operation of the native backend has a line in the C++ microbenchmarks."""

from __future__ import annotations

import re
from pathlib import Path

from lamina import _core

ROOT = Path(__file__).parents[2]

# A number or two each, or the same bytes in another place.
WITHOUT_LINE = {
    "advance", "increment", "choose", "counter", "count", "cast", "reshape", "stop_gradient"
}  # fmt: skip


def measured() -> set[str]:
    """The names of lines: what comes before the first slash.  Those of elementwise.cpp are made from
    the kernels' lists, those of other files stand there."""
    sources = {path.stem: path.read_text() for path in (ROOT / "bench" / "cpp").glob("*.cpp")}
    del sources["limits"]  # what a machine can do
    used = re.findall(r"^ *(LAMINA_[A-Z]+_KERNELS)\(LAMINA_ADD\)", sources.pop("elementwise"), re.M)
    kernels = (ROOT / "cpp" / "kernels" / "kernels.h").read_text()
    lists = {
        name: re.findall(r"\bK\((\w+),", body)
        for name, body in re.findall(r"#define (LAMINA_\w+_KERNELS)\(K\)((?:.*\\\n)*.*)", kernels)
    }
    written = [
        name
        for text in sources.values()
        for name in re.findall(r"(?:\badd\(\s*(?:std::string\()?|^ *\{|, \{)\"(\w+)", text, re.M)
    ]
    return {*written, *(name for kind in used for name in lists[kind])}


def test_every_operation_has_a_line() -> None:
    assert set(_core.operations) - measured() == WITHOUT_LINE
