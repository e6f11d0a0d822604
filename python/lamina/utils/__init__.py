"""Utilities, Keras's names.  Each is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy

if TYPE_CHECKING:
    from lamina.random.seed_generator import set_random_seed
    from lamina.utils.file_utils import get_file
    from lamina.utils.naming import clear_session
    from lamina.utils.numerical import normalize, to_categorical
    from lamina.utils.progbar import Progbar

_MODULES = {
    "Progbar": "lamina.utils.progbar",
    "clear_session": "lamina.utils.naming",
    "get_file": "lamina.utils.file_utils",
    "normalize": "lamina.utils.numerical",
    "set_random_seed": "lamina.random.seed_generator",
    "to_categorical": "lamina.utils.numerical",
}

__all__ = list(_MODULES)
__getattr__, __dir__ = lazy(__name__, _MODULES)
