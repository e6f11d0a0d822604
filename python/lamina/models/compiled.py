"""What compile was told: losses and metrics, resolved when the model's outputs are known."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import numpy as np

from lamina import losses, metrics, ops, tree
from lamina.models.signature import Shape, Signature
from lamina.utils import check

_BY_SHAPE = ("crossentropy", "ce")


class OutputLoss:
    """The loss of one output: its place among the outputs, name, weight, and running mean."""

    def __init__(self, place: int, name: str, loss: Any, weight: float | None) -> None:
        self.place, self.name, self.weight = place, name, weight
        self.by_shape = isinstance(loss, str) and loss.lower() in _BY_SHAPE
        self.loss: Any = None if self.by_shape else losses.as_loss(loss)
        self.mean = metrics.Mean(name=f"{name}_loss")

    def check_targets(self, y: np.ndarray | None, output_shape: Shape) -> None:
        """Refuses targets that do not fit.

        The loss "crossentropy" is chosen here: binary for one output, sparse for labels, else
        categorical.
        """
        if y is None:
            raise ValueError(
                f"`y` is needed for the loss of output {self.name!r}. Received: y=None"
            )
        if self.by_shape:
            self.loss = losses.as_loss(metrics.crossentropy_for(y.shape, output_shape))
        self.loss.check_targets(y, output_shape)


class Objective:
    """The losses of all outputs with their weights: what a step minimises."""

    def __init__(self, loss: Any, weights: Any) -> None:
        self._loss, self._weights = loss, weights
        self.parts: list[OutputLoss] = []
        self.resolved = False
        for item in tree.flatten(loss):  # refuses unknown names now; the rest needs the outputs
            if item is not None and not (isinstance(item, str) and item.lower() in _BY_SHAPE):
                losses.as_loss(item)
        for weight in tree.flatten(weights):
            if weight is not None:
                check.number("loss_weights", weight)

    @property
    def is_empty(self) -> bool:
        return all(item is None for item in tree.flatten(self._loss))

    def resolve(self, signature: Signature) -> None:
        """Finds the loss of each output; done once."""
        if self.resolved:
            return
        chosen = _per_output("loss", self._loss, signature, repeat=True)
        weights = _per_output("loss_weights", self._weights, signature, repeat=True)
        parts = zip(signature.output_paths, chosen, weights)
        self.parts = [
            OutputLoss(place, name, loss, weight)
            for place, (name, loss, weight) in enumerate(parts)
            if loss is not None
        ]
        self.resolved = True

    def match_targets(self, signature: Signature, name: str, y: Any) -> list[Any]:
        """The targets for each output; None where there is no loss and nothing was given."""
        self.resolve(signature)
        names = signature.output_names
        places = [part.place for part in self.parts]
        partial = len(places) < len(names)
        if isinstance(y, dict) and partial and set(y) <= set(names):
            return [y.get(output) for output in names]
        if partial and isinstance(y, (list, tuple)) and len(y) == len(places) != len(names):
            given = dict(zip(places, y))
            return [given.get(place) for place in range(len(names))]
        return signature.match_outputs(name, y)

    def check_targets(self, y: Any, signature: Signature) -> None:
        """Refuses targets that do not fit the losses."""
        self.resolve(signature)
        if y is None and self.parts:
            raise ValueError("`y` is needed for the loss. Received: y=None")
        given = tree.flatten(y)
        for part in self.parts:
            part.check_targets(given[part.place], signature.output_shapes[part.place])

    def __call__(self, y: Any, y_pred: Any, sample_weight: Any, penalties: Sequence[Any]) -> Any:
        """The number to minimise: the weighted losses, and the penalties that layers added.

        Errors: ValueError when there is neither, or a loss is not one number.
        """
        values: list[Any] = []
        if y is not None:
            values = [self._value(part, y, y_pred, sample_weight) for part in self.parts]
        values += map(ops.sum, penalties)
        if not values:
            raise ValueError(
                "No loss to compute. Provide a `loss` argument in `compile()`, and targets `y`."
            )
        total = values[0]
        for value in values[1:]:
            total = ops.add(total, value)
        return total

    def _value(self, part: OutputLoss, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        truth, prediction = (tree.flatten(x)[part.place] for x in (y, y_pred))
        value = part.loss(truth, prediction, _weight_of(sample_weight, part.place))
        if len(value.shape) != 0:
            raise ValueError(
                f"The loss must be a single number. Received: a loss of shape {tuple(value.shape)}; "
                "give it a reduction other than None"
            )
        if len(self.parts) > 1:
            part.mean.update_state(value, sample_weight=ops.count(prediction, axes=(0,)))
        return value if part.weight in (None, 1.0) else ops.multiply(value, part.weight)

    @property
    def means(self) -> list[Any]:
        """The mean loss of each output, where there are several."""
        return [part.mean for part in self.parts] if len(self.parts) > 1 else []


class Reports:
    """The figures of compile: the mean loss, and for each output `metrics` and `weighted_metrics`."""

    def __init__(self, plain: Any, weighted: Any, objective: Objective) -> None:
        self._plain = _checked_metrics("metrics", plain)
        self._weighted = _checked_metrics("weighted_metrics", weighted)
        self._objective = objective
        self.loss = metrics.Mean(name="loss")
        self.plain: list[list[Any]] = []  # for each output
        self.weighted: list[list[Any]] = []
        self._named: dict[str, Any] = {}
        self.resolved = False

    @property
    def is_empty(self) -> bool:
        return not (self._plain or self._weighted)

    def resolve(self, y: Any, signature: Signature) -> None:
        """Makes the metrics for targets like these; done once."""
        if self.resolved or y is None:
            return
        shapes = [None if a is None else tuple(a.shape) for a in tree.flatten(y)]
        if len(shapes) != len(signature.output_shapes):
            shapes = [None] * len(signature.output_shapes)
        self.plain = self._made("metrics", self._plain, shapes, signature)
        self.weighted = self._made("weighted_metrics", self._weighted, shapes, signature)
        names = signature.output_names if len(signature.output_names) > 1 else [""]
        taken = {"loss"} | {mean.name for mean in self._objective.means}
        for kind, groups in (("", self.plain), ("weighted_", self.weighted)):
            for output, group in zip(names, groups):
                for metric in group:
                    name = _free_name(f"{output}_" if output else "", kind, metric.name, taken)
                    self._named[name] = metric
                    taken.add(name)
        self.resolved = True

    def _made(
        self, argument: str, given: Any, shapes: list[Any], signature: Signature
    ) -> list[list[Any]]:
        groups = _metrics_per_output(argument, given, signature)
        made = []
        for group, target, output in zip(groups, shapes, signature.output_shapes):
            if group and target is None:
                raise ValueError(f"`{argument}` need targets `y`. Received: y=None for an output")
            made.append([metrics.for_output(m, target, output) for m in group])
        return made

    def named(self, own: Sequence[Any] = ()) -> dict[str, Any]:
        """Each metric by the name it is reported under, in the order of `evaluate`.

        As in Keras: the loss, the metrics, the losses of several outputs, the model's `own` metrics;
        but the metrics of several outputs last, by name.
        """
        single, several = self._named, {}
        if len(self.plain) > 1:
            single, several = {}, dict(sorted(self._named.items()))
        others = {metric.name: metric for metric in [*self._objective.means, *own]}
        return {"loss": self.loss, **single, **others, **several}

    def update(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        """Takes the predictions for a batch into the metrics."""
        if y is None:
            return
        outputs = zip(tree.flatten(y), tree.flatten(y_pred), self.plain, self.weighted)
        for place, (truth, prediction, plain, weighted) in enumerate(outputs):
            weight = _weight_of(sample_weight, place)
            for metric in plain:
                metric.update_state(truth, prediction)
            for metric in weighted:
                metric.update_state(truth, prediction, sample_weight=weight)


class Results(MutableMapping[str, Any]):
    """Figures by name, each computed when it is asked for; other entries can be added."""

    def __init__(self, named: dict[str, Any]) -> None:
        self.named = named
        self.added: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self.added:
            return self.added[name]
        return self.named[name].result()

    def __setitem__(self, name: str, value: Any) -> None:
        self.added[name] = value

    def __delitem__(self, name: str) -> None:
        if name in self.added:
            del self.added[name]
        else:
            self.named = {key: metric for key, metric in self.named.items() if key != name}

    def __iter__(self) -> Iterator[str]:
        return iter({**self.named, **self.added})

    def __len__(self) -> int:
        return len({**self.named, **self.added})


def as_number(value: Any) -> Any:
    """A figure as a float, or as an array where a metric gives several numbers."""
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array


def _weight_of(sample_weight: Any, place: int) -> Any:
    return tree.flatten(sample_weight)[place] if tree.is_nested(sample_weight) else sample_weight


def _per_output(name: str, value: Any, signature: Signature, *, repeat: bool) -> list[Any]:
    """An entry for each output of a list or dict, or of lists and dicts nested like the outputs; or
    one for all if it may be repeated."""
    outputs = signature.output_names
    if signature.has_deep_outputs and value is not None and _fits(value, signature.outputs):
        return [_at(path, value) for path, _ in tree.flatten_with_path(signature.outputs)]
    if isinstance(value, dict):
        unknown = sorted(set(value) - set(outputs))
        if unknown and not (len(outputs) == len(value) == 1):
            raise ValueError(
                f"Expected keys {list(outputs)} in {name} dict, but found {name}.keys()={list(value)}"
            )
        return list(value.values()) if unknown else [value.get(output) for output in outputs]
    if isinstance(value, (list, tuple)):
        if len(value) != len(outputs):
            raise ValueError(
                f"`{name}` must have one entry for each of {len(outputs)} outputs "
                f"({', '.join(outputs)}). Received: {name}={value!r}"
            )
        return list(value)
    if value is not None and not repeat:
        raise ValueError(
            f"`{name}` must be a list or dict for a model with {len(outputs)} outputs. "
            f"Received: {name}={value!r}"
        )
    return [value] * len(outputs)


def _fits(value: Any, outputs: Any) -> bool:
    """Whether it is nested like the outputs, but for parts of dicts that are missing, or None."""
    if value is None or not tree.is_nested(outputs):
        return True
    if isinstance(outputs, dict):
        known = isinstance(value, dict) and value.keys() <= outputs.keys()
        return known and all(_fits(part, outputs[key]) for key, part in value.items())
    alike = isinstance(value, (list, tuple)) and len(value) == len(outputs)
    return alike and all(map(_fits, value, outputs))


def _at(path: Sequence[Any], value: Any) -> Any:
    """What stands in a nested structure where keys and places lead; None for what is missing."""
    for key in path:
        if value is not None:
            value = value.get(key) if isinstance(value, dict) else value[key]
    return value


def _checked_metrics(name: str, value: Any) -> Any:
    if value is not None and not isinstance(value, (list, tuple, dict)):
        raise ValueError(
            f"Expected `{name}` argument to be a list, tuple, or dict. Received instead: "
            f"{name}={value!r} of type {type(value).__name__}"
        )
    for item in tree.flatten(value):  # refuses unknown names now; shapes are needed for the rest
        metrics.check(item)
    return value


def _metrics_per_output(name: str, value: Any, signature: Signature) -> list[list[Any]]:
    """The metrics of each output."""
    if not value:
        return [[] for _ in signature.output_names]
    if len(signature.output_names) == 1:
        return [[m for m in tree.flatten(value) if m is not None]]
    groups = _per_output(name, value, signature, repeat=False)
    return [[m for m in tree.flatten(group) if m is not None] for group in groups]


def _free_name(output: str, kind: str, name: str, taken: set[str]) -> str:
    """Keras's name for a metric of an output: "weighted_" or a number is added only if needed."""
    first = f"{output}{name}"
    if first not in taken:
        return first
    base = f"{output}{kind}{name}"
    numbered = itertools.chain([base], (f"{base}_{i}" for i in itertools.count(1)))
    return next(candidate for candidate in numbered if candidate not in taken)
