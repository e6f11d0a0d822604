"""Every public name is in the API reference, and says what it computes."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pathlib
import re
import sys
from types import ModuleType
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).parents[2]


def tool(name: str) -> ModuleType:
    """The module tools/<name>.py."""
    spec = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


reference, coverage = tool("reference"), tool("coverage")
PAGES: dict[str, str] = reference.pages()


def docstring(item: Any) -> str:
    own = item.__dict__.get("__doc__") if inspect.isclass(item) else inspect.getdoc(item)
    return own or ""


def test_all_families() -> None:
    """Each part of the package that has public names has a page."""
    import lamina

    hidden = {"lamina.backends"}  # for lamina itself
    modules = {f"lamina.{n}" for n in lamina.__all__ if inspect.ismodule(getattr(lamina, n))}
    assert modules - hidden <= set(reference.families())


@pytest.mark.parametrize("family", reference.families())
def test_names_are_documented(family: str) -> None:
    module = importlib.import_module(family)
    page = PAGES[f"reference/{reference.file_name(family)}"]
    for name in reference.names(family):
        item = getattr(module, name)
        assert len(docstring(item).strip()) > 1, f"{family}.{name} has no docstring"
        if family == "lamina" and inspect.ismodule(item):
            continue
        shown = re.search(rf"heading: {re.escape(family)}\.{name}$", page, re.M)
        assert shown or f"`{family}.{name}`" in page, f"{family}.{name} is not in the reference"


def test_no_name_twice() -> None:
    for path, page in PAGES.items():
        shown = re.findall(r"^::: (.*)$", page, re.M)
        assert len(shown) == len(set(shown)), path


def not_there(page: str) -> set[str]:
    """What a page of counts says is missing, by kind."""
    section = page.partition("## Not there")[2].partition("## Beyond")[0]
    lines = [line for line in section.splitlines() if line.startswith("- **")]
    return {
        f"{line.split('**')[1]}: {name}" for line in lines for name in re.findall("`(.*?)`", line)
    }


def test_coverage_claims_nothing_that_is_not_there() -> None:
    """The page may be behind (`make docs` writes it anew), never ahead."""
    now = not_there(coverage.page())
    assert "layers: convolution: Conv2D" in now
    assert now <= not_there(coverage.PAGE.read_text())


def test_keras_names_are_those_of_the_specification() -> None:
    assert coverage.page().startswith("# What is there\n\nThe public objects of Keras 3.15.1,")
