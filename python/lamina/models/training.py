"""A training run: epochs of batches, with validation and callbacks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.models.feeds import ArrayFeed, Feed
from lamina.models.guard import Guard, State, state_of
from lamina.models.run_state import RunState
from lamina.utils import check, interrupts

if TYPE_CHECKING:
    from lamina.callbacks import CallbackList, History
    from lamina.models.trainer import Trainer


# The hooks that tell callbacks about a stage of an epoch.
_HOOKS = {"begin": "on_epoch_begin", "steps": "on_train_batch_end", "end": "on_epoch_end"}


class Validation:
    """What is evaluated after epochs, and after which."""

    def __init__(self, feed: Feed, due: Callable[[int], bool]) -> None:
        self.feed, self.due = feed, due


class TrainingRun:
    """One call of fit, its arguments checked."""

    def __init__(
        self,
        model: Trainer,
        feed: Feed,
        shuffle: Any,
        validation: Validation | None,
        listeners: CallbackList,
        nan_policy: str,
        goes_on: bool,
    ) -> None:
        self.model, self.feed, self.shuffle = model, feed, shuffle
        self.validation, self.listeners = validation, listeners
        self._guard = Guard(model, feed, nan_policy)
        self.goes_on = goes_on  # where the run that the model has the state of was interrupted
        self._epoch: int | None = None
        self._stage = "begin"
        self._logs: dict[str, Any] = {}
        self._order_number = 0
        self._figures: dict[str, list[np.ndarray]] | None = None  # to be put back

    def run(self, first_epoch: int, last_epoch: int) -> History:
        """Trains epochs first_epoch .. last_epoch - 1, or what a run that goes on has left of them."""
        model, listeners = self.model, self.listeners
        history = self._begin_history()
        with self._at_work(), interrupts.watched():
            self.feed.prepare()
            model.stop_training = False
            listeners.on_train_begin()
            logs = self._run_epochs(first_epoch, last_epoch)
            if model.optimizer.built:
                model.optimizer.finalize_variable_values(model.trained_variables)
            listeners.on_train_end(logs)
        return history

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        """The model knows its run; afterwards, where it was interrupted."""
        model, state = self.model, None
        before = model.interrupted if self.goes_on else None
        model.interrupted = before
        model.current_run = self
        model.step_recorded = self._guard.take_in_new
        try:
            yield
        except BaseException:
            self.listeners.on_train_interrupt()
            state = self.state() or before
            raise
        finally:
            model.interrupted, model.current_run = state, None
            model.step_recorded = None

    def _run_epochs(self, first_epoch: int, last_epoch: int) -> dict[str, float]:
        model = self.model
        logs: dict[str, float] = {}
        state = model.interrupted if self.goes_on else None
        if state is not None:
            state.check_fits(self._sizes(), last_epoch)
            first_epoch = state.epoch
        for epoch in range(first_epoch, last_epoch):
            done = self._run_epoch(epoch, state)
            if done is None:
                break
            logs, state = done, None
            if model.stop_training:
                break
        return logs

    def _begin_history(self) -> History:
        history = self.listeners.history
        assert history is not None
        history.samples = self.feed.size
        history.validation_samples = None
        if self.validation is not None:
            history.validation_samples = self.validation.feed.size
        history.batch_size = self.feed.batch_size
        self.model.history = history
        return history

    # --- an epoch ---------------------------------------------------------------------------------

    def _run_epoch(self, epoch: int, state: RunState | None) -> dict[str, Any] | None:
        """The figures of the epoch, or of the rest of one; None if no step stands: training is over."""
        listeners = self.listeners
        self._epoch, self._stage, self._logs, self._figures = epoch, "begin", {}, None
        self._guard.begin(0)
        if state is None:
            listeners.on_epoch_begin(epoch)
        else:
            self._take_up(state)
        if self._stage in ("begin", "steps"):
            self._train()
            if not self._guard.stands:
                return None
            self._stage = "validation"
        if self._stage == "validation":
            if self.validation is not None and self.validation.due(epoch):
                self._logs |= self._validate(self.validation)
            self._stage = "end"
            self.model.epochs_trained += 1
            listeners.on_epoch_end(epoch, self._logs)
        elif state is not None and state.hook:
            listeners.go_on("on_epoch_end", epoch, self._logs)
        return self._logs

    def _train(self) -> None:
        """The steps of the epoch."""
        model, listeners, feed, guard = self.model, self.listeners, self.feed, self._guard
        assert self._epoch is not None
        model.figures.show("train_step")
        if self._stage == "begin":
            feed.begin(self._new_order if self.shuffle else np.arange)
            model.reset_metrics()
            self._stage, self._logs = "steps", model.figures.sorted()
        going = not (guard.stands and model.stop_training)
        while going and feed.ready(guard.stands):
            self._put_figures()
            step = guard.stands
            due = 1 if model.optimizer.asks_each_step else listeners.batches_to_next
            end = feed.steps or step + 1
            last = end if due is None else min(end, step + due)
            listeners.on_train_batch_begin(step)
            model.optimizer.refresh_learning_rate()
            guard.before(step)
            done = feed.run(step, last)
            self._logs = model.figures.sorted()
            told = due is not None and done == step + due
            stands = guard.after(done, self._epoch, self._logs, now=told or done == feed.steps)
            if stands < done:
                self._logs = model.figures.sorted()
            if stands > step:
                listeners.on_train_batch_end(stands - 1, self._logs)
            interrupts.check()
            going = not model.stop_training
        feed.end(guard.stands)

    def _validate(self, validation: Validation) -> dict[str, float]:
        scores = self.model.run_test(validation.feed, self.listeners)
        return {f"val_{name}": value for name, value in sorted(scores.items())}

    def _new_order(self, n: int) -> np.ndarray:
        """The order of samples from this epoch on."""
        self._order_number = self.model.epochs_trained
        return self._order(n)

    def _order(self, n: int) -> np.ndarray:
        """An order of samples: a function of the seed and the epochs trained when it began."""
        rng = np.random.Generator(
            np.random.Philox(key=[self.model.shuffle_seed, self._order_number])
        )
        size = self.feed.batch_size
        if self.shuffle is True or size is None:
            return rng.permutation(n)
        order = np.arange(n)
        for first in range(0, n, size):
            rng.shuffle(order[first : first + size])
        return order

    # --- runs that go on --------------------------------------------------------------------------

    def state(self) -> RunState | None:
        """Where the run is; None before its first epoch."""
        if self._epoch is None:
            return None
        told = self.listeners.logs_told(_HOOKS.get(self._stage))
        return RunState(
            epoch=self._epoch,
            step=self._guard.stands,
            stage=self._stage,
            hook=told is not None,
            logs=dict(self._logs if told is None else told),
            stop=self.model.stop_training,
            order=self._order_number,
            first=self.feed.first,
            data=self._sizes(),
            figures=self.model.figures.get_state() if self._figures is None else self._figures,
            callbacks=self.listeners.get_states(),
        )

    def _sizes(self) -> dict[str, Any]:
        """What must be the same when the run goes on."""
        feed = self.feed
        return {
            "samples": feed.size,
            "batch_size": feed.batch_size,
            "steps": feed.usual_steps,
            "shuffle": self.shuffle,
        }

    def _take_up(self, state: RunState) -> None:
        """Begins the epoch that goes on.

        Callbacks are told of its begin, to set themselves up; what they change then, they had
        changed before: their own state and the variables are put back.
        """
        model, listeners = self.model, self.listeners
        kept = State(state_of(model))
        kept.keep()
        listeners.on_epoch_begin(state.epoch)
        kept.put_back()
        listeners.set_states(state.callbacks)
        model.stop_training = state.stop
        self._stage, self._logs = state.stage, dict(state.logs)
        self._figures = state.figures if state.step else None
        model.reset_metrics()
        self._order_number = state.order
        self._guard.begin(state.step)
        if isinstance(self.feed, ArrayFeed):  # else the metrics are made with the first batch
            self._put_figures()
        order = self._order if self.shuffle else np.arange
        if state.first:
            self.feed.restore(order, state.first)
        if state.stage == "steps":
            self.feed.begin(order, state.step)
        if state.hook and state.stage == "begin":
            listeners.go_on("on_epoch_begin", state.epoch, {})
        if state.hook and state.stage == "steps":
            listeners.go_on("on_train_batch_end", state.step - 1, logs=dict(state.logs))

    def _put_figures(self) -> None:
        if self._figures is not None:
            self.model.figures.set_state(self._figures)
            self._figures = None


def checked_shuffle(shuffle: Any) -> Any:
    """True, False or "batch"."""
    if isinstance(shuffle, (bool, np.bool_)) or shuffle == "batch":
        return shuffle if isinstance(shuffle, str) else bool(shuffle)
    raise ValueError(f"`shuffle` must be True, False or 'batch'. Received: shuffle={shuffle!r}")


def validation_epochs(frequency: Any) -> Callable[[int], bool]:
    """Whether an epoch (from 0) is followed by validation."""
    if isinstance(frequency, (list, tuple, set)):
        wanted = {check.integer("validation_freq", e, 1) for e in frequency}
        return lambda epoch: epoch + 1 in wanted
    every = check.integer("validation_freq", frequency, 1)
    return lambda epoch: (epoch + 1) % every == 0
