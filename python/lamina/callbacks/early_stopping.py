from __future__ import annotations

from typing import Any

from lamina.callbacks.callback import Logs
from lamina.callbacks.monitor import MonitorCallback, warn_missing
from lamina.utils import check
from lamina.utils.console import write_line


class EarlyStopping(MonitorCallback):
    """Ends training when a figure has not improved for `patience` epochs.

    Args:
        monitor, mode, min_delta: as for every monitor: which figure, which way, by how much.
        patience: epochs without improvement after which training ends.
        verbose: 1 says so.
        baseline: epochs count as an improvement only if they also beat this value.
        restore_best_weights: at the end, whatever it was, set the weights of the best epoch.
        start_from_epoch: epochs before this one (from 0) are not looked at.

    Warns at each epoch whose logs lack the figure; ValueError when mode "auto" cannot tell.

    Examples:
        >>> model = lamina.Sequential([lamina.Input((1,)), lamina.layers.Dense(1)])
        >>> model.compile(loss="mse", optimizer=lamina.optimizers.SGD(0.0))  # nothing improves
        >>> stop = lamina.callbacks.EarlyStopping(monitor="loss", patience=3)
        >>> history = model.fit(np.ones((8, 1)), np.ones((8, 1)), epochs=50, callbacks=[stop], verbose=0)
        >>> len(history.history["loss"])
        4
    """

    state_names = ("best", "wait", "stopped_epoch", "best_weights", "best_epoch")

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        check.number("patience", patience, 0)
        check.number("start_from_epoch", start_from_epoch, 0)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_weights: Any = None
        self.best_epoch = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.monitor_op is None:
            self._set_monitor_op()
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best = current
            self._keep(epoch)
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            write_line(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                write_line(
                    f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}."
                )
            self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: Logs | None) -> Any:
        """The figure, or None with a warning; to be overridden for figures made of several."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            warn_missing("EarlyStopping", self.monitor, logs or {})
        return value
