"""What a layer keeps: its weights, inner layers, metrics and random streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from lamina import constraints, initializers, regularizers
from lamina.graph.variable import Variable, take_memory
from lamina.random.seed_generator import SeedGenerator

_OVERHEAD = 4096  # bytes of a layer beside its weights: a Dense in a model takes 3 kB
_PLAIN = frozenset((bool, int, float, str, type(None), type(lambda: None)))  # nothing to track


class WeightHolder:
    """Tracks the variables, holders, metrics and seed generators that are set as its attributes.

    They are found in lists, tuples and dicts too, in the order of their first appearance.
    """

    name: str
    built: bool

    def __init__(self) -> None:
        take_memory(f"A further {type(self).__name__}", _OVERHEAD)
        self._layers: list[Any] = []
        self._weights: list[Variable] = []
        self._own_metrics: list[Any] = []
        self._seed_generators: list[SeedGenerator] = []
        self._trainable = True

    @property
    def variable_dtype(self) -> str:
        """The dtype of weights that say none."""
        raise NotImplementedError

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) in _PLAIN:
            pass
        elif not name.startswith("_"):
            for item in _tracked(value):
                self._track(item)
        elif isinstance(value, (Variable, WeightHolder, SeedGenerator)):
            self._track(value)
        object.__setattr__(self, name, value)

    def _track(self, item: Any) -> None:
        self._need_init(AttributeError)
        if isinstance(item, SeedGenerator):
            tracked: list[Any] = self._seed_generators
        elif isinstance(item, Variable):
            tracked = self._weights
        else:
            tracked = self._layers if isinstance(item, WeightHolder) else self._own_metrics
        if all(item is not x for x in tracked):
            tracked.append(item)

    def _need_init(self, error: type[Exception]) -> None:
        if "_weights" not in self.__dict__:
            raise error(f"call super().__init__() in {type(self).__name__}.__init__ first")

    def add_weight(
        self,
        shape: Sequence[int] | int | None = None,
        initializer: Any = None,
        dtype: str | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        layout: None = None,
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """A new weight; the default initializer is glorot_uniform.

        Errors: ValueError for an unknown initializer, regularizer or constraint.  `autocast`,
        `aggregation`, `layout` and `overwrite_with_gradient` are accepted as in Keras and have no
        meaning here.
        """
        sizes = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape or ())
        if initializer is None:
            initializer = "glorot_uniform"
        variable = Variable(
            initializers.get(initializer), sizes, dtype or self.variable_dtype, trainable, name
        )
        variable.path = f"{self.name}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        if all(variable is not w for w in self._weights):
            self._weights.append(variable)
        return variable

    @property
    def trainable(self) -> bool:
        """Whether training may change the weights.  Takes effect when a model is compiled."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for layer in self._layers:
            layer.trainable = value

    def _all_weights(self) -> list[tuple[Variable, bool]]:
        """Every weight once, and whether it is trainable."""
        own = sorted(self._weights, key=lambda w: not w.trainable)
        found = [(w, w.trainable and self.trainable) for w in own]
        for layer in self._layers:
            found += [(w, t and self.trainable) for w, t in layer._all_weights()]
        unique: dict[int, tuple[Variable, bool]] = {}
        for w, t in found:
            unique.setdefault(id(w), (w, t))
        return list(unique.values())

    @property
    def weights(self) -> list[Variable]:
        """All weights, layer by layer: those that training changes first, in the order of creation."""
        return [w for w, _ in self._all_weights()]

    @property
    def variables(self) -> list[Variable]:
        """The weights and the states of random streams, layer by layer."""
        found = self._own_variables() + [g.state for g in self._seed_generators]
        found += [v for layer in self._layers for v in layer.variables]
        return list({id(v): v for v in found}.values())

    @property
    def trainable_weights(self) -> list[Variable]:
        return [w for w, trainable in self._all_weights() if trainable]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        return [w for w, trainable in self._all_weights() if not trainable]

    @property
    def trainable_variables(self) -> list[Variable]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        trainable = {id(w) for w in self.trainable_weights}
        return [v for v in self.variables if id(v) not in trainable]

    @property
    def metrics(self) -> list[Any]:
        """The metrics of this layer and of those inside."""
        found = self._own_metrics + [m for layer in self._layers for m in layer.metrics]
        return list({id(metric): metric for metric in found}.values())

    @property
    def metrics_variables(self) -> list[Variable]:
        """What the metrics hold."""
        return [v for metric in self.metrics for v in metric.variables]

    def _flatten(self) -> list[Any]:
        """This layer and all layers inside, each once."""
        inside = (inner for layer in self._layers for inner in layer._flatten())
        return list({id(layer): layer for layer in (self, *inside)}.values())

    def get_weights(self) -> list[np.ndarray]:
        """Copies of the weights, in the order of `weights`."""
        return [w.numpy() for w in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets all weights.  Errors: ValueError for a wrong number of arrays or a wrong shape."""
        own = self.weights
        if len(own) != len(weights):
            raise ValueError(
                f"You called `set_weights(weights)` on layer '{self.name}' with a weight list of "
                f"length {len(weights)}, but the layer was expecting {len(own)} weights."
            )
        arrays = [np.asarray(value) for value in weights]
        for variable, array in zip(own, arrays):
            if variable.shape != array.shape:
                raise ValueError(
                    f"Layer '{self.name}' weight shape {variable.shape} is not compatible with "
                    f"provided weight shape {array.shape} (weight {variable.path})."
                )
        for variable, array in zip(own, arrays):
            variable.assign(array)

    # --- files ------------------------------------------------------------------------------------

    def __reduce__(self) -> Any:
        """pickle and copy go through the format of files, whose config makes an equal object."""
        from lamina.saving.pickling import reduce

        return reduce(self)

    def _own_variables(self) -> list[Variable]:
        """The weights of this layer without those inside: trainable ones first, as Keras has them."""
        return sorted(self._weights, key=lambda w: not w.trainable)

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Puts what a file keeps of this layer, without those inside, into `store`, as "0", "1", ..."""
        for i, variable in enumerate(self._own_variables()):
            store[str(i)] = variable

    def load_own_variables(self, store: dict[str, np.ndarray]) -> None:
        """Takes from `store` what `save_own_variables` had put there.

        Errors: ValueError for another number of arrays, or shapes and dtypes that do not fit.
        """
        self.check_own_variables(store)
        for i, variable in enumerate(self._own_variables()):
            variable.assign(store[str(i)])

    def check_own_variables(self, store: dict[str, np.ndarray]) -> None:
        """Refuses what `load_own_variables` cannot take, where that is not overridden."""
        if type(self).load_own_variables is not WeightHolder.load_own_variables:
            return
        own = self._own_variables()
        if len(store) != len(own):
            if not own and not self.built:
                raise ValueError(
                    f"Layer '{self.name}' was never built, so it has no variables, but the file lists "
                    f"{len(store)} for it. The `build()` of a layer must build the layers inside too; "
                    "or the layer needs `build_from_config()`."
                )
            raise ValueError(
                f"Layer '{self.name}' expected {len(own)} variables, but received {len(store)} "
                f"variables during loading. Expected: {[v.name for v in own]}"
            )
        for i, variable in enumerate(own):
            variable.check_fit(store[str(i)])


def _tracked(value: Any) -> Iterator[Any]:
    """What is to be tracked in an attribute's value, also in lists, tuples and dicts."""
    if isinstance(value, (Variable, WeightHolder, SeedGenerator)) or _is_metric(value):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        items: Iterable[Any] = value.values() if isinstance(value, dict) else value
        for item in items:
            yield from _tracked(item)


def _is_metric(value: Any) -> bool:
    """By its methods: layers are imported without metrics."""
    return hasattr(type(value), "update_state") and hasattr(type(value), "reset_state")
