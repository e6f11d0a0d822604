"""Data sets to learn with, as NumPy arrays.  Each module is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy

if TYPE_CHECKING:
    from lamina.datasets import digits, fashion_mnist, mnist

__all__ = ["digits", "fashion_mnist", "mnist"]
__getattr__, __dir__ = lazy(__name__, {name: f"lamina.datasets.{name}" for name in __all__})
