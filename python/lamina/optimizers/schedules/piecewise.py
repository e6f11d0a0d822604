"""A schedule of steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from numbers import Real
from typing import Any

import numpy as np

from lamina import ops
from lamina.optimizers.schedules.learning_rate_schedule import LearningRateSchedule


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[i] up to and with step boundaries[i], the last value after the last boundary.

    Args: boundaries: increasing numbers of steps; values: one more than boundaries.  Both are
    sequences or arrays.

    Errors: TypeError for what is no number; ValueError for another number of values, no boundaries,
    or boundaries that do not increase.

    Examples:
        >>> schedule = lamina.optimizers.schedules.PiecewiseConstantDecay([100], [0.1, 0.01])
        >>> [round(float(schedule(step)), 4) for step in (0, 100, 101)]
        [0.1, 0.1, 0.01]
    """

    def __init__(
        self,
        boundaries: Sequence[float] | np.ndarray,
        values: Sequence[float] | np.ndarray,
        name: str = "PiecewiseConstant",
    ) -> None:
        boundaries = _numbers("boundaries", boundaries)
        values = _numbers("values", values)
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "The length of boundaries should be 1 less than the length of values. Received: "
                f"boundaries={boundaries} of length {len(boundaries)}, and values={values} of "
                f"length {len(values)}."
            )
        if not boundaries or any(a >= b for a, b in pairwise(boundaries)):
            raise ValueError(
                "`boundaries` must be at least one number, in increasing order. Received: "
                f"boundaries={boundaries}"
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Any:
        rate: Any = float(self.values[-1])
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1])):
            rate = ops.where(ops.less_equal(step, float(boundary)), float(value), rate)
        return rate

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


def _numbers(name: str, given: Sequence[float] | np.ndarray) -> Sequence[float]:
    """The numbers that were given, an array's as a list."""
    numbers: Sequence[float] = given.tolist() if isinstance(given, np.ndarray) else given
    if not all(isinstance(x, Real) for x in numbers):
        raise TypeError(f"`{name}` must be numbers. Received: {name}={given}")
    return numbers
