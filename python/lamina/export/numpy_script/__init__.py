"""Models as Python scripts that need NumPy alone."""

from __future__ import annotations

import base64
import json
import keyword
import re
from collections.abc import Iterable, Sequence

import numpy as np

import lamina
from lamina import tree
from lamina.backends import numpy as backend
from lamina.export.graph import InferenceGraph, Names
from lamina.export.lacking import refuse_lacking
from lamina.export.numpy_script.expressions import expression, helper_of, number, shape
from lamina.export.numpy_script.frame import FRAME, OWN_NAMES
from lamina.export.numpy_script.sources import definitions_of
from lamina.graph.tensor import Tensor

_RANDOM = ("dropout", "random_uniform", "random_normal")
OPERATIONS = set(backend.functions) - set(_RANDOM)
_BATCH = re.compile(r"\bbatch\b")
_LINE = 100  # characters of the weights' text
_LIMIT = 2**30  # bytes of weights: Python's parser reads no 2 GiB


def export(graph: InferenceGraph) -> bytes:
    """The script of a graph.

    Errors: ValueError for operations that draw numbers, and more weights than a script can hold.
    """
    refuse_lacking(graph, OPERATIONS, "numpy")
    size = sum(x.value.nbytes for x in graph.constants if x.value is not None)
    if size > _LIMIT:
        raise ValueError(f"A script holds at most 1 GiB of weights. Received: {size} bytes")
    return _Script(graph).text().encode()


class _Script:
    def __init__(self, graph: InferenceGraph) -> None:
        self.graph = graph
        helpers = {h for n in graph.nodes if (h := helper_of(n.operation.name))}
        self.definitions = definitions_of(helpers)
        self.names = Names([*helpers, *keyword.kwlist, *OWN_NAMES])
        self.known: dict[int, str] = {}  # tensors as expressions
        self.weights: dict[str, np.ndarray] = {}
        self.inputs = [self._named(x) for x in graph.inputs]
        for x in graph.constants:
            value = np.asarray(x.value, np.float32)
            if value.ndim == 0:
                self.known[id(x)] = number(value)
            else:
                self.weights[x.name] = value
                self.known[id(x)] = f"w[{_quoted(x.name)}]"

    def _named(self, x: Tensor) -> str:
        name = self.names.new(re.sub(r"\W|^(?=\d)", "_", x.name, flags=re.ASCII))
        self.known[id(x)] = name
        return name

    # --- lines ------------------------------------------------------------------------------------

    def text(self) -> str:
        g = self.graph
        named = [*zip(self.inputs, g.inputs)]
        computed = "\n".join(self._computed())
        return FRAME.format(
            title=f"Predictions of the model {_shown(g.name)}",
            version=lamina.__version__,
            usage=" ".join([*(f"{name}.npy" for name in self.inputs), self._file]),
            described="\n".join(f"    {name}: {shape(x.dims)}" for name, x in named),
            results="\n".join(
                f"    {_shown(name)}: {shape(x.dims)}, {dtype}"
                for name, x, dtype in zip(g.output_names, g.outputs, g.output_dtypes)
            ),
            imports=_imports(self.definitions),
            arguments=", ".join(self.inputs),
            checks="\n".join(
                f'    {name} = _samples("{name}", {name}, {shape(x.dims[1:])})' for name, x in named
            ),
            packed=self._packed(),
            batch=f"    batch = len({self.inputs[0]})\n" if _BATCH.search(computed) else "",
            computed=computed,
            ends=", ".join(self.known[id(x)] for x in g.outputs),
            dtypes=", ".join(map(_quoted, g.output_dtypes)),
            shapes="\n".join(
                f"    {_quoted(n)}: {array.shape}," for n, array in self.weights.items()
            ),
            definitions="".join(f"\n\n{text}\n" for text in self.definitions),
            output_names=", ".join(map(_quoted, g.output_names)),
            count=len(named),
            data=_encoded(self.weights.values()),
        )

    @property
    def _file(self) -> str:
        name = re.sub(r"\W", "_", self.graph.output_names[0], flags=re.ASCII)
        return f"{name}.npy" if len(self.graph.outputs) == 1 else "outputs.npz"

    def _packed(self) -> str:
        leaves = [_Literal(f"y[{i}]") for i in range(len(self.graph.outputs))]
        return repr(tree.pack_sequence_as(self.graph.structure, leaves))

    def _computed(self) -> list[str]:
        """The operations, a line each, those of a layer below its name."""
        lines = []
        if self.weights:
            lines.append("    w = _weights()")
        layer: tuple[str, ...] = ()
        for node in self.graph.nodes:
            if node.layers[1:] != layer:
                layer = node.layers[1:]
                lines.append(f"    # {' '.join(('/'.join(layer) or self.graph.name).split())}")
            made = expression(node, [self.known[id(x)] for x in node.inputs])
            lines.append(f"    {', '.join(map(self._named, node.outputs))} = {made}")
        return lines


class _Literal(str):
    """Text that is its own representation."""

    def __repr__(self) -> str:
        return str(self)


def _quoted(name: str) -> str:
    """A string as Python reads it, in double quotes."""
    return json.dumps(name, ensure_ascii=False)


def _shown(name: str) -> str:
    """A name as a docstring can have it."""
    return re.sub(r"[^\w /.:-]", "_", name)


def _imports(definitions: Sequence[str]) -> str:
    needed = ["base64", "functools", "sys"]
    if any("math." in text for text in definitions):
        needed.append("math")
    return "\n".join(f"import {name}" for name in sorted(needed))


def _encoded(arrays: Iterable[np.ndarray]) -> str:
    """All numbers in a row as base64, in lines."""
    text = base64.b64encode(b"".join(a.astype("<f4").tobytes() for a in arrays)).decode()
    return "\n".join(text[i : i + _LINE] for i in range(0, len(text), _LINE))
