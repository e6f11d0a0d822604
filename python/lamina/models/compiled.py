"""What compile was told: the loss and the metrics, resolved when the shapes are known."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lamina import losses, metrics, ops
from lamina.utils import check

Shape = tuple[int | None, ...]


class Objective:
    """A loss with its weight."""

    def __init__(self, loss: Any, weight: Any) -> None:
        loss, weight = _single("loss", loss), _single("loss_weights", weight)
        self._by_shape = isinstance(loss, str) and loss.lower() in ("crossentropy", "ce")
        self.loss = None if loss is None or self._by_shape else losses.as_loss(loss)
        self.weight = 1.0 if weight is None else check.number("loss_weights", weight)

    @property
    def compares_samples(self) -> bool:
        """Whether a step has to know the size of its batch."""
        return self.loss is not None and self.loss.compares_samples

    def check_targets(self, y: np.ndarray | None, output_shape: Shape) -> None:
        """Refuses targets that do not fit the loss.

        The loss "crossentropy" is chosen here: binary for one output, sparse for labels, else
        categorical.
        """
        if y is None:
            if self.loss is not None or self._by_shape:
                raise ValueError("`y` is needed for the loss. Received: y=None")
            return
        if self._by_shape:
            self.loss = losses.as_loss(metrics.crossentropy_for(y.shape, output_shape))
        if self.loss is not None:
            self.loss.check_targets(y, output_shape)

    def __call__(self, y: Any, y_pred: Any, sample_weight: Any, penalties: Sequence[Any]) -> Any:
        """The number to minimise: the loss, and the penalties that layers added.

        Errors: ValueError when there is neither, or the loss is not one number.
        """
        parts = list(penalties)
        if self.loss is not None and y is not None:
            value = self.loss(y, y_pred, sample_weight)
            if self.weight != 1.0:
                value = ops.multiply(value, self.weight)
            parts.insert(0, value)
        if not parts:
            raise ValueError(
                "No loss to compute. Provide a `loss` argument in `compile()`, and targets `y`."
            )
        total = parts[0]
        for part in parts[1:]:
            total = ops.add(total, part)
        if len(total.shape) != 0:
            raise ValueError(
                f"The loss must be a single number. Received: a loss of shape {tuple(total.shape)}; "
                "give it a reduction other than None"
            )
        return total


class Reports:
    """The metrics of compile: the loss's mean, `metrics`, and `weighted_metrics`."""

    def __init__(self, plain: Any, weighted: Any) -> None:
        self._plain = _listed("metrics", plain)
        self._weighted = _listed("weighted_metrics", weighted)
        self.loss = metrics.Mean(name="loss")
        self.plain: list[metrics.Metric] = []
        self.weighted: list[metrics.Metric] = []
        self.resolved = False

    def resolve(self, target_shape: Shape | None, output_shape: Shape) -> None:
        """Makes the metrics for targets and outputs of these shapes; done once."""
        if self.resolved or target_shape is None:
            return
        self.plain = [metrics.for_output(m, target_shape, output_shape) for m in self._plain]
        self.weighted = [metrics.for_output(m, target_shape, output_shape) for m in self._weighted]
        taken = {"loss"}
        for prefix, group in (("", self.plain), ("weighted_", self.weighted)):
            for metric in group:
                name = metric.name if metric.name not in taken else prefix + metric.name
                metric.name = next(n for n in _numbered(name) if n not in taken)
                taken.add(metric.name)
        self.resolved = True

    def all(self) -> list[metrics.Metric]:
        return [self.loss, *self.plain, *self.weighted]

    def reset(self) -> None:
        for metric in self.all():
            metric.reset_state()

    def update(self, loss: Any, y: Any, y_pred: Any, sample_weight: Any) -> None:
        """Takes a batch in: the loss weighs as many samples as the batch has."""
        samples = ops.count(y_pred, axes=(0,))
        self.loss.update_state(loss, sample_weight=samples)
        if y is None:
            return
        for metric in self.plain:
            metric.update_state(y, y_pred)
        for metric in self.weighted:
            metric.update_state(y, y_pred, sample_weight)

    def results(self) -> dict[str, float]:
        """Each figure by its name, in the order of compile."""
        return {metric.name: float(np.asarray(metric.result())) for metric in self.all()}

    def sorted_results(self) -> dict[str, float]:
        """The figures in the order of Keras's logs: by name."""
        return dict(sorted(self.results().items()))

    def scores(self, as_dict: bool) -> Any:
        """The figures as evaluate returns them: a number, a list, or a dict."""
        if as_dict:
            return self.sorted_results()
        values = list(self.results().values())
        return values[0] if len(values) == 1 else values


def _numbered(name: str) -> Iterator[str]:
    """name, name_1, name_2, ..."""
    yield name
    yield from (f"{name}_{i}" for i in itertools.count(1))


def _single(name: str, value: Any) -> Any:
    """The value for a model of one output: a list or dict of one is that one."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        if len(value) != 1:
            raise ValueError(
                f"`{name}` must have one entry for a model with one output. Received: {name}={value!r}"
            )
        value = value[0]
    return value


def _listed(name: str, value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, dict):
        value = [m for v in value.values() for m in (v if isinstance(v, (list, tuple)) else [v])]
    if not isinstance(value, (list, tuple)):
        raise ValueError(
            f"Expected `{name}` argument to be a list, tuple, or dict. Received instead: "
            f"{name}={value!r} of type {type(value).__name__}"
        )
    items = [m for v in value for m in (v if isinstance(v, (list, tuple)) else [v])]
    for item in items:  # refuses unknown names now; shapes are needed for the rest
        metrics.for_output(item, (None, 1), (None, 1))
    return items
