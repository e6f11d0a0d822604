"""lamina: neural networks on CPUs with the Keras 3 API, a C++ core and NumPy arrays.

    import lamina as keras

Submodules are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy

__version__ = "0.1.0"

_SUBMODULES = (
    "activations", "backend", "backends", "callbacks", "config", "constraints", "datasets",
    "dtype_policies", "initializers", "layers", "losses", "metrics", "models", "ops", "optimizers",
    "random", "regularizers", "saving", "sklearn", "tree", "utils", "wrappers",
)  # fmt: skip
_MODULES = {name: f"lamina.{name}" for name in _SUBMODULES} | {
    "DTypePolicy": "lamina.dtype_policies",
    "Initializer": "lamina.initializers",
    "Input": "lamina.layers",
    "InputLayer": "lamina.layers",
    "InputSpec": "lamina.layers",
    "KerasTensor": "lamina.graph.symbolic",
    "Layer": "lamina.layers",
    "Loss": "lamina.losses",
    "Metric": "lamina.metrics",
    "Model": "lamina.models",
    "Optimizer": "lamina.optimizers",
    "Regularizer": "lamina.regularizers",
    "Sequential": "lamina.models",
    "Variable": "lamina.graph.variable",
    "gradients": "lamina.graph.differentiate",
}

if TYPE_CHECKING:
    from lamina import (
        activations,
        backend,
        backends,
        callbacks,
        config,
        constraints,
        datasets,
        dtype_policies,
        initializers,
        layers,
        losses,
        metrics,
        models,
        ops,
        optimizers,
        random,
        regularizers,
        saving,
        sklearn,
        tree,
        utils,
        wrappers,
    )  # fmt: skip
    from lamina.dtype_policies import DTypePolicy
    from lamina.graph.differentiate import gradients
    from lamina.graph.symbolic import KerasTensor
    from lamina.graph.variable import Variable
    from lamina.initializers import Initializer
    from lamina.layers import Input, InputLayer, InputSpec, Layer
    from lamina.losses import Loss
    from lamina.metrics import Metric
    from lamina.models import Model, Sequential
    from lamina.optimizers import Optimizer
    from lamina.regularizers import Regularizer

__all__ = [
    "DTypePolicy",
    "Initializer",
    "Input",
    "InputLayer",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "Variable",
    "__version__",
    "activations",
    "backend",
    "backends",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "dtype_policies",
    "gradients",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "random",
    "regularizers",
    "saving",
    "sklearn",
    "tree",
    "utils",
    "wrappers",
]
__getattr__, __dir__ = lazy(__name__, _MODULES)
