"""The rows of an epoch, and their order."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import programs
from lamina.data.samples import Samples
from lamina.data.sparse import SparseRows, is_sparse
from lamina.utils import interrupts

CONTROL_SECONDS = 0.05  # how long steps run before Python looks after Ctrl-C
_GATHERED = 1 << 22  # numbers of sparse rows that are made dense at once


def as_rows(x: Any) -> Any:
    """A checked X as a column of Samples."""
    return SparseRows(x) if is_sparse(x) else np.ascontiguousarray(x)


class Rows:
    """Rows that go through a program in batches of `batch_size`; the last may be smaller.

    Where all of them are one batch, their order does not matter.  It is a fixed one then, and equal rows
    are one row of their weights' sum, so that a sample of weight 2 gives the same bits as two samples
    of weight 1.

    Args:
        x: an array (rows, features) or SparseRows.
        y: targets (rows,) or (rows, outputs).
        weight: (rows,), or None.
        chosen: the rows that take part, in the order before the first shuffle.
        batch_size: at least 1.
        dtype: in which rows are equal, or not.
        joined: False where equal rows have to stay apart.
    """

    def __init__(
        self, x: Any, y: np.ndarray, weight: np.ndarray | None, chosen: np.ndarray,
        batch_size: int, dtype: str, joined: bool = True,
    ) -> None:  # fmt: skip
        self.count = len(chosen)
        self.batch_size = min(batch_size, self.count)
        self._ordered = self.batch_size < self.count or not joined
        if not self._ordered:
            dense = x.take(chosen) if isinstance(x, SparseRows) else x[chosen]
            x, y, weight = _joined(
                dense, y[chosen], None if weight is None else weight[chosen], dtype
            )
            chosen = np.arange(len(x))
        self.samples = Samples(x, y, weight)
        self.order = chosen

    def shuffle(self, random: np.random.RandomState) -> None:
        """A new order, of the draws that scikit-learn's `shuffle` makes."""
        moved = random.permutation(self.count)
        if self._ordered:
            self.order = self.order[moved]

    def run(self, program: programs.Program) -> None:
        """All batches, in order.  Errors: KeyboardInterrupt between two of them."""
        gather = self.samples.gatherer()
        if gather is None:
            _run(program, self.samples.arrays, self.order, self.batch_size)
            return
        batches = max(1, _GATHERED // (self.samples.x.shape[1] * self.batch_size))
        for first in range(0, len(self.order), batches * self.batch_size):
            rows = self.order[first : first + batches * self.batch_size]
            _run(program, gather(rows), np.arange(len(rows)), self.batch_size)


def _run(
    program: programs.Program, arrays: list[np.ndarray], order: np.ndarray, batch_size: int
) -> None:
    steps, done = -(-len(order) // batch_size), 0
    while done < steps:
        done = program.run_steps(arrays, order, done, steps, CONTROL_SECONDS)
        interrupts.check()


def _joined(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray | None, dtype: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each row once, in `dtype`, with the sum of its weights; rows of weight 0 are left out."""
    weight = np.ones(len(x)) if weight is None else weight
    counts = weight != 0
    x, y, weight = x[counts], y[counts], weight[counts]
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, as in the program
        table = np.hstack([x.astype(dtype), y.reshape(len(y), -1).astype(dtype)])
    table += 0.0  # -0.0 and 0.0 are equal
    keys = table.view(np.dtype((np.void, table.itemsize * table.shape[1]))).ravel()
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    width = x.shape[1]
    targets = table[first, width:]
    return (
        np.ascontiguousarray(table[first, :width]),
        np.ascontiguousarray(targets.reshape(len(first), *y.shape[1:])),
        np.bincount(place.ravel(), weight),
    )
