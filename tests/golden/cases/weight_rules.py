"""What weights begin as, are drawn towards, and are held to: initializers, regularizers, constraints."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, inputs, labels, network, one_hot

SHAPES = ((4, 6), (6, 4), (5,), (2, 3, 4), (2, 2, 3, 2))
INITIALIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    **{
        name: (name, {"seed": 5})
        for name in (
            "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform",
            "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling",
        )
    },
    "RandomNormal(2, 0.5)": ("RandomNormal", {"mean": 2.0, "stddev": 0.5, "seed": 1}),
    "RandomUniform(-1, 3)": ("RandomUniform", {"minval": -1.0, "maxval": 3.0, "seed": 1}),
    "TruncatedNormal(2, 0.5)": ("TruncatedNormal", {"mean": 2.0, "stddev": 0.5, "seed": 1}),
    **{
        f"VarianceScaling({mode}, {distribution})": (
            "VarianceScaling",
            {"scale": 3.0, "mode": mode, "distribution": distribution, "seed": 2},
        )
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("uniform", "truncated_normal", "untruncated_normal", "Normal")
    },
    "Constant": ("Constant", {"value": 0.75}),
    "Zeros": ("Zeros", {}),
    "Ones": ("Ones", {}),
}  # fmt: skip


def initializers(keras: Keras) -> Record:
    """All values of several shapes in a row."""
    record: Record = {}
    for key, (name, arguments) in INITIALIZERS.items():
        made = getattr(keras.initializers, name)(**arguments)
        record[key] = np.concatenate([np.asarray(made(shape)).reshape(-1) for shape in SHAPES])
    return record


def matrices(keras: Keras) -> Record:
    """Identity and Orthogonal, tall, wide, square and of three axes."""
    k = keras.initializers
    record = {
        f"Identity {shape}": np.asarray(k.Identity(1.5)(shape))
        for shape in ((3, 3), (2, 4), (3, 1))
    }
    for shape in ((4, 4), (6, 3), (3, 6), (2, 3, 4), (1, 5), (16, 16)):
        record[f"Orthogonal {shape}"] = np.asarray(k.Orthogonal(gain=0.5, seed=3)(shape))
    record["axes"] = np.asarray(
        k.VarianceScaling(seed=1, input_axes=[0], output_axes=[1, 2])((3, 4, 2))
    )
    return record


MATRIX = np.random.default_rng(5).normal(size=(4, 6)).astype("float32")
CUBE = np.random.default_rng(6).normal(size=(2, 3, 4)).astype("float32")
WITH_ZEROS = np.concatenate([MATRIX[:2], 0 * MATRIX[:1], 1e-5 * MATRIX[:1]])
REGULARIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "L1": ("L1", {}),
    "L1(0.3)": ("L1", {"l1": 0.3}),
    "L2": ("L2", {}),
    "L2(0.3)": ("L2", {"l2": 0.3}),
    "L1L2": ("L1L2", {}),
    "L1L2(0.3, 0.2)": ("L1L2", {"l1": 0.3, "l2": 0.2}),
    "L1L2(None)": ("L1L2", {"l1": None, "l2": 0.2}),
    "L1(None)": ("L1", {"l1": None}),
    "rows": ("OrthogonalRegularizer", {}),
    "columns": ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
    "base": ("Regularizer", {}),
}
CONSTRAINTS: dict[str, tuple[str, dict[str, Any]]] = {
    "MaxNorm": ("MaxNorm", {}),
    "MaxNorm(0.5, 1)": ("MaxNorm", {"max_value": 0.5, "axis": 1}),
    "MaxNorm of all": ("MaxNorm", {"max_value": 1, "axis": [0, 1]}),
    "MinMaxNorm": ("MinMaxNorm", {}),
    "MinMaxNorm(1, 2)": ("MinMaxNorm", {"min_value": 1.0, "max_value": 2.0, "axis": 1}),
    "MinMaxNorm at a rate": ("MinMaxNorm", {"min_value": 1.0, "max_value": 2.0, "rate": 0.3}),
    "NonNeg": ("NonNeg", {}),
    "UnitNorm": ("UnitNorm", {}),
    "UnitNorm(1)": ("UnitNorm", {"axis": 1}),
    "base": ("Constraint", {}),
}


def _kernel(keras: Keras, x: np.ndarray) -> Any:
    """The numbers as a weight."""
    layer = keras.layers.Dense(x.shape[1], use_bias=False)
    layer.build((None, x.shape[0]))
    layer.set_weights([x])
    return layer.kernel


def regularizers(keras: Keras) -> Record:
    record: Record = {}
    for key, (name, arguments) in REGULARIZERS.items():
        made = getattr(keras.regularizers, name)(**arguments)
        record[key] = [float(np.asarray(made(_kernel(keras, x)))) for x in (MATRIX, MATRIX.T)]
        record[f"{key} config"] = made.get_config() if name != "Regularizer" else "none"
    return record


def constraints(keras: Keras) -> Record:
    record: Record = {}
    for key, (name, arguments) in CONSTRAINTS.items():
        made = getattr(keras.constraints, name)(**arguments)
        kept = [np.asarray(made(x)).reshape(-1) for x in (MATRIX, WITH_ZEROS, CUBE)]
        record[key] = np.concatenate(kept)
        record[f"{key} config"] = made.get_config()
    return record


NAMES = {
    "regularizers": "L1 l1 L2 l2 L1L2 OrthogonalRegularizer orthogonal_regularizer",
    "constraints": "MaxNorm max_norm min_max_norm non_neg NonNeg unit_norm",
    "initializers": "identity Orthogonal orthogonal OrthogonalInitializer zero one normal uniform "
    "truncated_normal he_normal",
}


def names(keras: Keras) -> Record:
    """What strings and configs mean."""
    record: Record = {}
    for family, known in NAMES.items():
        module = getattr(keras, family)
        record[family] = {name: type(module.get(name)).__name__ for name in known.split()}
    k = keras.constraints
    record["config"] = k.serialize(k.deserialize(k.serialize(k.MinMaxNorm(0.5, 2.0, axis=1))))
    r = keras.regularizers
    record["own"] = r.serialize(r.get(r.serialize(r.OrthogonalRegularizer(0.5, "columns"))))
    return record


RULES: dict[str, dict[str, tuple[str, str, dict[str, Any]]]] = {
    "L1L2, MaxNorm": {
        "kernel_regularizer": ("regularizers", "L1L2", {"l1": 0.003, "l2": 0.01}),
        "kernel_constraint": ("constraints", "MaxNorm", {"max_value": 0.9}),
    },
    "Orthogonal, MinMaxNorm": {
        "kernel_regularizer": ("regularizers", "OrthogonalRegularizer", {"factor": 0.5}),
        "kernel_constraint": ("constraints", "MinMaxNorm", {"min_value": 0.5, "rate": 0.7}),
    },
    "columns, UnitNorm, NonNeg": {
        "kernel_regularizer": ("regularizers", "OrthogonalRegularizer", {"mode": "columns"}),
        "kernel_constraint": ("constraints", "UnitNorm", {"axis": 1}),
        "bias_constraint": ("constraints", "NonNeg", {}),
        "bias_regularizer": ("regularizers", "L2", {"l2": 0.1}),
    },
}


def training(keras: Keras, rules: dict[str, tuple[str, str, dict[str, Any]]]) -> Record:
    """Twenty steps with rules on the last layer."""
    made = {k: getattr(getattr(keras, f), name)(**a) for k, (f, name, a) in rules.items()}
    model = network(keras, units=8, last="tanh", hidden="tanh")
    weights = np.random.default_rng(2).uniform(-0.5, 0.5, (8, 5)).astype("float32")
    model.add(keras.layers.Dense(5, activation="softmax", **made))
    model.layers[-1].set_weights([weights, np.zeros(5, "float32")])
    model.compile(keras.optimizers.RMSprop(0.005), "categorical_crossentropy")
    x = inputs(150)
    history = model.fit(x, one_hot(labels(x)), batch_size=32, epochs=4, shuffle=False, verbose=0)
    last = [np.asarray(w) for w in model.layers[-1].get_weights()]
    return {"loss": history.history["loss"], "weights": last}


_case = functools.partial(Case, "weight_rules")

CASES = [
    _case("initializers", initializers),
    _case("matrices", matrices, atol=1e-6),
    # Of arrays, Keras normalizes only the last axis.
    _case("regularizers", regularizers, "jax", rtol=4e-6),
    _case("constraints", constraints, atol=1e-6, rtol=4e-6),
    _case("names", names),
    *(
        _case(f"training {n}", functools.partial(training, rules=r), "jax", atol=4e-6, rtol=1e-5)
        for n, r in RULES.items()
    ),
]
