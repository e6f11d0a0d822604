"""The base of schedules."""

from __future__ import annotations

from typing import Any

from lamina.utils import check


class LearningRateSchedule:
    """A learning rate as a function of the number of steps made: `schedule(step)`.

    A subclass implements `__call__` in `lamina.ops`: given to an optimizer as its `learning_rate`,
    it becomes a part of the training step, and costs no Python while it runs.  `get_config` makes it
    a part of the optimizer's config.
    """

    def __call__(self, step: Any) -> Any:
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `__call__(self, step)`."
        )

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `get_config()` in order "
            "to be serializable."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def positive_steps(name: str, value: Any) -> Any:
    """A number of steps > 0, as it is given."""
    if not check.number(name, value) > 0:
        raise ValueError(f"Argument `{name}` must be > 0. Received: {name}={value}")
    return value


def finite(name: str, value: Any) -> Any:
    """A finite number, as it is given."""
    check.number(name, value)
    return value
