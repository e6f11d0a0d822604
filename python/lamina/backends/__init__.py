"""Who computes: `native` (C++) or `numpy` (the reference)."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np

    from lamina.graph.graph import Graph


class Program(Protocol):
    """A compiled graph.  Inputs are arrays whose rows are samples, of any numeric dtype."""

    def run_steps(
        self, arrays: Sequence[np.ndarray], order: np.ndarray, first: int, last: int, seconds: float
    ) -> int: ...

    def map(
        self, arrays: Sequence[np.ndarray], rows: int, results: Sequence[np.ndarray]
    ) -> None: ...

    def predict(self, x: Any) -> np.ndarray | None: ...


names = ("native", "numpy")
_current: ModuleType | None = None


def set_backend(name: str) -> None:
    """Chooses the backend for all that is compiled from now on."""
    global _current
    if name not in names:
        raise ValueError(f"The backend must be one of {names}. Received: {name!r}")
    _current = importlib.import_module(f"lamina.backends.{name}")


def current() -> ModuleType:
    """The backend in use; at first that of the environment variable LAMINA_BACKEND, or native."""
    if _current is None:
        set_backend(os.environ.get("LAMINA_BACKEND", "native"))
    assert _current is not None
    return _current


def name() -> str:
    """ "native" or "numpy"."""
    return current().__name__.rpartition(".")[2]


def compile_program(graph: Graph, batch_size: int) -> Program:
    """The graph as something the current backend runs, for batches of up to `batch_size` rows."""
    if name() == "native":
        from lamina.backends.native_program import NativeProgram

        return NativeProgram(graph, batch_size)
    from lamina.backends.numpy_program import NumpyProgram

    return NumpyProgram(graph, batch_size)
