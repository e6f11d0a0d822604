"""Schedules that fall smoothly."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.optimizers.schedules.learning_rate_schedule import (
    LearningRateSchedule,
    finite,
    positive_steps,
)


class _ByRate(LearningRateSchedule):
    """A schedule of step / decay_steps, rounded down when `staircase` is true."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = finite("initial_learning_rate", initial_learning_rate)
        self.decay_steps = positive_steps("decay_steps", decay_steps)
        self.decay_rate = finite("decay_rate", decay_rate)
        self.staircase = staircase
        self.name = name or type(self).__name__

    def _share(self, step: Any) -> Any:
        share = ops.divide(step, float(self.decay_steps))
        return ops.floor(share) if self.staircase else share

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class ExponentialDecay(_ByRate):
    """initial_learning_rate * decay_rate^(step / decay_steps).

    Args: staircase: the exponent is rounded down.

    Errors: ValueError unless decay_steps > 0.

    Examples:
        >>> schedule = lamina.optimizers.schedules.ExponentialDecay(0.1, decay_steps=100, decay_rate=0.5)
        >>> [round(float(schedule(step)), 4) for step in (0, 100, 200)]
        [0.1, 0.05, 0.025]
    """

    def __call__(self, step: Any) -> Any:
        falling = ops.power(float(self.decay_rate), self._share(step))
        return ops.multiply(float(self.initial_learning_rate), falling)


class InverseTimeDecay(_ByRate):
    """initial_learning_rate / (1 + decay_rate * step / decay_steps).

    Args: staircase: step / decay_steps is rounded down.

    Errors: ValueError unless decay_steps > 0.
    """

    def __call__(self, step: Any) -> Any:
        rising = ops.add(1.0, ops.multiply(float(self.decay_rate), self._share(step)))
        return ops.divide(float(self.initial_learning_rate), rising)


class PolynomialDecay(LearningRateSchedule):
    """(initial - end) * (1 - step / decay_steps)^power + end, and end from decay_steps on.

    Args:
        cycle: instead of staying at the end, go on with the first multiple of decay_steps that is
            not less than the step in place of decay_steps.

    Errors: ValueError unless decay_steps > 0.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = finite("initial_learning_rate", initial_learning_rate)
        self.decay_steps = positive_steps("decay_steps", decay_steps)
        self.end_learning_rate = finite("end_learning_rate", end_learning_rate)
        self.power = finite("power", power)
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Any:
        steps: Any = float(self.decay_steps)
        if self.cycle:
            steps = ops.multiply(steps, ops.maximum(ops.ceil(ops.divide(step, steps)), 1.0))
        else:
            step = ops.minimum(step, steps)
        left = ops.subtract(1.0, ops.divide(step, steps))
        fall = float(self.initial_learning_rate) - float(self.end_learning_rate)
        falling = ops.multiply(fall, ops.power(left, float(self.power)))
        return ops.add(falling, float(self.end_learning_rate))

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }
