"""A loss that stops being a number: back to the last good weights, and to the step it began with."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import tree
from lamina.data.arrays import first_nonfinite
from lamina.graph.variable import Variable
from lamina.models.feeds import Feed
from lamina.optimizers import Optimizer
from lamina.utils.warning import warn_user

if TYPE_CHECKING:
    from lamina.models.compiling import Compilable

_SHARE = 50  # states are kept so seldom that this costs at most a fiftieth of the time
_BYTES = 2**26  # of batches that are kept


class Guard:
    """Keeps the state of a training from time to time.

    When the loss or the weights are no longer finite, the state is put back and the steps since are
    repeated, one by one (they give the same bits), up to the first such step: it is undone.
    """

    def __init__(self, model: Compilable, feed: Feed, policy: str) -> None:
        self._model, self._feed, self._policy = model, feed, policy
        self._state: State | None = None
        self._first = 0
        self._due = False
        self._time = 0.0
        self.stands = 0  # steps of this epoch that are done and stand

    def begin(self, step: int) -> None:
        """To be called when an epoch begins, or goes on with this step."""
        self.stands, self._due = step, True

    def before(self, step: int) -> None:
        """To be called before steps, when all that the first of them needs is made."""
        if self._policy == "ignore" or not self._due:
            return
        start = time.monotonic()
        if self._state is None:
            self._state = State(state_of(self._model))
        self._state.keep()
        self._first = step
        self._feed.keep()
        end = time.monotonic()
        self._time = end + _SHARE * (end - start)

    def after(self, step: int, epoch: int, figures: dict[str, Any], *, now: bool) -> int:
        """To be called when all steps before `step` are done; returns how many stand.

        With `now` the next step may not be repeated, or there is none in this epoch.

        Errors: FloatingPointError (with the policy "raise") if a step does not stand.
        """
        self.stands = step
        if self._policy == "ignore":
            return step
        self._due = now or time.monotonic() >= self._time or self._feed.kept_bytes > _BYTES
        if _good(figures) and not (self._due and self._weights_are_bad()):
            return step
        self.stands, reason = self._rewind(step)
        row = self._feed.bad_row(self.stands)
        advice = (
            "A lower learning rate or `clipnorm` may help"
            if row is None
            else f"Row {row} of the data is not finite"
        )
        message = (
            f"{reason} at step {self.stands} of epoch {epoch}: the model has the weights from before "
            f"this step. {advice}; compile(nan_policy='ignore') trains on"
        )
        if self._policy == "raise":
            raise FloatingPointError(message)
        warn_user(message)
        self._model.stop_training = True
        return self.stands

    def take_in_new(self) -> None:
        """To be called when a step has made variables, and not changed them yet."""
        if self._state is not None:
            self._state.take_in(state_of(self._model))

    def _weights_are_bad(self) -> bool:
        weights = (w.array.reshape(-1) for w in self._model.trained_variables)
        return any(w.size and first_nonfinite(w, w.dtype.name) is not None for w in weights)

    def _rewind(self, end: int) -> tuple[int, str]:
        """The first step that is not finite, and what is not; the state is the one before it."""
        assert self._state is not None
        self._state.put_back()
        before = State(self._state.variables)
        for step in range(self._first, end):
            before.keep()
            self._feed.run(step, step + 1, 0.0)
            figures = self._model.figures.now()
            if not _good(figures) or self._weights_are_bad():
                before.put_back()
                return step, _reason(figures)
        # Code of the user's own that does not do the same twice.
        self._state.put_back()
        return self._first, "The loss or the weights are not finite"


class State:
    """What variables hold, to be put back."""

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.variables = list(variables)
        self._pairs = [(v.array, np.empty_like(v.array)) for v in variables]

    def take_in(self, variables: Sequence[Variable]) -> None:
        """Keeps variables that were not there yet."""
        known = set(self.variables)
        new = [v for v in variables if v not in known]
        self.variables += new
        self._pairs += [(v.array, v.array.copy()) for v in new]

    def keep(self) -> None:
        for array, kept in self._pairs:
            np.copyto(kept, array)

    def put_back(self) -> None:
        for array, kept in self._pairs:
            np.copyto(array, kept)


def state_of(model: Compilable) -> list[Variable]:
    """All variables that a step may change."""
    from lamina.metrics.total import Total  # compile has imported metrics

    given = {name: value for name, value in vars(model).items() if name != "_programs"}
    own = [leaf for value in given.values() for leaf in tree.flatten(value)]
    optimizers = [leaf for leaf in own if isinstance(leaf, Optimizer)]
    found = [*model.variables, *model.figures.variables]
    parts: list[Any] = [*optimizers, *model.named_metrics.values()]
    for part in parts:
        found += part.variables
    rests = [v.rest for v in found if isinstance(v, Total)]
    return list(dict.fromkeys([*found, *rests]))


def _losses(figures: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in figures.items() if name.endswith("loss"))


def _good(figures: dict[str, Any]) -> bool:
    return all(np.isfinite(value).all() for _, value in _losses(figures))


def _reason(figures: dict[str, Any]) -> str:
    for name, value in _losses(figures):
        if not np.isfinite(value).all():
            return f"The {name} is {value}"
    return "The weights are not finite"
