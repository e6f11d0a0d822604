"""What every optimizer does: steps by the formulas, names, configs, errors; rates by schedules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import Variable, backends, config, optimizers
from lamina.optimizers import SGD, Adam, schedules
from models.training import blobs, network, same, state

Array = np.ndarray
CLASSES = [getattr(optimizers, name) for name in optimizers.__all__ if name[0].isupper()]
CLASSES.remove(optimizers.Optimizer)
for made_of_others in ("LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"):  # their own files
    CLASSES.remove(getattr(optimizers, made_of_others))
EACH = pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.__name__)
SCHEDULES: list[Any] = [
    schedules.ExponentialDecay(0.1, 3, 0.5, staircase=True),
    schedules.InverseTimeDecay(0.1, 3, 0.5),
    schedules.PolynomialDecay(0.1, 5, power=2.0, cycle=True),
    schedules.PiecewiseConstantDecay([2, 5], [0.1, 0.05, 0.01]),
    schedules.CosineDecay(0.0, 20, warmup_target=0.1, warmup_steps=4),
    schedules.CosineDecayRestarts(0.1, 3, m_mul=0.5, alpha=0.1),
]
BY_SCHEDULE = pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: type(s).__name__)


# --- formulas -------------------------------------------------------------------------------------


def sgd(w: Array, grads: list[Array], momentum: float, nesterov: bool) -> Array:
    m = np.zeros_like(w)
    for g in grads:
        m = momentum * m - 0.1 * g
        w = w + (momentum * m - 0.1 * g if nesterov else m)
    return w


def adam(w: Array, grads: list[Array], amsgrad: bool) -> Array:
    """As in the paper, with the corrected moments; epsilon is meant for the uncorrected root."""
    m, v, highest = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(grads, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        highest = np.maximum(highest, v) if amsgrad else v
        root = np.sqrt(highest / (1 - 0.999**t)) + 1e-7 / np.sqrt(1 - 0.999**t)
        w = w - 0.1 * (m / (1 - 0.9**t)) / root
    return w


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (lambda: SGD(0.1), lambda w, g: sgd(w, g, 0.0, False)),
        (lambda: SGD(0.1, 0.9), lambda w, g: sgd(w, g, 0.9, False)),
        (lambda: SGD(0.1, 0.9, True), lambda w, g: sgd(w, g, 0.9, True)),
        (lambda: Adam(0.1), lambda w, g: adam(w, g, False)),
        (lambda: Adam(0.1, amsgrad=True), lambda w, g: adam(w, g, True)),
    ],
    ids=["sgd", "momentum", "nesterov", "adam", "amsgrad"],
)
def test_thirty_steps(make: Any, formula: Any) -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(size=(5, 7))
    grads = [rng.normal(size=first.shape) / i for i in range(1, 31)]
    w, optimizer = Variable(first), make()
    for g in grads:
        optimizer.apply([g.astype(np.float32)], [w])
    # As in Keras, 0.999^t is a float32: 1 less that is right to 1e-5 in the first steps.
    np.testing.assert_allclose(w.numpy(), formula(first, grads), rtol=2e-5, atol=1e-5)


# --- training -------------------------------------------------------------------------------------


@EACH
def test_backends_levels_and_threads_agree(cls: Any) -> None:
    x, y = blobs(96)
    weights = []
    for name, threads in (("native", 1), ("native", 3), ("numpy", 1)):
        backends.set_backend(name)
        config.set_num_threads(threads)
        model = network(optimizer=cls(weight_decay=0.01, clipvalue=0.5))
        model.fit(x, y, batch_size=32, epochs=2, verbose=0)
        weights.append(state(model))
    assert same(weights[0], weights[1])
    for native, reference in zip(weights[0], weights[2]):
        np.testing.assert_allclose(native, reference, rtol=2e-3, atol=2e-5)


@EACH
def test_eager_steps_are_the_recorded_ones(cls: Any) -> None:
    x, y = blobs(64)
    results = []
    for eagerly in (False, True):
        model = network(optimizer=cls(), rate=0.0, run_eagerly=eagerly)
        model.fit(x, y, batch_size=32, epochs=2, verbose=0)
        results.append(state(model))
    for recorded, eager in zip(*results):
        np.testing.assert_allclose(recorded, eager, rtol=1e-4, atol=1e-6)


@BY_SCHEDULE
def test_a_schedule_needs_no_python_in_a_step(schedule: Any, monkeypatch: Any) -> None:
    """It is called while the step is recorded, and gives the rates that plain numbers would."""
    x, y = blobs(128)
    by_schedule = network(optimizer=SGD(schedule), rate=0.0)
    by_schedule.fit(x[:32], y[:32], batch_size=32, verbose=0)
    with monkeypatch.context() as forbidden:
        forbidden.setattr(type(schedule), "__call__", lambda *_: pytest.fail("asked"))
        by_schedule.fit(x[32:], y[32:], batch_size=32, shuffle=False, verbose=0)
    by_hand = network(optimizer=SGD(0.0), rate=0.0)
    for step in range(4):
        by_hand.optimizer.learning_rate = float(schedule(step))
        rows = slice(32 * step, 32 * step + 32)
        by_hand.train_on_batch(x[rows], y[rows])
    assert float(by_schedule.optimizer.learning_rate) == pytest.approx(float(schedule(4)))
    for a, b in zip(by_schedule.get_weights(), by_hand.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_new_schedule_is_recorded_anew() -> None:
    x, y = blobs(32)
    model = network(optimizer=SGD(0.5), rate=0.0)
    model.train_on_batch(x, y)
    model.optimizer.learning_rate = schedules.PiecewiseConstantDecay([100], [0.0, 1.0])
    before = model.get_weights()
    model.train_on_batch(x, y)
    assert same(before, model.get_weights())
    with pytest.raises(TypeError, match=r"not settable.*Received: learning_rate=0\.1"):
        model.optimizer.learning_rate = 0.1


# --- names, configs -------------------------------------------------------------------------------


@EACH
def test_names_and_configs(cls: Any) -> None:
    name = cls.__name__
    for identifier in (name, name.lower(), name.upper(), cls, {"class_name": name, "config": {}}):
        assert type(optimizers.get(identifier)) is cls
    made = cls(learning_rate=0.25, clipnorm=1.0, use_ema=True, ema_momentum=0.5, name="own")
    for other in (
        cls.from_config(made.get_config()),
        optimizers.deserialize(optimizers.serialize(made)),
    ):
        assert type(other) is cls
        assert other.get_config() == made.get_config()


@BY_SCHEDULE
def test_schedules_in_configs(schedule: Any) -> None:
    made = Adam(schedule)
    other = optimizers.deserialize(optimizers.serialize(made))
    assert other.get_config() == made.get_config()
    assert [v.name for v in other.variables] == ["iteration"]
    again = schedules.deserialize(schedules.serialize(schedule))
    assert [float(again(i)) for i in range(9)] == [float(schedule(i)) for i in range(9)]


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_piecewise_schedules_have_the_name_and_the_numbers_they_are_given(kind: Any) -> None:
    made = schedules.PiecewiseConstantDecay(kind([1, 3]), kind([0.5, 0.25, 0.125]), name="own")
    assert [float(made(step)) for step in range(5)] == [0.5, 0.5, 0.25, 0.25, 0.125]
    for schedule in (made, schedules.deserialize(schedules.serialize(made))):
        config = schedule.get_config()
        assert (list(config["boundaries"]), config["name"]) == ([1, 3], "own")
    assert schedules.PiecewiseConstantDecay([1], [0.5, 0.1]).name == "PiecewiseConstant"


def test_an_own_schedule() -> None:
    class Falling(schedules.LearningRateSchedule):
        def __call__(self, step: Any) -> Any:
            return 0.5 / (step + 1.0)

        def get_config(self) -> dict[str, Any]:
            return {}

    w = Variable(np.zeros(1))
    optimizer = SGD(Falling())
    for _ in range(3):
        optimizer.apply([np.ones(1, np.float32)], [w])
    assert w.numpy()[0] == pytest.approx(-0.5 * (1 + 1 / 2 + 1 / 3))
    known = {"Falling": Falling}
    config = optimizers.serialize(optimizer)
    made = optimizers.deserialize(config, custom_objects=known)
    assert isinstance(made._rate.schedule, Falling)


# --- arguments ------------------------------------------------------------------------------------

MISUSES = [
    ("SGD", {"momentum": 1.5}, "`momentum` must be a float between"),
    ("SGD", {"momentum": 1}, "Received: momentum=1"),
    ("SGD", {"learning_rate": 1}, "Argument `learning_rate` should be float"),
    ("Adam", {"beta_1": 1.5}, "`beta_1`.*Received: beta_1=1.5"),
    ("AdamW", {"weight_decay": None}, "Argument `weight_decay` must be a float"),
    ("Lion", {"beta_1": 0.0}, "degenerates to SignSGD"),
    ("Ftrl", {"initial_accumulator_value": -1.0}, "`initial_accumulator_value`"),
    ("Ftrl", {"learning_rate_power": 0.5}, "`learning_rate_power`.*Received"),
    ("Ftrl", {"l1_regularization_strength": -1.0}, "`l1_regularization_strength`"),
    ("Ftrl", {"l2_regularization_strength": -1.0}, "`l2_regularization_strength`"),
    ("Ftrl", {"l2_shrinkage_regularization_strength": -1.0}, "`l2_shrinkage_regularization_st"),
    ("ScheduleFreeAdamW", {"beta_1": 0.0}, "`beta_1` must be greater than 0"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), MISUSES)
def test_bad_arguments(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(optimizers, name)(**arguments)


@EACH
def test_the_decay_of_keras_2_is_ignored(cls: Any) -> None:
    with pytest.warns(UserWarning, match="`decay` is no longer supported"):
        made = cls(decay=0.1)
    assert made.get_config() == cls(decay=None, name=made.name).get_config()
    with pytest.raises(ValueError, match=r"not recognized: \{'decoy': 0\.1\}"):
        cls(decoy=0.1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "`decay_steps` must be > 0.*=0"),
        (lambda: schedules.InverseTimeDecay(0.1, -1, 0.5), "`decay_steps` must be > 0.*=-1"),
        (lambda: schedules.PolynomialDecay(0.1, 0), "`decay_steps` must be > 0"),
        (lambda: schedules.CosineDecay(0.1, 0), "`decay_steps` must be > 0"),
        (lambda: schedules.CosineDecayRestarts(0.1, 0), "`first_decay_steps` must be > 0"),
        (lambda: schedules.CosineDecayRestarts(0.1, 5, t_mul=0.5), "`t_mul` must be"),
        (lambda: schedules.PiecewiseConstantDecay([1], [0.1]), "1 less than the length of values"),
        (lambda: schedules.PiecewiseConstantDecay([2, 1], [1.0, 0.5, 0.1]), "increasing order"),
    ],
)
def test_bad_schedules(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_exclusions_come_before_build() -> None:
    variables = [Variable(np.ones(2), name=n) for n in ("kernel", "bias", "gamma")]
    optimizer = SGD(1.0, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[variables[2]], var_names=["bi.s"])
    optimizer.apply([np.zeros(2, np.float32)] * 3, variables)
    assert [float(v.numpy()[0]) for v in variables] == [0.5, 1.0, 1.0]
    with pytest.raises(ValueError, match="before the optimizer is built"):
        optimizer.exclude_from_weight_decay(var_names=["kernel"])


def test_apply() -> None:
    w = Variable(np.zeros(2))
    optimizer = SGD(0.5)
    with pytest.raises(ValueError, match="must already be built"):
        optimizer.apply([np.ones(2)])
    optimizer.apply([])
    assert int(optimizer.iterations) == 0
    assert int(optimizer.apply_gradients([(np.ones(2, np.float32), w)])) == 1
    optimizer.apply([np.ones(2, np.float32)])
    np.testing.assert_array_equal(w.numpy(), [-1, -1])


def test_a_callable_is_asked_when_applied() -> None:
    rates = iter([9.0, 0.5, 0.25])  # the first when the optimizer is made
    w = Variable(np.zeros(1))
    optimizer = SGD(lambda: next(rates))
    for _ in range(2):
        optimizer.apply([np.ones(1, np.float32)], [w])
    assert w.numpy()[0] == -0.75
