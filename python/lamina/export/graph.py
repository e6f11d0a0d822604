"""What a model computes in `predict`, as a graph that exporters read.

    graph = inference_graph(model)

`graph` is a `lamina.graph.graph.Graph` (so it can be fused, scheduled and planned) of which holds:

- `inputs`: tensors of dims (-1, ...), float32, with the names of the model's inputs; `input_dtypes` are
  those that the model's `Input`s were given.
- `constants`: tensors whose `value` is an array: weights, numbers, and whatever follows from these alone,
  computed when the graph is made.
- `nodes`: in an order in which they can run; each has `operation.name`, `inputs`, `attributes`,
  `outputs` and `layers` (the names of the layers around it; the first is the model).
- `outputs`: tensors, of inputs, nodes or constants; `output_names` are theirs as outputs, all different,
  `output_dtypes` those in which `predict` gives them.
  `structure` is how the model nests them, with their places as leaves.

Every tensor is an input, a constant or made by a node, and has a `name` of its own.  In `dims` the batch
is -1, and a multiple of it -k; it is the one size that is not known.  What a node makes and the model
gives has the name of the output (of the first, if it is several).  A tensor holds float32 numbers, whole
ones (`dtype` int32, exact to 2^24) and truth values (bool: 0 or 1) too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import backends, tree
from lamina.graph.graph import Graph, live, round_inputs
from lamina.graph.tensor import Node, Spec, Tensor
from lamina.graph.trace import Trace
from lamina.models.steps import check_rows, forward

if TYPE_CHECKING:
    from lamina.models.predictor import Predictor


class InferenceGraph(Graph):
    """The graph of a model's predictions: see above."""

    def __init__(
        self,
        name: str,
        nodes: list[Node],
        inputs: dict[str, Tensor],
        outputs: Sequence[tuple[str, Tensor]],
        structure: Any,
    ) -> None:
        super().__init__(nodes, list(inputs.values()), [x for _, x in outputs], {})
        self.name = name
        self.structure = structure
        self.input_dtypes = ["float32"] * len(inputs)
        self.output_dtypes = ["float32"] * len(outputs)
        made = {id(y) for node in nodes for y in node.outputs} | set(map(id, self.inputs))
        used = [x for node in nodes for x in node.inputs] + self.outputs
        self.constants = list({id(x): x for x in used if id(x) not in made}.values())
        names = Names()
        for name, tensor in inputs.items():
            tensor.name = names.new(name)
        self.output_names = [names.new(name) for name, _ in outputs]
        own = {id(x): name for name, x in reversed([*zip(self.output_names, self.outputs)])}
        for tensor in self.constants:
            tensor.name = names.new(tensor.name)
        for node in nodes:
            for y in node.outputs:
                y.name = own.get(id(y)) or names.new(_default_name(node))


def inference_graph(model: Predictor, backend: str | None = None) -> InferenceGraph:
    """The graph of a model's predictions; `backend` computes what follows from weights alone.

    Errors: ValueError for a model that is not built, one that computes in float64, one whose
    predictions change its state, and one with an output that does not have the batch as its first
    axis.
    """
    signature = model.signature
    if signature is None:
        raise ValueError(
            f"The model '{model.name}' is not built yet: call `build`, or use it on data, before it is "
            "exported."
        )
    with Trace(training=False) as trace:
        dtype = model.input_dtype
        inputs = [trace.input(Spec((-1, *s[1:]), dtype), "") for s in signature.input_shapes]  # type: ignore[arg-type]
        outputs = tree.flatten(
            forward(model, trace, (tree.pack_sequence_as(signature.inputs, inputs),))
        )
    check_rows(outputs)
    graph = Graph(live(trace.nodes, outputs), inputs, outputs, {})
    round_inputs(graph)
    nodes, outputs = graph.nodes, graph.outputs
    _check_state(model, trace, nodes, outputs)
    _refuse_float64(model, nodes)
    nodes, outputs = _folded(nodes, outputs, backends.named(backend or backends.name()))
    structure = tree.pack_sequence_as(signature.outputs, list(range(len(outputs))))
    named_inputs = dict(zip(signature.input_names, inputs))
    named_outputs = [*zip(signature.output_names, outputs)]
    made = InferenceGraph(model.name, nodes, named_inputs, named_outputs, structure)
    made.input_dtypes = [x.dtype for x in tree.flatten(signature.inputs)]
    made.output_dtypes = signature.output_dtypes
    return made


def _refuse_float64(model: Predictor, nodes: Sequence[Node]) -> None:
    for node in nodes:
        if any(y.dtype == "float64" for y in node.outputs):
            raise ValueError(
                "What is exported computes in float32.  Make the model anew with dtype='float32', and "
                f"set its weights. Received: the model '{model.name}', a part of which computes in "
                "float64"
            )


def _check_state(
    model: Predictor, trace: Trace, nodes: Sequence[Node], outputs: Sequence[Tensor]
) -> None:
    read = {id(x.variable) for node in nodes for x in node.inputs} | {
        id(x.variable) for x in outputs
    }
    changed = [variable.path for variable in trace.state if id(variable) in read]
    if changed:
        raise ValueError(
            "A model can be exported when its predictions depend on its inputs and weights alone. "
            f"Received: the model '{model.name}', where each prediction changes {', '.join(changed)}"
        )


_DRAWS = ("random_uniform", "random_normal")  # by a fixed state

# --- constants ------------------------------------------------------------------------------------


def _folded(
    nodes: Sequence[Node], outputs: Sequence[Tensor], backend: ModuleType
) -> tuple[list[Node], list[Tensor]]:
    """The nodes that depend on inputs, with constants in the places of the others' results."""
    new: dict[int, Tensor] = {}

    def current(x: Tensor) -> Tensor:
        if x.variable is not None and id(x) not in new:
            new[id(x)] = Tensor(x.spec, value=x.variable.array, name=x.variable.path)
        return new.get(id(x), x)

    kept: list[Node] = []
    for node in nodes:
        inputs = [current(x) for x in node.inputs]
        specs = [y.spec for y in node.outputs]
        if node.operation.name == "stop_gradient":
            results: Sequence[Tensor] = inputs
        elif (values := _values(node, inputs, backend)) is not None:
            name = _default_name(node)
            results = [Tensor(s, value=v, name=name) for s, v in zip(specs, values)]
        else:
            made = Node(node.operation, inputs, node.attributes, specs, node.layers)
            kept.append(made)
            results = made.outputs
        new.update({id(y): result for y, result in zip(node.outputs, results)})
    outputs = [current(x) for x in outputs]
    return live(kept, outputs), outputs


def _values(
    node: Node, inputs: Sequence[Tensor], backend: ModuleType
) -> Sequence[np.ndarray] | None:
    """The results, if they are known and take no more room than what they are made of."""
    if node.operation.name == "count":
        sizes = [inputs[0].dims[axis] for axis in node.attributes["axes"]]
        return None if min(sizes, default=0) < 0 else [np.array(math.prod(sizes), np.float32)]
    if any(x.value is None for x in inputs) or any(d < 0 for y in node.outputs for d in y.dims):
        return None
    arrays = [np.asarray(x.value) for x in inputs]
    grows = sum(math.prod(y.dims) for y in node.outputs) > sum(a.size for a in arrays)
    if grows and node.operation.name not in _DRAWS:
        return None
    results = node.operation.compute(arrays, node.attributes, backend)
    results = results if len(node.outputs) > 1 else [results]
    return [np.asarray(values, np.float32) for values in results]


# --- names ----------------------------------------------------------------------------------------


def _default_name(node: Node) -> str:
    return "/".join((*node.layers[1:], node.operation.name))


class Names:
    """Names that are not given out yet."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)
        self.counts: dict[str, int] = {}

    def new(self, wanted: str) -> str:
        """The wanted name, or that with a number."""
        name = wanted
        while name in self.taken:
            self.counts[wanted] = self.counts.get(wanted, 0) + 1
            name = f"{wanted}_{self.counts[wanted]}"
        self.taken.add(name)
        return name
