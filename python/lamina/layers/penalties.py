"""What layers add to the loss of a step."""

from __future__ import annotations

import weakref
from typing import Any

from lamina import ops, tree
from lamina.graph.trace import current_trace, within_layer
from lamina.layers.weights import WeightHolder

# What was added on arrays, since the last call of the layer that no other one made.
_on_arrays: weakref.WeakKeyDictionary[Penalized, list[Any]] = weakref.WeakKeyDictionary()


class Penalized(WeightHolder):
    """Numbers added in `call`, penalties on outputs, and penalties on weights."""

    activity_regularizer: Any
    adds_losses = False  # whether the layer itself has done so yet

    def add_loss(self, loss: Any) -> None:
        """Adds a tensor or array (or a list of them) to `losses`, of which a step adds up the elements.

        Errors: ValueError for a plain number: it would not depend on the inputs.
        """
        added, trace = tree.flatten(loss), current_trace()
        for value in added:
            if not hasattr(value, "shape"):
                raise ValueError(
                    "`add_loss()` can only be called from inside `build()` or `call()`, on a tensor. "
                    f"Received: loss={value!r} of type {type(value).__name__}"
                )
        self.adds_losses = True
        if trace is None:
            _on_arrays.setdefault(self, []).extend(added)
        else:
            trace.losses += [(self, value) for value in added]

    def _forget_losses(self) -> None:
        """A call on arrays that no other layer makes begins without losses, here and inside."""
        if _on_arrays and not within_layer() and current_trace() is None:
            for layer in self._flatten():
                _on_arrays.pop(layer, None)

    def _penalize(self, outputs: Any) -> None:
        """The activity regularizer's penalty on each output, divided by the batch size."""
        if self.activity_regularizer is None:
            return
        for output in tree.flatten(outputs):
            penalty = self.activity_regularizer(output)
            self.add_loss(ops.divide(penalty, ops.count(output, axes=(0,))))

    @property
    def losses(self) -> list[Any]:
        """What this layer and those inside added in this step, or in the last call on arrays, and the
        penalties on their weights."""
        trace, layers = current_trace(), self._flatten()
        if trace is None:
            added = [x for layer in layers for x in _on_arrays.get(layer, ())]
        else:
            own = {id(layer) for layer in layers}
            added = [x for layer, x in trace.losses if id(layer) in own]
        weights = [v for v in self.trainable_weights if v.regularizer is not None]
        return added + [v.regularizer(v.value) for v in weights]  # type: ignore[misc]
