"""Utilities, Keras's names.  Each is imported when it is first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.random.seed_generator import set_random_seed
    from lamina.utils.file_utils import get_file
    from lamina.utils.naming import clear_session
    from lamina.utils.numerical import normalize, to_categorical
    from lamina.utils.progbar import Progbar

_NAMES = {
    "Progbar": "utils.progbar",
    "clear_session": "utils.naming",
    "get_file": "utils.file_utils",
    "normalize": "utils.numerical",
    "set_random_seed": "random.seed_generator",
    "to_categorical": "utils.numerical",
}


__all__ = list(_NAMES)


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(importlib.import_module(f"lamina.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'lamina.utils' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})
