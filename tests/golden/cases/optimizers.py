"""Every optimizer with defaults and with each of its own arguments, and what all have in common.

A network of two weight matrices with their biases is trained for 1, 10 and 100 steps: weights, optimizer
variables and their names.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs, labels, one_hot

STEPS = (1, 10, 100)

OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "SGD": {
        "defaults": {},
        "momentum": {"momentum": 0.9},
        "nesterov": {"momentum": 0.9, "nesterov": True},
        "decayed": {"momentum": 0.5, "weight_decay": 0.05},
    },
    "Adam": {
        "defaults": {},
        "amsgrad": {"amsgrad": True, "learning_rate": 0.02},
        "betas": {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3},
        "decayed": {"weight_decay": 0.05},
    },
    "AdamW": {"defaults": {}, "amsgrad": {"amsgrad": True, "weight_decay": 0.1}},
    "Adamax": {"defaults": {}, "betas": {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}},
    "Nadam": {"defaults": {}, "betas": {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}},
    "Adagrad": {
        "defaults": {},
        "start": {"initial_accumulator_value": 0.0, "epsilon": 1e-2, "learning_rate": 0.05},
    },
    "Adadelta": {"defaults": {}, "rho": {"rho": 0.5, "epsilon": 1e-4, "learning_rate": 1.0}},
    "Lion": {"defaults": {}, "betas": {"beta_1": 0.5, "beta_2": 0.7}},
    "Ftrl": {
        "defaults": {},
        "regularized": {
            "learning_rate": 0.05,
            "l1_regularization_strength": 0.001,
            "l2_regularization_strength": 0.01,
            "l2_shrinkage_regularization_strength": 0.02,
            "beta": 0.1,
        },
        "power": {"learning_rate_power": -0.3, "initial_accumulator_value": 0.5},
        "level": {"learning_rate_power": 0.0},
    },
    "Lamb": {"defaults": {}, "betas": {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}},
    "Adafactor": {
        "defaults": {},
        "arguments": {
            "learning_rate": 0.01,
            "beta_2_decay": -0.5,
            "epsilon_1": 1e-8,
            "epsilon_2": 0.1,
            "clip_threshold": 0.5,
            "relative_step": False,
        },
    },
    "Muon": {
        "defaults": {},
        "plain": {"nesterov": False, "rms_rate": None, "ns_steps": 3, "weight_decay": None},
        "excluded": {
            "exclude_layers": ["second"],
            "adam_lr_ratio": 0.5,
            "adam_beta_1": 0.8,
            "adam_beta_2": 0.9,
            "adam_weight_decay": 0.1,
        },
    },
    "ScheduleFreeAdamW": {
        "defaults": {},
        "warmup": {"warmup_steps": 20, "beta_1": 0.8, "beta_2": 0.9, "weight_decay": 0.01},
    },
}

COMMON: dict[str, dict[str, Any]] = {
    "clipnorm": {"clipnorm": 0.1},
    "clipvalue": {"clipvalue": 0.01},
    "global_clipnorm": {"global_clipnorm": 0.1},
    "ema": {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 3},
    "accumulation": {
        "gradient_accumulation_steps": 4,
        "use_ema": True,
        "ema_momentum": 0.9,
        "weight_decay": 0.01,
    },
    "loss_scale": {"loss_scale_factor": 8.0},
}
# RMSprop has these in the family `training`.
WITH_COMMON = ("SGD", "Adam", "Nadam", "Ftrl", "Adafactor")

SCHEDULES: dict[str, tuple[str, dict[str, Any]]] = {
    "exponential": ("ExponentialDecay", {"decay_steps": 20, "decay_rate": 0.8}),
    "exponential_stairs": (
        "ExponentialDecay",
        {"decay_steps": 20, "decay_rate": 0.8, "staircase": True},
    ),
    "inverse": ("InverseTimeDecay", {"decay_steps": 20, "decay_rate": 0.8}),
    "inverse_stairs": (
        "InverseTimeDecay",
        {"decay_steps": 20, "decay_rate": 0.8, "staircase": True},
    ),
    "polynomial": ("PolynomialDecay", {"decay_steps": 40}),
    "polynomial_cycle": (
        "PolynomialDecay",
        # XLA multiplies by 1 / decay_steps: where that is rounded, 90 / 30 is more than 3.
        {"decay_steps": 32, "end_learning_rate": 0.02, "power": 2.0, "cycle": True},
    ),
    "piecewise": ("PiecewiseConstantDecay", {"boundaries": [3, 50], "values": [0.1, 0.05, 0.01]}),
    "cosine": ("CosineDecay", {"decay_steps": 60, "alpha": 0.1}),
    "cosine_warmup": (
        "CosineDecay",
        {"decay_steps": 60, "warmup_target": 0.3, "warmup_steps": 20},
    ),
    "restarts": ("CosineDecayRestarts", {"first_decay_steps": 12}),
    "restarts_level": (
        "CosineDecayRestarts",
        {"first_decay_steps": 12, "t_mul": 1.0, "m_mul": 0.7, "alpha": 0.05},
    ),
    "restarts_scaled": (
        "CosineDecayRestarts",
        {"first_decay_steps": 7, "t_mul": 1.5, "m_mul": 0.5},
    ),
}


def _network(keras: Keras) -> Any:
    """6-4-3 with weights drawn here."""
    model = keras.Sequential(
        [
            keras.layers.Input((6,)),
            keras.layers.Dense(4, activation="tanh", name="first"),
            keras.layers.Dense(3, activation="softmax", name="second"),
        ],
        name="net",
    )
    rng = np.random.default_rng(7)
    weights = [rng.uniform(-0.5, 0.5, size=w.shape) for w in model.get_weights()]
    model.set_weights([w.astype("float32") for w in weights])
    return model


def _state(model: Any) -> np.ndarray:
    """Weights and optimizer variables, one behind the other: the files stay small."""
    slots = [v for v in model.optimizer.variables if v.name != "iteration"]
    state = [*model.get_weights(), *arrays(slots)]
    return np.concatenate([v.astype("float32").ravel() for v in state])


def trained_by(
    keras: Keras, make: Callable[[], Any], all_steps: bool = True, once: bool = False
) -> tuple[Any, np.ndarray]:
    """The states after so many steps of 16 rows (after 10 and 100 unless `all_steps`).

    `once`: each from the beginning, by one fit; Keras on JAX cannot fit again after averages took the
    weights' place.
    """
    x = inputs(1600, 6)
    y = one_hot(labels(x, 3), 3)
    states, done, model = [], 0, None
    for steps in STEPS if all_steps else STEPS[1:]:
        if model is None or once:
            keras.utils.clear_session()
            model, done = _network(keras), 0
            model.compile(make(), "categorical_crossentropy")
        rows = slice(16 * done, 16 * steps)
        model.fit(x[rows], y[rows], batch_size=16, shuffle=False, verbose=0)
        states.append(_state(model))
        done = steps
    return model, np.stack(states)


def trained(keras: Keras, name: str, options: dict[str, Any]) -> Record:
    """The states, and the names and shapes of the optimizer's variables."""
    make = functools.partial(getattr(keras.optimizers, name), **options)
    plain = options in OPTIONS[name].values()
    model, states = trained_by(keras, make, all_steps=plain, once="use_ema" in options)
    slots = [v for v in model.optimizer.variables if len(v.shape) > 0]
    return {
        "states": states,
        "paths": [v.path.replace("net_", "") for v in slots],
        "shapes": [list(v.shape) for v in model.optimizer.variables],
        "iterations": int(np.asarray(model.optimizer.iterations)),
    }


def scheduled(keras: Keras, name: str, options: dict[str, Any]) -> Record:
    """The rate at many steps, and a training by it."""
    if "values" not in options:
        options = {"initial_learning_rate": 0.1, **options}
    schedule = getattr(keras.optimizers.schedules, name)(**options)
    rates = [np.asarray(schedule(step), dtype="float32") for step in range(130)]
    model, states = trained_by(keras, lambda: keras.optimizers.SGD(schedule))
    optimizer = model.optimizer
    return {
        "rates": np.stack(rates),
        "current": float(np.asarray(optimizer.learning_rate)),
        "variables": [v.name for v in optimizer.variables],
        "states": states,
    }


def excluded(keras: Keras, by: str) -> Record:
    """Weight decay that leaves some variables out."""
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.5)
    model = _network(keras)
    if by == "names":
        optimizer.exclude_from_weight_decay(var_names=["bias", "rna"])
    else:
        optimizer.exclude_from_weight_decay(var_list=[model.layers[0].kernel])
    x = inputs(64, 6)
    model.compile(optimizer, "categorical_crossentropy")
    model.fit(x, one_hot(labels(x, 3), 3), batch_size=16, shuffle=False, verbose=0)
    return {"state": _state(model)}


def alone(keras: Keras, name: str) -> Record:
    """apply and apply_gradients on variables of our own: gradients from 0 to huge."""
    optimizer = getattr(keras.optimizers, name)()
    start = [np.linspace(-1, 1, 6).reshape(2, 3), np.ones(4), np.array(0.5)]
    variables = [keras.Variable(v.astype("float32")) for v in start]
    rng = np.random.default_rng(12)
    steps = []
    for i, size in enumerate((1.0, 1e-6, 1e4, 0.1, 1.0)):
        grads = [np.asarray(size * rng.normal(size=v.shape), "float32") for v in variables]
        if i % 2:
            optimizer.apply(grads, variables)
        else:
            optimizer.apply_gradients(zip(grads, variables))
        steps.append(np.concatenate([np.asarray(v).ravel() for v in variables]))
    return {"steps": np.stack(steps)}


def signature(keras: Keras, name: str) -> Record:
    """The arguments in order, their defaults, and the config of an object with other values."""
    import inspect

    keras.utils.clear_session()
    cls = getattr(keras.optimizers, name)
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:-1]
    options = {k: v for each in OPTIONS[name].values() for k, v in each.items()}
    config = cls(**options).get_config()
    return {
        "arguments": [p.name for p in parameters],
        "defaults": [p.default for p in parameters],
        "config": json.loads(json.dumps(config)),
        "name": config["name"],
    }


# Each number to 5e-5 of itself.  Both of these subtract numbers that are nearly equal.
CANCELLING = ("Nadam", "ScheduleFreeAdamW")


def _case(name: str, run: Callable[[Keras], Record]) -> Case:
    scaled = 2e-6 if name.startswith(CANCELLING) else 1e-7
    return Case("optimizers", name, run, backend="jax", atol=1e-9, rtol=5e-5, scaled=scaled)


CASES = [
    *(
        _case(f"{name}_{which}", functools.partial(trained, name=name, options=options))
        for name, options_of in OPTIONS.items()
        for which, options in options_of.items()
    ),
    *(
        _case(f"{name}_{which}", functools.partial(trained, name=name, options=options))
        for name in WITH_COMMON
        for which, options in COMMON.items()
    ),
    *(
        _case(f"schedule_{which}", functools.partial(scheduled, name=name, options=options))
        for which, (name, options) in SCHEDULES.items()
    ),
    *(_case(f"excluded_{by}", functools.partial(excluded, by=by)) for by in ("names", "list")),
    *(_case(f"alone_{name}", functools.partial(alone, name=name)) for name in OPTIONS),
    *(_case(f"signature_{name}", functools.partial(signature, name=name)) for name in OPTIONS),
]
