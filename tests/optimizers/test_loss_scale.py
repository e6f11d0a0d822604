"""Loss scaling: where it goes beyond Keras's numbers, files, and the inner optimizer's arguments."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import lamina
from lamina.graph.variable import Variable
from lamina.optimizers import SGD, Adam, LossScaleOptimizer

X = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)


def _model(optimizer: lamina.optimizers.Optimizer) -> lamina.Sequential:
    lamina.utils.set_random_seed(1)
    model = lamina.Sequential([lamina.Input((4,)), lamina.layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model


def _fit(model: lamina.Sequential, epochs: int) -> None:
    model.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0)


@pytest.mark.usefixtures("backend")
def test_the_scale_stays_finite() -> None:
    """2^128 is infinite: no step could ever be taken again."""
    w = Variable(np.zeros(2))
    optimizer = LossScaleOptimizer(SGD(1.0), 2.0**127, dynamic_growth_steps=1)
    for _ in range(3):
        optimizer.apply([np.full(2, 2.0**127, np.float32)], [w])
    assert float(optimizer.dynamic_scale) == 2.0**127
    np.testing.assert_array_equal(w.numpy(), [-3, -3])


@pytest.mark.usefixtures("backend")
def test_a_power_of_two_changes_no_weight() -> None:
    plain, scaled = _model(SGD(0.05)), _model(LossScaleOptimizer(SGD(0.05), dynamic_growth_steps=3))
    for model in (plain, scaled):
        _fit(model, 3)
    assert float(scaled.optimizer.dynamic_scale) == 2.0**23
    for a, b in zip(plain.get_weights(), scaled.get_weights()):
        assert np.array_equal(a, b)


def test_a_huge_scale_finds_its_way_down_in_training() -> None:
    model = _model(LossScaleOptimizer(SGD(0.05), 2.0**127))
    _fit(model, 3)
    skipped = 24 - int(model.optimizer.iterations)
    assert skipped > 0
    assert float(model.optimizer.dynamic_scale) == 2.0 ** (127 - skipped)
    assert model.evaluate(X, Y, verbose=0) < 0.5


def test_eager_steps_are_the_recorded_ones() -> None:
    """Skipped ones and scales that grow among them."""
    recorded, eager = (_model(LossScaleOptimizer(Adam(0.05), 2.0**126, 3)) for _ in range(2))
    eager.run_eagerly = True
    for model in (recorded, eager):
        _fit(model, 2)
    for a, b in zip(recorded.optimizer.variables, eager.optimizer.variables):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-6)


def test_training_goes_on_from_a_file(tmp_path: pathlib.Path) -> None:
    whole = _model(LossScaleOptimizer(Adam(0.05), dynamic_growth_steps=3))
    _fit(whole, 2)
    whole.save(tmp_path / "model.keras")
    again = lamina.models.load_model(tmp_path / "model.keras")
    for model in (whole, again):
        _fit(model, 2)
    for a, b in zip(whole.optimizer.variables, again.optimizer.variables):
        assert np.array_equal(a.numpy(), b.numpy())


def test_it_stands_for_the_inner_optimizer() -> None:
    inner = SGD(0.5, loss_scale_factor=8.0, use_ema=True)
    optimizer = LossScaleOptimizer(inner)
    assert inner.loss_scale_factor is None
    optimizer.learning_rate = 0.25
    assert float(inner.learning_rate) == float(optimizer.learning_rate) == 0.25
    w = Variable(np.zeros(1))
    for g in (2.0**15, 2.0**16):
        optimizer.apply([np.full(1, g, np.float32)], [w])
    optimizer.finalize_variable_values([w])
    np.testing.assert_allclose(w.numpy(), [0.99 * -0.25 + 0.01 * -0.75], rtol=1e-6)
