"""RMSprop by its formula in float64, with every option; what optimizers have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import Input, Sequential, Variable, layers, optimizers
from lamina.graph.trace import Trace
from lamina.optimizers import RMSprop

pytestmark = pytest.mark.usefixtures("backend")
Array = np.ndarray


class ByHand:
    """The steps as Keras 3 documents them, one parameter array after the other."""

    def __init__(self, weights: list[Array], **options: Any) -> None:
        self.w = [w.astype(np.float64) for w in weights]
        self.o = {
            "learning_rate": 0.001, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False,
            "weight_decay": None, "clipnorm": None, "clipvalue": None, "global_clipnorm": None,
            "use_ema": False, "ema_momentum": 0.99, "ema_overwrite_frequency": None,
            "loss_scale_factor": None, "gradient_accumulation_steps": None, **options,
        }  # fmt: skip
        zeros = [np.zeros_like(w) for w in self.w]
        self.v, self.m, self.mean, self.sum = ([z.copy() for z in zeros] for _ in range(4))
        self.average = [z.copy() for z in zeros]
        self.iterations = 0

    def step(self, gradients: list[Array]) -> None:
        o = self.o
        g = [x / (o["loss_scale_factor"] or 1) for x in gradients]
        every = o["gradient_accumulation_steps"]
        due = True
        if every:
            self.sum = [s + x for s, x in zip(self.sum, g)]
            due = (self.iterations + 1) % every == 0
            g = [s / every for s in self.sum]
        if due:
            self.update(self.clipped(g))
            self.sum = [0 * s for s in self.sum]
        if o["use_ema"]:
            updates = self.iterations // (every or 1)
            share = o["ema_momentum"] if updates else 0.0
            self.average = [share * a + (1 - share) * w for a, w in zip(self.average, self.w)]
            overwrite = o["ema_overwrite_frequency"]
            if overwrite and (updates + 1) % overwrite == 0:
                self.w = [a.copy() for a in self.average]
        self.iterations += 1

    def clipped(self, g: list[Array]) -> list[Array]:
        o = self.o
        if o["clipnorm"]:
            return [x * o["clipnorm"] / max(np.linalg.norm(x), o["clipnorm"]) for x in g]
        if o["global_clipnorm"]:
            norm = np.sqrt(sum((x**2).sum() for x in g))
            return [x * min(1.0, o["global_clipnorm"] / norm) for x in g]
        return [np.clip(x, -o["clipvalue"], o["clipvalue"]) for x in g] if o["clipvalue"] else g

    def update(self, g: list[Array]) -> None:
        o = self.o
        for i, x in enumerate(g):
            self.w[i] = self.w[i] * (1 - (o["weight_decay"] or 0) * o["learning_rate"])
            self.v[i] = o["rho"] * self.v[i] + (1 - o["rho"]) * x**2
            spread = self.v[i] + o["epsilon"]
            if o["centered"]:
                self.mean[i] = o["rho"] * self.mean[i] + (1 - o["rho"]) * x
                spread = spread - self.mean[i] ** 2
            change = o["learning_rate"] * x / np.sqrt(spread)
            if o["momentum"]:
                self.m[i] = change = o["momentum"] * self.m[i] + change
            self.w[i] = self.w[i] - change


OPTIONS: list[dict[str, Any]] = [
    {}, {"learning_rate": 0.1, "rho": 0.5}, {"momentum": 0.9}, {"centered": True},
    {"momentum": 0.5, "centered": True, "epsilon": 1e-3}, {"weight_decay": 0.1}, {"clipnorm": 0.5},
    {"clipvalue": 0.3}, {"global_clipnorm": 0.5}, {"global_clipnorm": 1e6},
    {"loss_scale_factor": 8.0, "epsilon": 0.1},
    {"use_ema": True, "ema_momentum": 0.8}, {"use_ema": True, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 3}, {"gradient_accumulation_steps": 2, "momentum": 0.9},
    {"gradient_accumulation_steps": 2, "clipnorm": 0.1, "weight_decay": 0.1, "use_ema": True},
]  # fmt: skip


def start() -> tuple[list[Variable], list[list[Array]]]:
    rng = np.random.default_rng(0)
    variables = [
        Variable(rng.normal(size=s), name=f"w{i}") for i, s in enumerate([(4, 3), (3,), ()])
    ]
    return variables, [[rng.normal(size=v.shape) for v in variables] for _ in range(7)]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: ",".join(o) or "defaults")
def test_seven_steps(options: dict[str, Any]) -> None:
    """At once on arrays, and recorded into a program by training."""
    variables, gradients = start()
    want = ByHand([v.numpy() for v in variables], **options)
    optimizer = RMSprop(**options)
    for g in gradients:
        optimizer.apply([np.asarray(x, np.float32) for x in g], variables)
        want.step(g)
        for v, w in zip(variables, want.w):
            np.testing.assert_allclose(v.numpy(), w, rtol=1e-4, atol=1e-6)
    assert int(optimizer.iterations) == 7 // options.get("gradient_accumulation_steps", 1)
    optimizer.finalize_variable_values(variables)
    if options.get("use_ema"):
        for v, a in zip(variables, want.average):
            np.testing.assert_allclose(v.numpy(), a, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: ",".join(o) or "defaults")
def test_in_training(options: dict[str, Any]) -> None:
    """The gradient of a linear model's squared error is known: 2 (x w - y) x / n."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(48, 5)), rng.normal(size=(48, 1))
    model = Sequential([Input((5,)), layers.Dense(1, use_bias=False)])
    model.compile(RMSprop(**options), "mse")
    want = ByHand(model.get_weights(), **options)
    model.fit(x, y, batch_size=16, epochs=3, shuffle=False, verbose=0)
    for first in [0, 16, 32] * 3:
        a, b = x[first : first + 16], y[first : first + 16]
        want.step([2 * a.T @ (a @ want.w[0] - b) / 16 * (want.o["loss_scale_factor"] or 1)])
    result = want.average[0] if options.get("use_ema") else want.w[0]
    np.testing.assert_allclose(model.get_weights()[0], result, rtol=2e-4, atol=2e-6)


def test_epsilon_is_inside_the_root() -> None:
    """The first step for a tiny gradient: lr g / sqrt(0.1 g^2 + eps)."""
    w = Variable(np.zeros(1))
    RMSprop(1.0).apply([np.array([1e-5], np.float32)], [w])
    assert w.numpy()[0] == pytest.approx(-1e-5 / np.sqrt(1e-11 + 1e-7), rel=1e-4)


def test_a_gradient_that_is_not_there() -> None:
    variables, gradients = start()
    before = [v.numpy() for v in variables]
    optimizer = RMSprop()
    with pytest.warns(UserWarning, match="does not depend on w1"):
        optimizer.apply([gradients[0][0], None, gradients[0][2]], variables)
    changed = [not np.array_equal(b, v.numpy()) for b, v in zip(before, variables)]
    assert changed == [True, False, True]
    with pytest.raises(ValueError, match=r"none of the variables.*w0, w1, w2"):
        optimizer.apply([None] * 3, variables)


def test_the_variables_are_those_it_was_built_for() -> None:
    variables, gradients = start()
    optimizer = RMSprop()
    optimizer.apply(gradients[0], variables)
    with pytest.raises(ValueError, match="Unknown variable: variable"):
        optimizer.apply([np.zeros(3)], [Variable(np.zeros(3))])
    with pytest.raises(ValueError, match="2 gradients for 3 variables"):
        optimizer.apply(gradients[0][:2])


def test_state() -> None:
    variables, gradients = start()
    optimizer = RMSprop(momentum=0.9, centered=True)
    optimizer.apply(gradients[0], variables)
    names = [v.name for v in optimizer.variables]
    assert names[:2] == ["iteration", "learning_rate"]
    assert len(names) == 2 + 3 * 3
    shapes = [v.shape for v in optimizer.variables[2:5]]
    assert shapes == [(4, 3), (3,), ()]


def test_learning_rate() -> None:
    optimizer = RMSprop(0.5)
    assert float(optimizer.learning_rate) == 0.5
    optimizer.learning_rate = 0.25
    assert float(optimizer.learning_rate) == 0.25
    assert float(RMSprop(lambda: 0.125).learning_rate) == 0.125
    for rate in (1, "0.1", True, None):
        with pytest.raises(ValueError, match="Argument `learning_rate` should be float"):
            RMSprop(rate)
    for rate in (float("nan"), -0.1, float("inf")):
        with pytest.raises(ValueError, match="`learning_rate` must be finite and >= 0"):
            RMSprop(rate)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rho": 1.5}, "`rho` must be a finite number in"),
        ({"momentum": -0.1}, "`momentum`"),
        ({"epsilon": -1.0}, "`epsilon`"),
        ({"clipnorm": 1.0, "clipvalue": 1.0}, "Only one of"),
        ({"lr": 0.1}, r"Argument\(s\) not recognized: \{'lr': 0.1\}"),
        ({"gradient_accumulation_steps": 1}, "`gradient_accumulation_steps` must be at least 2"),
        ({"use_ema": True, "ema_momentum": 2.0}, "`ema_momentum`"),
        ({"use_ema": True, "ema_overwrite_frequency": 0}, "`ema_overwrite_frequency`"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RMSprop(**arguments)


def test_constraints_hold_after_each_step() -> None:
    w = Variable(np.array([0.5, -0.5]))
    w.constraint = lambda x: np.maximum(x, 0)
    RMSprop(0.1).apply([np.array([1.0, 1.0], np.float32)], [w])
    assert w.numpy()[1] == 0
    assert 0 < w.numpy()[0] < 0.5


def test_names_and_configs() -> None:
    for identifier in ("rmsprop", "RMSprop", "RMSPROP", RMSprop):
        assert isinstance(optimizers.get(identifier), RMSprop)
    made = RMSprop(0.5, rho=0.8, momentum=0.1, centered=True, clipnorm=1.0, name="mine")
    assert optimizers.get(made) is made
    other = RMSprop.from_config(made.get_config())
    assert other.get_config() == made.get_config()
    assert (other.rho, other.momentum, other.centered, other.clipnorm) == (0.8, 0.1, True, 1.0)
    with pytest.raises(ValueError, match="Could not interpret optimizer identifier: 'adamw2'"):
        optimizers.get("adamw2")


def test_recording_a_step_computes_nothing() -> None:
    variables, gradients = start()
    before = [v.numpy() for v in variables]
    optimizer = RMSprop()
    with Trace():
        optimizer.apply(gradients[0], variables)
    assert all(np.array_equal(b, v.numpy()) for b, v in zip(before, variables))
    assert int(optimizer.iterations) == 0
