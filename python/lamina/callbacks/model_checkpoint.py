from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from lamina.callbacks.callback import Logs
from lamina.callbacks.monitor import MonitorCallback
from lamina.callbacks.save_freq import SaveFreq
from lamina.utils.console import write_line


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, after epochs or every so many batches.

    Args:
        filepath: ends in ".keras" or ".safetensors", for weights in ".weights.h5" or ".safetensors".
            May hold the names of figures in braces, and {epoch} and {batch}, which count from 1.
        monitor, mode: which figure `save_best_only` looks at, and which way.
        verbose: 1 says what is saved.
        save_best_only: only when the figure is the best so far.
        save_weights_only: by `model.save_weights` instead of `model.save`.
        save_freq: "epoch", or a number of batches.
        initial_value_threshold: the first value to beat.

    Errors: ValueError for another ending or save_freq; KeyError for a name in braces that is not in
    the logs; NotImplementedError for a model that cannot be saved.
    """

    wants_batches = False
    state_names = ("best",)

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._freq = SaveFreq(save_freq)
        self._current_epoch = 0
        endings = (".weights.h5" if save_weights_only else ".keras", ".safetensors")
        if not self.filepath.endswith(endings):
            raise ValueError(
                f"`filepath` must end in {' or '.join(endings)} with "
                f"save_weights_only={save_weights_only}. Received: filepath={self.filepath}"
            )

    def set_model(self, model: Any) -> None:
        method = "save_weights" if self.save_weights_only else "save"
        if not hasattr(model, method):
            raise NotImplementedError(
                f"ModelCheckpoint calls `model.{method}`, which {type(model).__name__} does not have"
            )
        super().set_model(model)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._current_epoch = epoch
        self._freq.begin_epoch()

    @property
    def batches_to_next(self) -> int | None:
        return self._freq.left

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self._freq.is_due(batch):
            self._save(self._current_epoch, batch, logs or {})

    def get_state(self) -> dict[str, Any]:
        return {**super().get_state(), "freq": self._freq.get_state()}

    def set_state(self, state: dict[str, Any]) -> None:
        own = dict(state)
        self._freq.set_state(own.pop("freq", [0, -1]))
        super().set_state(own)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.monitor_op is None:
            self._set_monitor_op()
        if self._freq.by_epoch:
            self._save(epoch, None, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: Logs) -> None:
        path = self._path(epoch, batch, logs)
        if not self._should_save(epoch, logs, path):
            return
        if os.path.isdir(path):
            raise OSError(f"`filepath` must not be a folder. Received: filepath={path}")
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(path, overwrite=True)
        self._say(epoch, f"finished saving model to {path}")

    def _path(self, epoch: int, batch: int | None, logs: Logs) -> str:
        names = {"epoch": epoch + 1, **({} if batch is None else {"batch": batch + 1}), **logs}
        try:
            return self.filepath.format(**names)
        except KeyError as error:
            raise KeyError(
                f"filepath={self.filepath!r} names {error}, which is not among {', '.join(names)}"
            ) from error

    def _should_save(self, epoch: int, logs: Logs, path: str) -> bool:
        if not self.save_best_only:
            self._say(epoch, f"saving model to {path}")
            return True
        current = logs.get(self.monitor)
        if current is None or np.ndim(current) > 0:
            warnings.warn(
                f"ModelCheckpoint saves the best model only when `{self.monitor}` is in the logs, as "
                f"one number; now it saves. Received: {self.monitor}={current}",
                stacklevel=2,
            )
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(current, self.best):
            self._say(epoch, f"{self.monitor} did not improve from {best}")
            return False
        self._say(
            epoch, f"{self.monitor} improved from {best} to {current:.5f}, saving model to {path}"
        )
        self.best = current
        return True

    def _say(self, epoch: int, text: str) -> None:
        if self.verbose > 0:
            write_line(f"\nEpoch {epoch + 1}: {text}")
