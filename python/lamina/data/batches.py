"""Data that come batch by batch: generators, PyDatasets, loaders of other libraries."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from lamina import tree
from lamina.data.sparse import sparse_as_rows
from lamina.utils.py_dataset import PyDataset
from lamina.utils.warning import warn_user

Order = Callable[[int], np.ndarray]  # a number of samples or batches -> their order in an epoch
_NOTHING = object()


class Batches:
    """Batches from something that makes them, epoch by epoch.

    A generator is read on from epoch to epoch; anything else that can be iterated over begins
    anew; a PyDataset is asked by index, by as many workers as it wants.
    """

    def __init__(self, source: Any) -> None:
        self.source = source
        self.first = 0  # batches that earlier epochs took of the pass that is begun
        self._parts: Iterator[Any] | None = None  # what is left of it
        self._made: Iterator[Any] | None = None  # this epoch's batches, if workers make them

    @property
    def count(self) -> int | None:
        """The number of batches, None where it is not known."""
        if isinstance(self.source, PyDataset):
            return self.source.num_batches
        try:
            return len(self.source)
        except TypeError:  # loaders of other libraries have a __len__ that may refuse
            return None

    @property
    def endless(self) -> bool:
        """Whether there is no last batch."""
        return isinstance(self.source, PyDataset) and self.count is None

    def epoch(
        self, limit: int | None = None, order: Order | None = None, step: int = 0
    ) -> Iterator[Any]:
        """The batches of an epoch: all, or `limit` from where the last epoch stopped.

        `order` says in which order a PyDataset's are taken; the first `step` ones are left out.
        """
        if not isinstance(self.source, PyDataset):
            return self._next_parts(limit, order, step)
        self.source.on_epoch_begin()
        indices = self._next_parts(limit, order, step)
        if self.source.workers < (1 if self.source.use_multiprocessing else 2):
            return map(self.source.__getitem__, indices)
        from lamina.data.workers import made_ahead

        self._made = made_ahead(self.source, indices)
        return self._made

    def restart(self) -> None:
        """Lets the next epoch begin with the first batch, where that can be had again."""
        self._parts = None

    def restore(self, order: Order | None, first: int) -> None:
        """Begins a pass of which earlier epochs took `first` batches."""
        self._parts = self._pass(order)
        self._leave_out(self._parts, first)
        self.first = first

    def end(self, steps: int = 0) -> None:
        """Ends the epoch, after so many steps."""
        self.close()
        self.first += steps
        if isinstance(self.source, PyDataset):
            self.source.on_epoch_end()

    def close(self) -> None:
        """Sends the workers away."""
        if self._made is not None:
            self._made.close()  # type: ignore[attr-defined]
            self._made = None

    def _pass(self, order: Order | None) -> Iterator[Any]:
        """All batches from the first; of a PyDataset their indices."""
        if not isinstance(self.source, PyDataset):
            return iter(self.source)
        count = self.count
        if count is None:
            return itertools.count()
        return iter(range(count) if order is None else order(count).tolist())

    def _next_parts(self, limit: int | None, order: Order | None, step: int) -> Iterator[Any]:
        if limit is None:
            self.first = 0
            parts = self._pass(order)
            self._leave_out(parts, step)
            return parts
        first = _NOTHING if self._parts is None else next(self._parts, _NOTHING)
        if first is _NOTHING:
            self._parts, self.first = self._pass(order), 0
        else:
            assert self._parts is not None
            self._parts = itertools.chain([first], self._parts)
        self._leave_out(self._parts, step)
        return itertools.islice(self._parts, limit - step)

    def _leave_out(self, parts: Iterator[Any], count: int) -> None:
        """Draws batches, but not of a generator: where it is now nobody knows."""
        if count and parts is self.source:
            warn_user(
                "A generator cannot be asked again for the batches of a run that goes on: it goes on "
                "with those that come next, and not with the same bits."
            )
        else:
            next(itertools.islice(parts, count, count), None)


def come_in_batches(x: Any) -> bool:
    """Whether x is something that makes batches, and no array, frame or nested arrays."""
    if isinstance(x, PyDataset):
        return True
    if hasattr(x, "shape") or hasattr(x, "__array__") or hasattr(x, "__dataframe__"):
        return False
    return hasattr(x, "__iter__") and not isinstance(x, (Sequence, dict))


def parts_of(batch: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight) of a batch.

    Errors: ValueError for a batch of no parts, or more than three.
    """
    parts = tuple(batch) if isinstance(batch, (list, tuple)) else (batch,)
    if not 1 <= len(parts) <= 3:
        raise ValueError(
            "A batch must be (x,), (x, y) or (x, y, sample_weight). "
            f"Received: a batch of {len(parts)} parts"
        )
    x, y, weight = (*(tree.map_structure(in_memory, sparse_as_rows(p)) for p in parts), None, None)[
        :3
    ]
    return x, y, weight


def in_memory(x: Any) -> Any:
    """A batch's array of a file or of another library as an array, if it says how."""
    if isinstance(x, np.memmap):
        return np.asarray(x)
    return x.numpy() if hasattr(x, "numpy") else x


def warn_short(steps: int, wanted: int | None) -> None:
    """Says that an epoch had fewer batches than were asked for."""
    warn_user(
        "Your input ran out of data; interrupting training. Make sure that your data can make at "
        "least `steps_per_epoch * epochs` batches. "
        f"Received: {steps} of {wanted or 'an unknown number of'} steps"
    )
