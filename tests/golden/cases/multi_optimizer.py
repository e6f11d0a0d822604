"""MultiOptimizer: optimizers of every kind side by side, each for its variables."""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np

from .case import Case, Keras, Record, inputs, labels, one_hot
from .optimizers import _network, trained_by

# The optimizer of the rest and those by expression; a network's paths may begin with its name.
MAPS: dict[str, tuple[tuple[str, dict[str, Any]], dict[str, tuple[str, dict[str, Any]]]]] = {
    "two": (("SGD", {"learning_rate": 0.1}), {".*first/.*": ("Adam", {"learning_rate": 0.01})}),
    "three": (
        ("RMSprop", {"learning_rate": 0.01, "momentum": 0.5}),
        {".*first/kernel": ("AdamW", {"weight_decay": 0.1}), ".*second/bias": ("Lion", {})},
    ),
    "one": (("Adamax", {}), {}),
    "idle": (("SGD", {"learning_rate": 0.1}), {".*": ("Adagrad", {"learning_rate": 0.05})}),
    "clipped": (
        ("SGD", {"learning_rate": 0.5, "global_clipnorm": 0.05}),
        {
            ".*first/.*": ("Adam", {"clipvalue": 0.001}),
            ".*second/bias": ("SGD", {"clipnorm": 0.01}),
        },
    ),
    "accumulating": (
        ("SGD", {"learning_rate": 0.1, "gradient_accumulation_steps": 4}),
        {".*first/.*": ("Adam", {"learning_rate": 0.01})},
    ),
    "averaged": (
        ("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.9}),
        {".*first/.*": ("Adam", {"ema_overwrite_frequency": 3, "use_ema": True})},
    ),
    "scheduled": (
        ("SGD", {"learning_rate": ("ExponentialDecay", 0.1, 20, 0.8)}),
        {".*first/.*": ("Adam", {"learning_rate": ("CosineDecay", 0.05, 60)})},
    ),
}


def _one(keras: Keras, name: str, options: dict[str, Any]) -> Any:
    options = dict(options)
    if isinstance(options.get("learning_rate"), tuple):
        schedule, *arguments = options["learning_rate"]
        options["learning_rate"] = getattr(keras.optimizers.schedules, schedule)(*arguments)
    return getattr(keras.optimizers, name)(**options)


def made(keras: Keras, which: str, **options: Any) -> Any:
    """The MultiOptimizer of that name."""
    default, others = MAPS[which]
    by_pattern = {pattern: _one(keras, *other) for pattern, other in others.items()}
    chosen = keras.optimizers.OptimizerMap(_one(keras, *default), by_pattern)
    return keras.optimizers.MultiOptimizer(chosen, **options)


def fit(keras: Keras, which: str, **options: Any) -> Record:
    """States, and the names and shapes of all variables."""
    model, states = trained_by(
        keras, lambda: made(keras, which, **options), once=which == "averaged"
    )
    optimizer = model.optimizer
    return {
        "states": states,
        "paths": [v.path.replace("net_", "") for v in optimizer.variables],
        "shapes": [list(v.shape) for v in optimizer.variables],
        "iterations": [int(np.asarray(o.iterations)) for o in (optimizer, *optimizer.optimizers)],
    }


def chosen_by_function(keras: Keras) -> Record:
    """A function that gives kernels and biases optimizers of their own."""
    a, b = keras.optimizers.Adam(0.01), keras.optimizers.SGD(0.1, momentum=0.5)
    optimizer = keras.optimizers.MultiOptimizer(lambda v: a if v.name == "kernel" else b)
    before = len(optimizer.optimizers)
    model = _network(keras)
    x = inputs(160, 6)
    model.compile(optimizer, "categorical_crossentropy")
    model.fit(x, one_hot(labels(x, 3), 3), batch_size=16, shuffle=False, verbose=0)
    return {
        "before": before,
        "names": [type(o).__name__ for o in optimizer.optimizers],
        "shapes": [list(v.shape) for v in optimizer.variables],
        "state": np.concatenate([w.ravel() for w in model.get_weights()]),
    }


def steps(keras: Keras) -> Record:
    """`apply` on variables of our own, in another order than they were built in."""
    k = keras.optimizers
    chosen = k.OptimizerMap(k.SGD(0.1, weight_decay=0.1), {"b": k.Adam(0.5), "c|d": k.RMSprop(0.1)})
    optimizer = k.MultiOptimizer(chosen, loss_scale_factor=4.0)
    variables = [keras.Variable(np.ones(2, "float32"), name=name) for name in "abcde"]
    optimizer.build(variables)
    rng = np.random.default_rng(3)
    states = []
    for i in range(4):
        order = variables if i % 2 else variables[::-1]
        optimizer.apply([rng.normal(size=2).astype("float32") for _ in order], order)
        states.append(np.concatenate([np.asarray(v).ravel() for v in variables]))
    store: dict[str, Any] = {}
    optimizer.save_own_variables(store)
    return {
        "states": np.stack(states),
        "scaled": float(np.asarray(optimizer.scale_loss(1.5))),
        "factors": [o.loss_scale_factor for o in optimizer.optimizers],
        "stored": {key: list(np.shape(np.asarray(value))) for key, value in store.items()},
    }


def mapping(keras: Keras) -> Record:
    """The map as a dict: what it gives for paths, and what it lists."""
    k = keras.optimizers
    chosen = k.OptimizerMap(k.SGD(), {"a/.*": k.Adam(), "enc[0-9]+/kernel": k.Lion()})
    chosen[".*/beta"] = k.Ftrl()
    paths = ("a/kernel", "b/kernel", "enc12/kernel", "enc/kernel", "xa/kernel", "q/beta", "a/.*")
    found = {path: type(chosen[path]).__name__ for path in paths}
    del chosen["a/.*"]
    return {
        "found": found,
        "after": type(chosen["a/kernel"]).__name__,
        "keys": list(chosen),
        "length": len(chosen),
        "default": type(chosen.default_optimizer).__name__,
        "contains": "nothing" in chosen,
    }


def config(keras: Keras) -> Record:
    """The config, also of what is made from it."""
    keras.utils.clear_session()
    first = made(keras, "scheduled", loss_scale_factor=2.0, name="several")
    second = keras.optimizers.deserialize(keras.optimizers.serialize(first))
    configs = [json.loads(json.dumps(o.get_config())) for o in (first, second)]
    return {"config": configs[0], "again": configs[1]}


def rates(keras: Keras) -> Record:
    """What the callbacks for learning rates do with several of them."""
    k = keras.callbacks
    x = inputs(32, 6)
    histories = {}
    for name, callback in {
        "scheduler": k.LearningRateScheduler(lambda epoch, rate: rate / 2),
        "plateau": k.ReduceLROnPlateau("loss", 0.1, 0, min_delta=9.0, min_lr=0.005),
    }.items():
        keras.utils.clear_session()
        model = _network(keras)
        model.compile(made(keras, "two"), "categorical_crossentropy")
        y = one_hot(labels(x, 3), 3)
        history = model.fit(x, y, 16, 4, shuffle=False, verbose=0, callbacks=[callback])
        histories[name] = history.history
    return histories


def swapped(keras: Keras) -> Record:
    """Averages that are evaluated in place of the weights."""
    chosen = keras.optimizers.OptimizerMap(
        keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.5)
    )
    model, x = _network(keras), inputs(32, 6)
    y = one_hot(labels(x, 3), 3)
    model.compile(keras.optimizers.MultiOptimizer(chosen), "categorical_crossentropy")
    callback = keras.callbacks.SwapEMAWeights()
    options = {"validation_data": (x, y), "callbacks": [callback], "verbose": 0, "shuffle": False}
    return dict(model.fit(x, y, 8, 3, **options).history)


def _case(name: str, run: Any, backend: str = "jax") -> Case:
    return Case("multi_optimizer", name, run, backend=backend, atol=1e-9, rtol=5e-5, scaled=2e-6)


CASES = [
    *(_case(f"fit_{which}", functools.partial(fit, which=which)) for which in MAPS),
    _case("fit_scaled", functools.partial(fit, which="two", loss_scale_factor=8.0)),
    _case("chosen_by_function", chosen_by_function),
    _case("steps", steps),
    _case("mapping", mapping, "numpy"),
    _case("config", config, "numpy"),
    _case("rates", rates),
    _case("swapped", swapped),
]
