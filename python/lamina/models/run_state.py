"""The state of a training between two steps, beside the variables: what a run needs to go on."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

_STAGES = ("begin", "steps", "validation", "end")


class RunState(NamedTuple):
    """Where a run is, and what it has gathered so far.

    Attributes:
        epoch, step: the epoch, from 0, and the steps that are done in it.
        stage: of the epoch: its "begin", its "steps", its "validation", or its "end", of which some
            callbacks have been told.
        hook: whether callbacks were just being told of that (of the last step, among the steps).
        logs: what they were told; in the validation, the figures of the training.
        stop: whether the training is to stop.
        order: the number of the epoch whose order of samples is in use.
        first: steps that earlier epochs took of the data in that order (only with steps_per_epoch).
        data: sizes, to be the same when the run goes on.
        figures: the state of each metric by name.
        callbacks: for each its class, whether it was told, and its own state.
    """

    epoch: int
    step: int
    stage: str
    hook: bool
    logs: dict[str, Any]
    stop: bool
    order: int
    first: int
    data: dict[str, Any]
    figures: dict[str, list[np.ndarray]]
    callbacks: list[dict[str, Any]]

    def to_tree(self) -> dict[str, Any]:
        """As dicts, lists, strings, numbers and arrays."""
        return self._asdict()

    @classmethod
    def from_tree(cls, tree: Any) -> RunState:
        """What `to_tree` gave.  Errors: ValueError for anything else."""
        if not isinstance(tree, dict) or set(tree) != set(cls._fields):
            raise ValueError(f"This is no state of a run. Received: {tree!r}")
        state = cls(**tree)
        counts = (state.epoch, state.step, state.order, state.first)
        good = (
            all(type(n) is int and 0 <= n < 2**63 for n in counts),
            state.stage in _STAGES,
            type(state.hook) is bool and type(state.stop) is bool,
            all(isinstance(d, dict) for d in (state.logs, state.data, state.figures)),
            all(_are(np.ndarray, arrays) for arrays in dict(state.figures).values()),
            _are(dict, state.callbacks)
            and all(set(entry) == {"class", "told", "state"} for entry in state.callbacks),
        )
        if not all(good):
            raise ValueError(f"This is no state of a run. Received: {tree!r}")
        return state

    def check_fits(self, data: dict[str, Any], epochs: int) -> None:
        """Refuses to go on with other data, or when all epochs are over.  Errors: ValueError."""
        other = [name for name in data if self.data.get(name) != data[name]]
        if other:
            then = ", ".join(f"{name}={self.data.get(name)!r}" for name in other)
            now = ", ".join(f"{name}={data[name]!r}" for name in other)
            raise ValueError(
                f"The run that is to go on was interrupted in epoch {self.epoch} (from 0), after "
                f"{self.step} steps, and trained with {then}. Received: {now}"
            )
        if self.epoch >= epochs:
            raise ValueError(
                f"The run that is to go on was interrupted in epoch {self.epoch} (from 0). "
                f"Received: epochs={epochs}"
            )


def _are(kind: type, values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, kind) for value in values)
