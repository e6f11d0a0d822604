"""Names of a package that are imported when they are first used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy(
    package: str, modules: Mapping[str, str], require: Callable[[], None] = lambda: None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package whose names stand in other modules.

    `modules` says for each name the module that has it, or is it: "datasets" is "lamina.datasets".
    `require` is called before they are imported: it raises ImportError where what they need is missing.
    """

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        require()
        found: Any = importlib.import_module(modules[name])
        if modules[name] != f"{package}.{name}":
            found = getattr(found, name)
            setattr(sys.modules[package], name, found)
        return found

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return get, names
