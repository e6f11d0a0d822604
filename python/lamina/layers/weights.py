"""What a layer keeps: its weights, inner layers, metrics and random streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lamina import constraints, initializers, regularizers
from lamina.graph.variable import Variable, take_memory
from lamina.layers import containers
from lamina.random.seed_generator import SeedGenerator
from lamina.utils import check
from lamina.utils.dtypes import standardize_dtype

_AGGREGATIONS = (None, "none", "mean", "sum", "only_first_replica")
_OVERHEAD = 4096  # bytes of a layer beside its weights: a Dense in a model takes 3 kB
_LISTS = (  # of what is tracked
    "_layers", "_trainable_variables", "_non_trainable_variables", "_own_metrics", "_seed_generators",
)  # fmt: skip
_PLAIN = frozenset((bool, int, float, str, type(None), type(lambda: None)))  # nothing to track


class WeightHolder:
    """Tracks the variables, holders, metrics and seed generators that are set as its attributes.

    They are found in lists, tuples and dicts too, in the order of their first appearance; and what is
    put into a list or dict later, or taken out of it.
    """

    # Attributes of lamina's classes that hold such things, which are tracked otherwise or not at all.
    _untracked = frozenset(_LISTS)

    name: str
    built: bool
    _state_is_locked = False

    def __init__(self) -> None:
        take_memory(f"A further {type(self).__name__}", _OVERHEAD)
        self._layers: list[Any] = []
        self._trainable_variables: list[Variable] = []  # that were when they came
        self._non_trainable_variables: list[Variable] = []
        self._own_metrics: list[Any] = []
        self._seed_generators: list[SeedGenerator] = []
        self._trainable = True

    @property
    def variable_dtype(self) -> str:
        """The dtype of weights that say none."""
        raise NotImplementedError

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) not in _PLAIN and name not in self._untracked:
            value = self._track_value(value)
        object.__setattr__(self, name, value)

    def _track_value(self, value: Any) -> Any:
        """What is kept of a value that is set: containers as ones whose changes are tracked."""
        if type(value) in _PLAIN:
            return value
        if not _is_trackable(value):
            return containers.tracked(value, self)
        self._track(value)
        return value

    def _track(self, item: Any) -> None:
        self._need_init(AttributeError)
        if isinstance(item, Variable):
            known: list[Any] = self._own_variables()
            kind = "trainable" if item.trainable else "non_trainable"
            tracked: list[Any] = getattr(self, f"_{kind}_variables")
        elif isinstance(item, SeedGenerator):
            known = tracked = self._seed_generators
        else:
            known = tracked = self._layers if isinstance(item, WeightHolder) else self._own_metrics
        if any(item is x for x in known):
            return
        if self._state_is_locked:
            raise ValueError(
                f"Layer '{self.name}' is built: variables, layers and other state are made in "
                f"`__init__()` or `build()`, and not added later. Received: {item!r:.200}"
            )
        tracked.append(item)

    def _lock_state(self) -> None:
        """From now on new variables, layers and the like are refused."""
        self._state_is_locked = True

    def _untrack(self, value: Any) -> None:
        """Forgets what is in a value that was taken out of a container, and in no attribute any more."""
        gone = {id(item) for item in _contents(value)}
        if gone:
            kept = [x for name, x in vars(self).items() if name not in self._untracked]
            gone -= {id(item) for item in _contents(kept)}
            for name in _LISTS:
                tracked = getattr(self, name)
                tracked[:] = [item for item in tracked if id(item) not in gone]

    def _need_init(self, error: type[Exception]) -> None:
        if "_layers" not in self.__dict__:
            raise error(f"call super().__init__() in {type(self).__name__}.__init__ first")

    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str | None = "none",
        layout: None = None,
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """A new weight; the default initializer is glorot_uniform.

        The shape is a whole number or a sequence of them; None is a single number.  `autocast`,
        `aggregation`, `layout` and `overwrite_with_gradient` are accepted as in Keras and have no
        meaning here.

        Errors: ValueError for an unknown initializer, regularizer, constraint or aggregation, a shape
        with sizes that are not known, a name with "/", and in a layer that is built.
        """
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(f"`name` must be a string without '/'. Received: name={name!r}")
        if aggregation not in _AGGREGATIONS:
            raise ValueError(
                f"`aggregation` must be one of {_AGGREGATIONS}. Received: aggregation={aggregation!r}"
            )
        sizes = () if shape is None else check.sizes("shape", shape)
        dtype = self.variable_dtype if dtype is None else standardize_dtype(dtype)
        if initializer is None:
            initializer = "glorot_uniform" if "float" in dtype else "zeros"
        variable = Variable(initializers.get(initializer), sizes, dtype, bool(trainable), name)
        variable.path = f"{self.name}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        self._track(variable)
        if not self.trainable:
            variable.trainable = False
        return variable

    @property
    def trainable(self) -> bool:
        """Whether training may change the weights.  Takes effect when a model is compiled.

        Setting it sets that of the layers inside, and of the variables that were made trainable.
        """
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for part in (*self._trainable_variables, *self._layers):
            part.trainable = self._trainable

    @property
    def weights(self) -> list[Variable]:
        """All weights, layer by layer, in the order of creation: those first that were made trainable."""
        return _unique(self._own_variables(), *(layer.weights for layer in self._layers))

    @property
    def variables(self) -> list[Variable]:
        """The weights and the states of random streams, layer by layer."""
        own = self._own_variables() + [g.state for g in self._seed_generators]
        return _unique(own, *(layer.variables for layer in self._layers))

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes: none of a layer that is not `trainable`."""
        if not self.trainable:
            return []
        own = [w for w in self._own_variables() if w.trainable]
        return _unique(own, *(layer.trainable_weights for layer in self._layers))

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The other weights."""
        trainable = {id(w) for w in self.trainable_weights}
        return [w for w in self.weights if id(w) not in trainable]

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
        return _unique(self._own_metrics, *(layer.metrics for layer in self._layers))

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
        """The weights of this layer without those inside, in the order that Keras has in files."""
        return self._trainable_variables + self._non_trainable_variables

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


def _unique(*parts: list[Any]) -> list[Any]:
    """What is in the parts, each once."""
    return list({id(x): x for part in parts for x in part}.values())


def _contents(value: Any) -> Iterator[Any]:
    """What is to be tracked in a value, also in lists, tuples and dicts."""
    if type(value) in _PLAIN:
        return
    if _is_trackable(value):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _contents(item)


def _is_trackable(value: Any) -> bool:
    return isinstance(value, (Variable, WeightHolder, SeedGenerator)) or _is_metric(value)


def _is_metric(value: Any) -> bool:
    """By its methods: layers are imported without metrics."""
    return hasattr(type(value), "update_state") and hasattr(type(value), "reset_state")
