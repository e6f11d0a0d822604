"""Every optimizer and schedule with options, losses, metrics: what `compile` was told."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from golden.cases import losses_training, metrics_all, optimizers

from .case import FileCase, Keras, X, compiled, dense, normal

OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    **optimizers.OPTIONS,
    "RMSprop": {
        "defaults": {},
        "momentum": {"momentum": 0.5},
        "centered": {"centered": True},
        "both": {"momentum": 0.5, "centered": True, "rho": 0.8, "weight_decay": 0.01},
    },
}
COMMON: dict[str, dict[str, Any]] = {
    **optimizers.COMMON,
    "averaged": {"use_ema": True, "ema_momentum": 0.9},
    "decay": {"weight_decay": 0.02, "name": "named"},
    "scheduled": {"learning_rate": "schedule"},
}
SINCE = {"Lamb": (3, 1), "Muon": (3, 10), "ScheduleFreeAdamW": (3, 13)}
BROKEN_BEFORE = {"RMSprop_centered": (3, 3), "RMSprop_both": (3, 3)}  # on JAX


def _optimized(k: Keras, name: str, options: dict[str, Any]) -> Any:
    arguments = {"learning_rate": 0.01, **options}
    if arguments["learning_rate"] == "schedule":
        schedules = k.optimizers.schedules
        arguments["learning_rate"] = schedules.ExponentialDecay(0.01, 5, 0.9, staircase=True)
    return compiled(dense(k), optimizer=getattr(k.optimizers, name)(**arguments))


def _loss_scaled(k: Keras) -> Any:
    """Scaled losses as for half precision: the optimizer has one inside."""
    inner = k.optimizers.Adam(0.01)
    return compiled(dense(k), optimizer=k.optimizers.LossScaleOptimizer(inner, 64.0, 3))


def _several(k: Keras) -> Any:
    """Variables with optimizers of their own; with options and a schedule."""
    o = k.optimizers
    chosen = o.OptimizerMap(
        o.Adam(o.schedules.ExponentialDecay(0.01, 5, 0.9), clipnorm=1.0),
        {".*hidden/.*": o.SGD(0.1, momentum=0.5, gradient_accumulation_steps=2)},
    )
    chosen[".*last/bias"] = o.Adam(0.02)
    return compiled(dense(k), optimizer=o.MultiOptimizer(chosen))


def _scheduled(k: Keras, name: str, options: dict[str, Any]) -> Any:
    if "values" not in options:
        options = {"initial_learning_rate": 0.1, **options}
    rate = getattr(k.optimizers.schedules, name)(**options)
    return compiled(dense(k), optimizer=k.optimizers.SGD(rate, momentum=0.5))


# --- losses and metrics ---------------------------------------------------------------------------


def _lossy(k: Keras, name: str) -> Any:
    kind, arguments = losses_training.TRAINED[name]
    if name == "Huber":  # Keras does not write its delta
        arguments = {}
    make, last = losses_training.TARGETS[kind]
    x = normal(24, 10)
    model = k.Sequential([k.layers.Input((10,)), k.layers.Dense(4), k.layers.Dense(5, last)])
    y = make(np.concatenate([x, x], axis=1))
    return compiled(model, x, y, loss=getattr(k.losses, name)(**arguments), optimizer="rmsprop")


# The last layer's activation and width for each kind of data.
OUTPUTS = {
    "flat": ("sigmoid", 1), "column": ("sigmoid", 1), "mixed": ("sigmoid", 1),
    "bits": ("sigmoid", 4), "logits": (None, 4), "one_hot": ("softmax", 4),
    "sparse": ("softmax", 4), "sparse_column": ("softmax", 4), "values": (None, 3),
    "values_flat": (None, 1), "positive": ("softplus", 3), "signs": ("tanh", 4),
}  # fmt: skip


def _measured(k: Keras, kind: str) -> Any:
    """A metric of each class that is for targets of this kind, plain and weighted."""
    made = {}
    for of_kind, make, _ in metrics_all.METRICS.values():
        if of_kind == kind:
            metric = make(k.metrics)
            made.setdefault(type(metric).__name__, metric)
    (y, _), _ = metrics_all._batches(kind)[2]
    last, units = OUTPUTS[kind]
    model = dense(k, last, units)
    loss = "sparse_categorical_crossentropy" if "sparse" in kind else "mse"
    return compiled(model, normal(30, 4), y, loss=loss, metrics=list(made.values()))


def _two_outputs(k: Keras) -> Any:
    entry = k.Input((4,), name="entry")
    hidden = k.layers.Dense(3, "relu", name="hidden")(entry)
    a = k.layers.Dense(2, "softmax", name="a")(hidden)
    b = k.layers.Dense(1, name="b")(hidden)
    return k.Model(entry, {"a": a, "b": b}, name="two")


TWO = {
    "a": np.eye(2, dtype="float32")[np.arange(24) % 2],
    "b": normal(24, 1, seed=5),
}


def _dicts(k: Keras) -> Any:
    return compiled(
        _two_outputs(k),
        y=TWO,
        loss={"a": k.losses.CategoricalCrossentropy(label_smoothing=0.1), "b": "mse"},
        loss_weights={"a": 0.5, "b": 2.0},
        metrics={"a": ["accuracy", k.metrics.TopKCategoricalAccuracy(1)], "b": ["mae"]},
        weighted_metrics={"b": [k.metrics.RootMeanSquaredError(name="root")]},
    )


def _lists(k: Keras) -> Any:
    entry = k.Input((4,), name="entry")
    a, b = k.layers.Dense(2, "softmax", name="a")(entry), k.layers.Dense(1, name="b")(entry)
    return compiled(
        k.Model(entry, [a, b]),
        y=[TWO["a"], TWO["b"]],
        loss=["categorical_crossentropy", k.losses.LogCosh()],
        loss_weights=[1.0, 0.25],
        metrics=[["acc"], [k.metrics.MeanSquaredError(name="error")]],
        weighted_metrics=[["acc"], ["mse"]],
    )


def _names(k: Keras) -> Any:
    y = np.eye(3, dtype="float32")[np.arange(24) % 3]
    how = {"loss": "categorical_crossentropy", "metrics": ["accuracy", "mse"]}
    return compiled(dense(k, "softmax", 3), y=y, weighted_metrics=["acc"], **how)


def _functions(k: Keras) -> Any:
    """Losses and metrics given as the library's functions, activations as operations."""
    model = k.Sequential(
        [k.layers.Input((4,)), k.layers.Dense(3, k.ops.relu), k.layers.Dense(2, k.activations.tanh)]
    )
    loss, metric = k.losses.mean_absolute_error, k.metrics.mean_squared_error
    return compiled(model, loss=loss, metrics=[metric, k.losses.cosine_similarity])


def _not_compiled(k: Keras) -> Any:
    return dense(k), X, None


CASES: dict[str, FileCase] = {
    **{
        f"optimizer/{name}_{which}": FileCase(
            functools.partial(_optimized, name=name, options=options),
            refits="use_ema" not in options,
            since=BROKEN_BEFORE.get(f"{name}_{which}") or SINCE.get(name, (3, 0)),
            on_torch=name != "ScheduleFreeAdamW",  # whose old momentum is overwritten there
        )
        for name, own in OPTIONS.items()
        for which, options in {**own, **COMMON}.items()
    },
    "optimizer/LossScaleOptimizer": FileCase(_loss_scaled),
    "optimizer/MultiOptimizer": FileCase(_several, since=(3, 15)),
    **{
        f"schedule/{which}": FileCase(functools.partial(_scheduled, name=name, options=options))
        for which, (name, options) in optimizers.SCHEDULES.items()
    },
    **{
        f"loss/{name}": FileCase(functools.partial(_lossy, name=name))
        for name in losses_training.TRAINED
    },
    **{f"metrics/{kind}": FileCase(functools.partial(_measured, kind=kind)) for kind in OUTPUTS},
    "compile/dicts": FileCase(_dicts),
    "compile/lists": FileCase(_lists),
    "compile/names": FileCase(_names),
    "compile/functions": FileCase(_functions),
    "compile/not": FileCase(_not_compiled),
}
