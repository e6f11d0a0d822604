"""A model as graphs: the training step, the evaluation step, the prediction.

Each is recorded once, with symbolic tensors, and compiled; with `run_eagerly` it is recorded anew for
each batch, with numbers, so that layers and losses can be debugged in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import tree
from lamina.data.samples import unpack
from lamina.graph import dims as _dims
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import Trace
from lamina.programs.stepping import SteppingProgram

if TYPE_CHECKING:
    from lamina.models.trainer import Trainer

# Records a step into a trace, for data (x, y, sample_weight) of its inputs.
Step = Callable[[Any, Trace, Any], list[Tensor]]


def train_step(model: Trainer, trace: Trace, data: Any) -> list[Tensor]:
    """Forward, loss, gradients, the optimizer's update, metrics."""
    model.figures.keep(trace, "train_step", model.train_step(_packed(*data)))
    return []


def test_step(model: Trainer, trace: Trace, data: Any) -> list[Tensor]:
    """Forward, loss, metrics."""
    model.figures.keep(trace, "test_step", model.test_step(_packed(*data)))
    return []


def _packed(x: Any, y: Any, sample_weight: Any) -> Any:
    """The data of a batch as Keras gives them to a step: without parts that are not there."""
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if isinstance(x, (list, tuple)) else x


def predict_step(model: Trainer, trace: Trace, data: Any) -> list[Tensor]:
    """Forward."""
    x = data[0]
    return [trace.tensor(y) for y in tree.flatten(model(x, training=False))]


def record(
    step: Step,
    model: Any,
    layout: Any,
    specs: Sequence[Spec],
    values: Sequence[np.ndarray] | None = None,
) -> tuple[Trace, list[Tensor]]:
    """The trace of a step for arrays like these, nested by `layout` into (x, y, sample_weight)."""
    with Trace(training=step is train_step, eager=values is not None) as trace:
        inputs = [
            trace.input(spec, f"array {i}", None if values is None else values[i])
            for i, spec in enumerate(specs)
        ]
        results = step(model, trace, unpack(layout, inputs))
    return trace, results


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
