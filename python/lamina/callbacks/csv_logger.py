from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import Any, TextIO

from lamina.callbacks.callback import Callback, Logs


class CSVLogger(Callback):
    """Writes the logs of each epoch as a row of a CSV file, at once.

    The first epoch decides about the columns: `epoch`, the names in order, and the same with `val_`
    if there were none yet.  What an epoch lacks is "NA".

    Args:
        filename: the file; its folder must exist.
        separator: one character.
        append: go on with a file that exists, without a second header.
    """

    state_names = ("keys", "_size")

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        super().__init__()
        if not isinstance(filename, (str, os.PathLike)):
            raise TypeError(f"`filename` must be a path. Received: filename={filename!r}")
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self.csv_file: TextIO | None = None
        self.writer: Any = None
        self._size = 0  # of the rows that stand; what comes after them goes at the next row

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._close()
        self.csv_file = open(self.filename, "a", newline="")  # noqa: SIM115
        self._size = os.path.getsize(self.filename) if self.append else 0
        self.keys = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        assert self.csv_file is not None
        if self.keys is None:
            self.keys = sorted(logs)
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
        if self.writer is None:
            self._begin_rows(self.csv_file, self.keys)
        row = {key: _cell(logs.get(key, "NA")) for key in self.keys}
        self.writer.writerow({"epoch": epoch, **row})
        self.csv_file.flush()
        self._size = os.path.getsize(self.filename)

    def _begin_rows(self, file: TextIO, keys: list[str]) -> None:
        """Takes off the rows that do not stand: only now, since a run that goes on keeps some."""
        file.truncate(min(self._size, os.path.getsize(self.filename)))
        self.writer = csv.DictWriter(file, ["epoch", *keys], delimiter=self.sep)
        if os.path.getsize(self.filename) == 0:
            self.writer.writeheader()

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.csv_file is not None and self.writer is None:
            self.csv_file.truncate(self._size)
        self._close()

    def on_train_interrupt(self) -> None:
        self._close()

    def _close(self) -> None:
        if self.csv_file is not None:
            self.csv_file.close()
        self.csv_file = self.writer = None


def _cell(value: Any) -> Any:
    if isinstance(value, str) or not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        return value
    return f'"[{", ".join(map(str, value))}]"'
