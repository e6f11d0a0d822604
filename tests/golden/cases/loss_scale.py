"""LossScaleOptimizer: a scale that grows, and steps with gradients that are not finite."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from .case import Case, Keras, Record
from .optimizers import trained_by


def _options(optimizers: Any) -> dict[str, Any]:
    return {"inner_optimizer": optimizers.Adam(0.1), "initial_scale": 8.0}


def fit(keras: Keras) -> Record:
    """Weights and state after so many steps."""
    optimizers = keras.optimizers
    model, states = trained_by(
        keras, lambda: optimizers.LossScaleOptimizer(optimizers.Adam(), 1024.0, 3)
    )
    return {
        "states": states,
        "names": [v.name.replace("net_", "") for v in model.optimizer.variables],
        "shapes": [list(v.shape) for v in model.optimizer.variables],
    }


def steps(keras: Keras) -> Record:
    """A variable, the scale, the counter and the iterations after each step."""
    optimizer = keras.optimizers.LossScaleOptimizer(
        **_options(keras.optimizers), dynamic_growth_steps=2
    )
    variable = keras.Variable(np.array([1.0, 2.0], "float32"))
    states = []
    for second in (4.0, np.inf, 8.0, 8.0, np.nan, 1.0, 2.0, -np.inf, np.nan, 1.0):
        optimizer.apply([np.array([3.0, second], "float32")], [variable])
        state = variable, optimizer.dynamic_scale, optimizer.step_counter, optimizer.iterations
        states.append(np.concatenate([np.asarray(v).astype("float32").ravel() for v in state]))
    return {"states": np.stack(states)}


def config(keras: Keras) -> Record:
    """The config, also of what is made from it."""
    keras.utils.clear_session()
    made = keras.optimizers.LossScaleOptimizer(**_options(keras.optimizers), name="scaled")
    first = json.loads(json.dumps(made.get_config()))
    second = keras.optimizers.deserialize(keras.optimizers.serialize(made)).get_config()
    return {"config": first, "again": json.loads(json.dumps(second))}


# Outside of a training the optimizer's conditions do not run on JAX.
CASES = [
    Case("loss_scale", "fit", fit, backend="jax", atol=1e-9, rtol=5e-5),
    Case("loss_scale", "steps", steps, backend="numpy", atol=1e-9, rtol=1e-5),
    Case("loss_scale", "config", config, backend="numpy"),
]
