"""Names that are imported when they are first used."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import lamina

SEED_SCRIPT = """
import sys
import numpy
before = set(sys.modules)
import lamina as keras
from lamina import callbacks, layers
keras.Input, keras.Sequential, layers.Dense, layers.Dropout, layers.Flatten, layers.Rescaling
keras.optimizers.RMSprop, callbacks.LambdaCallback, keras.datasets.mnist
keras.utils.set_random_seed, keras.utils.to_categorical
heavy = {
    "bz2", "dataclasses", "gzip", "http", "lzma", "matplotlib", "numpy.random", "numpy.typing",
    "pandas", "pathlib", "random", "safetensors", "shutil", "socket", "ssl", "subprocess", "tarfile",
    "tempfile", "tqdm", "urllib", "zipfile", "lamina._core", "lamina.losses", "lamina.metrics",
}
"""


def printed(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_naming_what_a_seed_script_names_imports_nothing_heavy() -> None:
    assert printed(SEED_SCRIPT + "print(heavy & (set(sys.modules) - before))") == "set()\n"


def test_importing_lamina_imports_no_other_package() -> None:
    assert printed("import sys, lamina; print({'numpy', 'tqdm'} & set(sys.modules))") == "set()\n"


@pytest.mark.parametrize(
    "package", [lamina, lamina.callbacks, lamina.datasets, lamina.layers, lamina.utils]
)
def test_every_name_is_there(package: object) -> None:
    names = package.__all__  # type: ignore[attr-defined]
    assert set(names) <= set(dir(package))
    for name in names:
        assert getattr(package, name) is getattr(package, name)


def test_an_unknown_name_is_named() -> None:
    with pytest.raises(AttributeError, match=r"module 'lamina.utils' has no attribute 'to_cats'"):
        lamina.utils.to_cats  # type: ignore[attr-defined]  # noqa: B018


# --- lists of names -------------------------------------------------------------------------------

LAZY = [lamina, *(importlib.import_module(f"lamina.{name}") for name in (
    "callbacks", "datasets", "layers", "models", "saving", "sklearn", "utils", "wrappers"
))]  # fmt: skip


def source(package: ModuleType) -> ast.Module:
    return ast.parse(Path(str(package.__file__)).read_text())


def for_type_checkers(package: ModuleType) -> dict[str, str]:
    """What is imported where type checkers look: the module of each name."""
    blocks = [node for node in source(package).body
              if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]  # fmt: skip
    return {
        name.name: f"lamina.{name.name}" if node.module == "lamina" else str(node.module)
        for block in blocks
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }


@pytest.mark.parametrize("package", LAZY, ids=lambda p: p.__name__)
def test_type_checkers_see_what_python_does(package: Any) -> None:
    """`__all__` is a plain list, which they can read, and each name comes from the same module."""
    (listed,) = [node.value for node in source(package).body if isinstance(node, ast.Assign)
                 and ast.unparse(node.targets[0]) == "__all__"]  # fmt: skip
    assert ast.literal_eval(listed) == list(package.__all__)
    modules = getattr(package, "_MODULES", {n: f"lamina.datasets.{n}" for n in package.__all__})
    seen = for_type_checkers(package)
    assert seen.keys() == modules.keys()
    assert modules.keys() <= set(package.__all__)
    for name, module in seen.items():
        there = importlib.import_module(module)
        found = getattr(package, name)
        assert found is there or found is getattr(there, name)
