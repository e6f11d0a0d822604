"""compile, fit, evaluate, predict."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import backends, optimizers
from lamina.data.samples import Samples
from lamina.graph.graph import graph_of
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable
from lamina.layers.layer import Layer
from lamina.models import intake, steps, training
from lamina.models.locks import ModelLocks
from lamina.utils import check
from lamina.utils.progbar import resolve_verbose, show_finished

if TYPE_CHECKING:
    from lamina import metrics
    from lamina.callbacks import CallbackList, History

_PREDICT_ROWS = 256  # rows computed at once: the results do not depend on it


class Trainer(Layer):
    """A layer that can be trained, evaluated and used on arrays."""

    def __init__(self, *, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name=name, trainable=trainable)
        self.compiled = False
        self._compile_config: dict[str, Any] = {}
        self.run_eagerly = False
        self.stop_training = False
        self.stop_evaluating = False
        self.stop_predicting = False
        self.history: History | None = None
        self._optimizer: optimizers.Optimizer | None = None
        self._programs: dict[Any, backends.Program] = {}
        self._predictor: tuple[Any, backends.Program | None] = (None, None)  # with its backend
        self._trained: list[Variable] | None = None
        self._locks = ModelLocks()
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
    ) -> None:
        """Chooses optimizer, loss and metrics for training.

        Args:
            optimizer: a name or an Optimizer.
            loss: a name, a Loss, or a function `(y_true, y_pred)` made of `lamina.ops`.
            loss_weights: a number the loss is multiplied by.
            metrics, weighted_metrics: lists of names, Metrics or functions; the weighted ones take
                sample_weight into account.
            run_eagerly: run operation by operation in Python, on real numbers, for debugging.
            steps_per_execution, jit_compile, auto_scale_loss: accepted as in Keras.  Steps always
                run natively, many at a time.

        Errors: ValueError for an unknown name, or metrics that are not a list, tuple or dict.
        """
        from lamina.models import compiled  # and with it all losses and metrics

        check.integer("steps_per_execution", steps_per_execution, 1)
        self._objective = compiled.Objective(loss, loss_weights)
        self.reports = compiled.Reports(metrics, weighted_metrics)
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
    def metrics(self) -> list[metrics.Metric]:
        """The loss's mean, and the metrics of compile once their shapes are known."""
        return self.reports.all() if self.compiled else []

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        return [m.name for m in self.metrics]

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None
    ) -> Any:
        """The number that a step minimises; to be overridden for other objectives."""
        trace = current_trace()
        penalties = list(trace.losses) if trace is not None else []
        for variable in self.trainable_variables:
            if variable.regularizer is not None:
                penalties.append(variable.regularizer(variable.value))
        return self._objective(y, y_pred, sample_weight, penalties)

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
        """
        self._require_compiled()
        train, held_out = intake.training_samples(
            self, x, y, sample_weight, class_weight, validation_split, validation_data
        )
        size = _batch_size(batch_size)
        check.integer("epochs", epochs, 0)
        check.integer("initial_epoch", initial_epoch, 0)
        shuffle = training.checked_shuffle(shuffle)
        due = training.validation_epochs(validation_freq)
        validation_size = _batch_size(validation_batch_size, "validation_batch_size", size)
        validation = None
        if held_out is not None:
            limit = held_out.steps(validation_size, "validation_steps", validation_steps)
            validation = training.Validation(held_out, validation_size, limit, due)
        total = train.steps(size, "steps_per_epoch", steps_per_epoch)
        listeners = self._listeners(callbacks, verbose, epochs, total, add_history=True)
        with contextlib.closing(listeners), self._exclusively("fit"):
            program = self._program(steps.train_step, train.specs, size)
            run = training.TrainingRun(
                self, program, train, size, total, shuffle, validation, listeners
            )
            return run.run(initial_epoch, epochs)

    @property
    def shuffle_seed(self) -> int:
        """The seed of the orders of samples, drawn at the first use from NumPy's generator."""
        if self._shuffle_seed is None:
            self._shuffle_seed = int(np.random.randint(2**31))
        return self._shuffle_seed

    def _listeners(
        self, callbacks: Any, verbose: Any, epochs: int, total: int, add_history: bool = False
    ) -> CallbackList:
        from lamina.callbacks import CallbackList

        return CallbackList(
            callbacks,
            add_history=add_history,
            add_progbar=resolve_verbose(verbose) != 0,
            model=self,
            verbose=verbose,
            epochs=epochs,
            steps=total,
        )

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

    # --- evaluate, predict ------------------------------------------------------------------------

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
        """
        check.no_more("evaluate", kwargs)
        self._require_compiled()
        samples = intake.samples(self, x, y, sample_weight)
        size = _batch_size(batch_size)
        total = samples.steps(size, "steps", steps)
        with contextlib.closing(self._listeners(callbacks, verbose, 1, total)) as listeners:
            self.run_test(samples, size, total, listeners)
        return self.reports.scores(return_dict)

    def run_test(
        self, samples: Samples, batch_size: int, total: int, listeners: CallbackList
    ) -> dict[str, float]:
        """The loss and metrics of the samples' first `total` batches, in the order of compile."""
        program = self._program(steps.test_step, samples.specs, batch_size)
        order = np.arange(len(samples))
        self.reports.reset()
        self.stop_evaluating = False
        listeners.on_test_begin()
        stride = 1 if listeners.test_batch_hooks else total
        step = 0
        while step < total and not self.stop_evaluating:
            last = min(step + stride, total)
            listeners.on_test_batch_begin(step)
            step = program.run_steps(samples.given, order, step, last, training.CONTROL_SECONDS)
            listeners.on_test_batch_end(step - 1, self.reports.sorted_results())
        scores = self.reports.results()
        listeners.on_test_end(scores)
        return scores

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> np.ndarray:
        """The output for each sample, float32; rows do not depend on the batch they are in.

        NaN and infinity in x are computed with, as in Keras.
        """
        size = _batch_size(batch_size)
        if steps is not None:
            array = intake.inputs(self, x, finite=False)
            x = array[: check.integer("steps", steps, 1) * size]
        self.stop_predicting = False
        if callbacks is not None:
            return self._predict_with(
                callbacks, intake.inputs(self, x, finite=False), size, verbose
            )
        shown = resolve_verbose(verbose)
        start = time.perf_counter()
        result = self.predict_on_batch(x)
        show_finished(-(-len(result) // size), time.perf_counter() - start, shown)
        return result

    def _predict_with(
        self, callbacks: Any, array: np.ndarray, size: int, verbose: Any
    ) -> np.ndarray:
        total = -(-len(array) // size)
        with contextlib.closing(self._listeners(callbacks, verbose, 1, total)) as listeners:
            listeners.on_predict_begin()
            if listeners.predict_batch_hooks:
                result = self._predict_by_batch(array, size, listeners)
            else:
                result = self._predict(array)
                listeners.on_predict_batch_end(total - 1)
            listeners.on_predict_end()
        return result

    def _predict_by_batch(
        self, array: np.ndarray, size: int, listeners: CallbackList
    ) -> np.ndarray:
        parts = []
        for step, first in enumerate(range(0, len(array), size)):
            listeners.on_predict_batch_begin(step)
            parts.append(self._predict(array[first : first + size]))
            listeners.on_predict_batch_end(step, {"outputs": parts[-1]})
            if self.stop_predicting:
                break
        return np.concatenate(parts)

    def _predict(self, array: np.ndarray) -> np.ndarray:
        program = self._program(steps.predict_step, Samples(array).specs, _PREDICT_ROWS)
        self._predictor = (backends.current(), program)
        result: np.ndarray = np.empty((len(array), *self.output_shape[1:]), "f")  # type: ignore[arg-type]
        program.map([array], len(array), [result])
        return result

    def predict_classes(
        self, x: Any, batch_size: int | None = None, verbose: Any = 0
    ) -> np.ndarray:
        """The class of each sample: the largest output, or 1 where a single output is above 0.5."""
        scores = self.predict(x, batch_size=batch_size, verbose=verbose)
        if scores.shape[-1] > 1:
            return scores.argmax(axis=-1)
        return (scores > 0.5).astype("int32")

    def predict_proba(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> np.ndarray:
        """`predict`, by the name it has in scikit-learn."""
        return self.predict(x, batch_size=batch_size, verbose=verbose)

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
        batch, _ = intake.training_samples(self, x, y, sample_weight, class_weight, 0, None)
        with self._exclusively("train_on_batch"):
            self.optimizer.refresh_learning_rate()
            self._one_step(steps.train_step, batch)
        return self.reports.scores(return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """The loss and metrics of one batch, without training."""
        self._require_compiled()
        self._one_step(steps.test_step, intake.samples(self, x, y, sample_weight))
        return self.reports.scores(return_dict)

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """The output for one batch."""
        backend, program = self._predictor
        if program is not None and backend is backends.current():
            result = program.predict(x)
            if result is not None:
                return result
        return self._predict(intake.inputs(self, x, finite=False))

    def reset_metrics(self) -> None:
        """Starts the loss and metrics anew."""
        self._require_compiled()
        self.reports.reset()

    def _one_step(self, step: steps.Step, batch: Samples) -> None:
        rows = len(batch)
        self.reports.reset()
        program = self._program(step, batch.specs, 1 << (rows - 1).bit_length())
        program.run_steps(batch.given, np.arange(rows), 0, 1, 0.0)

    def check_targets(self, y: np.ndarray | None) -> None:
        """Refuses targets that do not fit the loss and the output."""
        self._objective.check_targets(y, self.output_shape)

    # --- programs ---------------------------------------------------------------------------------

    def _forget_programs(self) -> None:
        self._programs.clear()
        self._predictor = (None, None)
        self._trained = None

    @property
    def trained_variables(self) -> list[Variable]:
        """What steps change: the variables that were trainable in the first step since compile."""
        if self._trained is None:
            self._trained = self.trainable_variables
        return self._trained

    def _program(self, step: steps.Step, specs: Any, batch_size: int) -> backends.Program:
        """The compiled step for x, y, sample_weight like these, in batches of up to `batch_size`."""
        key = (step.__name__, specs, batch_size, backends.name())
        with self._locks.building:
            program = self._programs.get(key)
            if program is None:
                program = self._programs[key] = self._make_program(step, specs, batch_size)
        return program

    def _make_program(self, step: steps.Step, specs: Any, batch_size: int) -> backends.Program:
        if step is not steps.predict_step:
            self.reports.resolve(None if specs[1] is None else specs[1].shape, self.output_shape)
        if step is steps.train_step and not self.optimizer.built:
            self.optimizer.build(self.trained_variables)
        if step is not steps.predict_step and (
            self.run_eagerly or self._objective.compares_samples
        ):
            return steps.EagerProgram(step, self, [s is not None for s in specs], batch_size)
        trace, outputs = steps.record(step, self, specs)
        if step is steps.predict_step:
            steps.check_rows(outputs[0])
        return backends.compile_program(graph_of(trace, outputs), batch_size)

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        raise NotImplementedError

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        raise NotImplementedError


def _batch_size(value: Any, name: str = "batch_size", default: int = 32) -> int:
    return default if value is None else check.integer(name, value, 1)
