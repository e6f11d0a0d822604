"""When it is time to save."""

from __future__ import annotations

import numbers
from typing import Any


class SaveFreq:
    """Counts batches, on from epoch to epoch, up to every `save_freq`-th.

    Args:
        save_freq: "epoch", for no batch at all, or a number of batches.

    Errors: ValueError for anything else.
    """

    def __init__(self, save_freq: Any) -> None:
        self.by_epoch = isinstance(save_freq, str) and save_freq == "epoch"
        integer = isinstance(save_freq, numbers.Integral) and not isinstance(save_freq, bool)
        if not self.by_epoch and not (integer and save_freq >= 1):
            raise ValueError(
                "`save_freq` must be 'epoch' or an integer of at least 1. "
                f"Received: save_freq={save_freq!r}"
            )
        self._every = 0 if self.by_epoch else int(save_freq)
        self._since = 0
        self._last = -1  # batch that was counted

    @property
    def left(self) -> int | None:
        """How many batches it is to the next one; None with "epoch"."""
        return None if self.by_epoch else self._every - self._since

    def begin_epoch(self) -> None:
        self._last = -1

    def is_due(self, batch: int) -> bool:
        """Whether one was reached, when all batches up to this one are done."""
        if self.by_epoch:
            return False
        self._since += batch - self._last if batch > self._last else batch + 1
        self._last = batch
        due = self._since >= self._every
        if due:
            self._since = 0
        return due

    def get_state(self) -> list[int]:
        return [self._since, self._last]

    def set_state(self, state: list[int]) -> None:
        self._since, self._last = state
