"""The values of a model that is being described: what `Input()` gives and layers are called on.

They belong to no trace: a `Call` remembers which layer or operation made them of which, so that a
model can repeat it in any trace.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lamina import tree
from lamina.graph.tensor import Spec, Tensor
from lamina.utils.naming import auto_name, to_snake_case

if TYPE_CHECKING:
    from lamina.graph.trace import Trace


# Keras's classes of operations that are not spelt like the functions.
_CLASSES = {
    "abs": "Absolute",
    "allclose": "AllClose",
    "batch_normalization": "BatchNorm",
    "cdist": "CDist",
    "isin": "IsIn",
    "layer_normalization": "LayerNorm",
    "psnr": "PSNR",
    "rms_normalization": "RMSNorm",
    "searchsorted": "SearchSorted",
}


def keras_class(name: str) -> str:
    """The class that Keras has for a function of `ops`: `expand_dims` is ExpandDims."""
    return _CLASSES.get(name) or "".join(part.capitalize() for part in name.split("_"))


class KerasTensor(Tensor):
    """A symbolic value with a shape and a dtype, but no numbers: the `place`-th result of `call`, or
    the mask that it carries."""

    __slots__ = ("call", "place")

    def __init__(self, spec: Spec, call: Call, place: int, name: str = "") -> None:
        super().__init__(spec, name=name or auto_name("keras_tensor"))
        self.call = call
        self.place = place

    def reshape(self, newshape: Sequence[int]) -> Any:
        """As `ops.reshape`."""
        from lamina import ops

        return ops.reshape(self, newshape)

    def squeeze(self, axis: Any = None) -> Any:
        """As `ops.squeeze`."""
        from lamina import ops

        return ops.squeeze(self, axis)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"


class Call:
    """One use of a layer or an operation on symbolic values: `outputs = made_by(*args, **kwargs)`.

    `results` are tensors, nested like the outputs, that say their shapes; `inputs` are the symbolic
    values among the arguments.
    """

    __slots__ = ("__weakref__", "args", "inputs", "kwargs", "made_by", "outputs")

    def __init__(
        self, made_by: Any, args: Sequence[Any], kwargs: dict[str, Any], results: Any
    ) -> None:
        self.made_by = made_by
        self.args = tuple(args)
        self.kwargs = kwargs
        self.inputs = symbolic_leaves((self.args, kwargs))
        found = tree.flatten(results)
        for x in found:
            if not isinstance(x, Tensor):
                raise ValueError(
                    "All outputs must be tensors, made of the inputs by `lamina.ops`. Received: "
                    f"{x!r:.100} from {made_by!r}"
                )
        leaves = [
            KerasTensor(x.spec, self, place, getattr(made_by, "tensor_name", ""))
            for place, x in enumerate(found)
        ]
        for leaf, x in zip(leaves, found):
            if isinstance(x._keras_mask, Tensor):
                leaf._keras_mask = KerasTensor(x._keras_mask.spec, self, leaf.place, "mask")
        self.outputs = tree.pack_sequence_as(results, leaves)
        if isinstance(made_by, AppliedOperation):
            made_by.output_shape = tree.map_structure(lambda x: x.shape, self.outputs)

    @property
    def place(self) -> int:
        """Which of the known uses of its layer this is."""
        return list(map(id, getattr(self.made_by, "calls", [self]))).index(id(self))

    def repeat(
        self, known: dict[int, Any], made_by: Any = None, training: bool | None = None
    ) -> Any:
        """The call on other values: `known` has one for the id of each symbolic argument.

        `made_by` takes the place of the layer or operation, `training` that of the argument.
        """
        args, kwargs = tree.map_structure(
            lambda x: known[id(x)] if isinstance(x, KerasTensor) else x, (self.args, self.kwargs)
        )
        if training is not None and "training" in kwargs:
            kwargs["training"] = training
        return (self.made_by if made_by is None else made_by)(*args, **kwargs)


class AppliedOperation:
    """A function of `lamina.ops` with those of its arguments that are no tensors, in a model.

    `class_name` is that of Keras's class for it.
    """

    def __init__(self, function: Callable[..., Any], name: str = "") -> None:
        self.function = function
        self.class_name: str = function.class_name  # type: ignore[attr-defined]
        self.name = name or auto_name(to_snake_case(self.class_name))
        self.output_shape: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<operation {self.function.__name__}, name={self.name}>"


def record(function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """The symbolic results of a function of `lamina.ops` on symbolic values."""
    from lamina.graph.trace import Trace

    with Trace() as trace:
        inner_args, inner_kwargs = stand_ins(trace, (tuple(args), kwargs))
        results = function(*inner_args, **inner_kwargs)
    return Call(AppliedOperation(function), args, kwargs, results).outputs


def describable(function: Callable[..., Any], class_name: str = "") -> Callable[..., Any]:
    """The function, which on symbolic values becomes a step of a model, of that class in Keras."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(map(_mentions_symbolic, args)) or any(map(_mentions_symbolic, kwargs.values())):
            return record(call, args, kwargs)
        return function(*args, **kwargs)

    call.class_name = class_name or keras_class(function.__name__)  # type: ignore[attr-defined]
    return call


def _mentions_symbolic(x: Any) -> bool:
    return isinstance(x, KerasTensor) or (
        isinstance(x, (list, tuple)) and any(isinstance(item, KerasTensor) for item in x)
    )


def stand_ins(trace: Trace, arguments: Any) -> Any:
    """The arguments with an input of the trace, masked alike, in place of each symbolic value."""
    made: dict[int, Tensor] = {}

    def stand_in(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return x
        if id(x) not in made:
            made[id(x)] = trace.input(x.spec, x.name)
            made[id(x)]._keras_mask = stand_in(x._keras_mask)
        return made[id(x)]

    return tree.map_structure(stand_in, arguments)


def symbolic_leaves(arguments: Any) -> list[KerasTensor]:
    """The symbolic values in nested arguments, each as often as it stands there."""
    return [x for x in tree.flatten(arguments) if isinstance(x, KerasTensor)]


def is_keras_tensor(x: Any) -> bool:
    """Whether x is a symbolic value: of `Input()`, or what layers made of one."""
    return isinstance(x, KerasTensor)


def get_source_inputs(tensor: Any) -> Any:
    """The symbolic values of `Input()` that a symbolic value was computed from, in the order in which
    the computation meets them; anything else as it is."""
    if not isinstance(tensor, KerasTensor):
        return tensor
    found: dict[int, KerasTensor] = {}
    seen: set[int] = set()
    left = [tensor]
    while left:
        value = left.pop()
        if id(value.call) in seen:
            continue
        if value.call.inputs:
            seen.add(id(value.call))
            left += value.call.inputs[::-1]
        else:
            found.setdefault(id(value), value)
    return list(found.values())
