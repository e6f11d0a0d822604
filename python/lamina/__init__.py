"""lamina: neural networks on CPUs with the Keras 3 API, a C++ core and NumPy arrays.

    import lamina as keras

Submodules are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_SUBMODULES = (
    "activations", "backends", "callbacks", "config", "constraints", "datasets", "initializers",
    "layers", "losses", "metrics", "models", "ops", "optimizers", "random", "regularizers", "utils",
)  # fmt: skip
_NAMES = {
    "Initializer": "initializers",
    "Input": "layers",
    "InputLayer": "layers",
    "Layer": "layers",
    "Loss": "losses",
    "Metric": "metrics",
    "Optimizer": "optimizers",
    "Regularizer": "regularizers",
    "Sequential": "models",
    "Variable": "graph.variable",
}

if TYPE_CHECKING:
    from lamina import (
        activations,
        backends,
        callbacks,
        config,
        constraints,
        datasets,
        initializers,
        layers,
        losses,
        metrics,
        models,
        ops,
        optimizers,
        random,
        regularizers,
        utils,
    )  # fmt: skip
    from lamina.graph.variable import Variable
    from lamina.initializers import Initializer
    from lamina.layers import Input, InputLayer, Layer
    from lamina.losses import Loss
    from lamina.metrics import Metric
    from lamina.models import Sequential
    from lamina.optimizers import Optimizer
    from lamina.regularizers import Regularizer


__all__ = [*_SUBMODULES, *_NAMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"lamina.{name}")
    if name in _NAMES:
        value = getattr(importlib.import_module(f"lamina.{_NAMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'lamina' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_SUBMODULES, *_NAMES})
