from __future__ import annotations

import numpy as np

from lamina.callbacks import rates
from lamina.callbacks.callback import Logs
from lamina.callbacks.monitor import MonitorCallback, warn_missing
from lamina.utils import check
from lamina.utils.console import write_line


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by `factor` when a figure has not improved for `patience` epochs.

    Adds the learning rate to the logs as `learning_rate`; those of a `MultiOptimizer`, which are all
    reduced, as `learning_rate_<name>`.

    Args:
        monitor, mode, min_delta: as for every monitor: which figure, which way, by how much.
        factor: below 1.
        patience: epochs without improvement before a reduction.
        verbose: 1 says so.
        cooldown: epochs after a reduction that do not count.
        min_lr: the rate is not made smaller.

    Warns at each epoch whose logs lack the figure; ValueError for factor >= 1 and when mode "auto"
    cannot tell.
    """

    state_names = ("best", "cooldown_counter", "wait")

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        if check.number("factor", factor) >= 1.0:
            raise ValueError(f"`factor` must be below 1. Received: factor={factor}")
        check.number("patience", patience, 0)
        check.number("cooldown", cooldown, 0)
        check.number("min_lr", min_lr)
        self.factor = factor
        self.min_lr = min_lr
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def in_cooldown(self) -> bool:
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.monitor_op is None:
            self._set_monitor_op()
        logs = {} if logs is None else logs
        logs.update(rates.logged(self.model.optimizer))
        current = logs.get(self.monitor)
        if current is None:
            warn_missing("ReduceLROnPlateau", self.monitor, logs)
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch: int) -> None:
        for label, optimizer in rates.labelled(self.model.optimizer):
            old = float(optimizer.learning_rate)
            if old <= np.float32(self.min_lr):
                continue
            new = max(old * self.factor, self.min_lr)
            optimizer.learning_rate = new
            if self.verbose > 0:
                write_line(
                    f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing {label}learning rate to {new}."
                )
            self.cooldown_counter = self.cooldown
            self.wait = 0
