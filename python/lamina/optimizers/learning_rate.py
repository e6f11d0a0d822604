"""The learning rate of an optimizer: a number, a schedule, or a callable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina.graph.variable import Variable
from lamina.optimizers.schedules import LearningRateSchedule, deserialize, serialize
from lamina.utils import check


class LearningRate:
    """Holds what an optimizer was given as `learning_rate`.

    A number lies in `variable`, which programs read.  A schedule is a part of the program: it is
    computed from the number of steps.  Any other callable is asked, without arguments, before each
    step, and its number put into the variable.
    """

    def __init__(self, value: Any, path: str) -> None:
        self.schedule: LearningRateSchedule | None = None
        self.function: Callable[[], Any] | None = None
        self.variable = Variable(0.0, trainable=False, name="learning_rate")
        self.variable.path = path
        if isinstance(value, dict):
            value = deserialize(value)
        if not callable(value) and not isinstance(value, (float, np.floating)):
            raise ValueError(
                "Argument `learning_rate` should be float, or an instance of LearningRateSchedule, "
                f"or a callable that gives one. Received instead: learning_rate={value!r}"
            )
        self._take(value)

    def _take(self, value: Any) -> None:
        self.schedule = value if isinstance(value, LearningRateSchedule) else None
        self.function = value if callable(value) and self.schedule is None else None
        if self.schedule is None:
            self._store(value() if self.function is not None else value)

    def _store(self, value: Any) -> None:
        rate = float(value)
        if not np.isfinite(rate) or rate < 0:
            raise ValueError(
                f"`learning_rate` must be finite and >= 0. Received: learning_rate={rate}"
            )
        self.variable.array[...] = rate

    def assign(self, value: Any) -> None:
        """A new number, schedule or callable.

        Errors: TypeError for a number in the place of a schedule.
        """
        if callable(value):
            self._take(value)
        elif self.schedule is not None:
            raise TypeError(
                "This optimizer was created with a `LearningRateSchedule` as its `learning_rate`, "
                "hence its learning rate is not settable. To set it, create the optimizer with a "
                f"float `learning_rate`. Received: learning_rate={value!r}"
            )
        else:
            if isinstance(value, (Variable, np.ndarray)):
                value = float(value)
            self._take(check.number("learning_rate", value, 0))

    def refresh(self) -> None:
        """Asks the callable, if it is one."""
        if self.function is not None:
            self._store(self.function())

    def current(self, iterations: Any) -> Any:
        """The rate after so many steps: the variable, or what the schedule computes."""
        return self.variable if self.schedule is None else self.schedule(iterations)

    def get_config(self) -> Any:
        """The number, or the schedule's config."""
        return float(self.variable) if self.schedule is None else serialize(self.schedule)
