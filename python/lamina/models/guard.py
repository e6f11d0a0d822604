"""A loss that stops being a number: back to the last good weights, and to the step it began with."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.graph.variable import Variable
from lamina.models.feeds import BatchFeed, Feed

if TYPE_CHECKING:
    from lamina.models.trainer import Trainer

POLICIES = ("raise", "stop", "ignore")
_SHARE = 50  # states are kept so seldom that this costs at most a fiftieth of the time


class Guard:
    """Keeps the state of a training from time to time.

    When the loss is no longer finite, the state is put back and the steps since are repeated, one
    by one (they give the same bits), up to the first whose loss or weights are not finite: that
    step is undone.
    """

    def __init__(self, model: Trainer, feed: Feed, policy: str) -> None:
        self._model, self._feed, self._policy = model, feed, policy
        self._state: list[tuple[Variable, np.ndarray]] = []
        self._first = 0
        self._due = 0.0

    def before(self, step: int, *, alone: bool) -> None:
        """To be called before steps; `alone` if callbacks may change something between steps."""
        if self._policy == "ignore" or (step and not alone and time.monotonic() < self._due):
            return
        start = time.monotonic()
        self._state, self._first = self._now(), step
        if isinstance(self._feed, BatchFeed):
            self._feed.forget()
        end = time.monotonic()
        self._due = end + _SHARE * (end - start)

    def after(self, step: int, epoch: int, loss: Any) -> None:
        """To be called when all steps before `step` are done.

        Errors: FloatingPointError (with the policy "raise") if the loss is not finite.
        """
        if self._policy == "ignore" or loss is None or np.isfinite(loss):
            return
        bad = self._rewind(step)
        message = (
            f"The loss is {loss} at step {bad} of epoch {epoch}: the model has the weights from "
            "before this step. A lower learning rate or `clipnorm` may help; "
            "compile(nan_policy='ignore') trains on"
        )
        if self._policy == "raise":
            raise FloatingPointError(message)
        warnings.warn(message, stacklevel=4)
        self._model.stop_training = True

    def _now(self) -> list[tuple[Variable, np.ndarray]]:
        model = self._model
        metrics = [v for m in model.named_metrics.values() for v in m.variables]
        kept = [*model.variables, *model.optimizer.variables, *metrics, *model.figures.variables]
        return [(v, v.numpy()) for v in kept]

    def _rewind(self, end: int) -> int:
        """The first step that is not finite; the state is the one before it."""
        _put_back(self._state)
        for step in range(self._first, end):
            before = self._now()
            self._feed.run(step, step + 1, 0.0)
            loss = self._model.figures.now().get("loss", 0.0)
            weights = self._model.trained_variables
            if not np.isfinite(loss) or not all(np.isfinite(w.array).all() for w in weights):
                _put_back(before)
                return step
        return end - 1


def _put_back(state: list[tuple[Variable, np.ndarray]]) -> None:
    for variable, value in state:
        variable.array[...] = value
