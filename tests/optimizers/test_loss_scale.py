"""Loss scaling: where it goes beyond Keras's numbers, files, and the inner optimizer's arguments."""

from __future__ import annotations

import pathlib
from typing import Any

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


@pytest.mark.parametrize("inner", [SGD, Adam])
def test_a_file_from_before_the_first_step(inner: Any, tmp_path: pathlib.Path) -> None:
    """It has no slots, and neither the scale nor the step counter."""
    model = _model(LossScaleOptimizer(inner(0.25)))
    model.save(tmp_path / "model.keras")
    again = lamina.models.load_model(tmp_path / "model.keras").optimizer
    assert float(again.dynamic_scale) == 2.0**15
    assert float(again.learning_rate) == 0.25


@pytest.mark.parametrize(("name", "lacking"), [("Nadam", ["u_product"]), ("Adafactor", ["bias"])])
def test_what_keras_does_not_write_of_the_optimizer_inside(name: str, lacking: list[str]) -> None:
    """Keras does not track them when a LossScaleOptimizer builds it."""
    trained, fresh = (
        _model(LossScaleOptimizer(getattr(lamina.optimizers, name)(0.05))) for _ in "ab"
    )
    _fit(trained, 2)
    fresh.optimizer.build(fresh.trainable_variables)
    for source, target in (
        (trained.optimizer, fresh.optimizer),
        (trained.optimizer.inner_optimizer, fresh.optimizer.inner_optimizer),
    ):
        written = [v.numpy() for v in source.variables if v.name not in lacking]
        assert len(written) < len(source.variables)
        target.load_own_variables({str(i): array for i, array in enumerate(written)})
        read = [v.numpy() for v in target.variables if v.name not in lacking]
        for a, b in zip(written, read, strict=True):
            assert np.array_equal(a, b)
        for v in target.variables:
            v.assign(np.zeros(v.shape, v.dtype))
    with pytest.raises(ValueError, match="shape"):
        target.load_own_variables(dict.fromkeys(map(str, range(len(written))), np.ones(9, "int32")))


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
