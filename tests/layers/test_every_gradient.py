"""Every layer's gradients, for its weights and for its input, beside central differences in float64.

The layers are those that go through files to real Keras, in training mode, each behind a scale and a
shift of the input and before a dense layer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from golden.cases import einsum_dense, merging
from lamina import config, layers, optimizers
from layers.gradients import Gradients

sys.path.append(str(Path(__file__).parent.parent / "saving"))
from exchange.of_layers import ACTIVATIONS, LAYERS, RANDOM, X, normal

Make = Callable[[Any], Any]
pytestmark = pytest.mark.filterwarnings("ignore:Layer 'flatten.*does not support masking")
STEP = 1e-5
MOST = 4  # of each weight's numbers


class Moved(lamina.Layer):
    """The input, scaled and shifted by weights: their gradients are those for the input."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(input_shape[1:], "ones", name="scale")
        self.shift = self.add_weight(input_shape[1:], "zeros", name="shift")

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale + self.shift


def _merged(make: Make, shapes: Any) -> Make:
    def merge(k: Any) -> Any:
        entry = k.Input((4,))
        x = Moved()(entry)
        branches = [k.layers.Reshape(s)(k.layers.Dense(int(np.prod(s)))(x)) for s in shapes]
        return k.Model(entry, make(k)(branches))

    return merge


CASES: dict[str, tuple[Make, np.ndarray]] = {
    **LAYERS,
    **{name: (make, X) for name, make in RANDOM.items()},
    **{f"activation {name}": (lambda k, n=name: k.layers.Dense(3, n), X) for name in ACTIVATIONS},
    **{
        f"einsum {name}": (lambda k, o=options: k.layers.EinsumDense(**o), normal(24, *shape))
        for name, (shape, options) in einsum_dense.OPTIONS.items()
    },
    **{f"merge {name}": (_merged(make, s), X) for name, (make, s) in merging.LAYERS.items()},
}
del CASES["discretization"]  # which has no gradient
del CASES["spectral_normalization"]  # has that of the weights it puts in its own's place


def model_of(make: Make, x: np.ndarray) -> Any:
    entry = lamina.Input(x.shape[1:], dtype=str(x.dtype))
    inner = entry if x.dtype.kind == "i" else Moved()(entry)
    model = lamina.Model(entry, layers.Dense(2)(layers.Flatten()(make(lamina)(inner))))
    rng = np.random.default_rng(5)
    for v in model.trainable_variables:
        v.constraint = None  # which would change a gradient that stands in a weight's place
        v.assign(v.numpy() + 0.1 * rng.normal(size=v.shape))
    return model


def loss_of(model: Any, state: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> float:
    """The loss of a step in training that begins with that state, random numbers included."""
    for variable, array in zip(model.variables, state):
        variable.assign(array)
    return float(model.train_on_batch(x, y))


@pytest.mark.parametrize("name", CASES)
def test_gradients(name: str, backend: str) -> None:
    config.set_floatx("float64")
    lamina.utils.set_random_seed(3)
    make, x = CASES[name]
    x = x if x.dtype.kind == "i" else x.astype(np.float64)
    model = model_of(make, x)
    y = normal(len(x), 2, seed=2).astype(np.float64)
    state = [v.numpy() for v in model.variables]
    model.compile(Gradients(), "mse")
    model.train_on_batch(x, y)
    found = {id(v): v.numpy() for v in model.trainable_variables}
    model.compile(optimizers.SGD(0.0), "mse")
    rng = np.random.default_rng(1)
    for i, variable in enumerate(model.variables):
        if id(variable) not in found:
            continue
        gradient = found[id(variable)]
        assert gradient.dtype == np.float64
        for place in rng.permutation(variable.size)[:MOST]:
            at = np.unravel_index(place, variable.shape)
            losses = []
            for sign in (1, -1):
                moved = [array.copy() for array in state]
                moved[i][at] += sign * STEP
                losses.append(loss_of(model, moved, x, y))
            slope = (losses[0] - losses[1]) / (2 * STEP)
            scale = 1 + np.abs(gradient).max()
            assert abs(gradient[at] - slope) < 1e-7 * scale, f"{variable.path} {at}"
