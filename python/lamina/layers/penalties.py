"""What layers add to the loss of a step."""

from __future__ import annotations

from typing import Any

from lamina import ops, tree
from lamina.graph.trace import current_trace
from lamina.layers.weights import WeightHolder


class Penalized(WeightHolder):
    """Numbers added in `call`, penalties on outputs, and penalties on weights."""

    activity_regularizer: Any

    def add_loss(self, loss: Any) -> None:
        """Adds a number (or a list of them) to the loss of the step that is being recorded.

        Errors: ValueError for what is no tensor or array: it would not depend on the inputs.
        """
        for value in tree.flatten(loss):
            if not hasattr(value, "shape"):
                raise ValueError(
                    "`add_loss()` can only be called from inside `build()` or `call()`, on a tensor. "
                    f"Received: loss={value!r} of type {type(value).__name__}"
                )
        trace = current_trace()
        if trace is not None:
            trace.losses += [(self, value) for value in tree.flatten(loss)]

    def _penalize(self, outputs: Any) -> None:
        """The activity regularizer's penalty on each output, divided by the batch size."""
        if self.activity_regularizer is None or current_trace() is None:
            return
        for output in tree.flatten(outputs):
            penalty = self.activity_regularizer(output)
            self.add_loss(ops.divide(penalty, ops.count(output, axes=(0,))))

    @property
    def losses(self) -> list[Any]:
        """What this layer and those inside added to the loss, and the penalties on their weights."""
        trace = current_trace()
        own = {id(layer) for layer in self._flatten()}
        added = [] if trace is None else [x for layer, x in trace.losses if id(layer) in own]
        weights = [v for v in self.trainable_weights if v.regularizer is not None]
        return added + [v.regularizer(v.value) for v in weights]  # type: ignore[misc]
