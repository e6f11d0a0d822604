"""Several optimizers: which variables are whose, one program for all, files, and steps that go on."""

from __future__ import annotations

import pathlib
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Variable, callbacks
from lamina.optimizers import (
    SGD,
    Adam,
    LossScaleOptimizer,
    MultiOptimizer,
    Optimizer,
    OptimizerMap,
    schedules,
)

X = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
Y = X[:, :2] * X[:, 2:]


def _several() -> MultiOptimizer:
    """Adam with clipping for one layer, a schedule for the rest, averages and accumulation."""
    rest = SGD(schedules.ExponentialDecay(0.1, 5, 0.9), momentum=0.5, use_ema=True)
    first = Adam(0.01, global_clipnorm=0.1, gradient_accumulation_steps=2)
    return MultiOptimizer(OptimizerMap(rest, {"first/.*": first}))


def _model(optimizer: Optimizer, **options: Any) -> lamina.Sequential:
    lamina.utils.set_random_seed(1)
    layers = [
        lamina.layers.Dense(8, "tanh", name="first"),
        lamina.layers.Dropout(0.1),
        lamina.layers.Dense(2, name="second"),
    ]
    model = lamina.Sequential([lamina.Input((4,)), *layers])
    model.compile(optimizer, "mse", **options)
    return model


def _fit(model: Any, epochs: int = 1, *more: Any) -> Any:
    return model.fit(X, Y, batch_size=8, epochs=epochs, verbose=0, callbacks=list(more))


def _trained(optimizer: Optimizer, epochs: int = 2, **options: Any) -> lamina.Sequential:
    model = _model(optimizer, **options)
    _fit(model, epochs)
    return model


def _state(model: Any) -> list[np.ndarray]:
    return [v.numpy() for v in [*model.variables, *model.optimizer.variables]]


def _assert_same(a: Any, b: Any) -> None:
    assert all(np.array_equal(v, w) for v, w in zip(_state(a), _state(b), strict=True))


@pytest.mark.usefixtures("backend")
def test_each_layer_moves_as_with_its_optimizer_alone() -> None:
    """Adam for all or SGD for all: after one step the first layer is that of the one, and so on."""
    both = _model(MultiOptimizer(OptimizerMap(SGD(0.1), {"first/.*": Adam(0.01)})))
    adam, sgd = _model(Adam(0.01)), _model(SGD(0.1))
    for model in (both, adam, sgd):
        model.train_on_batch(X, Y)
    for got, want in zip(both.get_weights(), [*adam.get_weights()[:2], *sgd.get_weights()[2:]]):
        np.testing.assert_array_equal(got, want)


def test_steps_are_one_program() -> None:
    """No Python per step: the numbers are those of steps recorded anew, the rates are not asked."""
    optimizer = _several()
    assert not optimizer.asks_each_step
    recorded, eager = _trained(optimizer), _trained(_several(), run_eagerly=True)
    for a, b in zip(_state(recorded), _state(eager), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    assert len(recorded._programs) == 1


def test_a_rate_that_is_a_function_is_asked_before_each_step() -> None:
    rates = iter(np.linspace(0.1, 0.2, 100))
    optimizer = MultiOptimizer(
        OptimizerMap(SGD(0.1), {"first/.*": SGD(lambda: float(next(rates)))})
    )
    assert optimizer.asks_each_step
    _fit(_model(optimizer))
    asked = round((float(next(rates)) - 0.1) / (0.1 / 99))
    assert asked == 1 + 8  # when it was made, and eight steps


def test_a_new_schedule_is_a_new_program() -> None:
    rest = SGD(schedules.ExponentialDecay(0.1, 5, 0.9))
    model = _trained(MultiOptimizer(OptimizerMap(rest, {"first/.*": Adam(0.01)})))
    before = model.get_weights()
    rest.learning_rate = schedules.ExponentialDecay(0.0, 5, 0.9)
    _fit(model)
    moved = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights())]
    assert moved == [True, True, False, False]


@pytest.mark.parametrize("name", ["model.keras", "model.safetensors"])
def test_training_goes_on_from_a_file(name: str, tmp_path: pathlib.Path) -> None:
    model = _model(_several())
    _fit(model, 2)
    model.save(tmp_path / name)
    again = lamina.models.load_model(tmp_path / name)
    assert [len(o.variables) for o in again.optimizer.optimizers] == [8, 5]
    _assert_same(model, again)
    for each in (model, again):
        _fit(each, 2)
    _assert_same(model, again)


def test_training_goes_on_from_weights(tmp_path: pathlib.Path) -> None:
    model, other = _model(_several()), _model(_several())
    for each in (model, other):
        _fit(each)
    _fit(model)
    model.save_weights(tmp_path / "m.weights.h5")
    other.load_weights(tmp_path / "m.weights.h5")
    _assert_same(model, other)


def test_a_pickle_goes_on() -> None:
    model = _model(_several())
    _fit(model)
    again = pickle.loads(pickle.dumps(model))
    for each in (model, again):
        _fit(each)
    _assert_same(model, again)


def test_a_backup_goes_on_within_an_epoch(tmp_path: pathlib.Path) -> None:
    class Crash(callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if int(self.model.optimizer.iterations) == 11:
                raise InterruptedError

    whole = _model(_several())
    _fit(whole, 3)
    with pytest.raises(InterruptedError):
        _fit(_model(_several()), 3, callbacks.BackupAndRestore(tmp_path / "backup", 2), Crash())
    model = _model(_several())
    _fit(model, 3, callbacks.BackupAndRestore(tmp_path / "backup", 2))
    _assert_same(whole, model)


def test_a_bad_step_is_taken_back_in_all_of_them() -> None:
    model = _model(_several(), nan_policy="raise")
    _fit(model)
    before = _state(model)
    huge = np.full((8, 2), 3e38, np.float32)
    with pytest.raises(FloatingPointError):
        model.fit(X[:8], huge, batch_size=8, verbose=0)
    kept = [v.numpy() for v in model.optimizer.variables]
    for a, b in zip(before[-len(kept) :], kept, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_scaled_loss_changes_no_weight() -> None:
    """Powers of two: a factor for all, and a scale that is found around them."""

    def several(factor: float | None = None) -> MultiOptimizer:
        return MultiOptimizer(OptimizerMap(SGD(0.1), {"first/.*": Adam(0.01)}), factor)

    plain, scaled = _trained(several()), _trained(several(1024.0))
    around = _trained(LossScaleOptimizer(several(), dynamic_growth_steps=3))
    for a, b, c in zip(plain.get_weights(), scaled.get_weights(), around.get_weights()):
        assert np.array_equal(a, b)
        assert np.array_equal(a, c)


def test_averages_are_swapped_in() -> None:
    model = _model(MultiOptimizer(OptimizerMap(SGD(0.1), {"first/.*": SGD(0.1, use_ema=True)})))
    swap = callbacks.SwapEMAWeights()
    model.fit(X, Y, batch_size=8, verbose=0, callbacks=[swap], validation_data=(X, Y))
    (averaged,) = (o for o in model.optimizer.optimizers if o.use_ema)
    # fit has put the averages into the first layer, and the second has none.
    for weight, average in zip(model.layers[0].get_weights(), averaged._averages):
        np.testing.assert_array_equal(weight, average.numpy())


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("first/.*", True),
        (".*/first/.*", True),
        (".*first/kernel", True),
        ("/first/.*", True),
        ("first", False),
        ("irst/.*", False),
        ("sequential/first/.*", False),
    ],
)
def test_an_expression_is_about_the_whole_path(pattern: str, fits: bool) -> None:
    chosen = OptimizerMap(SGD(), {pattern: Adam()})
    assert isinstance(chosen["first/kernel"], Adam) == fits


def test_an_expression_for_the_path_itself_comes_first() -> None:
    chosen = OptimizerMap(SGD(), {".*/first/.*": SGD(), "first/.*": Adam()})
    assert isinstance(chosen["first/kernel"], Adam)


def test_an_expression_that_fits_nothing_is_said() -> None:
    optimizer = MultiOptimizer(OptimizerMap(SGD(), {"frist/.*": Adam()}))
    with pytest.warns(UserWarning, match=r"fits \['frist/\.\*'\].*first/kernel"):
        _model(optimizer).train_on_batch(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _model(_several()).train_on_batch(X, Y)


def test_weight_decay_is_left_out_everywhere() -> None:
    a, b = Variable(np.ones(1), name="a"), Variable(np.ones(1), name="b")
    chosen = OptimizerMap(SGD(0.5, weight_decay=0.5), {"b": SGD(0.5, weight_decay=0.5)})
    optimizer = MultiOptimizer(chosen)
    optimizer.exclude_from_weight_decay(var_names=["a"])
    optimizer.apply([np.zeros(1, np.float32)] * 2, [a, b])
    assert (float(a.numpy()[0]), float(b.numpy()[0])) == (1.0, 0.75)
    with pytest.raises(ValueError, match="built"):
        optimizer.exclude_from_weight_decay(var_names=["b"])
    with pytest.raises(ValueError, match="function"):
        MultiOptimizer(lambda v: SGD()).exclude_from_weight_decay(var_names=["b"])


def test_a_lambda_is_not_written(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ValueError, match="Cannot serialize a lambda"):
        MultiOptimizer(lambda v: SGD()).get_config()


def test_a_registered_function_comes_back(tmp_path: pathlib.Path) -> None:
    adam, sgd = Adam(0.01), SGD(0.1)

    @lamina.saving.register_keras_serializable("tests")
    def kernels_by_adam(variable: Variable) -> Optimizer:
        return adam if variable.name == "kernel" else sgd

    model = _model(MultiOptimizer(kernels_by_adam))
    _fit(model)
    made = MultiOptimizer.from_config(model.optimizer.get_config())
    assert made.optimizer_map is kernels_by_adam
    assert [type(o) for o in model.optimizer.optimizers] == [Adam, SGD]


def test_own_optimizers_come_back() -> None:
    class Halved(SGD):
        def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
            super().update_step(gradient, variable, lamina.ops.multiply(learning_rate, 0.5))

    made = MultiOptimizer(OptimizerMap(SGD(), {"a": Halved(0.5)}))
    config = lamina.optimizers.serialize(made)
    again = lamina.optimizers.deserialize(config, custom_objects={"Halved": Halved})
    assert [type(o) for o in again.optimizers] == [Halved, SGD]
