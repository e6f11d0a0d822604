"""Layers, losses, metrics and training in float64: digits that float32 does not have.

The truth is Keras on TensorFlow, which keeps float64 where other backends round to float32, but for
some constants: hence tolerances as of float32 here.  How many digits there are is tested against
NumPy and SciPy, in tests/dtype_policies.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays

OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {"momentum": 0.9, "nesterov": True},
    "RMSprop": {"momentum": 0.9, "centered": True},
    "Adam": {"amsgrad": True},
    "AdamW": {"weight_decay": 0.01},
    "Adamax": {},
    "Nadam": {},
    "Adagrad": {},
    "Adadelta": {},
    "Lion": {},
    "Ftrl": {"l1_regularization_strength": 0.001},
    "Lamb": {},
    "Adafactor": {},
    "Muon": {},
}

ACTIVATIONS = (
    "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "glu", "sigmoid",
    "hard_sigmoid", "log_sigmoid", "sparse_sigmoid", "tanh", "hard_tanh", "tanh_shrink",
    "soft_shrink", "hard_shrink", "softplus", "softsign", "squareplus", "sparse_plus", "hard_silu",
    "exponential", "softmax", "log_softmax", "threshold",
)  # fmt: skip

LOSSES = (
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy", "CosineSimilarity", "Huber", "KLDivergence", "LogCosh",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "Hinge", "SquaredHinge", "CategoricalHinge", "Dice",
    "Tversky",
)  # fmt: skip

METRICS: dict[str, dict[str, Any]] = {
    "Mean": {},
    "Sum": {},
    "MeanSquaredError": {},
    "RootMeanSquaredError": {},
    "CosineSimilarity": {},
    "CategoricalCrossentropy": {},
    "AUC": {"num_thresholds": 20},
    "Precision": {},
    "F1Score": {"average": "macro"},
    "R2Score": {},
    "PearsonCorrelation": {},
}

LAYERS: dict[str, dict[str, Any]] = {
    "Dense": {"units": 3},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 3, "bias_axes": "c"},
    "BatchNormalization": {},
    "LayerNormalization": {},
    "RMSNormalization": {},
    "GroupNormalization": {"groups": 3},
    "UnitNormalization": {},
    "PReLU": {},
    "Softmax": {},
    "Rescaling": {"scale": 1 / 3, "offset": 0.1},
    "Normalization": {"mean": [0.1] * 6, "variance": [0.3] * 6},
    "Dropout": {"rate": 0.3},
    "ELU": {},
    "LeakyReLU": {},
}


@contextmanager
def in_float64(keras: Keras) -> Iterator[None]:
    """Everything made inside is float64."""
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        yield
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def data(*shape: int, seed: int = 0) -> np.ndarray:
    """float64, standard normal."""
    return np.random.default_rng(seed).normal(size=shape)


def training(keras: Keras, name: str, options: dict[str, Any]) -> Record:
    """20 steps on a 6-8-2 network, and what it predicts then."""
    with in_float64(keras):
        layers = keras.layers
        model = keras.Sequential(
            [
                layers.Input((6,)),
                layers.Dense(8, activation="tanh", name="hidden"),
                layers.BatchNormalization(name="normalization"),
                layers.Dense(2, kernel_regularizer=keras.regularizers.L2(0.01), name="last"),
            ],
            name="net",
        )
        rng = np.random.default_rng(7)
        model.set_weights([rng.uniform(0.1, 0.9, size=w.shape) for w in model.get_weights()])
        optimizer = getattr(keras.optimizers, name)(0.01, name="optimizer", **options)
        model.compile(optimizer, "mse", metrics=["mae"])
        x = data(160, 6)
        y = np.stack([np.sin(x[:, 0]), x[:, 1] * x[:, 2]], axis=1)
        history = model.fit(x, y, batch_size=16, epochs=2, shuffle=False, verbose=0)
        return {
            "weights": arrays(model.get_weights()),
            "optimizer": arrays(model.optimizer.variables[1:]),  # but the count of steps
            "history": history.history,
            "predicted": np.asarray(model.predict(x[:5], verbose=0)),
        }


def activations(keras: Keras) -> Record:
    x = 3 * data(4, 6)
    with in_float64(keras):
        arguments = {"threshold": (0.5, 0.1)}
        return {
            name: np.asarray(getattr(keras.activations, name)(x, *arguments.get(name, ())))
            for name in ACTIVATIONS
        }


def losses(keras: Keras) -> Record:
    shares = np.exp(data(2, 5, 4))
    y, p = shares / shares.sum(axis=-1, keepdims=True)
    found = {}
    with in_float64(keras):
        for name in LOSSES:
            loss = getattr(keras.losses, name)(reduction=None)
            found[name] = np.asarray(loss(y, p, sample_weight=np.linspace(0.1, 1, 5)))
    return found


def metrics(keras: Keras) -> Record:
    shares = np.exp(data(3, 5, 4))
    y, p, other = shares / shares.sum(axis=-1, keepdims=True)
    found = {}
    with in_float64(keras):
        for name, options in METRICS.items():
            metric = getattr(keras.metrics, name)(**options)
            for batch in (p, other):
                target = np.round(y) if name in ("AUC", "Precision", "F1Score") else y
                metric.update_state(*((batch,) if name in ("Mean", "Sum") else (target, batch)))
            found[name] = np.asarray(metric.result())
    return found


def layers(keras: Keras) -> Record:
    """Outputs for weights drawn here."""
    found = {}
    rng = np.random.default_rng(7)
    with in_float64(keras):
        for name, options in LAYERS.items():
            layer = getattr(keras.layers, name)(**options)
            layer.build((None, 6))
            layer.set_weights([rng.uniform(0.2, 0.9, size=w.shape) for w in layer.get_weights()])
            y = np.asarray(layer(data(5, 6)))
            found[name] = {"y": y, "dtype": layer.get_config()["dtype"]}
    return found


def mixed(keras: Keras) -> Record:
    """A float64 layer among float32 ones: what each gives and keeps."""
    model = keras.Sequential(
        [
            keras.layers.Input((6,)),
            keras.layers.Dense(4, activation="tanh", dtype="float64", name="wide"),
            keras.layers.Dense(2, name="narrow"),
        ]
    )
    rng = np.random.default_rng(7)
    model.set_weights([rng.uniform(-0.9, 0.9, size=w.shape) for w in model.get_weights()])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    x = data(64, 6).astype("float32")
    model.fit(x, x[:, :2], batch_size=16, shuffle=False, verbose=0)
    return {
        "weights": [str(w.dtype) for w in model.get_weights()],
        "optimizer": [str(np.asarray(v).dtype) for v in model.optimizer.variables[1:]],
        "numbers": [np.asarray(w, "float32") for w in model.get_weights()],
        "predicted": np.asarray(model.predict(x[:3], verbose=0)),
    }


def _case(name: str, run: Any, **tolerances: float) -> Case:
    return Case("float64", name, run, "tensorflow", **tolerances)


CASES = [
    *(
        _case(f"training/{name}", functools.partial(training, name=name, options=options),
              rtol=1e-5, scaled=1e-5)
        for name, options in OPTIMIZERS.items()
    ),
    _case("activations", activations, atol=1e-7, rtol=1e-7),
    _case("losses", losses, atol=1e-8, rtol=1e-6),
    _case("metrics", metrics, atol=1e-12, rtol=1e-11),
    _case("layers", layers, atol=1e-7, rtol=1e-7),
    _case("mixed", mixed, atol=1e-6, rtol=1e-5),
]  # fmt: skip
