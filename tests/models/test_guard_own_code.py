"""The guard puts back what a user's own steps and layers change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers, ops, optimizers
from lamina.models import guard
from models.guarded import BAD, FEEDS, HUGE, WHERE, X, Y, batch, fit
from models.training import same, state

pytestmark = pytest.mark.usefixtures("backend")


class TwoOptimizers(lamina.Model):
    """A step of its own: two optimizers, a running mean, and a figure."""

    def __init__(self, **compiled: Any) -> None:
        lamina.utils.set_random_seed(4)
        super().__init__()
        self.first, self.second = layers.Dense(5, "relu"), layers.Dense(2)
        self.tracker = lamina.metrics.Mean(name="fit_loss")
        self.compile(optimizers.Adam(0.01), **compiled)
        self.others = {"second": optimizers.RMSprop(0.01, momentum=0.5)}

    def call(self, x: Any) -> Any:
        return self.second(self.first(x))

    def train_step(self, data: Any) -> Any:
        x, y = data
        loss = ops.mean(ops.square(self(x, training=True) - y))
        steps = ((self.optimizer, self.first), (self.others["second"], self.second))
        for optimizer, layer in steps:
            gradients = lamina.gradients(loss, layer.trainable_variables)
            optimizer.apply(gradients, layer.trainable_variables)
        self.tracker.update_state(loss)
        return {"fit_loss": self.tracker.result(), "size": ops.mean(ops.abs(x))}


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("feed", ["arrays", "generator"])
def test_all_that_an_own_step_changes_is_put_back(feed: str, eager: bool) -> None:
    model, other = TwoOptimizers(run_eagerly=eager), TwoOptimizers(run_eagerly=eager)
    with pytest.raises(FloatingPointError, match=rf"The fit_loss is inf {WHERE}"):
        fit(model, *FEEDS[feed](HUGE))
    for step in range(BAD):
        other.train_on_batch(*batch(X, step))
    second = [m.others["second"].variables for m in (model, other)]
    assert same(*[[v.numpy() for v in variables] for variables in second])
    assert len(second[0]) == 2 + 2 * 2
    assert same(state(model), state(other))


def test_a_step_that_cannot_be_repeated_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that does something else the second time: back to the last state that was kept."""
    monkeypatch.setattr(guard, "_SHARE", 1e9)
    values = iter([1.0] * BAD + [np.inf] + [1.0] * 100)

    class Once(layers.Layer):
        def call(self, x: Any) -> Any:
            return x * (next(values) if x.shape[0] is not None else 1.0)

    lamina.utils.set_random_seed(3)
    model = Sequential([Input((6,)), layers.Dense(2), Once()])
    model.compile("sgd", "mse", run_eagerly=True)
    before = state(model)
    with pytest.raises(
        FloatingPointError, match="The loss or the weights are not finite at step 0"
    ):
        fit(model, X, Y)
    assert same(state(model)[:2], before[:2])
