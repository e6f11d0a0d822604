"""A model as one C header that computes what `predict` of the native backend does, bit for bit.

The function computes one sample, step by step.  Rows of a batch do not depend on each other, so a batch
is a loop around it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import lamina
from lamina.export.c_header import library, moving, rows
from lamina.export.c_header.call import Call
from lamina.export.c_header.elementwise import EXPRESSIONS, FUNCTIONS, elementwise
from lamina.export.c_header.loops import INDENT, Pattern
from lamina.export.c_header.memory import VIEWS, Memory, Step, size_of, sizes_of, steps
from lamina.export.c_header.names import Names, identifier
from lamina.export.lacking import refuse_lacking
from lamina.graph.schedule import by_sample
from lamina.graph.tensor import Node, Tensor

if TYPE_CHECKING:
    from lamina.export.graph import InferenceGraph

TYPES = {
    "float32": "float", "float64": "double", "bool": "uint8_t", "int8": "int8_t",
    "int16": "int16_t", "int32": "int32_t", "int64": "int64_t", "uint8": "uint8_t",
    "uint16": "uint16_t", "uint32": "uint32_t", "uint64": "uint64_t",
}  # fmt: skip
_RULES = rows.RULES | moving.RULES
OPERATIONS = {*EXPRESSIONS, *FUNCTIONS, *VIEWS, *_RULES}
_ON_THE_STACK = 16384  # floats


def export(graph: InferenceGraph, name: str) -> bytes:
    """The header, in UTF-8; `name` stands before all of its names.

    Errors: ValueError for a name that is none in C, an input of a dtype that C has not, an operation
    that is not known in C, and one that brings the samples of a batch together.
    """
    if not isinstance(name, str) or name != identifier(name):
        raise ValueError(f"`name` must be a name in C. Received: name={name!r}")
    refuse_lacking(graph, OPERATIONS, "c")
    _check(graph)
    return _Header(graph, name).text().encode()


def _check(graph: InferenceGraph) -> None:
    for x, dtype in zip(graph.inputs, graph.input_dtypes):
        if dtype not in TYPES:
            raise ValueError(
                f"A C header takes inputs of {', '.join(TYPES)}. Received: the input '{x.name}' of "
                f"dtype {dtype}"
            )
    for node in graph.nodes:
        of_batch = any(d < 0 for x in (*node.inputs, *node.outputs) for d in x.dims)
        if of_batch and not by_sample(node):
            raise ValueError(
                f"A C header computes each sample alone. {_described(node)} brings samples together, "
                "or does not have the batch as its first axis"
            )


def _described(node: Node) -> str:
    return f"The operation '{node.operation.name}' of the layer '{'/'.join(node.layers)}'"


class _Header:
    def __init__(self, graph: InferenceGraph, name: str) -> None:
        self.graph, self.name = graph, name
        self.steps = steps(graph)
        self.converted = [x for x, t in zip(graph.inputs, graph.input_dtypes) if t != "float32"]
        self.memory = Memory(graph, self.steps, self.converted)
        self.names = Names(graph, name, self.memory)
        self.tensors = dict(
            zip(self.names.inputs + self.names.outputs, graph.inputs + graph.outputs)
        )
        inputs = zip(map(TYPES.__getitem__, graph.input_dtypes), self.names.inputs)
        outputs = (f"float *{own}" for own in self.names.outputs)
        self.parameters = [*(f"const {type} *{own}" for type, own in inputs), *outputs]

    def text(self) -> str:
        function = self._function()  # first: it tells what the others must hold
        functions = library.source(self.names.functions, f"{self.name}_")
        parts = [
            self._comment(), self._head(), *self.names.array_definitions(), functions, function,
            self._callers(), _END,
        ]  # fmt: skip
        return "\n\n".join(part for part in parts if part) + "\n"

    # --- the computation --------------------------------------------------------------------------

    def _function(self) -> str:
        lines = [
            f"float *const {own} = workspace + {buffer.offset};"
            for buffer in self.memory.in_workspace()
            for own in [self.names.workspace[id(buffer)]]
        ]
        for x, own, dtype in zip(self.graph.inputs, self.names.inputs, self.graph.input_dtypes):
            if dtype != "float32":
                lines += self._convert(x, own, dtype)
        for step in self.steps:
            lines += [f"// {_title(step)}", *self._step(step)]
        for number in self.memory.copies:
            lines += self._copy(self.names.outputs[number], self.graph.outputs[number])
        used = " ".join(lines)
        for own in (*self.tensors, "workspace"):
            if not re.search(rf"\b{own}\b", used):
                lines.append(f"(void){own};")
        parameters = ", ".join([*self.parameters, "float *workspace"])
        head = f"static inline void {self.name}_predict_with({parameters}) {{"
        return "\n".join([head, *(INDENT + line for line in lines), "}"])

    def _step(self, step: Step) -> list[str]:
        if step.elementwise:
            return elementwise(step, self.memory.kept(step), self.names)
        (node,) = step.nodes
        return _RULES[node.operation.name](Call(node, self.names))

    def _convert(self, x: Tensor, given: str, dtype: str) -> list[str]:
        """The numbers of an input as floats."""

        def body(at: str) -> list[str]:
            value = f"{given}[{at}] ? 1.0f : 0.0f" if dtype == "bool" else f"(float){given}[{at}]"
            return [f"{self.names.element(x, at)} = {value};"]

        return Pattern([size_of(x)], [(0, [1])]).loop(body)

    def _copy(self, to: str, x: Tensor) -> list[str]:
        element = self.names.element
        pattern = Pattern([size_of(x)], [(0, [1])])
        return pattern.loop(lambda at: [f"{to}[{at}] = {element(x, at)};"])

    # --- around it --------------------------------------------------------------------------------

    def _comment(self) -> str:
        upper = self.name.upper()
        arrays = ", ".join(self.names.inputs + self.names.outputs)
        declared = [
            f"static {parameter.removeprefix('const ').replace('*', '')}[{upper}_{own.upper()}_SIZE];"
            for parameter, own in zip(self.parameters, self.tensors)
        ]
        first = self.names.outputs[0]
        text = _COMMENT.format(
            file=f"{self.name}.h", name=self.name, upper=upper, model=_printable(self.graph.name),
            version=lamina.__version__, arrays=arrays, parameters=", ".join(self.parameters),
            declared="\n        ".join(declared), first=first, size=f"{upper}_{first.upper()}_SIZE",
            shapes="\n    ".join(
                f"{own}: {size_of(x)} numbers, {_shape(x)}" for own, x in self.tensors.items()
            ),
            stack="of the stack" if self.memory.size <= _ON_THE_STACK else
            "that is the same for all calls: not for two threads at a time",
        )  # fmt: skip
        return "\n".join(f"// {line}".rstrip() for line in text.strip("\n").split("\n"))

    def _head(self) -> str:
        upper = self.name.upper()
        sizes = [
            f"#define {upper}_{own.upper()}_SIZE {size_of(x)}" for own, x in self.tensors.items()
        ]
        sizes.append(f"#define {upper}_WORKSPACE {max(self.memory.size, 1)}")
        return _HEAD.format(guard=f"{upper}_H", file=f"{self.name}.h", sizes="\n".join(sizes))

    def _callers(self) -> str:
        arguments = self.names.inputs + self.names.outputs
        upper = self.name.upper()
        where = "static float" if self.memory.size > _ON_THE_STACK else "float"
        parameters = ", ".join(self.parameters)
        of_row = ", ".join(f"{own} + i * {upper}_{own.upper()}_SIZE" for own in arguments)
        return "\n".join([
            f"static inline void {self.name}_predict({parameters}) {{",
            f"{INDENT}{where} workspace[{upper}_WORKSPACE];",
            f"{INDENT}{self.name}_predict_with({', '.join(arguments)}, workspace);",
            "}", "",
            f"static inline void {self.name}_predict_batch({parameters}, size_t rows) {{",
            f"{INDENT}for (size_t i = 0; i < rows; ++i)",
            f"{INDENT * 2}{self.name}_predict({of_row});",
            "}",
        ])  # fmt: skip


def _title(step: Step) -> str:
    """The layers and operations of a step."""
    layers = dict.fromkeys("/".join(node.layers[1:]) for node in step.nodes)
    names = ", ".join(node.operation.name for node in step.nodes)
    title = f"{', '.join(filter(None, layers))}: {names}".removeprefix(": ")
    return _printable(title)


def _shape(x: Tensor) -> str:
    shape = sizes_of(x)[1:]
    return f"of shape {shape}" if shape else "one number"


def _printable(text: str) -> str:
    """The text without what could end a comment, or go on with it on the next line."""
    return re.sub(r"[^\w ,:/.-]", "_", text)


_COMMENT = """
{file}: the model '{model}' in C99, or C++, written by lamina {version}.

    #include <stdio.h>
    #include "{file}"

    int main(void) {{
        {declared}
        {name}_predict({arrays});
        for (int i = 0; i < {size}; ++i) printf("%.9g\\n", {first}[i]);
        return 0;
    }}

{name}_predict({parameters})
    One sample, in memory {stack}.
{name}_predict_batch(..., size_t rows)
    The same for samples that lie one behind the other.
{name}_predict_with(..., float *workspace)
    One sample, in the caller's memory: {upper}_WORKSPACE floats.

    {shapes}

Results are those of lamina's `predict`, bit for bit, with any compiler and any -O (with -ffast-math it
does not compile).  Compile with -O3 -march=native, and link with -lm: a processor's own fused
multiply-add (-mfma) is several times as fast as what stands in for it elsewhere.
Include it in one file of a program: its arrays are static.
"""

_HEAD = """
#ifndef {guard}
#define {guard}

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) || \\
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "{file}: -ffast-math changes results"
#endif
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16
#error "{file}: floats must be computed as floats (32-bit x86: -msse2 -mfpmath=sse)"
#endif

// No a * b + c becomes a fused multiply-add but where that is written.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off")
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

{sizes}
""".strip()

_END = """
#if defined(__clang__)
#pragma STDC FP_CONTRACT DEFAULT
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif
#endif
""".strip()
