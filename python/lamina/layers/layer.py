"""The base of layers."""

from __future__ import annotations

import functools
import warnings
import weakref
from typing import Any

from lamina import dtype_policies, regularizers, tree
from lamina.dtype_policies import DTypePolicy
from lamina.dtype_policies.policy import config_of
from lamina.graph.symbolic import Call, stand_ins, symbolic_leaves
from lamina.graph.trace import Trace, layer_call, told_training
from lamina.layers.arguments import (
    arguments_of,
    as_operands,
    cast_floats,
    default_training,
    has_tensors,
    inputs_of,
    legacy_input_shape,
    masks_of,
    parameters,
    shapes_of,
    with_masks,
)
from lamina.layers.config import restored_shape
from lamina.layers.input_spec import check_inputs
from lamina.layers.penalties import Penalized
from lamina.layers.stand_in import stand_in
from lamina.serialization.arguments import auto_config
from lamina.utils import check
from lamina.utils.naming import auto_name, to_snake_case


class Layer(Penalized):
    """A computation with weights, described by `call` in terms of `lamina.ops`.

    A subclass makes its weights in `build(input_shape)` with `add_weight`, and computes in
    `call(inputs)`; `call` may take more tensors, `training`, and `mask`.  Gradients come from the
    operations.  Layers, variables, metrics and seed generators that are set as attributes are
    tracked.

    Args:
        activity_regularizer: a penalty on the output, added to the loss.
        trainable: whether training may change the weights.
        dtype: of weights, arithmetic and results: "float32", "float64", or a `DTypePolicy`; that of
            `config.dtype_policy()` when None.
        autocast: whether floats among the arguments of a call are cast to it.
        name: unique in a model; by default the class in snake_case, counted.
        input_shape, input_dim: the shape of one sample, for the first layer of a Sequential.

    Examples:
        >>> class Scale(lamina.layers.Layer):
        ...     def build(self, input_shape):
        ...         self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
        ...
        ...     def call(self, inputs):
        ...         return inputs * self.scale
        >>> layer = Scale()
        >>> layer(np.zeros((2, 3))).shape, layer.count_params()
        ((2, 3), 3)
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
        super().__init__()
        self.built = False
        self._build_shapes: dict[str, Any] = {}  # what `build` was called with, by name
        self.input_spec: Any = None  # InputSpec(s) that the inputs must fit
        self.supports_masking = type(self).compute_mask is not Layer.compute_mask
        self._uses: list[weakref.ref[Call]] = []  # on symbolic values; a call holds its layer
        self._call_parameters = parameters(type(self).call)
        self._batch_input_shape = legacy_input_shape(kwargs)
        check.no_more(type(self).__name__, kwargs)
        self._dtype_policy = dtype_policies.get(dtype)
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(f"`name` must be a string without '/'. Received: name={name!r}")
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self.autocast = autocast
        if not isinstance(trainable, bool):
            raise ValueError(f"`trainable` must be a boolean. Received: trainable={trainable!r}")
        self._trainable = trainable
        self.activity_regularizer = regularizers.get(activity_regularizer)

    _untracked = Penalized._untracked | {"_build_shapes", "_uses"}
    _casts_inputs = True  # where it is for the layer, and not for what is inside
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
                self._build_shapes = arguments_of(build, self, *args, **kwargs)
                if type(self).build is cls.build:  # not called by the one of a subclass
                    self._lock_state()

            cls.build = marked  # type: ignore[method-assign]

    # --- dtypes -----------------------------------------------------------------------------------

    @property
    def dtype_policy(self) -> DTypePolicy:
        """The dtype of weights, arithmetic and results."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, policy: Any) -> None:
        """Sets it for weights that are made, and calls that are recorded, from now on."""
        self._dtype_policy = dtype_policies.get(policy)

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self._dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of arithmetic and results."""
        return self._dtype_policy.compute_dtype

    @property
    def input_dtype(self) -> str:
        """The dtype that floats among the inputs are cast to."""
        return self.compute_dtype

    @property
    def path(self) -> str | None:
        """The name, with which the paths of the weights begin; None before the layer is built."""
        return self.name if self.built else None

    # --- to be overridden -------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Makes the weights for inputs of this shape (None for the batch); a list for a list."""

    def call(self, inputs: Any) -> Any:
        """The output for the inputs, in terms of `lamina.ops`."""
        raise NotImplementedError(f"{type(self).__name__} does not implement call(inputs)")

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the output, where `supports_masking`: by default that of the input."""
        return previous_mask

    # --- calling ----------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Builds the layer if needed, and computes.

        Arrays give arrays at once; tensors of a graph that is recorded give tensors of it; symbolic
        values (of `Input`) give symbolic values.

        Errors: ValueError for inputs that do not fit; TypeError for arguments `call` does not have.
        """
        self._need_init(RuntimeError)
        if not args and not kwargs and self._call_parameters:
            raise TypeError(
                f"Layer '{self.name}' (of type {type(self).__name__}) was called without an input"
            )
        if args:
            args = (as_operands(args[0]), *args[1:])
        if symbolic_leaves((args, kwargs)):
            return self._used(self._describe(args, kwargs)).outputs
        if self.autocast and self._casts_inputs:
            args, kwargs = cast_floats((args, kwargs), self.compute_dtype)
        self._forget_losses()
        inputs = args[0] if args else next(iter(kwargs.values()), None)
        if self.input_spec is not None:
            check_inputs(self.input_spec, inputs, self.name)
        if not self.built:
            self._build_for(args, kwargs)
        return self._compute(inputs, args, kwargs)

    def _describe(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """A call on symbolic inputs, and with it the symbolic outputs."""
        with Trace() as trace:
            inner_args, inner_kwargs = stand_ins(trace, (args, kwargs))
            results = self(*inner_args, **inner_kwargs)
        return Call(self, args, kwargs, results)

    def _used(self, call: Call) -> Call:
        self._uses = [use for use in self._uses if use() is not None]
        self._uses.append(weakref.ref(call))
        return call

    @property
    def calls(self) -> list[Call]:
        """The uses on symbolic values that models or their values still know, in order."""
        return [call for use in self._uses if (call := use()) is not None]

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Calls `build` with the shape of the first argument, or of those it names `..._shape`."""
        wanted = parameters(type(self).build)
        given = dict(zip(self._call_parameters, args)) | kwargs
        if len(wanted) <= 1:
            shapes = shapes_of(next(iter(given.values()), None))
            self._build_shapes = {"input_shape": shapes}
            self.build(shapes)
        else:
            named = {name: given.get(name.removesuffix("_shape")) for name in wanted}
            self.build(**{name: shapes_of(x) for name, x in named.items() if x is not None})
        self.built = True
        self._lock_state()

    def _compute(self, inputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        training = self._told_training(args, kwargs)
        masks = self._told_masks(inputs, args, kwargs)
        with layer_call(self.name, training, self.compute_dtype):
            outputs = self.call(*args, **kwargs)
        if self.supports_masking:
            if any(mask is None for mask in tree.flatten(masks_of(outputs))):
                outputs = with_masks(outputs, self.compute_mask(inputs, masks))
        elif any(mask is not None for mask in tree.flatten(masks)):
            warnings.warn(
                f"Layer '{self.name}' (of type {type(self).__name__}) was passed an input with a mask "
                "attached to it. However, this layer does not support masking and will therefore "
                "destroy the mask information. Downstream layers will not see the mask.",
                stacklevel=3,
            )
        self._penalize(outputs)
        return outputs

    def _told_training(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool | None:
        """`training` as the caller says, or the layer around, or else the default of `call`."""
        known = self._call_parameters
        place = known.index("training") if "training" in known else len(args)
        told = args[place] if place < len(args) else kwargs.pop("training", None)
        if told is None:
            told = told_training()
        if "training" in known and place >= len(args):
            kwargs["training"] = told = default_training(type(self).call) if told is None else told
        return None if told is None else bool(told)

    def _told_masks(self, inputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The mask of the first argument.  Masks go to `call` as `mask`, or `<argument>_mask`."""
        given = dict(zip(self._call_parameters, args)) | kwargs
        tensors = [name for name, x in given.items() if has_tensors(x) and name != "mask"]
        for name in tensors:
            wanted = "mask" if len(tensors) == 1 else f"{name}_mask"
            if wanted in self._call_parameters and given.get(wanted) is None:
                masks = masks_of(given[name])
                if any(mask is not None for mask in tree.flatten(masks)):
                    kwargs[wanted] = masks
        mask = kwargs.get("mask")
        if mask is None and "mask" not in self._call_parameters:
            kwargs.pop("mask", None)  # Keras's files have it for every call
        return masks_of(inputs) if mask is None else mask

    # --- shapes -----------------------------------------------------------------------------------

    @property
    def input(self) -> Any:
        """The symbolic input of the first call.  Errors: AttributeError before there is one."""
        args = self._first_call("input").args
        return args[0] if len(args) == 1 else list(args)

    @property
    def output(self) -> Any:
        """The symbolic output of the first call.  Errors: AttributeError before there is one."""
        return self._first_call("output").outputs

    @property
    def output_shape(self) -> Any:
        """The shape of the output in its model.  Errors: AttributeError before that is built."""
        return shapes_of(self._first_call("output shape").outputs)

    def _first_call(self, what: str) -> Call:
        known = self.calls
        if not known:
            raise AttributeError(
                f"The layer {self.name!r} has never been called: it has no {what}."
            )
        return known[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output for inputs of this shape (None for the batch)."""
        return shapes_of(self.symbolic_output(input_shape))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The symbolic outputs for symbolic inputs: no call is remembered, and nothing is built."""
        return self._built_or_stand_in()._describe(args, kwargs).outputs

    def symbolic_output(self, input_shape: Any) -> Any:
        """The output for a symbolic input: nothing is computed, and nothing is built by it."""
        with Trace() as trace:
            return self._built_or_stand_in()(inputs_of(trace, input_shape))

    def _built_or_stand_in(self) -> Any:
        return self if self.built else stand_in(self)

    def count_params(self) -> int:
        """The number of weights.  Errors: ValueError before the layer is built."""
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on layer '{self.name}', but the layer isn't "
                "built. You can build it manually via: `layer.build(input_shape)`."
            )
        return sum(w.size for w in self.weights)

    # --- config -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer (with other weights).

        A subclass without a `get_config` of its own is described by the arguments it was made with.
        Errors: NotImplementedError when these are more than numbers, strings, None and lists of them.
        """
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": config_of(self.dtype),
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
        """What `build_from_config` needs; None for a layer that is not built, or needs no building.

        The shape that `build` was called with, or several by the names of its arguments.
        """
        shapes = list(self._build_shapes.values())
        if all(shape is None for shape in shapes):
            return None
        return (
            {"input_shape": shapes[0]} if len(shapes) == 1 else {"shapes_dict": self._build_shapes}
        )

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Builds the layer as `get_build_config` says."""
        if config.get("input_shape") is not None:
            self.build(restored_shape(config["input_shape"]))
        elif config.get("shapes_dict"):
            self.build(**{k: restored_shape(v) for k, v in config["shapes_dict"].items()})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"
