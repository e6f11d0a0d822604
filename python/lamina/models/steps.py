"""A model as graphs: the training step, the evaluation step, the prediction.

Each is recorded once, with symbolic tensors, and compiled.  A step that compares the samples of a
batch is recorded for each size of a batch; with `run_eagerly` a step is recorded anew for each batch,
with numbers, so that layers and losses can be debugged in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import programs, tree
from lamina.data.samples import placed, unpack_x_y_sample_weight
from lamina.graph import dims as _dims
from lamina.graph.graph import graph_of
from lamina.graph.tensor import MetricNeedsNumbersError, Spec, Tensor
from lamina.graph.trace import Trace
from lamina.programs.stepping import SteppingProgram

if TYPE_CHECKING:
    from lamina.data.samples import Samples
    from lamina.models.predictor import Predictor
    from lamina.models.trainer import Trainer

_SIZES = 16  # of batches, for which a step is kept compiled

# Records a step into a trace, for data of its inputs; gives the tensors that the step returns.
Step = Callable[[Any, Trace, Any], Any]


def train_step(model: Trainer, trace: Trace, data: Any) -> Any:
    """Forward, loss, gradients, the optimizer's update, metrics."""
    model.figures.keep(trace, "train_step", model.train_step(data))
    return []


def test_step(model: Trainer, trace: Trace, data: Any) -> Any:
    """Forward, loss, metrics."""
    model.figures.keep(trace, "test_step", model.test_step(data))
    return []


def predict_step(model: Predictor, trace: Trace, data: Any) -> Any:
    """What `predict` gives."""
    return tree.map_structure(trace.tensor, model.predict_step(data))


def forward(model: Predictor, trace: Trace, data: Any) -> Any:
    """What the model gives when it is called."""
    x, _, _ = unpack_x_y_sample_weight(data)
    return tree.map_structure(trace.tensor, model(x, training=False))


PREDICTIONS = (predict_step, forward)


def record(
    step: Step,
    model: Any,
    layout: Any,
    specs: Sequence[Spec],
    values: Sequence[np.ndarray] | None = None,
) -> tuple[Trace, Any]:
    """The trace of a step, and what it returns, for arrays like these, nested by `layout`."""
    with Trace(training=step is train_step, eager=values is not None) as trace:
        inputs = [
            trace.input(spec, f"array {i}", None if values is None else values[i])
            for i, spec in enumerate(specs)
        ]
        results = step(model, trace, placed(layout, inputs))
    return trace, results


class SizedProgram:
    """A step that is recorded and compiled for each number of rows that comes.

    So are steps that cannot be recorded for batches of any size: they compare samples, or take a
    part of the batch.  `samples` shows how many rows the first batch has.
    """

    def __init__(self, step: Step, model: Trainer, samples: Samples, batch_size: int) -> None:
        self._step, self._model = step, model
        self._layout = samples.layout
        self._specs = [Spec(spec.dims[1:], model.input_dtype) for spec in samples.specs]
        self._batch_size = batch_size
        self.by_rows: dict[int, programs.Program] = {}
        self._for(min(batch_size, len(samples)))

    def _for(self, rows: int) -> programs.Program:
        if rows not in self.by_rows:
            if len(self.by_rows) == _SIZES:
                del self.by_rows[next(iter(self.by_rows))]
            self.by_rows[rows] = self._make(rows)
            if self._model.step_recorded is not None:
                self._model.step_recorded()
        return self.by_rows[rows]

    def _make(self, rows: int) -> programs.Program:
        specs = [Spec((rows, *spec.dims), spec.dtype) for spec in self._specs]
        try:
            trace, outputs = record(self._step, self._model, self._layout, specs)
        except MetricNeedsNumbersError:
            return EagerProgram(self._step, self._model, self._layout, rows)
        return programs.compile_program(graph_of(trace, outputs), rows)

    def run_steps(
        self, arrays: Sequence[np.ndarray], order: np.ndarray, first: int, last: int, seconds: float
    ) -> int:
        """Steps first .. last, or until the time is over, or the next batch has another size."""
        whole = len(order) // self._batch_size
        if first < whole:
            program = self._for(self._batch_size)
            return program.run_steps(arrays, order, first, min(last, whole), seconds)
        rest = order[whole * self._batch_size :]
        return whole + self._for(len(rest)).run_steps(arrays, rest, 0, 1, seconds)


class EagerProgram(SteppingProgram):
    """A step that is recorded, with numbers, for each batch."""

    def __init__(self, step: Step, model: Trainer, layout: Any, batch_size: int) -> None:
        self.step, self.model = step, model
        self.layout, self.batch_size = layout, batch_size

    def run_batch(self, batch: Sequence[np.ndarray], rows: int) -> list[np.ndarray]:
        dtype = self.model.input_dtype
        values = [array.astype(dtype) for array in batch]
        specs = [Spec(v.shape, dtype) for v in values]
        trace, results = record(self.step, self.model, self.layout, specs, values)
        outputs = [np.asarray(t.value) for t in results]
        if self.model.step_recorded is not None:
            self.model.step_recorded()
        for variable, tensor in trace.state.items():
            variable.array[...] = tensor.value
        return outputs


def check_rows(tensors: Sequence[Tensor]) -> None:
    """Refuses a result that does not have the batch as its first axis, and only there."""
    for tensor in tensors:
        if not tensor.dims or tensor.dims[0] != -1 or any(d < 0 for d in tensor.dims[1:]):
            raise ValueError(
                "The output of a model must have the batch as its first axis. Received: "
                f"shape={_dims.visible(tensor.dims)}"
            )
