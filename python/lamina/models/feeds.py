"""What a step's batches come from: arrays in memory, or something that makes batches."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.data.batches import Batches, parts_of
from lamina.data.samples import Samples
from lamina.models import steps

if TYPE_CHECKING:
    from lamina.models.trainer import Trainer

CONTROL_SECONDS = 0.05  # how long steps run before Python looks after the bar and Ctrl-C

# The number of samples -> their order in this epoch.
Order = Callable[[int], np.ndarray]


class ArrayFeed:
    """Batches of rows of arrays; `steps` make an epoch.

    With `limit`, an epoch ends after so many steps and the next one goes on from there, until the
    samples are through: then they are taken in a new order.
    """

    def __init__(
        self,
        model: Trainer,
        step: steps.Step,
        samples: Samples,
        batch_size: int,
        limit: int | None = None,
    ) -> None:
        self.samples, self.batch_size = samples, batch_size
        self.batches = samples.steps(batch_size)
        self.size = len(samples)
        self._limit = limit
        self._model, self._step = model, step
        self._rows = samples.gatherer()
        self._order = np.arange(0)
        self._first = self.batches  # of this epoch, in the order that is in use

    @property
    def steps(self) -> int:
        """The steps of this epoch."""
        return min(self.batches - self._first, self._limit or self.batches)

    @property
    def usual_steps(self) -> int:
        """The steps of an epoch, as callbacks are told."""
        return self._limit or self.batches

    def prepare(self) -> None:
        """Makes the program, and with it whatever the model still has to build."""
        self._program = self._model._program(self._step, self.samples, self.batch_size)

    def begin(self, order: Order) -> None:
        """Starts an epoch."""
        self.prepare()
        if self._limit is None or self._first >= self.batches:
            self._order, self._first = order(self.size), 0

    def ready(self, step: int) -> bool:
        """Whether there is a batch for this step."""
        return step < self.steps

    def run(self, first: int, last: int, seconds: float = CONTROL_SECONDS) -> int:
        """Steps first .. last, or until the time is over; returns the next."""
        offset = self._first
        if self._rows is not None:
            return self._run_gathered(first, last)
        done = self._program.run_steps(
            self.samples.arrays, self._order, offset + first, offset + last, seconds
        )
        return done - offset

    def _run_gathered(self, first: int, last: int) -> int:
        """Rows that do not lie in memory as the program reads them are brought there, by batch."""
        assert self._rows is not None
        for step in range(first, last):
            start = (self._first + step) * self.batch_size
            rows = self._order[start : start + self.batch_size]
            self._program.run_steps(self._rows(rows), np.arange(len(rows)), 0, 1, 0.0)
        return last

    def end(self, steps: int) -> None:
        """Ends an epoch after so many steps."""
        self._first += steps
        if self._limit is not None and steps < self._limit:
            _warn_short(steps, self._limit)


class BatchFeed:
    """Batches as they come; `limit` of them make an epoch, or all there are."""

    def __init__(
        self,
        model: Trainer,
        step: steps.Step,
        batches: Batches,
        intake: Callable[..., Samples],
        limit: int | None = None,
    ) -> None:
        self._model, self._step, self._batches, self._intake = model, step, batches, intake
        self._limit = limit
        self._iterator: Iterator[Any] | None = None
        self._next: Samples | None = None
        self._kept: dict[int, Samples] = {}  # for steps that are to be repeated
        self.batch_size: int | None = None
        self.size: int | None = None
        self.steps = self.usual_steps = limit or batches.count

    def prepare(self) -> None:
        """The program is made for the first batch."""

    def begin(self, order: Order | None) -> None:
        """Starts an epoch."""
        self._batches.epoch_begins()
        if self._iterator is None or self._limit is None:
            self._iterator = self._batches.begin(order)
        self._kept.clear()
        self._next = None

    def ready(self, step: int) -> bool:
        """Whether there is a batch for this step: makes it."""
        assert self._iterator is not None
        if self._limit is not None and step >= self._limit:
            return False
        if self._next is None:
            batch = next(self._iterator, None)
            if batch is None:
                self._iterator = None
                return False
            self._next = self._intake(*parts_of(batch))
        return True

    def run(self, first: int, last: int, seconds: float = CONTROL_SECONDS) -> int:
        """Step `first`; returns the next.  Repeats a step that was run since `forget`."""
        if first not in self._kept:
            assert self._next is not None
            self._kept[first], self._next = self._next, None
        batch = self._kept[first]
        rows = len(batch)
        self.batch_size = max(rows, self.batch_size or 0)
        program = self._model._program(self._step, batch, 1 << (self.batch_size - 1).bit_length())
        program.run_steps(batch.arrays, np.arange(rows), 0, 1, 0.0)
        return first + 1

    def forget(self) -> None:
        """Lets go of the batches that were run."""
        self._kept.clear()

    def end(self, steps: int) -> None:
        """Ends an epoch after so many steps."""
        self._batches.epoch_ends()
        if self._limit is not None and steps < self._limit:
            _warn_short(steps, self._limit)
        if steps == 0:
            raise ValueError("The data came without a single batch. Received: an empty iterator")
        if self.steps is None:
            self.steps = self.usual_steps = steps
        if self._limit is None and not self._batches.is_generator:
            self._iterator = None


Feed = ArrayFeed | BatchFeed


def _warn_short(steps: int, wanted: int) -> None:
    warnings.warn(
        "Your input ran out of data; interrupting the epoch. Make sure that your data can make at "
        f"least `steps_per_epoch * epochs` batches. Received: {steps} of {wanted} steps",
        stacklevel=4,
    )
