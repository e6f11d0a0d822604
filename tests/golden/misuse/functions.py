"""Misuse of activations, random numbers and utilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import EITHER, Misuse, X, Y, each, make, unknown

_NUMBERS = (
    ("relu", "negative_slope"), ("relu", "max_value"), ("relu", "threshold"), ("elu", "alpha"),
    ("leaky_relu", "negative_slope"), ("celu", "alpha"), ("hard_shrink", "threshold"),
    ("soft_shrink", "threshold"), ("squareplus", "b"),
)  # fmt: skip

ACTIVATIONS = [
    *each(make("activations.get"), "identifier", "rulu", 3, {"a": 1}, word="activation|identify"),
    *each(make("activations.deserialize"), "config", "rulu", word="activation|rulu", errors=EITHER),
    *each(make("activations.softmax", x=X), "axis", 5, -3, "a", errors=EITHER),
    *each(make("activations.log_softmax", x=X), "axis", 5, "a", errors=EITHER),
    *each(make("activations.sparsemax", x=X), "axis", 5, errors=EITHER),
    *each(make("activations.glu", x=X), "axis", 5, errors=EITHER),
    *(
        m
        for name, argument in _NUMBERS
        for m in each(
            make(f"activations.{name}", x=X), argument, "a", word=f"{argument}|dtype", errors=EITHER
        )
    ),
    *(
        Misuse(
            f"activations.{name} of text",
            lambda k, n=name: getattr(k.activations, n)(np.array(["a", "b"])),
            ("<U1|str|text",),
            EITHER,
        )
        for name in ("relu", "sigmoid", "tanh", "gelu", "softmax")
    ),
    unknown(make("activations.relu", x=X), "slope"),
    Misuse(
        "activations.glu of an odd size",
        lambda k: k.activations.glu(X[:, :3]),
        ("axis|shape", r"\b3\b"),
        EITHER,
    ),
]

_SHAPE: dict[str, Any] = {"shape": (2, 3)}
_DRAWS: dict[str, dict[str, Any]] = {
    "normal": {},
    "uniform": {},
    "truncated_normal": {},
    "gamma": {"alpha": 1.0},
    "beta": {"alpha": 1.0, "beta": 1.0},
    "binomial": {"counts": 3, "probabilities": 0.5},
    "randint": {"minval": 0, "maxval": 5},
}
_VALUES: dict[str, dict[str, tuple[Any, ...]]] = {
    "normal": {"mean": ("a",), "stddev": ("a", -1.0)},
    "truncated_normal": {"mean": ("a",), "stddev": ("a", -1.0)},
    "uniform": {"minval": ("a",), "maxval": ("a",)},
    "gamma": {"alpha": ("a", -1.0)},
    "beta": {"alpha": ("a", -1.0), "beta": (-1.0,)},
    "binomial": {"counts": ("a", -3), "probabilities": ("a", 1.5)},
    "randint": {"minval": (9, "a"), "maxval": (-3, "a")},
}

RANDOM = [
    *(
        m
        for name, others in _DRAWS.items()
        for m in (
            *each(
                make(f"random.{name}", **others), "shape", "ab", (2, -3), (2, 2.5), errors=EITHER
            ),
            *each(make(f"random.{name}", **_SHAPE, **others), "seed", 1.5, "a", errors=EITHER),
            unknown(make(f"random.{name}", **_SHAPE, **others), "sigma"),
            *(
                m
                for argument, values in _VALUES[name].items()
                for m in each(
                    make(f"random.{name}", **_SHAPE),
                    argument,
                    *values,
                    errors=EITHER,
                    **{n: v for n, v in others.items() if n != argument},
                )
            ),
        )
    ),
    *each(make("random.normal", **_SHAPE), "dtype", "int32", "float23", errors=EITHER),
    *each(make("random.uniform", **_SHAPE), "dtype", "bool", errors=EITHER),
    *each(make("random.randint", **_SHAPE, minval=0, maxval=5), "dtype", "float32"),
    Misuse(
        "random.categorical of a vector",
        lambda k: k.random.categorical(X[0], 3),
        ("logits", r"\(4,\)"),
    ),
    *each(make("random.categorical", logits=X), "num_samples", -1, 2.5, "a", errors=EITHER),
    *each(make("random.dropout", inputs=X), "rate", 1.5, -0.1, "a", errors=EITHER),
    *each(make("random.dropout", inputs=X, rate=0.5), "noise_shape", (5, 1), (1,), errors=EITHER),
    *each(make("random.shuffle", x=X), "axis", 5, "a", errors=EITHER),
    *each(make("random.SeedGenerator"), "seed", 1.5, "a", -1, errors=EITHER),
    unknown(make("random.SeedGenerator"), "state"),
]

UTILS = [
    *each(make("utils.normalize", x=X), "axis", 5, "a", errors=EITHER),
    *each(make("utils.normalize", x=X), "order", "a", errors=EITHER),
    *each(make("utils.pad_sequences"), "sequences", 3, errors=EITHER),
    *each(make("utils.pad_sequences", sequences=[[1, 2]]), "padding", "middle"),
    *each(make("utils.pad_sequences", sequences=[[1, 2]], maxlen=1), "truncating", "middle"),
    *each(make("utils.pad_sequences", sequences=[[1, 2]]), "maxlen", -1, 2.5, "a", errors=EITHER),
    *each(make("utils.split_dataset", dataset=(X, Y)), "left_size", 1.5, -1, "a", errors=EITHER),
    *each(make("utils.split_dataset", dataset=(X, Y)), "right_size", 13, errors=EITHER),
    unknown(make("utils.pad_sequences", sequences=[[1, 2]]), "length"),
    Misuse(
        "split_dataset by nothing",
        lambda k: k.utils.split_dataset((X, Y)),
        ("left_size", "right_size"),
    ),
    Misuse(
        "split_dataset of unequal arrays",
        lambda k: k.utils.split_dataset((X, Y[:7]), left_size=0.5),
        (r"\b12\b", r"\b7\b"),
        EITHER,
    ),
    *(
        m
        for argument, values in {
            "sequence_length": (0, 2.5, 40),
            "sequence_stride": (0, -1, 1.5),
            "sampling_rate": (0, 2.5),
            "batch_size": (0, -2, 2.5),
            "start_index": (-1, 12),
            "end_index": (-1, 99),
        }.items()
        for m in each(
            make("utils.timeseries_dataset_from_array", data=X, targets=None),
            argument,
            *values,
            errors=EITHER,
            **({} if argument == "sequence_length" else {"sequence_length": 3}),
        )
    ),
]

CALLBACKS = [
    *each(make("callbacks.EarlyStopping"), "patience", -1, "a", errors=EITHER),
    *each(make("callbacks.EarlyStopping"), "min_delta", "a", errors=EITHER),
    *each(make("callbacks.EarlyStopping"), "start_from_epoch", -1, "a", errors=EITHER),
    *each(make("callbacks.ReduceLROnPlateau"), "patience", -1, "a", errors=EITHER),
    *each(make("callbacks.ReduceLROnPlateau"), "cooldown", -1, errors=EITHER),
    *each(make("callbacks.ReduceLROnPlateau"), "min_lr", "a", errors=EITHER),
    *each(make("callbacks.ReduceLROnPlateau"), "factor", "a", 1.5, errors=EITHER),
    *each(make("callbacks.LearningRateScheduler"), "schedule", 0.1, "a", errors=EITHER),
    *each(make("callbacks.TensorBoard"), "update_freq", "day", -1, errors=EITHER),
    *each(make("callbacks.CSVLogger"), "filename", 3, None, errors=EITHER),
    *each(make("callbacks.LambdaCallback"), "on_epoch_end", 3, "a", errors=EITHER),
    unknown(make("callbacks.CSVLogger", filename="a.csv"), "sep"),
    unknown(make("callbacks.TerminateOnNaN"), "patience"),
    unknown(make("callbacks.LearningRateScheduler", schedule=float), "steps"),
    unknown(make("callbacks.TensorBoard"), "dir"),
]

FUNCTIONS = [*ACTIVATIONS, *RANDOM, *UTILS, *CALLBACKS]
