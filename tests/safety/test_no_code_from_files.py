"""Nothing that a file can reach evaluates, unpickles or imports by a name: seen in the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lamina

ROOT = Path(lamina.__file__).parent
SOURCES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))

MODULES = {
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "runpy", "code",
    "imp", "ctypes", "yaml", "subprocess",
}  # fmt: skip
CALLS = {
    "eval", "exec", "compile", "__import__", "import_module", "find_spec", "system", "popen",
    "load_module", "exec_module", "literal_eval", "extractall", "read_array",
}  # fmt: skip
# Where one of them stands, and why no file reaches it.
ALLOWED = {
    ("_lazy.py", "import_module"): "names of the package's own tables",
    ("backends/__init__.py", "import_module"): "after the check that the name is a backend's",
    ("export/export.py", "import_module"): "modules of its table of formats",
    ("serialization/own.py", "import_module"): "packages of its table of families",
    ("utils/_archive.py", "extractall"): "into a new folder, after each name was checked",
}


def powers(source: str) -> Iterator[str]:
    """What a module imports, calls or reads that could make code of data."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            module = getattr(node, "module", None) or ""
            names = [module, *(alias.name for alias in node.names)]
            yield from {name.partition(".")[0] for name in names} & MODULES
            yield from {alias.name for alias in node.names} & CALLS
        elif isinstance(node, ast.Call):
            function = node.func
            name = getattr(function, "id", None) or getattr(function, "attr", "")
            if name in CALLS and not _is_of_a_model(function, name):
                yield name
            if name == "load" and getattr(getattr(function, "value", None), "id", "") in (
                "np",
                "numpy",
            ):
                yield "np.load"
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            yield "allow_pickle"


def _is_of_a_model(function: ast.expr, name: str) -> bool:
    """Models are compiled too, and so are regular expressions."""
    return name == "compile" and isinstance(function, ast.Attribute)


@pytest.mark.parametrize("path", SOURCES)
def test_a_module_makes_no_code_of_data(path: str) -> None:
    found = set(powers((ROOT / path).read_text(encoding="utf-8")))
    assert {name for name in found if (path, name) not in ALLOWED} == set()


def test_what_is_allowed_is_there() -> None:
    for path, name in ALLOWED:
        assert name in set(powers((ROOT / path).read_text(encoding="utf-8"))), path


@pytest.mark.parametrize(
    "source",
    [
        "import pickle", "from pickle import loads", "import numpy as np\nnp.load('x')", "eval('1')",
        "exec('1')", "__import__('os')", "import importlib\nimportlib.import_module(name)",
        "from importlib import import_module", "f(allow_pickle=True)", "import os\nos.system('x')",
        "import ast\nast.literal_eval(x)", "np.lib.format.read_array(f)", "compile('1', '', 'eval')",
    ],
)  # fmt: skip
def test_the_walk_sees_them(source: str) -> None:
    assert list(powers(source))


def test_what_a_config_may_name_is_public_and_of_ours() -> None:
    """getattr by a name of the file's only follows a list of what is public."""
    from lamina.serialization import own

    for module, family in own._FAMILIES.items():
        assert own.find_class(module, "__class__") is None
        assert own.find_class(module, "importlib") is None
        assert own.find_class(module, "np") is None
        assert family.startswith("lamina.")
    for name in ("__import__", "eval", "np", "_describable", "__dict__", "get_file"):
        assert own.find_function(name) is None
