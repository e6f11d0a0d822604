"""The folders of the package import each other in one direction (docs/design.md)."""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import lamina

ROOT = Path(lamina.__file__).parent

# Where a lower folder calls a higher one, inside of a function: an operator on tensors is an
# operation, and the methods of models and layers that write files open the way to those who do.
DOORS = {("graph", "ops"), ("layers", "saving"), ("models", "saving"), ("models", "export")}


def folder(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports(node: ast.AST, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """What a file imports of lamina, and whether it does so only when a function is called."""
    for child in ast.iter_child_nodes(node):
        if for_type_checkers(child):
            continue
        if isinstance(child, ast.Import):
            yield from ((name.name, inside) for name in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module == "lamina":
            yield from ((f"lamina.{name.name}", inside) for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield child.module or "", inside
        yield from imports(child, inside or isinstance(child, ast.FunctionDef | ast.Lambda))


@functools.cache
def all_imports() -> set[tuple[str, str, bool]]:
    """Which folder imports which, and whether only when a function is called."""
    found = set()
    for path in ROOT.rglob("*.py"):
        here = path.relative_to(ROOT).parts[0].removesuffix(".py")
        for module, inside in imports(ast.parse(path.read_text())):
            there = folder(module) if module.startswith("lamina") else ""
            if there not in ("", here):
                found.add((here, there, inside))
    return found


def arrows() -> dict[str, set[str]]:
    """The folders that each folder imports, doors left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for here, there, inside in all_imports():
        if not (inside and (here, there) in DOORS):
            found[here].add(there)
    return found


def circle(arrows: dict[str, set[str]]) -> list[str]:
    """Folders that import each other round about; empty if there are none."""
    left = {here: set(there) for here, there in arrows.items()}
    while True:
        ends = [here for here, there in left.items() if not there & left.keys()]
        if not ends:
            return sorted(left)
        for here in ends:
            del left[here]


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]
    assert circle({"a": {"b"}, "b": {"c"}}) == []


def test_arrows_go_one_way() -> None:
    found = arrows()
    assert len(found) > 15, "the files were not read"
    assert found["models"] >= {"layers", "programs", "data"}
    names = {"__init__", "__main__"}  # they gather names from everywhere
    assert circle({here: there for here, there in found.items() if here not in names}) == []


def test_doors_are_used() -> None:
    assert {(here, there) for here, there, inside in all_imports() if inside} >= DOORS
