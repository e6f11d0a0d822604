"""Data sets to learn with, as NumPy arrays.  Each module is imported when it is first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.datasets import digits, fashion_mnist, mnist

__all__ = ["digits", "fashion_mnist", "mnist"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return importlib.import_module(f"lamina.datasets.{name}")
    raise AttributeError(f"module 'lamina.datasets' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
