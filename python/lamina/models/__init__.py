"""Models: layers that can be trained and used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy
from lamina.models.model import Model
from lamina.models.sequential import Sequential

if TYPE_CHECKING:
    from lamina.models.cloning import clone_model, model_from_json

_MODULES = {"clone_model": "lamina.models.cloning", "model_from_json": "lamina.models.cloning"}

__all__ = ["Model", "Sequential", "clone_model", "model_from_json"]
__getattr__, __dir__ = lazy(__name__, _MODULES)
