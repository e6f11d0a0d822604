"""Data sets to learn with, as NumPy arrays.  Each module is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy

if TYPE_CHECKING:
    from lamina.datasets import (
        boston_housing,
        california_housing,
        cifar10,
        cifar100,
        digits,
        fashion_mnist,
        imdb,
        mnist,
        reuters,
    )

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "imdb",
    "mnist",
    "reuters",
]
__getattr__, __dir__ = lazy(__name__, {name: f"lamina.datasets.{name}" for name in __all__})
