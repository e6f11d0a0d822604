"""The activations beyond the first few, their layers, and the functions of their names in `ops`."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays

_PLAIN = (
    "celu", "elu", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "leaky_relu", "log_sigmoid", "mish", "relu6", "selu", "silu", "soft_shrink", "softsign",
    "sparse_plus", "sparse_sigmoid", "squareplus", "swish", "tanh_shrink",
)  # fmt: skip


def _grid() -> np.ndarray:
    """(n,) float32 of both signs, with the places where something begins or ends."""
    half = np.concatenate(
        [[0.0, 1e-40, 1e-20, 1e-7, 1e-3, 0.5, 1.0, 3.0, 6.0], np.linspace(0.05, 9, 30), [60, 1e4]]
    )
    return np.concatenate([-half, half]).astype("float32")


def plain(keras: Keras, name: str) -> Record:
    """With the defaults: as an activation, by its name, and in `ops` where Keras has it there."""
    x, f = _grid(), getattr(keras.activations, name)
    found = {"y": np.asarray(f(x)), "named": np.asarray(keras.activations.get(name)(x))}
    found["nan"] = np.asarray(f(np.array([np.nan, 1.5], "float32")))
    if hasattr(keras.ops, name):
        found["ops"] = np.asarray(getattr(keras.ops, name)(x))
    return found


def arguments(keras: Keras) -> Record:
    a, x = keras.activations, _grid()
    results = {
        "celu": a.celu(x, alpha=0.7),
        "elu": a.elu(x, 0.3),
        "elu_negative": a.elu(x, alpha=-0.5),
        "gelu": a.gelu(x, approximate=True),
        "hard_shrink": a.hard_shrink(x, threshold=2.0),
        "leaky_relu": a.leaky_relu(x, negative_slope=0.01),
        "soft_shrink": a.soft_shrink(x, threshold=1.5),
        "squareplus": a.squareplus(x, b=1.0),
        "threshold": a.threshold(x, 0.7, -3.0),
        "ops_threshold": keras.ops.threshold(x, 0.0, 20.0),
        "relu": a.relu(x, negative_slope=0.1, max_value=6.0),
    }
    return dict(zip(results, arrays(results.values())))


def axes(keras: Keras) -> Record:
    """Glu along axes; Keras's sparsemax gives rows that do not add up to 1 (see docs/keras.md)."""
    a = keras.activations
    x = (2 * np.random.default_rng(4).normal(size=(3, 4, 6))).astype("float32")
    apart = np.array([[1, 3, 0.5], [-2, 0, -1]], "float32")
    results = {
        "glu": a.glu(x),
        "glu_middle": a.glu(x, axis=1),
        "glu_ops": keras.ops.glu(x, axis=-2),
        "sparsemax_one": a.sparsemax(apart),
    }
    return {name: np.asarray(y, "float32") for name, y in results.items()}


def serialized(keras: Keras) -> Record:
    a = keras.activations
    names = (*_PLAIN, "glu", "sparsemax", "threshold", "exponential", "linear")
    return {
        "names": [a.serialize(a.get(name)) for name in names],
        "deserialized": [
            a.deserialize(name) is getattr(a, name) for name in names if "swish" not in name
        ],
    }


def layers(keras: Keras) -> Record:
    """Outputs and configs of the layers of activations."""
    x = (3 * np.random.default_rng(5).normal(size=(2, 3, 4))).astype("float32")
    mask = np.random.default_rng(6).uniform(size=(2, 3, 4)) > 0.4
    mask[0, 0] = False
    k = keras.layers
    made = {
        "relu": k.ReLU(),
        "relu_all": k.ReLU(max_value=2.5, negative_slope=0.1, threshold=0.5),
        "leaky": k.LeakyReLU(),
        "leaky_slope": k.LeakyReLU(negative_slope=0.1),
        "elu": k.ELU(),
        "elu_alpha": k.ELU(alpha=0.4),
        "prelu": k.PReLU("ones"),
        "prelu_constant": k.PReLU(alpha_initializer=keras.initializers.Constant(-0.3)),
        "prelu_shared": k.PReLU(keras.initializers.Constant(0.25), shared_axes=[1]),
        "softmax": k.Softmax(),
        "softmax_axis": k.Softmax(axis=1),
        "softmax_axes": k.Softmax(axis=(1, 2)),
        "softmax_one_axis": k.Softmax(axis=[1]),
        "silu": k.Activation("silu"),
    }
    found: dict[str, Any] = {name: np.asarray(layer(x)) for name, layer in made.items()}
    found["softmax_mask"] = np.asarray(k.Softmax()(x, mask=mask))
    found["softmax_numbers"] = np.asarray(k.Softmax(axis=1)(x, mask=mask.astype("float32")))
    found["softmax_narrow"] = np.asarray(k.Softmax()(x, mask=mask[:1, :, :1]))
    found["shapes"] = [list(w.shape) for n in ("prelu", "prelu_shared") for w in made[n].weights]
    left_out = ("name", "dtype", "alpha_initializer")
    found["configs"] = {
        name: {
            key: list(v) if isinstance(v, list) else v  # Keras's own kind of list
            for key, v in layer.get_config().items()
            if key not in left_out
        }
        for name, layer in made.items()
        if name != "softmax_axes"
    }
    return found


def whole_numbers(keras: Keras) -> Record:
    """relu keeps integers, whatever the layer's dtype; a slope makes floats of them."""
    k = keras.layers
    found = {}
    for dtype in ("int32", "bool"):
        x = np.array([[-3, 0, 2, 100]]).astype(dtype)
        made = {
            "op": keras.ops.relu(x),
            "layer": k.ReLU()(x),
            "float64": k.ReLU(dtype="float64")(x),
            "activation": k.Activation("relu")(x),
            "bounded": k.ReLU(max_value=6.0)(x),
            "leaky": k.LeakyReLU()(x),
        }
        found[dtype] = {name: np.asarray(y) for name, y in made.items()}
    return found


_case = functools.partial(Case, "activations_all", atol=1.5e-7, rtol=2e-6)

CASES = [
    *(_case(name, functools.partial(plain, name=name)) for name in _PLAIN),
    _case("arguments", arguments),
    _case("axes", axes),
    _case("serialized", serialized),
    _case("layers", layers),
    _case("whole_numbers", whole_numbers, backend="jax"),
]
