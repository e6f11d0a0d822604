"""The base of layers."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lamina import initializers, regularizers
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import Trace, current_trace
from lamina.graph.variable import Variable
from lamina.random.seed_generator import SeedGenerator
from lamina.saving.arguments import auto_config
from lamina.utils import check
from lamina.utils.naming import auto_name, to_snake_case


class Layer:
    """A computation with weights, described by `call` in terms of `lamina.ops`.

    A subclass makes its weights in `build(input_shape)` with `add_weight`, and computes in
    `call(inputs)`, or `call(inputs, training=False)` if training matters.  Gradients come from the
    operations.  Layers, variables and seed generators that are set as attributes are tracked.

    Args:
        activity_regularizer: a penalty on the output, added to the loss.
        trainable: whether training may change the weights.
        dtype: "float32".
        name: unique in a model; by default the class in snake_case, counted.
        input_shape, input_dim: the shape of one sample, for the first layer of a Sequential.
    """

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._layers: list[Layer] = []
        self._weights: list[Variable] = []
        self._seed_generators: list[SeedGenerator] = []
        self._losses: list[Callable[[], Any]] = []
        self.built = False
        self._build_shape: Any = None  # what `build` was called with
        self._output_shape: tuple[int | None, ...] | None = None
        self.input_spec: dict[int, int] = {}  # axis -> size that the input must have
        self._takes_training = _takes_training(type(self).call)
        self._batch_input_shape = _legacy_input_shape(kwargs)
        check.no_more(type(self).__name__, kwargs)
        if dtype_name(dtype) not in (None, "float32"):
            raise ValueError(f"`dtype` must be 'float32'. Received: dtype={dtype!r}")
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(f"`name` must be a string without '/'. Received: name={name!r}")
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self.dtype = "float32"
        self.autocast = autocast
        self._trainable = bool(trainable)
        self.activity_regularizer = regularizers.get(activity_regularizer)

    _arguments: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = super().__new__(cls)
        if cls.get_config is Layer.get_config:  # which will want them
            object.__setattr__(layer, "_arguments", (args, kwargs))
        return layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """A layer is built once its `build` was called, by whomever."""
        super().__init_subclass__(**kwargs)
        build = cls.__dict__.get("build")
        if build is not None:

            @functools.wraps(build)
            def marked(self: Layer, *args: Any, **kwargs: Any) -> None:
                build(self, *args, **kwargs)
                self.built = True
                self._build_shape = next(iter((*args, *kwargs.values())), None)

            cls.build = marked  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, _TRACKED):
            self._track(value)
        elif isinstance(value, (list, tuple)) and not name.startswith("_"):
            for item in value:
                if isinstance(item, _TRACKED):
                    self._track(item)
        object.__setattr__(self, name, value)

    def _track(self, item: Variable | Layer | SeedGenerator) -> None:
        if "_weights" not in self.__dict__:
            raise AttributeError(f"call super().__init__() in {type(self).__name__}.__init__ first")
        tracked: list[Any] = self._seed_generators
        if not isinstance(item, SeedGenerator):
            tracked = self._weights if isinstance(item, Variable) else self._layers
        if all(item is not x for x in tracked):
            tracked.append(item)

    # --- to be overridden -------------------------------------------------------------------------

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights for inputs of this shape (None for the batch)."""

    def call(self, inputs: Any) -> Any:
        """The output for the inputs, in terms of `lamina.ops`."""
        raise NotImplementedError(f"{type(self).__name__} does not implement call(inputs)")

    # --- weights ----------------------------------------------------------------------------------

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: str | None = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A new weight; the default initializer is glorot_uniform, or zeros for a vector or number."""
        if initializer is None:
            initializer = "glorot_uniform" if len(tuple(shape)) > 1 else "zeros"
        variable = Variable(
            initializers.get(initializer), shape, dtype or self.dtype, trainable, name
        )
        variable.path = f"{self.name}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraint
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
        found = [(w, w.trainable and self.trainable) for w in self._weights]
        for layer in self._layers:
            found += [(w, t and self.trainable) for w, t in layer._all_weights()]
        unique: dict[int, tuple[Variable, bool]] = {}
        for w, t in found:
            unique.setdefault(id(w), (w, t))
        return list(unique.values())

    @property
    def weights(self) -> list[Variable]:
        """All weights, layer by layer in the order of creation."""
        return [w for w, _ in self._all_weights()]

    @property
    def variables(self) -> list[Variable]:
        """The weights, and the states of random streams."""
        return self.weights + [g.state for layer in self._flatten() for g in layer._seed_generators]

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

    def _flatten(self) -> list[Layer]:
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

    def count_params(self) -> int:
        """The number of weights.  Errors: ValueError before the layer is built."""
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on layer '{self.name}', but the layer isn't "
                "built. You can build it manually via: `layer.build(input_shape)`."
            )
        return sum(w.size for w in self.weights)

    # --- losses -----------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Adds a number to the loss of the step that is being recorded."""
        trace = current_trace()
        if trace is not None:
            trace.losses.append(loss)

    # --- calling ----------------------------------------------------------------------------------

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Builds the layer if needed, and computes.

        Arrays give arrays at once; tensors of a graph that is recorded give tensors.
        """
        if not isinstance(inputs, (Tensor, list, tuple, dict)):
            inputs = np.asarray(inputs)
        if isinstance(inputs, list) and not any(isinstance(x, Tensor) for x in inputs):
            inputs = np.asarray(inputs)
        shape: Any = getattr(inputs, "shape", None)
        self._check_input(shape)
        if not self.built:
            self.build(shape)
            self.built = True
            self._build_shape = shape
        if self._takes_training and kwargs.get("training") is None:
            trace = current_trace()
            kwargs["training"] = trace.training if trace is not None else False
        elif not self._takes_training:
            kwargs.pop("training", None)
        outputs = self.call(inputs, *args, **kwargs)
        if self.activity_regularizer is not None:
            self.add_loss(self.activity_regularizer(outputs))
        return outputs

    def _check_input(self, shape: Any) -> None:
        for axis, size in self.input_spec.items():
            if shape is None or len(shape) < 2 or shape[axis] != size:
                raise ValueError(
                    f"Input 0 of layer '{self.name}' is incompatible with the layer: expected axis "
                    f"{axis} of input shape to have value {size}, but received input with shape "
                    f"{shape}"
                )

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape of the output in its model.  Errors: AttributeError before that is built."""
        if self._output_shape is None:
            raise AttributeError(
                f"The layer {self.name!r} has never been called: it has no output shape."
            )
        return self._output_shape

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """The shape of the output for inputs of this shape (None for the batch)."""
        output: tuple[int | None, ...] = self.symbolic_output(input_shape).shape
        return output

    def symbolic_output(self, input_shape: Sequence[int | None]) -> Any:
        """The output for a symbolic input; nothing is computed and no state changes."""
        dims = tuple(-1 if d is None else int(d) for d in input_shape)
        with Trace() as trace:
            return self(trace.input(Spec(dims), "input"))

    # --- config -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer (with other weights).

        A subclass without a `get_config` of its own is described by the arguments it was made with.
        Errors: NotImplementedError when these are more than numbers, strings, None and lists of them.
        """
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": _dtype_policy(self.dtype),
        }
        if type(self).get_config is Layer.get_config:
            config = {**auto_config(self, *self._arguments), **config}
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)

    def get_build_config(self) -> dict[str, Any] | None:
        """What `build_from_config` needs; None for a layer that is not built, or needs no building."""
        return None if self._build_shape is None else {"input_shape": self._build_shape}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Builds the layer as `get_build_config` says."""
        if config.get("input_shape") is not None:
            self.build(_as_shape(config["input_shape"]))
        elif config.get("shapes_dict"):
            self.build(**{k: _as_shape(v) for k, v in config["shapes_dict"].items()})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


_TRACKED = (Variable, Layer, SeedGenerator)


def _dtype_policy(name: str) -> dict[str, Any]:
    """A dtype as Keras's layers write it."""
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": name},
        "registered_name": None,
    }


def dtype_name(dtype: Any) -> Any:
    """The name in a serialized DTypePolicy; anything else as it is."""
    if isinstance(dtype, Mapping) and dtype.get("class_name") == "DTypePolicy":
        return dtype["config"]["name"]
    return dtype


def _as_shape(shape: Any) -> Any:
    """A shape, or a list or dict of shapes, after JSON, which has no tuples."""
    if isinstance(shape, Mapping):
        return {key: _as_shape(value) for key, value in shape.items()}
    if any(isinstance(item, (list, tuple)) for item in shape):
        return [_as_shape(item) for item in shape]
    return tuple(shape)


@functools.lru_cache
def _takes_training(call: Callable[..., Any]) -> bool:
    return "training" in inspect.signature(call).parameters


def _legacy_input_shape(kwargs: dict[str, Any]) -> tuple[int | None, ...] | None:
    """The batch input shape of the legacy arguments input_shape and input_dim, taken out."""
    if "input_shape" not in kwargs and "input_dim" not in kwargs:
        return None
    warnings.warn(
        "Do not pass an `input_shape`/`input_dim` argument to a layer. When using Sequential "
        "models, prefer using an `Input(shape)` object as the first layer in the model instead.",
        stacklevel=4,
    )
    shape = kwargs.pop("input_shape", None)
    units = kwargs.pop("input_dim", None)
    if shape is None:
        shape = (check.integer("input_dim", units, 1),)
    return (None, *check_shape("input_shape", shape))


def check_shape(name: str, shape: Any) -> tuple[int | None, ...]:
    """A shape without the batch: an int, or a sequence of positive ints and None."""
    if isinstance(shape, (int, np.integer)) and not isinstance(shape, bool):
        shape = (int(shape),)
    if not isinstance(shape, (tuple, list)):
        raise ValueError(f"`{name}` must be a tuple of integers. Received: {name}={shape!r}")
    for d in shape:
        valid = d is None or (
            isinstance(d, (int, np.integer)) and not isinstance(d, bool) and d >= 0
        )
        if not valid:
            raise ValueError(
                f"`{name}` must be made of non-negative integers and None. Received: {name}={shape}"
            )
    if any(d is None for d in shape):
        raise ValueError(
            f"`{name}` must give the size of every axis but the batch. Received: {name}={shape}"
        )
    return tuple(int(d) for d in shape)
