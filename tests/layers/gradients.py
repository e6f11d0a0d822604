"""The gradient of a training step, and the slope of the loss beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import Sequential
from lamina.optimizers import Optimizer


class Gradients(Optimizer):
    """Puts each gradient in the place of its weight."""

    def __init__(self) -> None:
        super().__init__(0.0)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        variable.assign(gradient)


def gradients(model: Sequential, loss: Any, x: Any, y: Any, **data: Any) -> list[np.ndarray]:
    """Those of one batch, as training computes them; the weights stay."""
    before = model.get_weights()
    model.compile(Gradients(), loss)
    model.train_on_batch(x, y, **data)
    found = model.get_weights()
    model.set_weights(before)
    return found


def slopes(model: Sequential, loss: Any, x: Any, y: Any, **data: Any) -> list[np.ndarray]:
    """Central differences of the loss of `evaluate`, in float32: good to about 1e-3."""
    model.compile("rmsprop", loss)
    found = []
    before = model.get_weights()
    for i, weight in enumerate(before):
        slope = np.empty_like(weight)
        for at in np.ndindex(weight.shape):
            values = []
            for sign in (1, -1):
                moved = [w.copy() for w in before]
                moved[i][at] += np.float32(sign * 1e-3)
                model.set_weights(moved)
                values.append(model.evaluate(x, y, batch_size=len(x), verbose=0, **data))
            slope[at] = (values[0] - values[1]) / 2e-3
        found.append(slope)
    model.set_weights(before)
    return found
