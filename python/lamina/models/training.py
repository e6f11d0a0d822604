"""A training run: epochs of batches, with validation and callbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.models.feeds import Feed
from lamina.models.guard import Guard
from lamina.utils import check

if TYPE_CHECKING:
    from lamina.callbacks import CallbackList, History
    from lamina.models.trainer import Trainer


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
    ) -> None:
        self.model, self.feed, self.shuffle = model, feed, shuffle
        self.validation, self.listeners = validation, listeners
        self._guard = Guard(model, feed, nan_policy)

    def run(self, first_epoch: int, last_epoch: int) -> History:
        """Trains epochs first_epoch .. last_epoch - 1."""
        model, listeners = self.model, self.listeners
        history = self._begin_history()
        self.feed.prepare()
        model.stop_training = False
        listeners.on_train_begin()
        model.step_recorded = self._guard.take_in_new
        try:
            logs = self._run_epochs(first_epoch, last_epoch)
        finally:
            model.step_recorded = None
            if model.optimizer.built:
                model.optimizer.finalize_variable_values(model.trained_variables)
        listeners.on_train_end(logs)
        return history

    def _run_epochs(self, first_epoch: int, last_epoch: int) -> dict[str, float]:
        model, listeners = self.model, self.listeners
        logs: dict[str, float] = {}
        for epoch in range(first_epoch, last_epoch):
            listeners.on_epoch_begin(epoch)
            trained = self._train_epoch(epoch)
            if trained is None:
                break
            logs = trained
            if self.validation is not None and self.validation.due(epoch):
                logs |= self._validate(self.validation)
            listeners.on_epoch_end(epoch, logs)
            model.epochs_trained += 1
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

    def _train_epoch(self, epoch: int) -> dict[str, float] | None:
        """The figures of the epoch; None if no step of it stands: training is over."""
        model, listeners, feed = self.model, self.listeners, self.feed
        feed.begin(self._order if self.shuffle else np.arange)
        model.reset_metrics()
        alone = listeners.train_batch_hooks or model.optimizer.asks_each_step
        stride = 1 if alone or feed.steps is None else feed.steps
        step, logs = 0, model.figures.sorted()
        while feed.ready(step):
            last = step + stride if feed.steps is None else min(step + stride, feed.steps)
            listeners.on_train_batch_begin(step)
            model.optimizer.refresh_learning_rate()
            self._guard.before(step)
            done = feed.run(step, last)
            logs = model.figures.sorted()
            stands = self._guard.after(done, epoch, logs, now=alone or done == feed.steps)
            if stands < done:
                logs = model.figures.sorted()
            if stands > step:
                listeners.on_train_batch_end(stands - 1, logs)
            step = stands
            if model.stop_training:
                break
        feed.end(step)
        return logs if step else None

    def _validate(self, validation: Validation) -> dict[str, float]:
        scores = self.model.run_test(validation.feed, self.listeners)
        return {f"val_{name}": value for name, value in sorted(scores.items())}

    def _order(self, n: int) -> np.ndarray:
        """The order of samples in this epoch: a function of the seed and the epochs trained."""
        key = [self.model.shuffle_seed, self.model.epochs_trained]
        rng = np.random.Generator(np.random.Philox(key=key))
        size = self.feed.batch_size
        if self.shuffle is True or size is None:
            return rng.permutation(n)
        order = np.arange(n)
        for first in range(0, n, size):
            rng.shuffle(order[first : first + size])
        return order


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
