"""Recording: while a trace is active, operations add nodes to it instead of computing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.graph.operators import Operators
from lamina.graph.tensor import Node, Spec, Tensor

if TYPE_CHECKING:
    from lamina.graph.operation import Operation
    from lamina.graph.variable import Variable

_active: ContextVar[Trace | None] = ContextVar("lamina_trace", default=None)
_training: ContextVar[bool | None] = ContextVar("lamina_training", default=None)
_layers: ContextVar[tuple[str, ...]] = ContextVar("lamina_layers", default=())


def current_trace() -> Trace | None:
    """The trace that records now, or None."""
    return _active.get()


def told_training() -> bool | None:
    """What the layer or step around says of training: layers that are not told do as it says."""
    return _training.get()


@contextlib.contextmanager
def layer_call(name: str, training: bool | None) -> Iterator[None]:
    """Inside, nodes are of the layer of that name, and inner layers that are not told compute as in
    training, or not."""
    phase, layers = _training.set(training), _layers.set((*_layers.get(), name))
    try:
        yield
    finally:
        _layers.reset(layers)
        _training.reset(phase)


class Trace:
    """The nodes recorded while the trace is active (`with Trace() as trace:`), in order.

    Args:
        training: what layers see as `training` when they are not told; None for what they saw before.
        eager: compute every node at once, so that its tensors hold numbers (for debugging).
    """

    def __init__(self, *, training: bool | None = None, eager: bool = False) -> None:
        self.training = training
        self.eager = eager
        self.nodes: list[Node] = []
        self.inputs: list[Tensor] = []
        self.leaves: dict[Variable, Tensor] = {}
        self.state: dict[Variable, Tensor] = {}  # what a variable holds once it was assigned
        self.losses: list[tuple[Any, Any]] = []  # what add_loss was given, and by which layer
        self._known: dict[Any, Node] = {}
        self._scalars: dict[float, Tensor] = {}
        self._tokens: list[tuple[Token[Trace | None], Token[bool | None]]] = []

    def __enter__(self) -> Trace:
        training = _training.get() if self.training is None else self.training
        self._tokens.append((_active.set(self), _training.set(training)))
        return self

    def __exit__(self, *exception: object) -> None:
        active, training = self._tokens.pop()
        _training.reset(training)
        _active.reset(active)

    def input(self, spec: Spec, name: str, value: np.ndarray | None = None) -> Tensor:
        """A tensor that is given at each run."""
        tensor = Tensor(spec, name=name, value=value)
        self.inputs.append(tensor)
        return tensor

    def tensor(self, x: Any) -> Tensor:
        """An operand as a tensor of this trace: variables are read, numbers become constants."""
        if isinstance(x, Tensor):
            if hasattr(x, "call"):
                raise ValueError(f"{x!r} describes a model: it has no part in a layer's `call`")
            return x
        if isinstance(x, Operators):
            return self.read(x)  # type: ignore[arg-type]
        if isinstance(x, (bool, int, float)):
            return self._scalar(float(x))
        array = np.asarray(x)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"cannot compute with dtype {array.dtype}. Received: {x!r:.200}")
        if not self.eager:
            array = array.astype(np.float32)
        return Tensor(Spec(array.shape, array.dtype.name), value=array, name="constant")

    def _scalar(self, x: float) -> Tensor:
        if x not in self._scalars:
            value = np.array(x, np.float32)
            self._scalars[x] = Tensor(Spec((), "float32"), value=value, name="constant")
        return self._scalars[x]

    def leaf(self, variable: Variable) -> Tensor:
        """The variable's value at the start of a run, as it is stored."""
        if variable not in self.leaves:
            value = variable.array.copy() if self.eager else None
            spec = Spec(variable.shape, variable.dtype)
            self.leaves[variable] = Tensor(spec, value=value, variable=variable, name=variable.name)
        return self.leaves[variable]

    def stored(self, variable: Variable) -> Tensor:
        """The variable's value at this point, as it is stored (counters: integers)."""
        return self.state[variable] if variable in self.state else self.leaf(variable)

    def read(self, variable: Variable) -> Tensor:
        """The variable's value at this point, as a float tensor."""
        tensor = self.stored(variable)
        if tensor.dtype in ("int32", "uint32"):
            from lamina.graph.operation import operations

            read: Tensor = operations["counter"](tensor)
            return read
        return tensor

    def assign(self, variable: Variable, value: Any) -> Tensor:
        """From here on, and after the run, the variable holds `value`."""
        tensor = self.tensor(value)
        if tensor.dims != variable.shape:
            raise ValueError(
                f"variable {variable.name!r} has shape {variable.shape}. Received: a value of shape "
                f"{tensor.shape}"
            )
        if (tensor.dtype in ("int32", "uint32")) != (variable.dtype in ("int32", "uint32")):
            raise TypeError(
                f"variable {variable.name!r} has dtype {variable.dtype}. Received: a value of dtype "
                f"{tensor.dtype}; counters are changed by ops.increment and ops.choose only"
            )
        self.leaf(variable)
        self.state[variable] = tensor
        return tensor

    def record(self, operation: Operation, inputs: list[Tensor], attributes: dict[str, Any]) -> Any:
        """Adds a node, or finds the same one; returns its results."""
        key = (operation.name, tuple(map(id, inputs)), tuple(sorted(attributes.items())))
        node = self._known.get(key)
        if node is None:
            specs = operation.specs([x.spec for x in inputs], attributes)
            node = Node(operation, inputs, attributes, specs, _layers.get())
            self._known[key] = node
            self.nodes.append(node)
            if self.eager:
                self._compute(node)
        return node.output if len(node.outputs) == 1 else node.outputs

    def _compute(self, node: Node) -> None:
        arrays = [x.value for x in node.inputs]
        results = node.operation.compute(arrays, node.attributes)  # type: ignore[arg-type]
        if len(node.outputs) == 1:
            results = [results]
        for tensor, value in zip(node.outputs, results, strict=True):
            tensor.value = value
