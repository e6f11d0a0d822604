"""compile, fit, evaluate."""

from __future__ import annotations

import contextlib
import functools
import inspect
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import backends, ops, optimizers, tree
from lamina.data.batches import Batches, come_in_batches
from lamina.data.samples import Samples
from lamina.graph.differentiate import gradients
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable
from lamina.models import intake, steps, training
from lamina.models.feeds import ArrayFeed, BatchFeed, Feed
from lamina.models.guard import POLICIES
from lamina.models.intake import unpack_x_y_sample_weight
from lamina.models.predictor import Predictor, checked_batch_size
from lamina.models.steps import test_step
from lamina.utils import check

if TYPE_CHECKING:
    from lamina.callbacks import CallbackList, History
    from lamina.metrics import Metric
    from lamina.models.compiled import Objective


class Trainer(Predictor):
    """A layer that can be trained, evaluated and used on arrays."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.compiled = False
        self._compile_config: dict[str, Any] = {}
        self.stop_training = False
        self.stop_evaluating = False
        self.history: History | None = None
        self._optimizer: optimizers.Optimizer | None = None
        self._trained: list[Variable] | None = None
        self._shuffle_seed: int | None = None
        self.epochs_trained = 0  # of all fits: each has an order of samples of its own

    # --- compile ----------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        nan_policy: str = "raise",
    ) -> None:
        """Chooses optimizer, losses and metrics for training.

        For several outputs, `loss`, `loss_weights`, `metrics` and `weighted_metrics` are lists with
        an entry for each output, or dicts by the outputs' names; a single loss counts for all.

        Args:
            optimizer: a name or an Optimizer.
            loss: a name, a Loss, or a function `(y_true, y_pred)` made of `lamina.ops`.
            loss_weights: a number the loss is multiplied by.
            metrics, weighted_metrics: lists of names, Metrics or functions; the weighted ones take
                sample_weight into account.
            run_eagerly: run operation by operation in Python, on real numbers, for debugging.
            steps_per_execution, jit_compile, auto_scale_loss: accepted as in Keras.  Steps always
                run natively, many at a time.
            nan_policy: what `fit` does when the loss is NaN or infinite: it takes the first such
                step back and ends with a FloatingPointError ("raise") or a warning ("stop"); or
                trains on as Keras does ("ignore").

        Errors: ValueError for an unknown name, or metrics that are not a list, tuple or dict.
        """
        from lamina.models import compiled, figures  # and with them all losses and metrics

        check.integer("steps_per_execution", steps_per_execution, 1)
        if nan_policy not in POLICIES:
            raise ValueError(
                f"`nan_policy` must be one of {POLICIES}. Received: nan_policy={nan_policy!r}"
            )
        self._nan_policy = nan_policy
        self._objective = compiled.Objective(loss, loss_weights)
        self._reports = compiled.Reports(metrics, weighted_metrics, self._objective)
        self._figures = figures.Figures(self)
        self._optimizer = optimizers.get(optimizer)
        self._compile_loss = loss
        self._compile_config = {
            "optimizer": self._optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }
        self.run_eagerly = bool(run_eagerly)
        self.compiled = True
        self._forget_programs()

    def get_compile_config(self) -> dict[str, Any]:
        """What compile was told, as `compile_from_config` reads it; empty before compile."""
        from lamina.saving.serialize import serialize_keras_object

        config: dict[str, Any] = serialize_keras_object(self._compile_config)
        return config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as `get_compile_config` says.

        A class with a `compile` of its own is left uncompiled, with a warning, unless it has a
        `compile_from_config` of its own too.
        """
        if type(self).compile is not Trainer.compile:
            warnings.warn(
                "`compile()` was not called: this class has its own, and must then override "
                "`get_compile_config()` and `compile_from_config(config)` too, or be compiled after "
                "loading.",
                stacklevel=2,
            )
            return
        from lamina.saving.deserialize import deserialize_keras_object

        self.compile(**deserialize_keras_object(config))
        if self.built:
            self.optimizer.build(self.trainable_variables)

    def _require_compiled(self) -> None:
        if not self.compiled:
            raise ValueError("You must call `compile()` before using the model.")

    @property
    def optimizer(self) -> Any:
        """The optimizer; None before compile."""
        return self._optimizer

    @property
    def loss(self) -> Any:
        """The loss as compile was given it."""
        return self._compile_loss if self.compiled else None

    @property
    def objective(self) -> Objective:
        """The losses of compile."""
        return self._objective

    @property
    def figures(self) -> Any:
        """What steps report."""
        return self._figures

    @property
    def has_objective(self) -> bool:
        """Whether compile was given a loss: then targets are nested like the outputs."""
        return self.compiled and not self._objective.is_empty

    # --- metrics ----------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Metric]:
        """The loss's mean, the metrics of compile once their shapes are known, and the model's own."""
        own = list(self._own_metrics)
        for layer in self._flatten()[1:]:
            if not isinstance(layer, Trainer):
                own += layer._own_metrics
        return list(self._reports.named(own).values()) if self.compiled else own

    @property
    def named_metrics(self) -> dict[str, Metric]:
        """The metrics by the names they are reported under."""
        if type(self).metrics is not Trainer.metrics:
            return {metric.name: metric for metric in self.metrics}
        compiled = self._reports.named() if self.compiled else {}
        known = {id(metric) for metric in compiled.values()}
        own = [metric for metric in self.metrics if id(metric) not in known]
        return self._reports.named(own) if self.compiled else {m.name: m for m in own}

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        return list(self.named_metrics)

    def reset_metrics(self) -> None:
        """Starts the loss and metrics anew."""
        for metric in self.named_metrics.values():
            metric.reset_state()

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Takes a batch into the metrics of compile, and returns all figures; may be overridden."""
        self._reports.update(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> Any:
        """The figures of all metrics by name."""
        from lamina.models.compiled import Results

        results = Results(self.named_metrics)
        return results if current_trace() is not None else dict(results)

    # --- a step: each may be overridden; it is recorded once, on symbolic tensors ------------------

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The number that a step minimises; to be overridden for other objectives."""
        return self._objective(y, y_pred, sample_weight, self.losses)

    def _compute_loss(self, x: Any, y: Any, y_pred: Any, weight: Any, training: bool) -> Any:
        """compute_loss, for overriding methods that do not know `training` too."""
        named = {"x": x, "y": y, "y_pred": y_pred, "sample_weight": weight}
        if training_is_known(type(self).compute_loss):
            named["training"] = training
        loss = self.compute_loss(**named)
        rows = ops.count(tree.flatten(y_pred)[0], axes=(0,))
        self._reports.loss.update_state(loss, sample_weight=rows)
        return loss

    def train_step(self, data: Any) -> Any:
        """One step on a batch `data` = (x, y, sample_weight): returns figures by name.

        A method that overrides this one is written in `lamina.ops` and recorded once:

            x, y, sample_weight = lamina.utils.unpack_x_y_sample_weight(data)
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
            gradients = lamina.gradients(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            return {"loss": loss}
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)
        loss = self._compute_loss(x, y, y_pred, sample_weight, True)
        variables = self.trained_variables
        scaled = self.optimizer.scale_loss(loss)
        self.optimizer.apply(gradients(scaled, variables), variables)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> Any:
        """The evaluation of a batch: returns figures by name; may be overridden as `train_step`."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        self._compute_loss(x, y, y_pred, sample_weight, False)
        return self.compute_metrics(x, y, y_pred, sample_weight)

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
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> History:
        """Trains on arrays, in batches, for `epochs` passes; returns the History.

        Args:
            x, y: samples on axis 0: arrays of any numeric dtype, pandas, lists.  Integers and
                float64 are converted batch by batch, never as a whole.
            batch_size: samples per step, 32 by default; the last batch may be smaller.
            epochs, initial_epoch: trains epochs initial_epoch .. epochs - 1.
            verbose: "auto" (a bar on a terminal, lines elsewhere), 0, 1 (bar), 2 (a line per epoch).
            validation_split: this share of the samples, taken from the end before shuffling, is
                evaluated after each epoch instead of trained on.
            validation_data: (x, y) or (x, y, sample_weight), instead of a split.
            shuffle: True for a new order each epoch, a function of the seed and the number of epochs
                trained so far; "batch" for one within each batch; False for the order given.
            class_weight, sample_weight: how much samples count in the loss.
            steps_per_epoch, validation_steps: at most so many batches.
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
        check.integer("initial_epoch", initial_epoch, 0)
        shuffle = training.checked_shuffle(shuffle)
        due = training.validation_epochs(validation_freq)
        size = checked_batch_size(batch_size)
        limit = _optional_steps("steps_per_epoch", steps_per_epoch)
        feed: Feed
        held_out: Samples | None = None
        if come_in_batches(x):
            feed = self._batch_feed(steps.train_step, x, y, sample_weight, class_weight, limit)
            if validation_split:
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
            checked_batch_size(validation_batch_size, "validation_batch_size", size),
            _optional_steps("validation_steps", validation_steps), due,
        )  # fmt: skip
        listeners = self._listeners(callbacks, verbose, epochs, feed.usual_steps, add_history=True)
        policy = "ignore" if listeners.watches_loss else self._nan_policy
        with contextlib.closing(listeners), self._exclusively("fit"):
            run = training.TrainingRun(self, feed, shuffle, validation, listeners, policy)
            return run.run(initial_epoch, epochs)

    def _validation(
        self, data: Any, size: int, limit: int | None, due: Any
    ) -> training.Validation | None:
        """What to validate on: a part of the samples, (x, y, ...), or batches."""
        if data is None:
            return None
        feed: Feed
        if come_in_batches(data):
            feed = self._batch_feed(steps.test_step, data, None, None, None, limit)
        else:
            samples = data if isinstance(data, Samples) else intake.validation_samples(self, data)
            feed = ArrayFeed(self, steps.test_step, samples, size, limit)
        return training.Validation(feed, due)

    def _batch_feed(
        self, step: steps.Step, x: Any, y: Any, weight: Any, class_weight: Any, limit: int | None
    ) -> BatchFeed:
        for name, value in (("y", y), ("sample_weight", weight)):
            if value is not None:
                raise ValueError(
                    f"`{name}` must be None where `x` makes batches: they hold all three. "
                    f"Received: x of type {type(x).__name__}, {name} of type {type(value).__name__}"
                )

        def samples(x: Any, y: Any, weight: Any) -> Samples:
            return intake.training_samples(self, x, y, weight, class_weight, 0.0)[0]

        batches = Batches(x)
        if batches.endless and limit is None:
            raise ValueError(
                "The data are without end: say how many batches make an epoch. Received: "
                f"{'steps_per_epoch' if step is steps.train_step else 'validation_steps'}=None"
            )
        return BatchFeed(self, step, batches, samples, limit)

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
        """The loss and metrics on arrays, outside of training (no dropout).

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
        limit = _optional_steps("steps", steps)
        feed: Feed
        if come_in_batches(x):
            feed = self._batch_feed(test_step, x, y, sample_weight, None, limit)
        else:
            samples = intake.samples(self, x, y, sample_weight)
            feed = ArrayFeed(self, test_step, samples, checked_batch_size(batch_size), limit)
        total = feed.usual_steps
        with contextlib.closing(self._listeners(callbacks, verbose, 1, total)) as listeners:
            self.run_test(feed, listeners)
        return self._figures.scores(return_dict)

    def run_test(self, feed: Feed, listeners: CallbackList) -> dict[str, float]:
        """The loss and metrics of what the feed gives, in the order of compile."""
        feed.begin(np.arange)
        self.reset_metrics()
        self.stop_evaluating = False
        listeners.on_test_begin()
        stride = 1 if listeners.test_batch_hooks or feed.steps is None else feed.steps
        step = 0
        while not self.stop_evaluating and feed.ready(step):
            last = step + stride if feed.steps is None else min(step + stride, feed.steps)
            listeners.on_test_batch_begin(step)
            step = feed.run(step, last)
            listeners.on_test_batch_end(step - 1, self._figures.sorted())
        feed.end(step)
        scores: dict[str, float] = self._figures.now()
        listeners.on_test_end(scores)
        return scores

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
        batch, _ = intake.training_samples(self, x, y, sample_weight, class_weight, 0.0)
        with self._exclusively("train_on_batch"):
            self.optimizer.refresh_learning_rate()
            self._one_step(steps.train_step, batch)
        return self._figures.scores(return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """The loss and metrics of one batch, without training."""
        self._require_compiled()
        self._one_step(steps.test_step, intake.samples(self, x, y, sample_weight))
        return self._figures.scores(return_dict)

    def _one_step(self, step: steps.Step, batch: Samples) -> None:
        rows = len(batch)
        self.reset_metrics()
        program = self._program(step, batch, 1 << (rows - 1).bit_length())
        program.run_steps(batch.arrays, np.arange(rows), 0, 1, 0.0)

    def check_targets(self, y: Any) -> None:
        """Refuses targets that do not fit the losses and the outputs."""
        if self.has_objective:
            self._objective.check_targets(y, self._known("outputs"))

    # --- programs ---------------------------------------------------------------------------------

    def _forget_programs(self) -> None:
        super()._forget_programs()
        self._trained = None

    @property
    def trained_variables(self) -> list[Variable]:
        """What steps change: the variables that were trainable in the first step since compile."""
        if self._trained is None:
            self._trained = self.trainable_variables
        return self._trained

    def _recorded(self, step: steps.Step) -> Any:
        return self.optimizer.program_key if step is steps.train_step else None

    def _make_program(
        self, step: steps.Step, samples: Samples, batch_size: int
    ) -> backends.Program:
        if step is not steps.predict_step:
            self._reports.resolve(samples.y, self._known("outputs"))
        if step is steps.train_step and not self.optimizer.built:
            self.optimizer.build(self.trained_variables)
        if step is not steps.predict_step and (
            self.run_eagerly or self._objective.compares_samples
        ):
            return steps.EagerProgram(step, self, samples.layout, batch_size)
        return super()._make_program(step, samples, batch_size)


def _optional_steps(name: str, value: Any) -> int | None:
    return None if value is None else check.integer(name, value, 1)


@functools.lru_cache
def training_is_known(method: Any) -> bool:
    """Whether a method takes `training`."""
    return "training" in inspect.signature(method).parameters
