"""What a step's batches come from: arrays in memory, or something that makes batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.data import arrays
from lamina.data.batches import Batches, Order, parts_of, warn_short
from lamina.data.samples import Samples, batch_size_for
from lamina.models import intake, steps
from lamina.utils import interrupts

if TYPE_CHECKING:
    from lamina.models.compiling import Compilable
    from lamina.models.trainer import Trainer

CONTROL_SECONDS = 0.05  # how long steps run before Python looks after the bar and Ctrl-C
_NOTHING = object()


class ArrayFeed:
    """Batches of rows of arrays.

    With `limit`, an epoch ends after so many steps and the next one goes on from there, until the
    samples are through: then they are taken in a new order.
    """

    kept_bytes = 0  # the arrays are there anyway

    def __init__(
        self,
        model: Compilable,
        step: steps.Step,
        samples: Samples,
        batch_size: int | None,
        limit: int | None = None,
    ) -> None:
        self.samples, self.size = samples, len(samples)
        self.batch_size = batch_size or batch_size_for(self.size, limit)
        self._batches = -(-self.size // self.batch_size)
        self._limit = limit
        self._model, self._step = model, step
        self._gather = samples.gatherer()
        self._order = np.arange(0)
        self._first = self._batches  # of this epoch, in the order that is in use

    @property
    def steps(self) -> int:
        """The steps of this epoch."""
        return min(self._batches - self._first, self._limit or self._batches)

    @property
    def usual_steps(self) -> int:
        """The steps of an epoch, as callbacks are told."""
        return self._limit or self._batches

    @property
    def first(self) -> int:
        """The steps that earlier epochs took of the order that is in use."""
        return self._first if self._limit is not None else 0

    def prepare(self) -> None:
        """Makes the program, and with it whatever the model still has to build."""
        self._program = self._model._program(self._step, self.samples, self.batch_size)

    def restart(self) -> None:
        """Lets the next epoch begin with the first samples."""
        self._first = self._batches

    def restore(self, order: Order, first: int) -> None:
        """Takes up an order of which earlier epochs took `first` steps."""
        self._order, self._first = order(self.size), first

    def begin(self, order: Order, step: int = 0) -> None:
        """Starts an epoch, of which the first `step` steps may have been done before."""
        self.prepare()
        if self._limit is None or self._first >= self._batches:
            self._order, self._first = order(self.size), 0

    def ready(self, step: int) -> bool:
        """Whether there is a batch for this step."""
        return step < self.steps

    def run(self, first: int, last: int, seconds: float = CONTROL_SECONDS) -> int:
        """Steps first .. last, or until the time is over; returns the next."""
        offset = self._first
        if self._gather is not None:
            return self._run_gathered(self._gather, first, last, seconds)
        done = self._program.run_steps(
            self.samples.arrays, self._order, offset + first, offset + last, seconds
        )
        return done - offset

    def _run_gathered(
        self,
        gather: Callable[[np.ndarray], list[np.ndarray]],
        first: int,
        last: int,
        seconds: float,
    ) -> int:
        """Rows that do not lie in memory as the program reads them are brought there, by batch."""
        deadline = time.monotonic() + seconds
        for step in range(first, last):
            rows = self._rows(step)
            self._program.run_steps(gather(rows), np.arange(len(rows)), 0, 1, 0.0)
            if interrupts.came() or time.monotonic() >= deadline:
                return step + 1
        return last

    def _rows(self, step: int) -> np.ndarray:
        start = (self._first + step) * self.batch_size
        return self._order[start : start + self.batch_size]

    def bad_row(self, step: int) -> int | None:
        """The first row of the step's batch in which there is a number that is not finite."""
        for row in self._rows(step):
            for array in self.samples.arrays:
                dense = isinstance(array, np.ndarray) and array.dtype.kind == "f"
                if dense and arrays.first_nonfinite(array[row : row + 1]) is not None:
                    return int(row)
        return None

    def keep(self) -> None:
        """Steps can be repeated."""

    def end(self, steps: int) -> None:
        """Ends an epoch after so many steps."""
        if self._limit is not None and steps == self.steps < self._limit:
            warn_short(steps, self._limit)
        self._first += steps

    def close(self) -> None:
        """Lets go of workers."""


class BatchFeed:
    """Batches as they come; `limit` of them make an epoch, or all there are."""

    def __init__(
        self,
        model: Compilable,
        step: steps.Step,
        batches: Batches,
        intake: Callable[..., Samples],
        limit: int | None = None,
    ) -> None:
        self._model, self._step, self._batches, self._intake = model, step, batches, intake
        self._limit = limit
        self._iterator: Iterator[Any] = iter(())
        self._next: Samples | None = None
        self._kept: dict[int, Samples] | None = None  # for steps that are to be repeated
        self._through = False
        self._most_rows = 1
        self._came = False  # whether there ever was a batch
        self.kept_bytes = 0
        self.batch_size = self.size = None  # the batches may differ
        self.steps = self.usual_steps = limit or batches.count  # None where they are not known

    @property
    def first(self) -> int:
        """The steps that earlier epochs took of the pass over the batches that is begun."""
        return self._batches.first if self._limit is not None else 0

    def prepare(self) -> None:
        """The program is made for the first batch."""

    def restart(self) -> None:
        """Lets the next epoch begin with the first batch; a generator goes on."""
        self._batches.restart()

    def restore(self, order: Order | None, first: int) -> None:
        """Takes up a pass of which earlier epochs took `first` steps."""
        self._batches.restore(order, first)

    def begin(self, order: Order | None, step: int = 0) -> None:
        """Starts an epoch, of as many steps as there are batches now; `step` were done before."""
        self._iterator = self._batches.epoch(self._limit, order, step)
        self.steps = self._limit or self._batches.count
        self._next, self._through = None, False
        self._came = self._came or step > 0

    def ready(self, step: int) -> bool:
        """Whether there is a batch for this step: makes it, and its program."""
        if self._next is None and not self._through:
            with interrupts.let_through():
                batch = next(self._iterator, _NOTHING)
            if batch is _NOTHING:
                self._through = True
            else:
                samples = self._intake(*parts_of(batch)).dense()
                self._next, self._came = samples.given_as(batch), True
                self._program_for(self._next)
        return self._next is not None

    def run(self, first: int, last: int, seconds: float = CONTROL_SECONDS) -> int:
        """Step `first`; returns the next."""
        batch = self._next
        if batch is None:
            assert self._kept is not None
            batch = self._kept[first]
        elif self._kept is not None:  # a copy: its maker may use the memory again
            self._kept[first] = batch.copy()
            self.kept_bytes += sum(a.nbytes for a in batch.arrays)
        self._next = None
        rows = len(batch)
        self._program_for(batch).run_steps(batch.arrays, np.arange(rows), 0, 1, 0.0)
        return first + 1

    def _program_for(self, batch: Samples) -> Any:
        self._most_rows = max(len(batch), self._most_rows)
        return self._model._program(self._step, batch, 1 << (self._most_rows - 1).bit_length())

    def bad_row(self, step: int) -> int | None:
        """None: batches are finite, or refused."""
        return None

    def keep(self) -> None:
        """From here on, batches are kept so that their steps can be repeated."""
        self._kept, self.kept_bytes = {}, 0

    def end(self, steps: int) -> None:
        """Ends an epoch after so many steps.

        Errors: ValueError if no batch ever came.
        """
        self._batches.end(steps)
        if not self._came and self._through:
            raise ValueError("The data came without a single batch. Received: an empty iterator")
        if self._through and steps < (self.steps or 1):
            warn_short(steps, self.steps)

    def close(self) -> None:
        """Lets go of workers."""
        self._batches.close()


Feed = ArrayFeed | BatchFeed


def batch_feed(
    model: Trainer,
    step: steps.Step,
    x: Any,
    limit: int | None,
    limited_by: str,
    class_weight: Any = None,
) -> BatchFeed:
    """The feed of something that makes batches; `limited_by` is the argument that `limit` came from.

    Errors: ValueError for data without end and without a limit.
    """

    def samples(x: Any, y: Any, weight: Any) -> Samples:
        return intake.training_samples(model, x, y, weight, class_weight, 0.0)[0]

    batches = Batches(x)
    if batches.endless and limit is None:
        raise ValueError(
            "The data are without end: say how many batches make an epoch. Received: "
            f"{limited_by}=None"
        )
    return BatchFeed(model, step, batches, samples, limit)
