from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina.callbacks.callback import Callback, Logs
from lamina.utils import check


class MonitorCallback(Callback):
    """Base of callbacks that look for the best value of a figure.

    Args:
        monitor: the name of a figure in the logs.
        mode: "min", "max", or "auto": down for a loss, else the direction of the metric of that name
            (`val_` aside).  Own metrics say theirs in an attribute `_direction`, "up" or "down".
        baseline: the first value to beat; None for none.
        min_delta: a change of less is no improvement.

    Errors: ValueError at the end of the first epoch when "auto" cannot tell.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f"{type(self).__name__} knows no mode {mode!r} and takes 'auto'.", stacklevel=3
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best: Any = baseline
        self.min_delta = abs(check.number("min_delta", min_delta))
        self.monitor_op: Callable[[Any, Any], Any] | None = None

    def _set_monitor_op(self) -> None:
        direction = {"min": "down", "max": "up"}.get(self.mode) or self._direction()
        if direction is None:
            raise ValueError(
                f"{type(self).__name__} cannot tell whether monitor={self.monitor} should go up or "
                "down. Pass mode='max' or mode='min'."
            )
        self.monitor_op = np.greater if direction == "up" else np.less
        if direction == "down":
            self.min_delta = -self.min_delta

    def _direction(self) -> str | None:
        name = self.monitor.removeprefix("val_")
        for metric in getattr(self.model, "metrics", ()):
            if metric.name == name and name != "loss":
                direction: str | None = getattr(metric, "_direction", None)
                return direction
        return "down" if name == "loss" else None

    def _is_improvement(self, value: Any, reference: Any) -> bool:
        """Whether value is better by more than min_delta, as float32 numbers."""
        if reference is None:
            return True
        if self.monitor_op is None:
            self._set_monitor_op()
        assert self.monitor_op is not None
        return bool(self.monitor_op(np.float32(value - self.min_delta), np.float32(reference)))


def warn_missing(what: str, monitor: str, logs: Logs) -> None:
    """Says that the figure a callback looks for is not in the logs."""
    warnings.warn(
        f"{what} looks for `{monitor}`, which is not there. Available: {', '.join(logs)}",
        stacklevel=3,
    )
