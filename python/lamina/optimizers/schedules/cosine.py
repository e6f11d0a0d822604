"""Schedules that fall like a cosine (Loshchilov and Hutter, 2016)."""

from __future__ import annotations

import math
from typing import Any

from lamina import ops
from lamina.optimizers.schedules.learning_rate_schedule import (
    LearningRateSchedule,
    finite,
    positive_steps,
)
from lamina.utils import check


def _half_wave(x: Any) -> Any:
    """(1 + cos(pi x)) / 2."""
    return ops.multiply(0.5, ops.add(1.0, ops.cos(ops.multiply(math.pi, x))))


class CosineDecay(LearningRateSchedule):
    """initial_learning_rate * ((1 - alpha) * (1 + cos(pi * step / decay_steps)) / 2 + alpha).

    With `warmup_target` the rate first rises in a line from initial_learning_rate to warmup_target,
    during `warmup_steps`, and then falls from there.  After decay_steps it stays.

    Errors: ValueError unless decay_steps > 0.

    Examples:
        >>> schedule = lamina.optimizers.schedules.CosineDecay(0.1, decay_steps=100)
        >>> [round(float(schedule(step)), 4) for step in (0, 50, 100)]
        [0.1, 0.05, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = finite("initial_learning_rate", initial_learning_rate)
        self.decay_steps = positive_steps("decay_steps", decay_steps)
        self.alpha = finite("alpha", alpha)
        self.name = name
        self.warmup_target = (
            None if warmup_target is None else finite("warmup_target", warmup_target)
        )
        check.number("warmup_steps", warmup_steps, 0)
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Any:
        initial = float(self.initial_learning_rate)
        if self.warmup_target is None:
            return self._falling(step, initial)
        target, warmup = float(self.warmup_target), float(self.warmup_steps)
        falling = self._falling(ops.maximum(ops.subtract(step, warmup), 0.0), target)
        if warmup == 0:
            return falling
        rising = ops.add(ops.multiply(target - initial, ops.divide(step, warmup)), initial)
        return ops.where(ops.less(step, warmup), rising, falling)

    def _falling(self, step: Any, start: float) -> Any:
        steps, alpha = float(self.decay_steps), float(self.alpha)
        wave = _half_wave(ops.divide(ops.minimum(step, steps), steps))
        return ops.multiply(start, ops.add(ops.multiply(1.0 - alpha, wave), alpha))

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(LearningRateSchedule):
    """A cosine's fall that starts anew: first after first_decay_steps, then each time after `t_mul`
    times as many steps, from `m_mul` times the rate.  In a period, with x the share of it that is over:

        initial_learning_rate * ((1 - alpha) * m_mul^period * (1 + cos(pi x)) / 2 + alpha)

    Errors: ValueError unless first_decay_steps > 0 and t_mul >= 1.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = finite("initial_learning_rate", initial_learning_rate)
        self.first_decay_steps = positive_steps("first_decay_steps", first_decay_steps)
        self.t_mul = check.number("t_mul", t_mul, 1)
        self.m_mul = check.number("m_mul", m_mul)
        self.alpha = finite("alpha", alpha)
        self.name = name

    def __call__(self, step: Any) -> Any:
        first, alpha = float(self.first_decay_steps), float(self.alpha)
        period, share = self._period(ops.divide(step, first))
        height = ops.multiply(1.0 - alpha, ops.power(self.m_mul, period))
        falling = ops.add(ops.multiply(height, _half_wave(share)), alpha)
        return ops.multiply(float(self.initial_learning_rate), falling)

    def _period(self, done: Any) -> tuple[Any, Any]:
        """The number of the period, and the share of it that is over, after `done` first periods."""
        if self.t_mul == 1:
            period = ops.floor(done)
            return period, ops.subtract(done, period)
        growth = self.t_mul - 1.0
        reached = ops.log(ops.add(1.0, ops.multiply(done, growth)))
        period = ops.floor(ops.multiply(reached, 1.0 / math.log(self.t_mul)))
        # Logarithms are rounded: at a restart the period may still be the one before, or the next.
        period = ops.where(ops.less(done, self._start(period)), ops.subtract(period, 1.0), period)
        following = ops.add(period, 1.0)
        period = ops.where(ops.greater_equal(done, self._start(following)), following, period)
        passed = ops.subtract(done, self._start(period))
        return period, ops.divide(passed, ops.power(self.t_mul, period))

    def _start(self, period: Any) -> Any:
        """How many first periods the periods before this one last."""
        return ops.divide(ops.subtract(ops.power(self.t_mul, period), 1.0), self.t_mul - 1.0)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self.t_mul,
            "m_mul": self.m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }
