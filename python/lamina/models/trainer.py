"""compile, fit, evaluate, predict."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lamina import backends, metrics, optimizers
from lamina.callbacks import CallbackList, History
from lamina.data import arrays as data
from lamina.graph.graph import graph_of
from lamina.graph.trace import current_trace
from lamina.layers.layer import Layer
from lamina.models import compiled, steps
from lamina.utils import check
from lamina.utils.progbar import resolve_verbose

_CONTROL_SECONDS = 0.05  # how long training runs before Python looks after the bar and Ctrl-C
_PREDICT_ROWS = 256  # rows computed at once: the results do not depend on it


class Trainer(Layer):
    """A layer that can be trained, evaluated and used on arrays."""

    def __init__(self, *, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name=name, trainable=trainable)
        self.compiled = False
        self.run_eagerly = False
        self.stop_training = False
        self.stop_evaluating = False
        self.stop_predicting = False
        self.history: History | None = None
        self._optimizer: optimizers.Optimizer | None = None
        self._programs: dict[Any, backends.Program] = {}
        self._building = threading.RLock()
        self._fitting = threading.Lock()
        self._shuffle_seed: int | None = None
        self._epochs_trained = 0

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
        check.integer("steps_per_execution", steps_per_execution, 1)
        self._objective = compiled.Objective(loss, loss_weights)
        self.reports = compiled.Reports(metrics, weighted_metrics)
        self._optimizer = optimizers.get(optimizer)
        self._compile_loss = loss
        self.run_eagerly = bool(run_eagerly)
        self.compiled = True
        self._programs.clear()

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
        train, validation = self._training_data(
            x, y, sample_weight, class_weight, validation_split, validation_data
        )
        size = check.integer("batch_size", 32 if batch_size is None else batch_size, 1)
        check.integer("epochs", epochs, 0)
        check.integer("initial_epoch", initial_epoch, 0)
        shuffle = _checked_shuffle(shuffle)
        due = _validation_epochs(validation_freq)
        total = _step_count(train, size, "steps_per_epoch", steps_per_epoch)
        validation_size = size
        if validation_batch_size is not None:
            validation_size = check.integer("validation_batch_size", validation_batch_size, 1)
        with self._exclusively("fit"):
            program = self._program(steps.train_step, train, size)
            listeners = CallbackList(
                callbacks,
                add_history=True,
                add_progbar=resolve_verbose(verbose) != 0,
                model=self,
                verbose=resolve_verbose(verbose),
                epochs=epochs,
                steps=total,
            )
            history = self._begin_history(listeners, train, validation, size)
            self.stop_training = False
            listeners.on_train_begin()
            logs: dict[str, float] = {}
            for epoch in range(initial_epoch, epochs):
                listeners.on_epoch_begin(epoch)
                order = self._order(_rows(train), size, shuffle)
                logs = self._train_epoch(program, train, order, total, listeners)
                if validation is not None and due(epoch):
                    scores = self._evaluate(
                        validation, validation_size, listeners, validation_steps
                    )
                    logs |= {f"val_{name}": value for name, value in sorted(scores.items())}
                listeners.on_epoch_end(epoch, logs)
                self._epochs_trained += 1
                if self.stop_training:
                    break
            self.optimizer.finalize()
            listeners.on_train_end(logs)
        return history

    def _train_epoch(
        self,
        program: backends.Program,
        arrays: Sequence[np.ndarray | None],
        order: np.ndarray,
        total: int,
        listeners: CallbackList,
    ) -> dict[str, float]:
        self.reports.reset()
        given = [a for a in arrays if a is not None]
        step = 0
        while step < total and not self.stop_training:
            last = step + 1 if listeners.train_batch_hooks else total
            listeners.on_train_batch_begin(step)
            self.optimizer.refresh_learning_rate()
            step = program.run_steps(given, order, step, last, _CONTROL_SECONDS)
            listeners.on_train_batch_end(step - 1, self._sorted_results())
        return self._sorted_results()

    def _sorted_results(self) -> dict[str, float]:
        return dict(sorted(self.reports.results().items()))

    def _order(self, n: int, batch_size: int, shuffle: Any) -> np.ndarray:
        """The order of samples in this epoch: a function of the seed and the epochs trained."""
        if shuffle is False:
            return np.arange(n)
        if self._shuffle_seed is None:
            self._shuffle_seed = int(np.random.randint(2**31))
        rng = np.random.Generator(np.random.Philox(key=[self._shuffle_seed, self._epochs_trained]))
        if shuffle is True:
            return rng.permutation(n)
        order = np.arange(n)
        for first in range(0, n, batch_size):
            rng.shuffle(order[first : first + batch_size])
        return order

    def _begin_history(
        self,
        listeners: CallbackList,
        train: Sequence[np.ndarray | None],
        validation: Sequence[np.ndarray | None] | None,
        batch_size: int,
    ) -> History:
        history = listeners.history
        assert history is not None
        history.samples = _rows(train)
        history.validation_samples = None if validation is None else _rows(validation)
        history.batch_size = batch_size
        self.history = history
        return history

    @contextlib.contextmanager
    def _exclusively(self, what: str) -> Iterator[None]:
        """Refuses a second thread: training changes the weights."""
        if not self._fitting.acquire(blocking=False):
            raise RuntimeError(f"`{what}` on model {self.name!r} while another thread trains it")
        try:
            yield
        finally:
            self._fitting.release()

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
        arrays = self._checked_data(x, y, sample_weight)
        size = check.integer("batch_size", 32 if batch_size is None else batch_size, 1)
        listeners = CallbackList(
            callbacks,
            add_progbar=resolve_verbose(verbose) != 0,
            model=self,
            verbose=resolve_verbose(verbose),
            epochs=1,
            steps=_step_count(arrays, size, "steps", steps),
        )
        scores = self._evaluate(arrays, size, listeners, steps)
        if return_dict:
            return dict(sorted(scores.items()))
        values = list(scores.values())
        return values[0] if len(values) == 1 else values

    def _evaluate(
        self,
        arrays: Sequence[np.ndarray | None],
        batch_size: int,
        listeners: CallbackList,
        limit: int | None,
    ) -> dict[str, float]:
        program = self._program(steps.test_step, arrays, batch_size)
        total = _step_count(arrays, batch_size, "steps", limit)
        given = [a for a in arrays if a is not None]
        order = np.arange(len(given[0]))
        self.reports.reset()
        self.stop_evaluating = False
        listeners.on_test_begin()
        step = 0
        while step < total and not self.stop_evaluating:
            last = step + 1 if listeners.test_batch_hooks else total
            listeners.on_test_batch_begin(step)
            step = program.run_steps(given, order, step, last, _CONTROL_SECONDS)
            listeners.on_test_batch_end(step - 1, self._sorted_results())
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
        size = check.integer("batch_size", 32 if batch_size is None else batch_size, 1)
        array = self._checked_x(x, finite=False)
        if steps is not None:
            array = array[: check.integer("steps", steps, 1) * size]
        listeners = CallbackList(
            callbacks,
            add_progbar=resolve_verbose(verbose) != 0,
            model=self,
            verbose=resolve_verbose(verbose),
            epochs=1,
            steps=-(-len(array) // size),
        )
        self.stop_predicting = False
        listeners.on_predict_begin()
        if listeners.predict_batch_hooks:
            result = self._predict_by_batch(array, size, listeners)
        else:
            result = self._predict(array)
            listeners.on_predict_batch_end(-(-len(array) // size) - 1)
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
        rows = min(_PREDICT_ROWS, 1 << (len(array) - 1).bit_length())
        program = self._program(steps.predict_step, (array, None, None), rows)
        result = np.empty((len(array), *_known(self.output_shape)), np.float32)
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
        arrays = self._checked_data(x, y, _weights(y, sample_weight, class_weight))
        with self._exclusively("train_on_batch"):
            self.optimizer.refresh_learning_rate()
            self._one_step(steps.train_step, arrays)
        return self._batch_scores(return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """The loss and metrics of one batch, without training."""
        self._require_compiled()
        self._one_step(steps.test_step, self._checked_data(x, y, sample_weight))
        return self._batch_scores(return_dict)

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """The output for one batch."""
        return self._predict(self._checked_x(x, finite=False))

    def reset_metrics(self) -> None:
        """Starts the loss and metrics anew."""
        self._require_compiled()
        self.reports.reset()

    def _one_step(self, step: steps.Step, arrays: Sequence[np.ndarray | None]) -> None:
        given = [a for a in arrays if a is not None]
        rows = len(given[0])
        self.reports.reset()
        program = self._program(step, arrays, 1 << (rows - 1).bit_length())
        program.run_steps(given, np.arange(rows), 0, 1, 0.0)

    def _batch_scores(self, return_dict: bool) -> Any:
        scores = self.reports.results()
        if return_dict:
            return scores
        values = list(scores.values())
        return values[0] if len(values) == 1 else values

    # --- data -------------------------------------------------------------------------------------

    def _training_data(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        class_weight: Any,
        split: Any,
        validation: Any,
    ) -> tuple[tuple[np.ndarray | None, ...], tuple[np.ndarray | None, ...] | None]:
        """(x, y, sample_weight) to train on, and the same to validate on, or None."""
        given: dict[str, Any] = dict(zip(("x", "y", "w"), self._arrays(x, y, sample_weight)))
        held_out: tuple[np.ndarray | None, ...] | None = None
        if validation is not None:
            if not isinstance(validation, (tuple, list)) or len(validation) not in (2, 3):
                raise ValueError(
                    "`validation_data` must be (x, y) or (x, y, sample_weight). Received: "
                    f"validation_data of type {type(validation).__name__}"
                )
            weights = validation[2] if len(validation) == 3 else None
            held_out = self._checked_data(
                validation[0], validation[1], weights, name="validation_data"
            )
        elif not (isinstance(split, (int, float)) and not isinstance(split, bool) and split == 0):
            given, tail = data.split_tail(split, **given)
            held_out = (tail["x"], tail["y"], tail["w"])
            self._check_targets(held_out[1])
        if class_weight is not None:
            given["w"] = _weights(given["y"], given["w"], class_weight)
        train = (given["x"], given["y"], given["w"])
        self._check_targets(train[1])
        return train, held_out

    def _checked_data(
        self, x: Any, y: Any, sample_weight: Any = None, name: str = ""
    ) -> tuple[np.ndarray | None, ...]:
        arrays = self._arrays(x, y, sample_weight, prefix=f"{name}: " if name else "")
        self._check_targets(arrays[1])
        return arrays

    def _arrays(
        self, x: Any, y: Any, sample_weight: Any, prefix: str = ""
    ) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        """The three as arrays of the same length that fit the model's input."""
        samples = self._checked_x(x, finite=True, name=f"{prefix}x")
        targets = None if y is None else data.as_samples(f"{prefix}y", y)
        weights = None
        if sample_weight is not None:
            weights = data.as_samples(f"{prefix}sample_weight", sample_weight)
            if weights.ndim > 2 or (weights.ndim == 2 and weights.shape[1] != 1):
                raise ValueError(
                    "`sample_weight` must have one number per sample. Received: "
                    f"sample_weight.shape={weights.shape}"
                )
            weights = weights.reshape(len(weights))
            if (weights < 0).any():
                first = int(np.argmax(weights < 0))
                raise ValueError(
                    "`sample_weight` must not be negative. Received: "
                    f"sample_weight[{first}] = {weights[first]}"
                )
        data.same_length(x=samples, y=targets, sample_weight=weights)
        return samples, targets, weights

    def _checked_x(self, x: Any, *, finite: bool, name: str = "x") -> np.ndarray:
        if x is None:
            raise ValueError(f"`{name}` must be an array. Received: {name}=None")
        array = data.as_samples(name, x, finite=finite)
        if not self.built:
            self.build(self.build_shape(array))
        return compiled.adapt(self.input_shape)(array)

    def build_shape(self, x: np.ndarray) -> tuple[int | None, ...]:
        """The input shape that these samples imply."""
        return (None, *(x.shape[1:] or (1,)))

    def _check_targets(self, y: np.ndarray | None) -> None:
        self._objective.check_targets(y, self.output_shape)

    # --- programs ---------------------------------------------------------------------------------

    def _program(
        self, step: steps.Step, arrays: Sequence[np.ndarray | None], batch_size: int
    ) -> backends.Program:
        """The compiled step for inputs of these shapes, in batches of up to `batch_size`."""
        specs = tuple(steps.batch_spec(a) for a in arrays)
        frozen = tuple(w.trainable for w in self.weights) if step is steps.train_step else ()
        key = (step.__name__, specs, batch_size, backends.name(), frozen)
        with self._building:
            program = self._programs.get(key)
            if program is None:
                program = self._programs[key] = self._make_program(step, specs, batch_size)
        return program

    def _make_program(self, step: steps.Step, specs: Any, batch_size: int) -> backends.Program:
        if step is not steps.predict_step:
            self.reports.resolve(None if specs[1] is None else specs[1].shape, self.output_shape)
        if step is steps.train_step and not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)
        if self.run_eagerly and step is not steps.predict_step:
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


def _known(shape: Sequence[int | None]) -> tuple[int, ...]:
    """The sizes after the batch."""
    return tuple(d for d in shape[1:] if d is not None)


def _weights(y: Any, sample_weight: Any, class_weight: Any) -> Any:
    """Weights per sample from either kind."""
    if class_weight is None:
        return sample_weight
    if sample_weight is not None:
        raise ValueError(
            "You cannot pass both `class_weight` and `sample_weight` at the same time."
        )
    if y is None:
        raise ValueError("`class_weight` needs targets `y`. Received: y=None")
    return compiled.class_weights(class_weight, data.as_samples("y", y))


def _checked_shuffle(shuffle: Any) -> Any:
    if shuffle in (True, False) or shuffle == "batch":
        return "batch" if shuffle == "batch" else bool(shuffle)
    raise ValueError(f"`shuffle` must be True, False or 'batch'. Received: shuffle={shuffle!r}")


def _rows(arrays: Sequence[np.ndarray | None]) -> int:
    """The number of samples."""
    assert arrays[0] is not None
    return len(arrays[0])


def _step_count(
    arrays: Sequence[np.ndarray | None], batch_size: int, name: str, limit: int | None
) -> int:
    steps = -(-_rows(arrays) // batch_size)
    return steps if limit is None else min(steps, check.integer(name, limit, 1))


def _validation_epochs(frequency: Any) -> Any:
    """Whether an epoch (from 0) is followed by validation."""
    if isinstance(frequency, (list, tuple, set)):
        wanted = {check.integer("validation_freq", e, 1) for e in frequency}
        return lambda epoch: epoch + 1 in wanted
    every = check.integer("validation_freq", frequency, 1)
    return lambda epoch: (epoch + 1) % every == 0
