"""A loop in C for operations that compute each element alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lamina.export.c_header.call import Names
from lamina.export.c_header.loops import Pattern, repeated, steps_of
from lamina.export.c_header.memory import Step, operands_of, sizes_of, view_of
from lamina.graph.tensor import Node, Tensor

# {0}, {1}, ... are the operands; an operation that is not here is a function of the library.
EXPRESSIONS = {
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "negative": "-{0}",
    "reciprocal": "1.0f / {0}",
    "rsqrt": "1.0f / sqrtf({0})",
    "sqrt": "sqrtf({0})",
    "square": "{0} * {0}",
    "equal": "{0} == {1} ? 1.0f : 0.0f",
    "not_equal": "{0} != {1} ? 1.0f : 0.0f",
    "greater": "{0} > {1} ? 1.0f : 0.0f",
    "greater_equal": "{0} >= {1} ? 1.0f : 0.0f",
    "less": "{0} < {1} ? 1.0f : 0.0f",
    "less_equal": "{0} <= {1} ? 1.0f : 0.0f",
    "logical_and": "{0} != 0.0f && {1} != 0.0f ? 1.0f : 0.0f",
    "logical_or": "{0} != 0.0f || {1} != 0.0f ? 1.0f : 0.0f",
    "logical_not": "{0} == 0.0f ? 1.0f : 0.0f",
    "isnan": "{0} != {0} ? 1.0f : 0.0f",
    "where": "{0} != 0.0f ? {1} : {2}",
}
FUNCTIONS = (
    "abs", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "ceil",
    "cos", "cosh", "elu", "erf", "erfinv", "exp", "exp2", "expm1", "floor", "floor_divide", "gelu",
    "gelu_tanh", "hypot", "isfinite", "leaky_relu", "log", "log10", "log1p", "log2", "maximum",
    "minimum", "mod", "power", "relu", "round", "selu", "sigmoid", "sign", "silu", "sin", "sinh",
    "softplus", "tan", "tanh",
)  # fmt: skip
_SHORT = 60  # an expression that may stand inside of another


def elementwise(step: Step, kept: Sequence[Tensor], names: Names) -> list[str]:
    """The lines that compute the step; `kept` are those of its results that others read."""
    sizes = sizes_of(step.nodes[0].output)
    read = list({id(x): x for x in step.read()}.values())
    pattern = Pattern(
        sizes, [(0, steps_of(sizes)), *((0, repeated(sizes_of(x), sizes)) for x in read)]
    )

    def body(at: str, *places: str) -> list[str]:
        elements = {id(x): _Text(names.element(x, place)) for x, place in zip(read, places)}
        return _Body(step, kept, names, elements, at).lines()

    return pattern.loop(body)


class _Text(NamedTuple):
    """An expression; not `whole` when it needs brackets inside of another."""

    text: str
    whole: bool = True

    @property
    def atom(self) -> str:
        return self.text if self.whole and not self.text.startswith("-") else f"({self.text})"


class _Body:
    def __init__(
        self,
        step: Step,
        kept: Sequence[Tensor],
        names: Names,
        elements: dict[int, _Text],
        at: str,
    ) -> None:
        self.step, self.names, self.at = step, names, at
        self.kept = {id(y) for y in kept}
        self.texts = elements  # an expression for each value, by the tensor's id
        self.uses: dict[int, int] = {}
        for node in step.nodes:
            for x in operands_of(node):
                key = self._key(x)
                self.uses[key] = self.uses.get(key, 0) + _mentions(node, x)

    def lines(self) -> list[str]:
        """Stores come last: they may overwrite an operand."""
        values: list[str] = []
        stores: list[str] = []
        for node in self.step.nodes:
            y, made = node.output, self._text(node)
            uses, kept = self.uses.get(id(y), 0), id(y) in self.kept
            if uses > 1 or (uses and (kept or len(made.text) > _SHORT)):
                name = f"v{len(values)}"
                values.append(f"const float {name} = {made.text};")
                made = _Text(name)
            if kept:
                stores.append(f"{self.names.element(y, self.at)} = {made.text};")
            self.texts[id(y)] = made
        return values + stores

    def _key(self, x: Tensor) -> int:
        """The id of what is read for x: x itself, or what the loop made (a cast is no other)."""
        return id(x) if id(x) in self.texts else id(view_of(x).root)

    def _text(self, node: Node) -> _Text:
        name = node.operation.name
        operands = [self.texts[self._key(x)] for x in operands_of(node)]
        if name in EXPRESSIONS:
            return _Text(EXPRESSIONS[name].format(*(x.atom for x in operands)), whole=False)
        return _Text(f"{self.names.function(name)}({', '.join(x.text for x in operands)})")


def _mentions(node: Node, x: Tensor) -> int:
    """How often the node's expression has x in it; as often as it is an operand, at least."""
    template = EXPRESSIONS.get(node.operation.name, "")
    return max(template.count("{0}"), 1) if x is operands_of(node)[0] else 1
