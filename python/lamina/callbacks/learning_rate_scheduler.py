from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

from lamina.callbacks import rates
from lamina.callbacks.callback import Callback, Logs
from lamina.utils.console import write_line


class LearningRateScheduler(Callback):
    """Sets the learning rate of each epoch, and adds it to the logs as `learning_rate`.

    Those of a `MultiOptimizer` each, as `learning_rate_<name>`.

    Args:
        schedule: `schedule(epoch, learning_rate)` or `schedule(epoch)`, epochs from 0, gives a float.
        verbose: 1 says so.

    Errors: ValueError when the schedule gives anything but a float.

    Examples:
        >>> model = lamina.Sequential([lamina.Input((1,)), lamina.layers.Dense(1)])
        >>> model.compile(loss="mse", optimizer=lamina.optimizers.SGD(0.1))
        >>> slower = lamina.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 10)
        >>> history = model.fit(np.ones((8, 1)), np.ones((8, 1)), epochs=2, callbacks=[slower], verbose=0)
        >>> [round(float(rate), 4) for rate in history.history["learning_rate"]]
        [0.01, 0.001]
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        if not callable(schedule):
            raise TypeError(f"`schedule` must be a function. Received: schedule={schedule!r}")
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        for label, optimizer in rates.labelled(self.model.optimizer):
            arguments = (epoch, float(optimizer.learning_rate))
            rate = self.schedule(*arguments[: _arity(self.schedule)])
            if not isinstance(rate, (float, np.float32, np.float64)):
                raise ValueError(
                    f"The output of the `schedule` function should be a float. Received: {rate!r}"
                )
            optimizer.learning_rate = rate
            if self.verbose > 0:
                write_line(
                    f"\nEpoch {epoch + 1}: LearningRateScheduler setting {label}learning rate to {rate}."
                )

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            logs.update(rates.logged(self.model.optimizer))


def _arity(schedule: Callable[..., float]) -> int:
    """2 for a schedule that takes the learning rate too, else 1."""
    try:
        inspect.signature(schedule).bind(0, 0.0)
    except TypeError:
        return 1
    return 2
