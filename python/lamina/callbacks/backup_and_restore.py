from __future__ import annotations

import contextlib
import os
import re
from typing import Any

from lamina.callbacks.callback import Callback, Logs
from lamina.callbacks.save_freq import SaveFreq
from lamina.utils.warning import warn_user

_NAME = re.compile(r"backup-(\d{1,15})\.safetensors")
_KEPT = 2  # backups


class BackupAndRestore(Callback):
    """Writes the whole state of a training down, and goes on from it when `fit` is called again.

    After a crash, the same script is run again: `fit`, called with the same arguments on the same
    data, goes on behind the step of the last backup and ends with the same weights and history, bit
    for bit, as if it had never stopped.  What else than weights, optimizer, random streams, metrics
    and lamina's callbacks has a state is described in the guide on callbacks.

    The last two backups are kept, each written as a whole: whenever the process is killed, there is
    one that can be read.

    Args:
        backup_dir: a folder for the backups of this training alone; made if it is not there.
        save_freq: "epoch", or a number of batches.
        double_checkpoint: accepted as in Keras; two backups are kept in any case.
        delete_checkpoint: whether the backups are deleted when `fit` has come to its end.

    Errors: ValueError for an empty backup_dir, another save_freq, a model that is not built when data
    come in batches, and backups of a training of other sizes, or none of which can be read; OSError
    where nothing can be written.
    """

    wants_batches = False

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: Any = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not backup_dir:
            raise ValueError("Empty `backup_dir` argument passed")
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._freq = SaveFreq(save_freq)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        if not self.model.built:
            raise ValueError(
                "BackupAndRestore needs a model that is built before `fit`, when data come in "
                f"batches: call {self.model.name!r} on a batch, or `build` it"
            )
        paths = self._paths()
        for path in reversed(paths):
            try:
                self.model.load_weights(path)
            except (ValueError, TypeError, OSError) as error:
                warn_user(f"The backup {path} cannot be read: {error}")
            else:
                self.model.go_on()
                return
        if paths:
            raise ValueError(f"None of the backups can be read. Received: {paths}")

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._freq.begin_epoch()

    @property
    def batches_to_next(self) -> int | None:
        return self._freq.left

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self._freq.is_due(batch):
            self._back_up()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self._freq.by_epoch:
            self._back_up()

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.delete_checkpoint:
            for path in self._paths():
                os.remove(path)
            with contextlib.suppress(OSError):  # something else lies in it
                os.rmdir(self.backup_dir)

    def get_state(self) -> dict[str, Any]:
        return {"freq": self._freq.get_state()}

    def set_state(self, state: dict[str, Any]) -> None:
        self._freq.set_state(state["freq"])

    def _back_up(self) -> None:
        os.makedirs(self.backup_dir, exist_ok=True)
        before = self._paths()
        number = 1 + (_number(before[-1]) if before else 0)
        self.model.save_weights(os.path.join(self.backup_dir, f"backup-{number:06d}.safetensors"))
        for path in before[: 1 - _KEPT]:
            os.remove(path)

    def _paths(self) -> list[str]:
        """The backups, the last one at the end."""
        names = os.listdir(self.backup_dir) if os.path.isdir(self.backup_dir) else []
        paths = [os.path.join(self.backup_dir, name) for name in names if _NAME.fullmatch(name)]
        return sorted(paths, key=_number)


def _number(path: str) -> int:
    found = _NAME.fullmatch(os.path.basename(path))
    assert found is not None
    return int(found[1])
