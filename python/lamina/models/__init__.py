"""Models: layers that can be trained and used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy
from lamina.models.model import Model
from lamina.models.sequential import Sequential

if TYPE_CHECKING:
    from lamina.models.cloning import clone_model, model_from_json
    from lamina.saving.files import load_model, save_model

_MODULES = {
    "clone_model": "lamina.models.cloning",
    "load_model": "lamina.saving.files",
    "model_from_json": "lamina.models.cloning",
    "save_model": "lamina.saving.files",
}

__all__ = ["Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]
__getattr__, __dir__ = lazy(__name__, _MODULES)
