"""Programs that Python runs batch by batch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.utils import interrupts


class SteppingProgram:
    """The loops of a program; a subclass runs one batch."""

    batch_size: int

    def run_batch(self, batch: Sequence[np.ndarray], rows: int) -> list[np.ndarray]:
        """The outputs for the inputs' rows of one batch; variables are updated."""
        raise NotImplementedError

    def run_steps(
        self, arrays: Sequence[np.ndarray], order: np.ndarray, first: int, last: int, seconds: float
    ) -> int:
        """Steps first .. last over batches of the rows in `order`, or until the time is over."""
        deadline = time.monotonic() + seconds
        for step in range(first, min(last, -(-len(order) // self.batch_size))):
            rows = order[step * self.batch_size : (step + 1) * self.batch_size]
            self.run_batch([array[rows] for array in arrays], len(rows))
            if interrupts.came() or time.monotonic() >= deadline:
                return step + 1
        return last

    def map(self, arrays: Sequence[np.ndarray], rows: int, results: Sequence[np.ndarray]) -> None:
        """All rows in order; row r of output i goes to results[i][r]."""
        for first in range(0, rows, self.batch_size):
            last = min(first + self.batch_size, rows)
            outputs = self.run_batch([array[first:last] for array in arrays], last - first)
            for result, output in zip(results, outputs, strict=True):
                result[first:last] = output

    def predict(self, x: Any) -> None:
        """No array is used as it comes."""
