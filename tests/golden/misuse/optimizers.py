"""Misuse of optimizers and of schedules of their rates."""

from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np

from .case import EITHER, Keras, Misuse, each, make, unknown

# What each optimizer has of its own.
_OPTIONS: dict[str, dict[str, tuple[Any, ...]]] = {
    "SGD": {"momentum": (-0.5, 1.5, "a")},
    "Adam": {"beta_1": (-0.1, 1.5, "a"), "beta_2": (1.5,), "epsilon": (-1e-7, "a")},
    "AdamW": {"weight_decay": (-0.1, "a", None)},
    "Adamax": {"beta_1": (1.5,), "beta_2": (-0.1,), "epsilon": (-1e-7,)},
    "Nadam": {"beta_1": (1.5,), "beta_2": (-0.1,), "epsilon": (-1e-7,)},
    "Adagrad": {"initial_accumulator_value": (-0.1, "a"), "epsilon": (-1e-7,)},
    "Adadelta": {"rho": (1.5, "a"), "epsilon": (-1e-7,)},
    "Lion": {"beta_1": (0.0, 1.5, "a"), "beta_2": (1.5,)},
    "Ftrl": {
        "initial_accumulator_value": (-0.1,),
        "learning_rate_power": (0.5,),
        "l1_regularization_strength": (-0.1,),
        "l2_regularization_strength": (-0.1,),
        "l2_shrinkage_regularization_strength": (-0.1,),
    },
    "Lamb": {"beta_1": (1.5,), "beta_2": (-0.1,), "epsilon": (-1e-7,)},
    "Adafactor": {"epsilon_1": (-1.0,), "epsilon_2": (-1.0,), "clip_threshold": (-1.0, "a")},
    "Muon": {"ns_steps": (2.5, -1), "adam_beta_1": (1.5,), "momentum": (1.5,)},
    "ScheduleFreeAdamW": {"beta_1": (0.0, 1.5), "warmup_steps": (-1, 2.5)},
}
_ONE = np.ones(3, "float32")


def _variable(keras: Keras) -> Any:
    return keras.Variable(_ONE)


def _set_rate(keras: Keras, value: Any, rate: Any = 0.1) -> None:
    keras.optimizers.SGD(rate).learning_rate = value


def _apply_twice(keras: Keras) -> None:
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.apply([_ONE], [_variable(keras)])
    optimizer.apply([_ONE], [_variable(keras)])


def _exclude_late(keras: Keras) -> None:
    optimizer = keras.optimizers.AdamW(0.1)
    optimizer.build([_variable(keras)])
    optimizer.exclude_from_weight_decay(var_names=["bias"])


OPTIMIZERS = [
    *(
        misuse
        for name, options in _OPTIONS.items()
        for argument, values in options.items()
        for misuse in each(make(f"optimizers.{name}"), argument, *values, errors=EITHER)
    ),
    *(m for n in _OPTIONS for m in each(make(f"optimizers.{n}"), "learning_rate", "fast", None)),
    *(unknown(make(f"optimizers.{n}"), "lr") for n in _OPTIONS),
    *each(make("optimizers.get"), "identifier", "adamm", 3, word="optimizer"),
    Misuse(
        "a text as learning rate of an optimizer",
        lambda k: _set_rate(k, "fast"),
        ("learning_rate|could not convert", "fast"),
        EITHER,
    ),
    Misuse(
        "a number in the place of a schedule",
        lambda k: _set_rate(k, 0.5, k.optimizers.schedules.CosineDecay(0.1, 10)),
        ("LearningRateSchedule", "not settable"),
        (TypeError,),
    ),
    Misuse(
        "apply before it is built",
        lambda k: k.optimizers.SGD().apply([_ONE]),
        ("built", "variables"),
    ),
    Misuse(
        "apply two gradients to one variable",
        lambda k: k.optimizers.SGD().apply([_ONE, _ONE], [_variable(k)]),
        ("grad", r"\b2\b", r"\b1\b"),
    ),
    Misuse(
        "apply a gradient of another shape",
        lambda k: k.optimizers.SGD().apply([np.ones(4, "float32")], [_variable(k)]),
        (r"\(4,\)", r"\(3,\)"),
        EITHER,
    ),
    Misuse("apply to a variable it does not know", _apply_twice, ("[Uu]nknown variable",)),
    Misuse(
        "apply no gradient at all",
        lambda k: k.optimizers.SGD().apply([None], [_variable(k)]),
        ("gradients", "variable"),
    ),
    Misuse("exclude from weight decay too late", _exclude_late, ("built",)),
]


def loss_scaling(keras: Keras, **options: Any) -> Any:
    inner = keras.optimizers.SGD()
    return keras.optimizers.LossScaleOptimizer(**{"inner_optimizer": inner, **options})


OPTIMIZERS += [
    *each(loss_scaling, "inner_optimizer", "sgd", None, 3, errors=(TypeError, AttributeError)),
    *each(loss_scaling, "initial_scale", 0, -8.0, "a", errors=EITHER),
    *each(loss_scaling, "dynamic_growth_steps", 0, 2.5, "a", errors=EITHER),
    *each(loss_scaling, "clipnorm", 1.0),
    *each(loss_scaling, "dynamic", False),
    unknown(loss_scaling, "scale"),
]


def several(keras: Keras, **options: Any) -> Any:
    """A MultiOptimizer that makes one step."""
    o = keras.optimizers
    optimizer = o.MultiOptimizer(**{"optimizer_map": o.OptimizerMap(o.SGD()), **options})
    optimizer.apply([_ONE], [_variable(keras)])
    return optimizer


def optimizer_map(keras: Keras, **options: Any) -> Any:
    """A map that is put to use."""
    o = keras.optimizers
    return several(keras, optimizer_map=o.OptimizerMap(**{"default_optimizer": o.SGD(), **options}))


def _set_item(keras: Keras, key: Any, value: Any = None) -> None:
    o = keras.optimizers
    o.OptimizerMap(o.SGD(), {"there": o.Adam()})[key] = value or o.SGD()


def _nested(keras: Keras, name: str) -> Any:
    o = keras.optimizers
    made = getattr(o, name)
    inner = made(o.SGD() if name == "LossScaleOptimizer" else o.OptimizerMap(o.SGD()))
    return optimizer_map(keras, default_optimizer=inner)


def _two_patterns(keras: Keras) -> Any:
    o = keras.optimizers
    return o.OptimizerMap(o.SGD(), {"a/.*": o.Adam(), ".*/bias": o.Adam()})["a/bias"]


OPTIMIZERS += [
    *each(several, "optimizer_map", None, 3, "sgd", errors=EITHER, word="optimizer|callable"),
    *each(several, "loss_scale_factor", -8.0, "a", errors=EITHER),
    unknown(several, "clipnorm"),
    Misuse(
        "a function that gives no optimizer",
        lambda k: several(k, optimizer_map=lambda v: "sgd"),
        ("[Oo]ptimizer", "variable"),
    ),
    Misuse(
        "learning rate of several",
        lambda k: several(k).learning_rate,
        ("[Ll]earning rate",),
        (AttributeError,),
    ),
    Misuse(
        "set the learning rate of several",
        lambda k: setattr(several(k), "learning_rate", 0.1),
        ("[Ll]earning rate", "set"),
        (AttributeError,),
    ),
    Misuse(
        "several inside of several", lambda k: _nested(k, "MultiOptimizer"), ("MultiOptimizer",)
    ),
    Misuse(
        "loss scaling inside of several",
        lambda k: _nested(k, "LossScaleOptimizer"),
        ("LossScaleOptimizer",),
    ),
    Misuse("two patterns for one variable", _two_patterns, ("[Mm]ultiple", "a/bias")),
    Misuse(
        "several without a gradient for one of them",
        lambda k: several(k).apply([None]),
        ("gradients", "variable"),
    ),
    *each(optimizer_map, "default_optimizer", "sgd", None, 3, errors=(TypeError,)),
    *each(optimizer_map, "optimizer_map", [("a", 3)], 3, errors=EITHER),
    Misuse(
        "a map of a name",
        lambda k: optimizer_map(k, optimizer_map={"a": "adam"}),
        ("Optimizer|'str' object", "adam|loss_scale_factor"),
        (ValueError, AttributeError),
    ),
    Misuse(
        "a map of an expression that is none",
        lambda k: optimizer_map(k, optimizer_map={"(": k.optimizers.SGD()}),
        ("unterminated subpattern",),
        (ValueError, re.error),
    ),
    *each(_set_item, "key", 3, "there", word="key|exists"),
    *each(_set_item, "value", "adam", 3, word="[Oo]ptimizer", key="new"),
]


def _rate(path: str, **options: Any) -> functools.partial[Any]:
    """A schedule that is asked for its rate: what is wrong may show only then."""

    def call(keras: Keras, path: str, **options: Any) -> Any:
        return make(f"optimizers.schedules.{path}")(keras, **options)(3)

    return functools.partial(call, path=path, **options)


_TENTH: dict[str, Any] = {"initial_learning_rate": 0.1, "decay_steps": 10}
_BY_RATE = {**_TENTH, "decay_rate": 0.5}
_RESTARTS = {"initial_learning_rate": 0.1, "first_decay_steps": 10}
_SCHEDULES: dict[str, dict[str, Any]] = {
    "ExponentialDecay": _BY_RATE,
    "InverseTimeDecay": _BY_RATE,
    "PolynomialDecay": _TENTH,
    "CosineDecay": _TENTH,
    "CosineDecayRestarts": _RESTARTS,
}
_NUMBERS: dict[str, tuple[str, ...]] = {
    "ExponentialDecay": ("decay_rate",),
    "InverseTimeDecay": ("decay_rate",),
    "PolynomialDecay": ("end_learning_rate", "power"),
    "CosineDecay": ("alpha", "warmup_target", "warmup_steps"),
    "CosineDecayRestarts": ("t_mul", "m_mul", "alpha"),
}


def _without(options: dict[str, Any], argument: str) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != argument}


_STEPS = {n: "first_decay_steps" if "Restarts" in n else "decay_steps" for n in _SCHEDULES}

SCHEDULES = [
    *(
        m
        for n, valid in _SCHEDULES.items()
        for m in (
            *each(_rate(n), _STEPS[n], 0, -10, "a", errors=EITHER, **_without(valid, _STEPS[n])),
            *each(
                _rate(n), "initial_learning_rate", "a", None, errors=EITHER,
                **_without(valid, "initial_learning_rate"),
            ),
            *(
                m
                for argument in _NUMBERS[n]
                for m in each(_rate(n), argument, "a", errors=EITHER, **_without(valid, argument))
            ),
            unknown(_rate(n), "steps", **valid),
        )
    ),
    *each(_rate("CosineDecayRestarts", **_RESTARTS), "t_mul", 0.5, errors=EITHER),
    *each(_rate("PiecewiseConstantDecay"), "boundaries", [3, 7], values=[0.1, 0.2]),
    *each(_rate("PiecewiseConstantDecay"), "boundaries", [7, 3], values=[0.1, 0.2, 0.3]),
    *each(_rate("PiecewiseConstantDecay"), "values", ["a", "b"], boundaries=[3], errors=EITHER),
    *each(_rate("PiecewiseConstantDecay"), "boundaries", ["a"], values=[0.1, 0.2], errors=EITHER),
]  # fmt: skip
