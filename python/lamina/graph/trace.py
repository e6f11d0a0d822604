"""Recording: while a trace is active, operations add nodes to it instead of computing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.dtype_policies.floatx import FLOATS, floatx
from lamina.graph.operators import Operators
from lamina.graph.tensor import Node, Spec, Tensor

if TYPE_CHECKING:
    from lamina.graph.operation import Operation
    from lamina.graph.variable import Variable

_active: ContextVar[Trace | None] = ContextVar("lamina_trace", default=None)
_training: ContextVar[bool | None] = ContextVar("lamina_training", default=None)
_layers: ContextVar[tuple[str, ...]] = ContextVar("lamina_layers", default=())
_dtype: ContextVar[str | None] = ContextVar("lamina_dtype", default=None)


def current_trace() -> Trace | None:
    """The trace that records now, or None."""
    return _active.get()


def told_training() -> bool | None:
    """What the layer or step around says of training: layers that are not told do as it says."""
    return _training.get()


def within_layer() -> bool:
    """Whether a layer is being called."""
    return bool(_layers.get())


def _told_dtype() -> str:
    """The float dtype of what does not say its own, in the layer around."""
    return _dtype.get() or floatx()


@contextlib.contextmanager
def layer_call(name: str, training: bool | None, dtype: str | None = None) -> Iterator[None]:
    """Inside, nodes are of the layer of that name, which computes in `dtype`, and inner layers that
    are not told compute as in training, or not."""
    phase, layers = _training.set(training), _layers.set((*_layers.get(), name))
    inside = _dtype.set(dtype)
    try:
        yield
    finally:
        _dtype.reset(inside)
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
        self.values: dict[Variable, list[Tensor]] = {}  # with which it was read after assignments
        self.losses: list[tuple[Any, Any]] = []  # what add_loss was given, and by which layer
        self._known: dict[Any, Node] = {}
        self._scalars: dict[tuple[float, str], Tensor] = {}
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
        """A value as a tensor of this trace: see `operands`."""
        return self.operands([x])[0]

    def operands(self, given: Sequence[Any]) -> list[Tensor]:
        """The operands of one operation as tensors: variables are read, numbers become constants.

        A constant takes the float dtype of the tensors beside it, or that of the layer around.
        """
        known = [x if type(x) is Tensor else self._known_tensor(x) for x in given]
        tensors = [x for x in known if x is not None]
        if len(tensors) == len(known):
            return tensors
        floats = [x.dtype for x in tensors if x.dtype in FLOATS]
        dtype = max(floats) if floats else _told_dtype()  # "float64" > "float32"
        return [self._constant(y, dtype) if x is None else x for x, y in zip(known, given)]

    def _known_tensor(self, x: Any) -> Tensor | None:
        """The tensor that x is, or as which it is read; None for a number or an array."""
        if isinstance(x, Tensor):
            if hasattr(x, "call"):
                raise ValueError(f"{x!r} describes a model: it has no part in a layer's `call`")
            return x
        return self.read(x) if isinstance(x, Operators) else None  # type: ignore[arg-type]

    def _constant(self, x: Any, dtype: str) -> Tensor:
        if isinstance(x, (bool, int, float)):
            return self._scalar(float(x), dtype)
        array = np.asarray(x)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"cannot compute with dtype {array.dtype}. Received: {x!r:.200}")
        if not self.eager or array.dtype.kind == "f":
            array = array.astype(dtype)
        return Tensor(Spec(array.shape, array.dtype.name), value=array, name="constant")

    def _scalar(self, x: float, dtype: str) -> Tensor:
        key = (x, dtype)
        if key not in self._scalars:
            value = np.array(x, dtype)
            self._scalars[key] = Tensor(Spec((), dtype), value=value, name="constant")
        return self._scalars[key]

    def leaf(self, variable: Variable) -> Tensor:
        """The variable's value at the start of a run, as it is stored."""
        if variable not in self.leaves:
            value = variable.array.copy() if self.eager else None
            spec = Spec(variable.shape, variable.dtype)
            self.leaves[variable] = Tensor(spec, value=value, variable=variable, name=variable.name)
        return self.leaves[variable]

    def stored(self, variable: Variable) -> Tensor:
        """The variable's value at this point, as it is stored (counters: integers).

        No gradient flows from it to what was assigned: as in Keras on TensorFlow, the gradient of a
        variable is that of all `values` it was read with.
        """
        if variable not in self.state:
            return self.leaf(variable)
        if variable.dtype not in FLOATS:
            return self.state[variable]
        from lamina.graph.operation import operations

        value: Tensor = operations["stop_gradient"](self.state[variable])
        known = self.values.setdefault(variable, [])
        if all(value is not x for x in known):
            known.append(value)
        return value

    def read(self, variable: Variable) -> Tensor:
        """The variable's value at this point, as a float tensor."""
        tensor = self.stored(variable)
        if tensor.dtype in ("int32", "uint32"):
            from lamina.graph.operation import operations

            if _told_dtype() == "float64":
                return operations["cast"](tensor, dtype="float64")
            return operations["counter"](tensor)
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
        if tensor.dtype != variable.dtype and tensor.dtype in FLOATS:
            from lamina.graph.operation import operations

            tensor = operations["cast"](tensor, dtype=variable.dtype)
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
