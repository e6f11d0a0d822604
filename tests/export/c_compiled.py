"""Headers compiled into a library of their own, and called."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lamina.export.c_header import export
from lamina.export.c_header.header import TYPES
from lamina.export.graph import InferenceGraph
from lamina.graph.dims import resolve

Array = np.ndarray
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")
C99, CPP = ("cc", "-std=c99"), ("c++", "-std=c++11")
FAST = ("cc", "-std=gnu99", "-O3", "-march=native")  # where compilers like to fuse

_HEAD = """
#ifdef __cplusplus
#define FUNCTION extern "C" void
#else
#define FUNCTION void
#endif
"""


def command(compiler: str, *flags: str) -> list[str]:
    """That of the C or C++ compiler ("cc", "c++"): that of CC or CXX, or the system's."""
    known = os.environ.get({"cc": "CC", "c++": "CXX"}[compiler]) or shutil.which(compiler)
    assert known, f"these tests need a compiler; there is no {compiler}"
    return [*known.split(), *flags, *WARNINGS]


def compiled(folder: Path, source: str, compiler: Sequence[str]) -> ctypes.CDLL:
    """The library of a source, whose functions begin with FUNCTION."""
    name = "all.cpp" if compiler[0] == "c++" else "all.c"
    (folder / name).write_text(f"{_HEAD}{source}\n")
    run = [*command(*compiler), "-shared", "-fPIC", name, "-o", "all.so", "-lm"]
    done = subprocess.run(run, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:3000]
    return ctypes.CDLL(str(folder / "all.so"))


def call(library: ctypes.CDLL, name: str, arrays: Sequence[Array], *numbers: int) -> None:
    """name(pointers to the arrays, numbers)."""
    pointers = (ctypes.c_void_p * len(arrays))(*(a.ctypes.data for a in arrays))
    library[name](pointers, *map(ctypes.c_size_t, numbers))


class Headers:
    """The headers of some graphs, compiled together."""

    def __init__(
        self, folder: Path, graphs: Sequence[InferenceGraph], compiler: Sequence[str]
    ) -> None:
        self.graphs = graphs
        for i, graph in enumerate(graphs):
            (folder / f"m{i}.h").write_bytes(export(graph, f"m{i}"))
        source = "\n".join(_wrapper(i, graph) for i, graph in enumerate(graphs))
        self.library = compiled(folder, source, compiler)

    def run(self, i: int, arrays: Sequence[Array], rows: int) -> list[Array]:
        """The outputs of graph i for so many rows of its inputs."""
        graph = self.graphs[i]
        given = [np.array(a, t, order="C") for a, t in zip(arrays, graph.input_dtypes)]
        outputs = [np.full(resolve(y.dims, rows), 7, np.float32) for y in graph.outputs]
        call(self.library, f"run_m{i}", [*given, *outputs], rows)
        return outputs


def _wrapper(i: int, graph: InferenceGraph) -> str:
    types = [f"const {TYPES[t]}" for t in graph.input_dtypes] + ["float"] * len(graph.outputs)
    arguments = ", ".join(f"({t} *)arrays[{j}]" for j, t in enumerate(types))
    return f"""
#include "m{i}.h"
FUNCTION run_m{i}(void **arrays, size_t rows);
FUNCTION run_m{i}(void **arrays, size_t rows) {{ m{i}_predict_batch({arguments}, rows); }}
"""


def same_bits(a: Array, b: Array) -> bool:
    """Whether all numbers have the same bits as float32; a NaN is as good as another."""
    b = np.asarray(b, np.float32)  # C has floats where `predict` has whole numbers
    both = np.isnan(a) & np.isnan(b)
    return a.shape == b.shape and bool(((a.view(np.uint32) == b.view(np.uint32)) | both).all())
