"""Layers that make one tensor of several: forward, masks, configs, in models that learn."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs
from .configs import config

Make = Callable[[Keras], Any]
Shapes = list[tuple[int, ...]]

SAME: Shapes = [(4,), (4,), (4,)]
PAIR: Shapes = [(3,), (3,)]

LAYERS: dict[str, tuple[Make, Shapes]] = {
    "add": (lambda k: k.layers.Add(name="m"), SAME),
    "add_ranks": (lambda k: k.layers.Add(name="m"), [(2, 3), (3,), (1, 3)]),
    "subtract": (lambda k: k.layers.Subtract(name="m"), PAIR),
    "multiply": (lambda k: k.layers.Multiply(name="m"), SAME),
    "multiply_broadcast": (lambda k: k.layers.Multiply(name="m"), [(2, 3), (2, 1)]),
    "average": (lambda k: k.layers.Average(name="m"), SAME),
    "maximum": (lambda k: k.layers.Maximum(name="m"), SAME),
    "minimum": (lambda k: k.layers.Minimum(name="m"), PAIR),
    "concatenate": (lambda k: k.layers.Concatenate(name="m"), [(2,), (3,), (1,)]),
    "concatenate_axis_1": (lambda k: k.layers.Concatenate(axis=1, name="m"), [(2, 3), (1, 3)]),
    "concatenate_one": (lambda k: k.layers.Concatenate(name="m"), [(3,)]),
    "dot": (lambda k: k.layers.Dot(axes=1, name="m"), PAIR),
    "dot_cosine": (lambda k: k.layers.Dot(axes=-1, normalize=True, name="m"), PAIR),
    "dot_matrices": (lambda k: k.layers.Dot(axes=(2, 1), name="m"), [(2, 3), (3, 2)]),
    "dot_transposed": (lambda k: k.layers.Dot(axes=(1, 2), name="m"), [(3, 2), (2, 3)]),
    "dot_vector": (lambda k: k.layers.Dot(axes=(2, 1), name="m"), [(2, 3), (3,)]),
    "dot_vector_first": (lambda k: k.layers.Dot(axes=1, name="m"), [(2,), (2, 3)]),
    "dot_normalized": (
        lambda k: k.layers.Dot(axes=(1, 1), normalize=True, name="m"), [(2, 3), (2, 2)],
    ),
}  # fmt: skip


def forward(keras: Keras, make: Make, shapes: Shapes) -> Record:
    layer = make(keras)
    xs = [inputs(3, int(np.prod(s)), seed=i).reshape(3, *s) for i, s in enumerate(shapes)]
    return {
        "y": np.asarray(layer(xs)),
        "shape": list(layer.compute_output_shape([(None, *s) for s in shapes])),
    }


def learned(keras: Keras, make: Make, shapes: Shapes) -> Record:
    """Ten steps of a model that merges what dense layers make of one input."""
    k = keras.layers
    entry = k.Input((4,))
    branches = [
        k.Reshape(s)(k.Dense(int(np.prod(s)), "tanh", name=f"branch_{i}")(entry))
        for i, s in enumerate(shapes)
    ]
    merged = k.Flatten()(make(keras)(branches))
    model = keras.Model(entry, k.Dense(2, name="last")(merged))
    rng = np.random.default_rng(7)
    for name in [*(f"branch_{i}" for i in range(len(shapes))), "last"]:
        layer = model.get_layer(name)
        layer.set_weights(
            [rng.uniform(-0.7, 0.7, w.shape).astype("float32") for w in layer.get_weights()]
        )
    x = inputs(40, 4, seed=1)
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    model.fit(x, np.sin(x[:, :2]), batch_size=8, epochs=2, shuffle=False, verbose=0)
    names = [*(f"branch_{i}" for i in range(len(shapes))), "last"]
    return {"weights": [w for n in names for w in arrays(model.get_layer(n).get_weights())]}


def masked(keras: Keras) -> Record:
    """What masks do to each layer's output, and to the statistics of a layer behind it."""
    k = keras.layers
    a, b = (inputs(16, 6, seed=i).reshape(16, 3, 2) for i in (0, 1))
    a[::2, 2:], b[::3, 1:], a[4, 0], b[4, 0] = 0.0, 0.0, 0.0, 0.0
    record: Record = {}
    for name in ("Add", "Multiply", "Maximum", "Minimum", "Concatenate", "Average"):
        first, second = k.Input((3, 2)), k.Input((3, 2))
        merged = getattr(k, name)()([k.Masking()(first), k.Masking()(second)])
        norm = k.BatchNormalization(momentum=0.5)
        model = keras.Model([first, second], norm(merged))
        before = keras.Model([first, second], merged).predict([a, b], verbose=0)
        model.compile(keras.optimizers.RMSprop(0.01), "mse")
        model.fit([a, b], np.zeros_like(before), batch_size=16, shuffle=False, verbose=0)
        record[name] = [np.asarray(before), *arrays(norm.get_weights()[2:])]
    return record


def functions(keras: Keras) -> Record:
    """The layers by their functions."""
    k = keras.layers
    a, b = inputs(3, 4, seed=0), inputs(3, 4, seed=1)
    return {
        name: np.asarray(getattr(k, name)([a, b]))
        for name in (
            "add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate", "dot",
        )
    }  # fmt: skip


_forward = functools.partial(Case, "merging", atol=2e-6, rtol=2e-6)
_trained = functools.partial(Case, "merging", backend="jax", atol=5e-6, rtol=1e-5)

CASES = [
    *(
        _forward(f"{name}_forward", functools.partial(forward, make=make, shapes=shapes))
        for name, (make, shapes) in LAYERS.items()
    ),
    *(
        _trained(f"{name}_learned", functools.partial(learned, make=make, shapes=shapes))
        for name, (make, shapes) in LAYERS.items()
    ),
    *(
        Case("merging", f"{name}_config", functools.partial(config, make=make))
        for name, (make, _) in LAYERS.items()
    ),
    _trained("masked", masked),
    _forward("functions", functions),
]
