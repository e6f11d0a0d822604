"""A training run: epochs of batches, with validation and callbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import backends
from lamina.data.samples import Samples
from lamina.utils import check

if TYPE_CHECKING:
    from lamina.callbacks import CallbackList, History
    from lamina.models.trainer import Trainer

CONTROL_SECONDS = 0.05  # how long steps run before Python looks after the bar and Ctrl-C


class Validation:
    """What is evaluated after epochs, and after which."""

    def __init__(
        self, samples: Samples, batch_size: int, steps: int, due: Callable[[int], bool]
    ) -> None:
        self.samples, self.batch_size, self.steps, self.due = samples, batch_size, steps, due


class TrainingRun:
    """One call of fit, its arguments checked; `steps` make an epoch."""

    def __init__(
        self,
        model: Trainer,
        program: backends.Program,
        samples: Samples,
        batch_size: int,
        steps: int,
        shuffle: Any,
        validation: Validation | None,
        listeners: CallbackList,
    ) -> None:
        self.model, self.program, self.samples = model, program, samples
        self.batch_size, self.steps, self.shuffle = batch_size, steps, shuffle
        self.validation, self.listeners = validation, listeners

    def run(self, first_epoch: int, last_epoch: int) -> History:
        """Trains epochs first_epoch .. last_epoch - 1."""
        model, listeners = self.model, self.listeners
        history = self._begin_history()
        model.stop_training = False
        listeners.on_train_begin()
        logs: dict[str, float] = {}
        for epoch in range(first_epoch, last_epoch):
            listeners.on_epoch_begin(epoch)
            logs = self._train_epoch()
            if self.validation is not None and self.validation.due(epoch):
                logs |= self._validate(self.validation)
            listeners.on_epoch_end(epoch, logs)
            model.epochs_trained += 1
            if model.stop_training:
                break
        model.optimizer.finalize()
        listeners.on_train_end(logs)
        return history

    def _begin_history(self) -> History:
        history = self.listeners.history
        assert history is not None
        history.samples = len(self.samples)
        history.validation_samples = None
        if self.validation is not None:
            history.validation_samples = len(self.validation.samples)
        history.batch_size = self.batch_size
        self.model.history = history
        return history

    def _train_epoch(self) -> dict[str, float]:
        model, listeners = self.model, self.listeners
        order = self._order()
        arrays = self.samples.arrays
        model.reset_metrics()
        stride = 1 if listeners.train_batch_hooks or model.optimizer.asks_each_step else self.steps
        step = 0
        while step < self.steps and not model.stop_training:
            last = min(step + stride, self.steps)
            listeners.on_train_batch_begin(step)
            model.optimizer.refresh_learning_rate()
            step = self.program.run_steps(arrays, order, step, last, CONTROL_SECONDS)
            listeners.on_train_batch_end(step - 1, model.figures.sorted())
        return model.figures.sorted()

    def _validate(self, validation: Validation) -> dict[str, float]:
        scores = self.model.run_test(
            validation.samples, validation.batch_size, validation.steps, self.listeners
        )
        return {f"val_{name}": value for name, value in sorted(scores.items())}

    def _order(self) -> np.ndarray:
        """The order of samples in this epoch: a function of the seed and the epochs trained."""
        n = len(self.samples)
        if self.shuffle is False:
            return np.arange(n)
        key = [self.model.shuffle_seed, self.model.epochs_trained]
        rng = np.random.Generator(np.random.Philox(key=key))
        if self.shuffle is True:
            return rng.permutation(n)
        order = np.arange(n)
        for first in range(0, n, self.batch_size):
            rng.shuffle(order[first : first + self.batch_size])
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
