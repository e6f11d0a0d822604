"""Who computes: `native` (C++) or `numpy` (the reference)."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

names = ("native", "numpy")
_current: ModuleType | None = None


def set_backend(name: str) -> None:
    """Chooses the backend for all that is compiled from now on."""
    global _current
    _current = named(name)


def named(name: str) -> ModuleType:
    """The backend of that name."""
    if name not in names:
        raise ValueError(f"The backend must be one of {names}. Received: {name!r}")
    return importlib.import_module(f"lamina.backends.{name}")


def current() -> ModuleType:
    """The backend in use; at first that of the environment variable LAMINA_BACKEND, or native."""
    if _current is None:
        set_backend(os.environ.get("LAMINA_BACKEND", "native"))
    assert _current is not None
    return _current


def name() -> str:
    """ "native" or "numpy"."""
    return current().__name__.rpartition(".")[2]
