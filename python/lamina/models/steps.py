"""A model as graphs: the training step, the evaluation step, the prediction.

Each is recorded once, with symbolic tensors, and compiled; with `run_eagerly` it is recorded anew for
each batch, with numbers, so that layers and losses can be debugged in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import ops
from lamina.backends.stepping import SteppingProgram
from lamina.graph import dims as _dims
from lamina.graph.differentiate import differentiate
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import Trace

if TYPE_CHECKING:
    from lamina.models.trainer import Trainer

# Records a step into a trace whose inputs are x, y and sample_weight (as far as given).
Step = Callable[["Trainer", Trace, Any, Any, Any], list[Tensor]]


def train_step(model: Trainer, trace: Trace, x: Any, y: Any, sample_weight: Any) -> list[Tensor]:
    """Forward, loss, gradients, the optimizer's update, metrics."""
    y_pred = model(x, training=True)
    loss = trace.tensor(model.compute_loss(x, y, y_pred, sample_weight))
    variables = model.trained_variables
    optimizer = model.optimizer
    scaled = loss
    if optimizer.loss_scale_factor:
        scaled = ops.multiply(loss, optimizer.loss_scale_factor)
    gradients = differentiate(trace, scaled, [trace.leaf(v) for v in variables])
    optimizer.apply(gradients, variables)
    model.reports.update(loss, y, y_pred, sample_weight)
    return []


def test_step(model: Trainer, trace: Trace, x: Any, y: Any, sample_weight: Any) -> list[Tensor]:
    """Forward, loss, metrics."""
    y_pred = model(x, training=False)
    loss = model.compute_loss(x, y, y_pred, sample_weight)
    model.reports.update(loss, y, y_pred, sample_weight)
    return []


def predict_step(model: Trainer, trace: Trace, x: Any, y: Any, sample_weight: Any) -> list[Tensor]:
    """Forward."""
    return [trace.tensor(model(x, training=False))]


def record(
    step: Step,
    model: Trainer,
    specs: Sequence[Spec | None],
    values: Sequence[np.ndarray | None] = (None, None, None),
) -> tuple[Trace, list[Tensor]]:
    """The trace of a step for inputs x, y, sample_weight of these shapes, and its results."""
    eager = values[0] is not None
    with Trace(training=step is train_step, eager=eager) as trace:
        inputs = [
            None if spec is None else trace.input(spec, name, value)
            for name, spec, value in zip(("x", "y", "sample_weight"), specs, values)
        ]
        results = step(model, trace, *inputs)
    return trace, results


class EagerProgram(SteppingProgram):
    """A step that is recorded, with numbers, for each batch."""

    def __init__(
        self, step: Step, model: Trainer, present: Sequence[bool], batch_size: int
    ) -> None:
        self.step, self.model = step, model
        self.present, self.batch_size = present, batch_size

    def run_batch(self, batch: Sequence[np.ndarray], rows: int) -> list[np.ndarray]:
        given = iter(batch)
        values = [next(given).astype(np.float32) if here else None for here in self.present]
        specs = [None if v is None else Spec(v.shape) for v in values]
        trace, results = record(self.step, self.model, specs, values)
        outputs = [np.asarray(t.value) for t in results]
        for variable, tensor in trace.state.items():
            variable.array[...] = tensor.value
        return outputs


def check_rows(tensor: Tensor) -> None:
    """Refuses a result that does not have the batch as its first axis, and only there."""
    if not tensor.dims or tensor.dims[0] != -1 or any(d < 0 for d in tensor.dims[1:]):
        raise ValueError(
            "The output of a model must have the batch as its first axis. Received: "
            f"shape={_dims.visible(tensor.dims)}"
        )
