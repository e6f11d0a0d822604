"""What the documentation shows is what happens: code on its pages, and examples in docstrings."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pathlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import lamina
from docs import code_blocks

ROOT = pathlib.Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_CODE = [page for page in PAGES if code_blocks.blocks(page)]

# Classes and functions that a user meets first: each has an example.
SHOWN = (
    "models.Model", "models.Sequential", "models.clone_model", "layers.Dense",
    "layers.Dropout", "layers.BatchNormalization", "layers.LayerNormalization",
    "layers.Embedding", "layers.Normalization", "layers.CategoryEncoding",
    "layers.Discretization", "layers.StringLookup", "layers.Concatenate", "layers.Add",
    "layers.Flatten", "layers.Reshape", "layers.Rescaling", "layers.Activation",
    "layers.Layer", "utils.FeatureSpace", "utils.PyDataset", "utils.to_categorical",
    "utils.pad_sequences", "utils.split_dataset", "callbacks.EarlyStopping",
    "callbacks.LambdaCallback", "callbacks.LearningRateScheduler", "optimizers.Adam",
    "optimizers.SGD", "optimizers.RMSprop", "optimizers.schedules.ExponentialDecay",
    "optimizers.schedules.CosineDecay", "optimizers.schedules.PiecewiseConstantDecay",
    "losses.MeanSquaredError", "losses.BinaryCrossentropy", "losses.CategoricalCrossentropy",
    "losses.SparseCategoricalCrossentropy", "losses.Hinge", "losses.Huber",
    "losses.KLDivergence", "losses.Dice", "losses.CosineSimilarity", "metrics.AUC",
    "metrics.Precision", "metrics.F1Score", "metrics.SparseCategoricalAccuracy",
    "metrics.Mean", "metrics.MeanIoU", "metrics.R2Score", "metrics.MeanAbsoluteError",
    "initializers.GlorotUniform", "regularizers.L2", "constraints.MaxNorm", "activations.relu",
    "ops.where", "ops.softmax", "ops.take", "ops.one_hot", "ops.concatenate", "ops.einsum",
    "ops.top_k", "ops.mean", "ops.matmul", "ops.cumsum",
)  # fmt: skip


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lamina.utils.set_random_seed(0)
    code_blocks.run(page)
    for made in tmp_path.glob("*.svg"):
        kept = ROOT / "docs" / "images" / made.name
        assert made.read_text() == kept.read_text(), f"copy what {page} draws to {kept}"


def test_blocks_are_found(tmp_path: pathlib.Path) -> None:
    """A page that prints something else than it says is red; what follows is its output."""
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n\n```text\n1\n```\n\n```python\nprint(2)\n```\n")
    assert [(b.code, b.output) for b in code_blocks.blocks(page)] == [
        ("print(1)\n", "1\n"),
        ("print(2)\n", ""),
    ]
    with pytest.raises(AssertionError, match=r"page.md, line 9"):
        code_blocks.run(page)
    page.write_text("<!-- not run: takes long -->\n```python\nraise ValueError\n```\n")
    code_blocks.run(page)


def documented() -> Iterator[tuple[str, Any]]:
    """Every object with a docstring in every module, once, by its name."""
    for found in pkgutil.walk_packages(lamina.__path__, "lamina."):
        if found.name.startswith("lamina._") or "._" in found.name:
            continue
        module = importlib.import_module(found.name)
        yield found.name, module
        for name, item in vars(module).items():
            if getattr(item, "__module__", None) == found.name:
                yield f"{found.name}.{name}", item
                if inspect.isclass(item):
                    yield from (
                        (f"{found.name}.{name}.{key}", getattr(member, "__func__", member))
                        for key, member in vars(item).items()
                        if inspect.isfunction(getattr(member, "__func__", member))
                        or isinstance(member, property)
                    )


def examples() -> dict[str, doctest.DocTest]:
    parser = doctest.DocTestParser()
    found = {}
    for name, item in documented():
        text = inspect.getdoc(item) if not inspect.isclass(item) else item.__dict__.get("__doc__")
        if text and ">>>" in text:
            names = {"lamina": lamina, "np": np, "layers": lamina.layers, "ops": lamina.ops}
            found[name] = parser.get_doctest(inspect.cleandoc(text), names, name, None, 0)
    return found


EXAMPLES = examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_docstring(name: str) -> None:
    """The examples of a docstring; numpy is np, and layers and ops are there as well."""
    lamina.utils.set_random_seed(0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    said: list[str] = []
    runner.run(EXAMPLES[name], out=said.append)
    assert not runner.failures, "".join(said)


@pytest.mark.parametrize("path", SHOWN)
def test_has_an_example(path: str) -> None:
    family, _, name = path.rpartition(".")
    item = getattr(importlib.import_module(f"lamina.{family}"), name)
    assert ">>>" in (inspect.getdoc(item) or ""), f"lamina.{path} has no example"
