"""One model of most functions of `ops` and `activations`, each with arguments that its config has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import FileCase, Keras, normal

V = np.array([1.0, 2.0, 0.5], "float32")  # along the last axis
W = normal(3, 2, seed=3)

# What becomes of x and y, both (n, 4, 3).
OPERATIONS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "amax": lambda o, x, y: o.amax(x, axis=-1),
    "argsort": lambda o, x, y: o.argsort(x, axis=1),
    "average": lambda o, x, y: o.average(x, axis=-1, weights=V),
    "average_symbolic": lambda o, x, y: o.average(x, axis=1, weights=y * y + 1.0),
    "batch_normalization": lambda o, x, y: o.batch_normalization(x, V, V, -1),
    "batch_normalization_scale": lambda o, x, y: o.batch_normalization(
        x, V, V, axis=-1, scale=V, epsilon=0.1
    ),
    "binary_crossentropy": lambda o, x, y: o.binary_crossentropy(
        output=o.sigmoid(x), target=o.sigmoid(y)
    ),
    "cast": lambda o, x, y: o.cast(x, "int32"),
    "categorical_crossentropy": lambda o, x, y: o.categorical_crossentropy(o.softmax(x), y, True),
    "cdist": lambda o, x, y: o.cdist(x, y),
    "celu": lambda o, x, y: o.celu(x, 0.5),
    "clip": lambda o, x, y: o.clip(x, x_max=1.0, x_min=-1.0),
    "concatenate": lambda o, x, y: o.concatenate((x, y), axis=1),
    "cross": lambda o, x, y: o.cross(x, y),
    "cumsum": lambda o, x, y: o.cumsum(x, axis=1),
    "diagonal": lambda o, x, y: o.diagonal(x, offset=1, axis1=1, axis2=2),
    "digitize": lambda o, x, y: o.digitize(x, np.sort(V)),
    "dot_product_attention": lambda o, x, y: o.dot_product_attention(
        x[:, :, None], y[:, :, None], y[:, :, None], mask=x[:, None, :, :1] > 0
    ),
    "dot_product_attention_bias": lambda o, x, y: o.dot_product_attention(
        x[:, :, None], y[:, :, None], y[:, :, None], bias=x[:, None, :, :1], is_causal=True
    ),
    "einsum": lambda o, x, y: o.einsum("bij,jk->bik", x, W),
    "erfc": lambda o, x, y: o.erfc(x),
    "expand_dims": lambda o, x, y: o.expand_dims(x, -1),
    "floor_divide": lambda o, x, y: o.floor_divide(7.0, o.abs(x) + 1.0),
    "full_like": lambda o, x, y: o.full_like(x, 3.0) + x,
    "gelu": lambda o, x, y: o.gelu(x, approximate=False),
    "get_item": lambda o, x, y: x[:, 1:, None, ..., ::2],
    "in_top_k": lambda o, x, y: o.in_top_k(o.argmax(x[:, 0], -1), y[:, 0], 2),
    "isclose": lambda o, x, y: o.isclose(x, y, atol=0.5),
    "layer_normalization": lambda o, x, y: o.layer_normalization(x),
    "layer_normalization_beta": lambda o, x, y: o.layer_normalization(x, beta=V, axis=-1),
    "leaky_relu": lambda o, x, y: o.leaky_relu(x, negative_slope=0.3),
    "log_softmax": lambda o, x, y: o.log_softmax(x, axis=1),
    "logsumexp": lambda o, x, y: o.logsumexp(x, 1, True),
    "matmul": lambda o, x, y: o.matmul(x, W),
    "moments": lambda o, x, y: o.moments(x, [1, 2], keepdims=True)[1],
    "multi_hot": lambda o, x, y: o.multi_hot(o.argmax(x, -1), num_classes=3),
    "nan_to_num": lambda o, x, y: o.nan_to_num(x / 0.0, 1.0, posinf=5.0, neginf=-5.0),
    "norm": lambda o, x, y: o.norm(x, 1, -1),
    "normalize": lambda o, x, y: o.normalize(x, -1, 1),
    "one_hot": lambda o, x, y: o.one_hot(o.argmax(x, -1), 5, axis=1, dtype="int32"),
    "pad": lambda o, x, y: o.pad(x, ((0, 0), (1, 1), (0, 0)), constant_values=2.0),
    "percentile": lambda o, x, y: o.percentile(x, 40.0, axis=-1),
    "power": lambda o, x, y: o.power(2.0, x),
    "quantile": lambda o, x, y: o.quantile(x, 0.3, -1, keepdims=True),
    "repeat": lambda o, x, y: o.repeat(x, 2, axis=2),
    "reshape": lambda o, x, y: o.reshape(x, (-1, 2, 6)),
    "rms_normalization": lambda o, x, y: o.rms_normalization(x, V, axis=-1, epsilon=0.1),
    "roll": lambda o, x, y: o.roll(x, (1, 2), axis=(1, 2)),
    "round": lambda o, x, y: o.round(x, decimals=1),
    "select": lambda o, x, y: o.select([x > 0.5, x > 0], [x * 2.0, y], default=0.1),
    "select_symbolic": lambda o, x, y: o.select([x > 0.5], [x * 2.0], default=y),
    "slice_update": lambda o, x, y: o.slice_update(x, (0, 1, 0), y[:, :2]),
    "sparse_categorical_crossentropy": lambda o, x, y: o.sparse_categorical_crossentropy(
        o.argmax(x, -1), y, from_logits=True
    ),
    "split": lambda o, x, y: o.split(x, [1, 2], axis=2)[1],
    "squareplus": lambda o, x, y: o.squareplus(x, 2),
    "take": lambda o, x, y: o.take(x, axis=1, indices=[2, 0]),
    "take_along_axis": lambda o, x, y: o.take_along_axis(x, o.argsort(y, axis=-1), axis=-1),
    "tensordot": lambda o, x, y: o.tensordot(x, W, axes=[[2], [0]]),
    "threshold": lambda o, x, y: o.threshold(x, 0.1, 2.0),
    "top_k": lambda o, x, y: o.top_k(x, 2)[0],
    "trace": lambda o, x, y: o.trace(x, offset=1, axis1=1, axis2=2),
    "transpose": lambda o, x, y: o.transpose(x, axes=[0, 2, 1]),
    "trapezoid": lambda o, x, y: o.trapezoid(x, dx=0.5),
    "unstack": lambda o, x, y: o.unstack(x, axis=1)[2],
    "where": lambda o, x, y: o.where(x > 0, x2=x, x1=1.0),
}
ACTIVATIONS: dict[str, dict[str, Any]] = {
    "celu": {}, "elu": {"alpha": 0.3}, "exponential": {}, "gelu": {}, "glu": {"axis": 1},
    "hard_shrink": {}, "hard_sigmoid": {}, "hard_tanh": {}, "leaky_relu": {},
    "log_sigmoid": {}, "log_softmax": {}, "relu6": {}, "selu": {}, "sigmoid": {},
    "silu": {}, "soft_shrink": {"threshold": 0.2}, "softmax": {"axis": 1}, "softplus": {},
    "softsign": {}, "sparse_plus": {}, "sparse_sigmoid": {}, "squareplus": {}, "tanh": {},
    "tanh_shrink": {}, "threshold": {"threshold": 0.1, "default_value": 5.0},
}  # fmt: skip
RELUS: tuple[dict[str, Any], ...] = (
    {}, {"max_value": 0.5}, {"negative_slope": 0.3},
    {"negative_slope": 0.1, "max_value": 0.7, "threshold": 0.2},
)  # fmt: skip


def _all(k: Keras) -> Any:
    x, y = k.Input((4, 3), name="x"), k.Input((4, 3), name="y")
    outputs = {name: make(k.ops, x, y) for name, make in OPERATIONS.items()}
    for name, arguments in ACTIVATIONS.items():
        outputs[f"activation_{name}"] = getattr(k.activations, name)(x, **arguments)
    for i, arguments in enumerate(RELUS):
        outputs[f"activation_relu_{i}"] = k.activations.relu(x, **arguments)
    return k.Model([x, y], outputs), [normal(3, 4, 3, seed=8), normal(3, 4, 3, seed=9)], None


CASES: dict[str, FileCase] = {"operations/all": FileCase(_all, since=(3, 15), tensorflow=True)}
