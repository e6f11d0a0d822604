"""The programs under examples/, shortened: each is better than what it compares itself with."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, **arguments: Any) -> dict[str, float]:
    """What the program's `main` returns, without figures."""
    found: dict[str, float] = runpy.run_path(str(EXAMPLES / f"{name}.py"))["main"](
        quick=True, output=None, **arguments
    )
    return found


def test_tabular() -> None:
    """Close to what one could know, and far from guessing."""
    got = run("tabular")
    assert got["majority"] + 0.1 < got["accuracy"] < got["best"] + 0.03
    assert got["auc"] > 0.7


def test_multi_input() -> None:
    """Both outputs beat the constant answer."""
    got = run("multi_input")
    assert got["accuracy"] > got["frequent"] + 0.3
    assert got["error"] < 0.7 * got["typical"]


def test_autoencoder() -> None:
    """A code of 32 numbers that is worth more than the mean image."""
    got = run("autoencoder")
    assert got["error"] < 0.5 * got["mean"]


def test_vae() -> None:
    """Digits together take fewer nats than their pixels alone."""
    got = run("vae")
    assert got["nats"] < got["alone"] - 5


def test_imbalanced() -> None:
    """Cheaper than to check nothing, and than to check all."""
    got = run("imbalanced")
    assert got["cost"] < 0.8 * got["careless"]
    assert got["roc"] > 0.85


@pytest.mark.parametrize("name", ["tabular", "multi_input", "imbalanced"])
def test_a_seed_gives_one_result(name: str) -> None:
    assert run(name, seed=3) == run(name, seed=3)
