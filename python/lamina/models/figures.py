"""The figures that steps report: those of the model's metrics, and what its own steps return."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.graph.trace import Trace
from lamina.graph.variable import Variable
from lamina.models.compiled import Results, as_number
from lamina.ops.rules import float_dtype

if TYPE_CHECKING:
    from lamina.models.compiling import Compilable


class Report:
    """What a kind of step returned when it was recorded."""

    def __init__(self) -> None:
        self.metrics: list[str] | None = None  # whose results are reported; None for all
        self.kept: dict[str, Variable] = {}  # other figures, the values of the last step


class Figures:
    """After a step, the figures by name.

    A step returns the metrics' results as they are (the usual case: they are computed from the
    metrics' state when they are asked for), or a dict of numbers of the graph, which are kept in
    variables.  Training and evaluation may report different ones.
    """

    def __init__(self, model: Compilable) -> None:
        self._model = weakref.proxy(model)
        self._reports = {"train_step": Report(), "test_step": Report()}
        self._now = self._reports["train_step"]

    def show(self, step: str) -> None:
        """From here on, the figures are those of `train_step` or of `test_step`."""
        self._now = self._reports[step]

    def keep(self, trace: Trace, step: str, returned: Any) -> None:
        """Sees to it that the figures a step returned can be read after it."""
        if returned is None:
            returned = {}
        if not hasattr(returned, "items"):
            raise TypeError(
                f"A step must return a dict of figures by name. Received: {type(returned).__name__}"
            )
        metrics = isinstance(returned, Results)
        report = self._reports[step]
        report.metrics = list(returned.named) if metrics else []
        added = _spread(returned.added if metrics else returned)
        names = set(added)
        report.kept = {name: v for name, v in report.kept.items() if name in names}
        for name, value in added.items():
            number = trace.tensor(value)
            if name not in report.kept:
                report.kept[name] = Variable(
                    None, number.dims, float_dtype(number), trainable=False, name=name
                )
            report.kept[name].assign(number)

    @property
    def variables(self) -> list[Variable]:
        """Where figures are kept."""
        return [v for report in self._reports.values() for v in report.kept.values()]

    def now(self) -> dict[str, Any]:
        """The figures by name: the metrics' in the order of compile, then others, by name."""
        return {name: as_number(value) for name, value in _spread(self._results()).items()}

    def sorted(self) -> dict[str, Any]:
        """The figures in the order of Keras's logs: by name."""
        return dict(sorted(self.now().items()))

    def get_state(self) -> dict[str, list[np.ndarray]]:
        """Copies of what the figures are computed from, by name."""
        return {name: [v.numpy() for v in found] for name, found in self._state().items()}

    def set_state(self, state: dict[str, list[np.ndarray]]) -> None:
        """What `get_state` gave.  Errors: ValueError for other figures."""
        own = self._state()
        if {name: _shapes(found) for name, found in own.items()} != {
            name: _shapes(found) for name, found in state.items()
        }:
            raise ValueError(
                f"The run that is to go on had the figures {sorted(state)}. Received: a model with "
                f"{sorted(own)}"
            )
        for name, found in own.items():
            for variable, array in zip(found, state[name]):
                variable.array[...] = array

    def _state(self) -> dict[str, list[Variable]]:
        from lamina.metrics.total import Total  # compile has imported metrics

        found = {name: [v] for name, v in self._now.kept.items()}
        for name, metric in self._model.named_metrics.items():
            rests = [v.rest for v in metric.variables if isinstance(v, Total)]
            found[f"metric {name}"] = [*metric.variables, *rests]
        return found

    def _results(self) -> dict[str, Any]:
        named = self._model.named_metrics
        reported = self._now.metrics
        names = named if reported is None else [name for name in reported if name in named]
        kept = {name: v.array for name, v in sorted(self._now.kept.items())}
        first = {name: kept[name] for name in named if name in kept}
        return {**{name: named[name].result() for name in names}, **first, **kept}

    def scores(self, as_dict: bool) -> Any:
        """The figures as evaluate returns them: a number, a list, or a dict."""
        if as_dict:
            return self.sorted()
        values = list(self.now().values())
        return values[0] if len(values) == 1 else values


def _shapes(found: Sequence[Any]) -> list[tuple[int, ...]]:
    return [v.shape for v in found]


def _spread(figures: Any) -> dict[str, Any]:
    """The figures, with the entries of those that are dicts in their place."""
    found: dict[str, Any] = {}
    for name, value in figures.items():
        found.update(_spread(value) if isinstance(value, dict) else {name: value})
    return found
