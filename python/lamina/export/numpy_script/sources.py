"""The NumPy backend's own functions as text: a script computes with the very same code."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Iterable

from lamina.backends import numpy, numpy_arrays, numpy_functions

_MODULES = (numpy, numpy_arrays, numpy_functions)


@functools.cache
def _definitions() -> dict[str, ast.stmt]:
    """What the backend's modules define at their top level, by name."""
    found: dict[str, ast.stmt] = {}
    for module in _MODULES:
        for statement in ast.parse(inspect.getsource(module)).body:
            for name in _defined(statement):
                found.setdefault(name, _Bare().visit(statement))
    return found


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [x.id for x in ast.walk(statement) if isinstance(x, ast.Name) and _is_stored(x)]
    return []


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


class _Bare(ast.NodeTransformer):
    """Takes annotations off."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node


def definitions_of(names: Iterable[str]) -> list[str]:
    """The sources of functions, each after what it uses of the backend."""
    known = _definitions()
    done: dict[int, str] = {}

    def add(name: str) -> None:
        statement = known[name]
        if id(statement) in done:
            return
        done[id(statement)] = ""  # it may use itself
        for x in ast.walk(statement):
            if isinstance(x, ast.Name) and not _is_stored(x) and x.id in known:
                add(x.id)
        done[id(statement)] = done.pop(id(statement)) or ast.unparse(statement)

    for name in sorted(names):
        add(name)
    return list(done.values())
