"""No module takes the place of a name that a package imports."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from types import ModuleType

import pytest

import lamina

ROOT = Path(lamina.__file__).parent
PACKAGES = [
    ".".join(("lamina", *path.parent.relative_to(ROOT).parts))
    for path in sorted(ROOT.rglob("__init__.py"))
]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_hides_a_name(package: str) -> None:
    """`hinge.py` of a package, imported after a function `hinge`, takes its name."""
    made = importlib.import_module(package)
    assert made.__file__
    for node in ast.parse(Path(made.__file__).read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("lamina"):
            source = importlib.import_module(node.module)
            for name in node.names:
                imported = getattr(source, name.name)
                found = getattr(made, name.asname or name.name)
                assert isinstance(found, ModuleType) == isinstance(imported, ModuleType), name.name
