"""A model that can be used on arrays: its programs, and predict."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import backends, programs, tree
from lamina.data.batches import Batches, come_in_batches, parts_of, warn_short
from lamina.data.samples import BATCH_SIZE, Samples, batch_size_for, unpack_x_y_sample_weight
from lamina.dtype_policies.floatx import FLOATS
from lamina.graph.graph import graph_of
from lamina.graph.tensor import Spec
from lamina.layers.layer import Layer
from lamina.models import intake, prediction, steps
from lamina.models.locks import ModelLocks
from lamina.models.signature import Signature
from lamina.utils import check
from lamina.utils.progbar import resolve_verbose, show_finished

if TYPE_CHECKING:
    from lamina.callbacks import CallbackList


class Predictor(Layer):
    """A layer that computes on arrays of any number of samples."""

    _untracked = Layer._untracked | {"_programs", "_predictor"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.signature: Signature | None = None
        self.run_eagerly = False
        self.stop_predicting = False
        self._programs: dict[Any, Any] = {}
        self._input_dtype: str | None = None
        self._predictor: tuple[Any, programs.Program | None] = (None, None)  # with its backend
        self._locks = ModelLocks()

    def build_for(self, x: Any) -> None:
        """Builds the model for inputs like these arrays."""
        raise NotImplementedError

    # --- predict ----------------------------------------------------------------------------------

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The output for each sample; rows do not depend on the batch they are in.

        Several outputs come nested as the model gives them.  NaN and infinity in x are computed
        with, as in Keras.

        Examples:
            >>> layer = lamina.layers.Dense(1, kernel_initializer="ones")
            >>> model = lamina.Sequential([lamina.Input((2,)), layer])
            >>> print(model.predict(np.array([[1.0, 2.0], [3.0, 4.0]]), verbose=0))
            [[3.]
             [7.]]
        """
        size = check.integer_or_none("batch_size", batch_size, 1)
        last = check.integer_or_none("steps", steps, 1)
        if come_in_batches(x):
            return self._predict_batches(x, last, callbacks, verbose)
        self.stop_predicting = False
        if last is not None:
            x, size = self._first_batches(intake.inputs(self, x, finite=False), last, size)
        size = size or BATCH_SIZE
        if callbacks is not None:
            return self._predict_with(
                callbacks, intake.inputs(self, x, finite=False), size, verbose
            )
        shown = resolve_verbose(verbose)
        start = time.perf_counter()
        result = self.predict_on_batch(x)
        rows = len(tree.flatten(result)[0])
        show_finished(-(-rows // size), time.perf_counter() - start, shown)
        return result

    def _predict_batches(self, x: Any, limit: int | None, callbacks: Any, verbose: Any) -> Any:
        """The outputs for the first parts of batches, one after the other."""
        batches = Batches(x)
        if batches.endless and limit is None:
            raise ValueError("The data are without end: say how many batches. Received: steps=None")
        total = limit or batches.count
        parts: list[Any] = []
        self.stop_predicting = False
        with (
            contextlib.closing(self._listeners(callbacks, verbose, 1, total)) as listeners,
            contextlib.closing(batches),
        ):
            listeners.on_predict_begin()
            for step, batch in enumerate(batches.epoch(limit)):
                listeners.on_predict_batch_begin(step)
                x = intake.inputs(self, parts_of(batch)[0], finite=False)
                parts.append(self._predict(Samples(x).given_as(batch)))
                listeners.on_predict_batch_end(step, {"outputs": parts[-1]})
                if self.stop_predicting:
                    break
            batches.end()
            listeners.on_predict_end()
        if not parts:
            raise ValueError("The data came without a single batch. Received: an empty iterator")
        if not self.stop_predicting and len(parts) < (total or 0):
            warn_short(len(parts), total)
        return tree.map_structure(lambda *arrays: np.concatenate(arrays), *parts)

    def _first_batches(self, x: Any, steps: int, batch_size: int | None) -> tuple[Any, int]:
        """The samples of so many batches, and the size of these."""
        rows = len(tree.flatten(x)[0])
        size = batch_size or batch_size_for(rows, steps)
        if rows <= (steps - 1) * size:
            warn_short(-(-rows // size), steps)
        return tree.map_structure(lambda a: a[: steps * size], x), size

    def _predict_with(self, callbacks: Any, x: Any, size: int, verbose: Any) -> Any:
        total = -(-len(tree.flatten(x)[0]) // size)
        with contextlib.closing(self._listeners(callbacks, verbose, 1, total)) as listeners:
            listeners.on_predict_begin()
            if listeners.predict_batch_hooks:
                result = self._predict_by_batch(x, size, total, listeners)
            else:
                result = self._predict(Samples(x))
                listeners.on_predict_batch_end(total - 1)
            listeners.on_predict_end()
        return result

    def _predict_by_batch(self, x: Any, size: int, total: int, listeners: CallbackList) -> Any:
        parts: list[Any] = []
        for step in range(total):
            rows = slice(step * size, (step + 1) * size)
            listeners.on_predict_batch_begin(step)
            part = tree.map_structure(lambda a: a[rows], x)  # noqa: B023
            parts.append(self._predict(Samples(part)))
            listeners.on_predict_batch_end(step, {"outputs": parts[-1]})
            if self.stop_predicting:
                break
        return tree.map_structure(lambda *arrays: np.concatenate(arrays), *parts)

    def predict_on_batch(self, x: Any) -> Any:
        """The output for one batch."""
        if self._predicts_itself:
            return self._predict(Samples(intake.inputs(self, x, finite=False)))
        return self._forward(x)

    def predict_step(self, data: Any) -> Any:
        """What `predict` gives for a batch: outputs in any nesting; may be overridden.

        `data` is x, or (x,) where x is a list or `predict` was given batches.  The method is written
        in `lamina.ops` and recorded once, as `train_step`.
        """
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)

    @property
    def _predicts_itself(self) -> bool:
        """Whether predictions are anything but the model's outputs."""
        return type(self).predict_step is not Predictor.predict_step

    def _forward(self, x: Any) -> Any:
        """The model's outputs for arrays."""
        backend, program = self._predictor
        if program is not None and backend is backends.current():
            result = program.predict(x)
            if result is not None:
                return result
        samples = Samples(intake.inputs(self, x, finite=False))
        made = self._program(steps.forward, samples, prediction.ROWS)
        if len(samples.arrays) == 1 and made.is_one_of_floats:
            self._predictor = (backends.current(), made.program)
        return made.results(samples)

    def _predict(self, samples: Samples) -> Any:
        """The predictions for arrays of the model's inputs."""
        step = steps.predict_step if self._predicts_itself else steps.forward
        return self._program(step, samples, prediction.ROWS).results(samples)

    def predict_classes(
        self, x: Any, batch_size: int | None = None, verbose: Any = 0
    ) -> np.ndarray:
        """The class of each sample: the largest output, or 1 where a single output is above 0.5."""
        scores = self.predict(x, batch_size=batch_size, verbose=verbose)
        if tree.is_nested(scores):
            raise ValueError(
                "`predict_classes` needs a model with one output. Received: a model with "
                f"{len(tree.flatten(scores))}"
            )
        if scores.shape[-1] > 1:
            classes: np.ndarray = scores.argmax(axis=-1)
            return classes
        return np.asarray(scores > 0.5, "int32")

    def predict_proba(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """`predict`, by the name it has in scikit-learn."""
        return self.predict(x, batch_size=batch_size, verbose=verbose)

    def _listeners(
        self,
        callbacks: Any,
        verbose: Any,
        epochs: int,
        total: int | None,
        add_history: bool = False,
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

    @property
    def input_dtype(self) -> str:
        """The float dtype in which numbers enter the model: float64 if an input or a layer has it."""
        if self._input_dtype is None:
            inputs = () if self.signature is None else tree.flatten(self.signature.inputs)
            given = (x.dtype for x in inputs if x.dtype in FLOATS)
            inner = (layer.compute_dtype for layer in self._flatten() if layer._casts_inputs)
            found = max(*given, *inner, "float32")
            if self.signature is None:
                return found
            self._input_dtype = found
        return self._input_dtype

    # --- programs ---------------------------------------------------------------------------------

    def _forget_programs(self) -> None:
        self._programs.clear()
        self._input_dtype = None
        self._predictor = (None, None)

    def _program(self, step: steps.Step, samples: Samples, batch_size: int) -> Any:
        """The compiled step for arrays like these, in batches of up to `batch_size`."""
        shapes = samples.specs, repr(samples.layout), batch_size
        key = (step.__name__, *shapes, backends.name(), self._recorded(step))
        with self._locks.building:
            program = self._programs.get(key)
            if program is None:
                program = self._programs[key] = self._make_program(step, samples, batch_size)
        return program

    def _recorded(self, step: steps.Step) -> Any:
        """What a program of the step depends on beside shapes."""
        return None

    def _make_program(self, step: steps.Step, samples: Samples, batch_size: int) -> Any:
        specs = [Spec(spec.dims, self.input_dtype) for spec in samples.specs]
        trace, returned = steps.record(step, self, samples.layout, specs)
        outputs = tree.flatten(returned)
        if step in steps.PREDICTIONS:
            steps.check_rows(outputs)
        program = programs.compile_program(graph_of(trace, outputs), batch_size)
        return prediction.Prediction(program, returned) if step in steps.PREDICTIONS else program

    @property
    def input_shape(self) -> Any:
        """The shape of the input, None for the batch; nested shapes for several inputs.

        Errors: AttributeError before the model is built.
        """
        return self._known("input shape").input_shape

    @property
    def output_shape(self) -> Any:
        """The shape of the output, None for the batch; nested shapes for several outputs.

        Errors: AttributeError before the model is built.
        """
        return self._known("output shape").output_shape

    def _known(self, attribute: str) -> Signature:
        if self.signature is None:
            raise AttributeError(
                f"{type(self).__name__} model '{self.name}' has no defined {attribute} yet."
            )
        return self.signature
