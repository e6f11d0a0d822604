"""Scheduling: an order of the nodes in which threads meet rarely.

Nodes are brought together in groups that are split along the first axis of their results: each
thread takes a part of it through the whole group.

    by sample   the forward pass and the gradients of activations: parts of the batch
    by row      the gradient of a weight with the update of that weight: parts of its rows

What is left, sums over the batch and single numbers, lies between as few of these as possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lamina.graph import dims as _dims
from lamina.graph.graph import Graph
from lamina.graph.tensor import Node, Tensor

OF_SHAPES = ("count",)  # read the shape of their operand, not its numbers

_BEFORE, _FIRST_GROUP = -1, 0
_PRODUCTS = ("matmul", "dense")
_REDUCTIONS = ("sum", "mean", "max", "min")
# Operands may have another rank than the result, and still be read sample by sample.
_ALONG_ROWS = (
    *_PRODUCTS,
    *_REDUCTIONS,
    "argmax",
    "one_hot",
    "categorical_accuracy",
    "softmax_cross_entropy",
    "softmax_cross_entropy_gradient",
    "reshape",
    "stop_gradient",
    "take",
    "segment_sum",
)
# Work along one axis, the others run side by side.
_ALONG_AN_AXIS = ("concatenate", "segment_sum", "cumsum", "recurrence")
# Work along the last axis.
_ALONG_LAST = (
    "softmax", "log_softmax", "softmax_gradient", "dropout", "take_along_axis", "add_along_axis",
    "argsort", "top_k", "standardize_gradient",
)  # fmt: skip
# Element i of the result depends on element i of the operands alone; these are broadcast.
ELEMENTWISE = (
    "abs", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt",
    "ceil", "cos", "cosh", "divide", "elu", "elu_gradient", "equal", "erf", "erfinv", "exp", "exp2",
    "expm1", "floor", "floor_divide", "gelu", "gelu_gradient", "gelu_tanh", "gelu_tanh_gradient",
    "greater", "greater_equal", "hypot", "isfinite", "isnan", "leaky_relu", "leaky_relu_gradient",
    "less", "less_equal", "log", "log10", "log1p", "log2", "logical_and", "logical_not",
    "logical_or", "maximum", "minimum", "mod", "multiply", "negative", "not_equal", "power",
    "reciprocal", "relu", "relu_gradient", "round", "rsqrt", "selu", "selu_gradient", "sigmoid",
    "sigmoid_gradient", "sign", "silu", "silu_gradient", "sin", "sinh", "softplus", "sqrt",
    "square", "subtract", "tan", "tanh", "tanh_gradient", "where",
)  # fmt: skip
_UPDATES = ("adam", "rmsprop", "sgd")  # likewise, but of operands of one shape
_FEW = 1024  # numbers that are not worth a group


class Stage(NamedTuple):
    """Nodes in order; a `split` stage is a group."""

    split: bool
    nodes: list[Node]


def schedule(graph: Graph) -> list[Stage]:
    """The nodes in stages."""
    numbers = _stage_numbers(graph)
    stages: dict[int, list[Node]] = {}
    for node in graph.nodes:
        stages.setdefault(numbers[id(node)], []).append(node)
    result = []
    for number in sorted(stages):
        by_samples = number % 2 == 0
        result += [Stage(True, stages[number])] if by_samples else _by_rows(stages[number])
    return result


# --- by sample ------------------------------------------------------------------------------------


def _stage_numbers(graph: Graph) -> dict[int, int]:
    """By the id of a node: even numbers are groups by sample, odd ones what lies between."""
    inputs = {id(x) for x in graph.inputs}
    early = _needed_by_samples(graph.nodes)
    numbers: dict[int, int] = {}
    for node in graph.nodes:
        even = by_sample(node)
        number = _FIRST_GROUP if even else _BEFORE if id(node) in early else _FIRST_GROUP + 1
        for x in () if node.operation.name in OF_SHAPES else node.inputs:
            if id(x) in inputs:
                after = _FIRST_GROUP
            elif x.node is not None:
                after = numbers[id(x.node)]
            else:
                continue
            number = max(number, after + (after % 2 != (not even)))
        numbers[id(node)] = number
    return numbers


def _needed_by_samples(nodes: Sequence[Node]) -> set[int]:
    """Ids of the nodes that one computed by sample depends on."""
    needed: set[int] = set()
    for node in reversed(nodes):
        if by_sample(node) or id(node) in needed:
            needed.update(id(x.node) for x in node.inputs if x.node)
    return needed


def by_sample(node: Node) -> bool:
    """Whether each sample's results are computed from that sample alone (and weights)."""
    name, attributes = node.operation.name, node.attributes
    if any(not y.dims or y.dims[0] >= 0 for y in node.outputs):
        return False
    for x in node.inputs:
        if _is_batched(x) and not (
            x.dims[0] < 0 and (name in _ALONG_ROWS or len(x.dims) == len(node.output.dims))
        ):
            return False
    if name in _PRODUCTS:
        return not attributes["transpose_a"] and not _is_batched(node.inputs[1])
    if name in _REDUCTIONS:
        return 0 not in attributes["axes"]
    if name == "take":  # rows of a table by the samples' indices, or columns of the samples
        return _is_batched(node.inputs[0]) == (attributes["axis"] != 0)
    if name in _ALONG_AN_AXIS:
        return attributes["axis"] != 0
    if name == "batched_matmul":
        return len(node.output.dims) > 2
    if name == "place":  # else it puts what is no batch into one
        return _is_batched(node.inputs[0])
    if name in _ALONG_LAST:
        return len(node.output.dims) > 1
    return name != "transpose" or attributes["axes"][0] == 0


def _is_batched(x: Tensor) -> bool:
    return any(d < 0 for d in x.dims)


# --- by row ---------------------------------------------------------------------------------------


def _by_rows(nodes: list[Node]) -> list[Stage]:
    """The nodes with each weight gradient and what is computed from it alone in a group, and with
    it what only that group needs: the old slots times a number, say."""
    group: dict[int, int] = {}  # node id -> its group; 0: after a group
    groups: list[list[Node]] = []
    before, after = [], []
    for node in nodes:
        own = {group[id(x.node)] for x in node.inputs if id(x.node) in group}
        if not own and not _is_weight_gradient(node):
            before.append(node)
        elif not own:
            groups.append([node])
            group[id(node)] = len(groups)
        elif len(own) == 1 and 0 not in own and _by_row(node, groups[max(own) - 1][0].output.dims):
            groups[max(own) - 1].append(node)
            group[id(node)] = max(own)
        else:
            after.append(node)
            group[id(node)] = 0
    before = _taken_along(before, after, groups)
    return [*_apart(before), *(Stage(True, g) for g in groups), *_apart(after)]


def _apart(nodes: list[Node]) -> list[Stage]:
    """Nodes that do not stand with a gradient: those of one shape by row, in groups of their own, as
    early as what they read allows."""
    stages: list[Stage] = []
    place: dict[int, int] = {}  # node id -> its stage
    for node in nodes:
        dims = node.output.dims
        split = _by_row(node, dims) and all(d >= 0 for d in dims) and _dims.size(dims) >= _FEW
        read = {place[id(x.node)] for x in node.inputs if id(x.node) in place}
        number = max(read, default=0)
        while number < len(stages) and not _takes(stages[number], split, node):
            number += 1
        if number == len(stages):
            stages.append(Stage(split, []))
        stages[number].nodes.append(node)
        place[id(node)] = number
    return stages


def _takes(stage: Stage, split: bool, node: Node) -> bool:
    """Whether a node may stand in the stage, behind what it reads there."""
    if not split or not stage.split:
        return split == stage.split
    own = {id(y) for n in stage.nodes for y in n.outputs}
    same = stage.nodes[0].output.dims == node.output.dims
    return same and all(x.dims == node.output.dims for x in node.inputs if id(x) in own)


def _taken_along(before: list[Node], after: list[Node], groups: list[list[Node]]) -> list[Node]:
    """Puts elementwise nodes behind the gradient of the only group that needs them; what is left."""
    users: dict[int, set[int]] = {}  # node id -> the groups of the nodes that read it; 0: none

    def note(node: Node, number: int) -> None:
        for x in node.inputs:
            users.setdefault(id(x.node), set()).add(number)

    for number, nodes in enumerate([after, *groups]):
        for node in nodes:
            note(node, number)
    left = []
    for node in reversed(before):
        readers = users.get(id(node), set())
        number = max(readers, default=0) if len(readers) == 1 else 0
        if number and _by_row(node, groups[number - 1][0].output.dims):
            groups[number - 1].insert(1, node)
        else:
            left.append(node)
            number = 0
        note(node, number)
    return left[::-1]


def _is_weight_gradient(node: Node) -> bool:
    return (
        node.operation.name in _PRODUCTS
        and bool(node.attributes["transpose_a"])
        and _is_batched(node.inputs[0])
        and not _is_batched(node.output)
    )


def _by_row(node: Node, dims: tuple[int, ...]) -> bool:
    """Whether each row of the results, all of these dims, is computed from that row of the operands
    (and what is the same for all rows)."""
    return (
        node.operation.name in (*ELEMENTWISE, *_UPDATES)
        and all(y.dims == dims for y in node.outputs)
        and all(x.dims == dims or _is_for_all_rows(x, dims) for x in node.inputs)
    )


def _is_for_all_rows(x: Tensor, dims: tuple[int, ...]) -> bool:
    return len(x.dims) < len(dims) or (len(x.dims) == len(dims) and x.dims[0] == 1)
