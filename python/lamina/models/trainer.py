"""fit, evaluate, and single steps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.data.batches import come_in_batches, parts_of
from lamina.data.samples import Samples
from lamina.graph.dims import MixedSamplesError
from lamina.graph.tensor import MetricNeedsNumbersError, NeedsNumbersError
from lamina.models import intake, steps, training
from lamina.models.compiling import Compilable
from lamina.models.feeds import ArrayFeed, Feed, batch_feed
from lamina.models.steps import test_step
from lamina.utils import check, interrupts

if TYPE_CHECKING:
    from lamina.callbacks import CallbackList, History
    from lamina.models.run_state import RunState


class Trainer(Compilable):
    """A layer that can be trained, evaluated and used on arrays."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stop_training = False
        self.stop_evaluating = False
        self.history: History | None = None
        self.interrupted: RunState | None = None  # where a fit was, here or in the file loaded
        self.current_run: training.TrainingRun | None = None
        self._shuffle_seed: int | None = None
        self.epochs_trained = 0  # of all fits: each has an order of samples of its own

    # --- fit --------------------------------------------------------------------------------------

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int | str = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> History:
        """Trains in batches, for `epochs` passes over the samples; returns the History.

        Args:
            x, y: samples on axis 0: arrays of any numeric dtype, frames of pandas and polars, lists,
                sparse matrices of SciPy.  Integers and float64 are converted batch by batch, never
                as a whole; a memory map is read batch by batch.  Or x makes batches (x,), (x, y) or
                (x, y, sample_weight): a generator, a `PyDataset`, any iterable.
            batch_size: samples per step; the last batch may be smaller.  By default 32, or with
                `steps_per_epoch` as many as make so many steps of all samples.
            epochs, initial_epoch: trains epochs initial_epoch .. epochs - 1.  With initial_epoch="auto",
                a fit that was interrupted (here, or when the file that was loaded was written) goes on
                behind its last step, with the same bits as if it had not been; else from epoch 0.
            verbose: "auto" (a bar on a terminal, lines elsewhere), 0, 1 (bar), 2 (a line per epoch).
            validation_split: this share of the samples, taken from the end before shuffling, is
                evaluated after each epoch instead of trained on.
            validation_data: x, (x, y), (x, y, sample_weight) or batches, instead of a split.
            shuffle: True for a new order each epoch, a function of the seed and the number of epochs
                trained so far; "batch" for one within each batch; False for the order given.
            class_weight, sample_weight: how much samples count in the loss.
            steps_per_epoch: an epoch is so many batches, and the next one goes on from there.  Data
                that run out end the epoch with a warning; a generator that ran out, the training.
            validation_steps: validation is so many batches, from the first one each time (a generator
                is read on).
            validation_freq: validate every so many epochs, or after the epochs listed (1-based).

        Errors: TypeError or ValueError, before anything is changed, for data that is not finite, is
        not numeric or does not fit, for targets that do not fit the loss, and for bad arguments.

        Examples:
            >>> x, y = np.arange(8.0).reshape(8, 1), np.arange(8.0).reshape(8, 1)
            >>> model = lamina.Sequential([lamina.Input((1,)), lamina.layers.Dense(1)])
            >>> model.compile(loss="mse", optimizer="sgd")
            >>> history = model.fit(x, y, epochs=3, batch_size=4, verbose=0)
            >>> len(history.history["loss"]), history.history["loss"][0] > history.history["loss"][-1]
            (3, True)
        """
        self._require_compiled()
        check.integer("epochs", epochs, 0)
        goes_on = initial_epoch == "auto"
        first = 0 if goes_on else check.integer("initial_epoch", initial_epoch, 0)
        shuffle = training.checked_shuffle(shuffle)
        due = training.validation_epochs(validation_freq)
        size = check.integer_or_none("batch_size", batch_size, 1)
        limit = check.integer_or_none("steps_per_epoch", steps_per_epoch, 1)
        feed: Feed
        held_out: Samples | None = None
        if come_in_batches(x):
            intake.refuse_beside_batches(x, y=y, sample_weight=sample_weight)
            feed = batch_feed(self, steps.train_step, x, limit, "steps_per_epoch", class_weight)
            if validation_split and validation_data is None:
                raise ValueError(
                    "`validation_split` is only supported for arrays. "
                    f"Received: x of type {type(x).__name__}"
                )
        else:
            split = 0.0 if validation_data is not None else validation_split
            train, held_out = intake.training_samples(
                self, x, y, sample_weight, class_weight, split
            )
            feed = ArrayFeed(self, steps.train_step, train, size, limit)
        validation = self._validation(
            held_out if validation_data is None else validation_data,
            check.integer_or_none("validation_batch_size", validation_batch_size, 1) or size,
            check.integer_or_none("validation_steps", validation_steps, 1), due,
        )  # fmt: skip
        listeners = self._listeners(callbacks, verbose, epochs, feed.usual_steps, add_history=True)
        policy = "ignore" if listeners.watches_loss else self._nan_policy
        with (
            contextlib.closing(listeners), contextlib.closing(feed), self._exclusively("fit")
        ):  # fmt: skip
            run = training.TrainingRun(self, feed, shuffle, validation, listeners, policy, goes_on)
            return run.run(first, epochs)

    @property
    def run_state(self) -> RunState | None:
        """Where training is; outside of fit, where it was interrupted."""
        now = None if self.current_run is None else self.current_run.state()
        return now or self.interrupted

    def go_on(self) -> None:
        """Within `on_train_begin`: lets fit go on where the file that was just loaded was written."""
        assert self.current_run is not None
        self.current_run.goes_on = True

    def _validation(
        self, data: Any, size: int | None, limit: int | None, due: Any
    ) -> training.Validation | None:
        """What to validate on: a part of the samples, (x, y, ...), or batches."""
        if data is None:
            return None
        feed: Feed
        if come_in_batches(data):
            feed = batch_feed(self, steps.test_step, data, limit, "validation_steps")
        else:
            samples = data if isinstance(data, Samples) else intake.validation_samples(self, data)
            feed = ArrayFeed(self, steps.test_step, samples, size, limit)
        return training.Validation(feed, due)

    @property
    def shuffle_seed(self) -> int:
        """The seed of the orders of samples, drawn at the first use from NumPy's generator."""
        if self._shuffle_seed is None:
            self._shuffle_seed = int(np.random.randint(2**31))
        return self._shuffle_seed

    @contextlib.contextmanager
    def _exclusively(self, what: str) -> Iterator[None]:
        """Refuses a second thread: training changes the weights."""
        lock = self._locks.fitting
        if not lock.acquire(blocking=False):
            raise RuntimeError(f"`{what}` on model {self.name!r} while another thread trains it")
        try:
            yield
        finally:
            lock.release()

    # --- evaluate ---------------------------------------------------------------------------------

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The loss and metrics on samples, outside of training (no dropout).

        Returns the loss when there are no metrics, else [loss, metric, ...] in the order of
        `metrics_names`, or a dict.

        Examples:
            >>> layer = lamina.layers.Dense(1, kernel_initializer="ones")
            >>> model = lamina.Sequential([lamina.Input((1,)), layer])
            >>> model.compile(loss="mse", metrics=["mae"])
            >>> model.evaluate(np.ones((4, 1)), np.zeros((4, 1)), verbose=0, return_dict=True)
            {'loss': 1.0, 'mae': 1.0}
        """
        check.no_more("evaluate", kwargs)
        self._require_compiled()
        size = check.integer_or_none("batch_size", batch_size, 1)
        limit = check.integer_or_none("steps", steps, 1)
        feed: Feed
        if come_in_batches(x):
            intake.refuse_beside_batches(x, y=y, sample_weight=sample_weight)
            feed = batch_feed(self, test_step, x, limit, "steps")
        else:
            samples = intake.samples(self, x, y, sample_weight)
            feed = ArrayFeed(self, test_step, samples, size, limit)
        listeners = self._listeners(callbacks, verbose, 1, feed.usual_steps)
        with contextlib.closing(listeners):
            self.run_test(feed, listeners)
        return self._figures.scores(return_dict)

    def run_test(self, feed: Feed, listeners: CallbackList) -> dict[str, float]:
        """The loss and metrics of what the feed gives, in the order of compile; {} for no batch."""
        with contextlib.closing(feed):
            step = self._test_steps(feed, listeners)
            feed.end(step)
        scores: dict[str, float] = self._figures.now() if step else {}
        listeners.on_test_end(scores)
        return scores

    def _test_steps(self, feed: Feed, listeners: CallbackList) -> int:
        feed.restart()
        feed.begin(np.arange)
        self.reset_metrics()
        self._figures.show("test_step")
        self.stop_evaluating = False
        listeners.on_test_begin()
        stride = 1 if listeners.test_batch_hooks or feed.steps is None else feed.steps
        step = 0
        while feed.ready(step):
            last = step + stride if feed.steps is None else min(step + stride, feed.steps)
            listeners.on_test_batch_begin(step)
            step = feed.run(step, last)
            listeners.on_test_batch_end(step - 1, self._figures.sorted())
            interrupts.check()
            if self.stop_evaluating:
                break
        return step

    # --- one batch --------------------------------------------------------------------------------

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """One step on one batch; the loss and metrics of this batch."""
        self._require_compiled()
        parts = parts_of((x, y, sample_weight))
        batch, _ = intake.training_samples(self, *parts, class_weight, 0.0)
        with self._exclusively("train_on_batch"):
            self.optimizer.refresh_learning_rate()
            self._one_step(steps.train_step, batch)
        return self._figures.scores(return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """The loss and metrics of one batch, without training."""
        self._require_compiled()
        batch = intake.samples(self, *parts_of((x, y, sample_weight)))
        self._one_step(steps.test_step, batch)
        return self._figures.scores(return_dict)

    def _one_step(self, step: steps.Step, batch: Samples) -> None:
        batch, rows = batch.dense(), len(batch)
        self.reset_metrics()
        self._figures.show(step.__name__)
        program = self._program(step, batch, 1 << (rows - 1).bit_length())
        program.run_steps(batch.arrays, np.arange(rows), 0, 1, 0.0)

    # --- programs ---------------------------------------------------------------------------------

    def _recorded(self, step: steps.Step) -> Any:
        return self.optimizer.program_key if step is steps.train_step else None

    def _make_program(self, step: steps.Step, samples: Samples, batch_size: int) -> Any:
        if step in steps.PREDICTIONS:
            return super()._make_program(step, samples, batch_size)
        if self.signature is not None:
            self._reports.resolve(samples.y, self.signature)
        if step is steps.train_step and not self.optimizer.built:
            self.optimizer.build(self.trained_variables)
        if not self.run_eagerly:
            try:
                return super()._make_program(step, samples, batch_size)
            except MetricNeedsNumbersError:
                pass  # a metric that computes in Python
            except (NeedsNumbersError, MixedSamplesError):
                raise
            except Exception as error:
                try:
                    return steps.SizedProgram(step, self, samples, batch_size)
                except Exception:
                    raise error from None
        return steps.EagerProgram(step, self, samples.layout, batch_size)
