"""The values of a model that is being described: what `Input()` gives and layers are called on.

They belong to no trace: a `Call` remembers which layer or operation made them of which, so that a
model can repeat it in any trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lamina import tree
from lamina.graph import dims as _dims
from lamina.graph.tensor import Spec, Tensor
from lamina.utils.naming import auto_name

if TYPE_CHECKING:
    from lamina.graph.operation import Operation
    from lamina.graph.trace import Trace


class KerasTensor(Tensor):
    """A symbolic value with a shape and a dtype, but no numbers: the `place`-th result of `call`."""

    __slots__ = ("call", "place")

    def __init__(self, spec: Spec, call: Call, place: int, name: str) -> None:
        super().__init__(spec, name=name)
        self.call = call
        self.place = place

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"


class Call:
    """One use of a layer or an operation on symbolic values: `outputs = made_by(*args, **kwargs)`.

    `results` are tensors, nested like the outputs, that say their shapes.
    """

    __slots__ = ("args", "kwargs", "made_by", "outputs")

    def __init__(
        self, made_by: Any, args: Sequence[Any], kwargs: dict[str, Any], results: Any
    ) -> None:
        self.made_by = made_by
        self.args = tuple(args)
        self.kwargs = kwargs
        leaves = [
            KerasTensor(x.spec, self, place, made_by.name)
            for place, x in enumerate(tree.flatten(results))
        ]
        self.outputs = tree.pack_sequence_as(results, leaves)
        if isinstance(made_by, AppliedOperation):
            made_by.output_shape = tree.map_structure(lambda x: x.shape, self.outputs)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic values among the arguments."""
        return symbolic_leaves((self.args, self.kwargs))

    def repeat(self, known: dict[int, Any], batch: int | None = None) -> Any:
        """The call on other values: `known` has one for the id of each symbolic argument.

        `batch` is their number of samples where that is known.
        """
        args, kwargs = tree.map_structure(
            lambda x: known[id(x)] if isinstance(x, KerasTensor) else x, (self.args, self.kwargs)
        )
        if batch is not None and isinstance(self.made_by, AppliedOperation):
            return self.made_by.for_batch(batch)(*args)
        return self.made_by(*args, **kwargs)


class AppliedOperation:
    """An operation with its attributes, as a step of a model."""

    def __init__(self, operation: Operation, attributes: dict[str, Any], name: str = "") -> None:
        self.operation = operation
        self.attributes = attributes
        self.name = name or auto_name(operation.name)
        self.output_shape: Any = None

    def __call__(self, *operands: Any) -> Any:
        return self.operation(*operands, **self.attributes)

    @property
    def class_name(self) -> str:
        """The operation's name as Keras spells its class: "expand_dims" is ExpandDims."""
        return "".join(part.capitalize() for part in self.operation.name.split("_"))

    def for_batch(self, batch: int) -> AppliedOperation:
        """The same for that many samples."""
        shape = self.attributes.get("shape")
        if shape is None:
            return self
        attributes = {**self.attributes, "shape": _dims.resolve(shape, batch)}
        return AppliedOperation(self.operation, attributes, self.name)

    def __repr__(self) -> str:
        return f"<operation {self.operation.name}, name={self.name}>"


def record(operation: Operation, operands: Sequence[Any], attributes: dict[str, Any]) -> Any:
    """The symbolic results of an operation on symbolic values (and arrays or numbers)."""
    from lamina.graph.trace import Trace

    with Trace() as trace:
        tensors = stand_ins(trace, list(operands))
        results = operation(*tensors, **attributes)
    return Call(AppliedOperation(operation, attributes), operands, {}, results).outputs


def stand_ins(trace: Trace, arguments: Any) -> Any:
    """The arguments with an input of the trace in place of each symbolic value."""
    made: dict[int, Tensor] = {}

    def stand_in(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return x
        if id(x) not in made:
            made[id(x)] = trace.input(x.spec, x.name)
        return made[id(x)]

    return tree.map_structure(stand_in, arguments)


def symbolic_leaves(arguments: Any) -> list[KerasTensor]:
    """The symbolic values in nested arguments, each as often as it stands there."""
    return [x for x in tree.flatten(arguments) if isinstance(x, KerasTensor)]
