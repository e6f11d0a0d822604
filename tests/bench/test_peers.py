"""The training steps that bench/peer writes by hand are the seed job's: lamina's, without dropout."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina

BENCH = Path(__file__).parents[2] / "bench"
STEPS, ROWS = 10, 128
Array = np.ndarray


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Array, Array]]:
    monkeypatch.syspath_prepend(str(BENCH))
    draws = np.random.default_rng(1)
    return [
        (
            draws.integers(0, 256, (ROWS, 784), "uint8"),
            draws.integers(0, 10, ROWS, "int32"),
        )
        for _ in range(STEPS)
    ]


def trained_by_lamina(batches: list[tuple[Array, Array]]) -> list[Array]:
    from peer import job

    model = lamina.Sequential([lamina.Input((784,)), lamina.layers.Rescaling(1 / 255)])
    for units in job.SIZES[1:-1]:
        model.add(lamina.layers.Dense(units, activation="relu"))
    model.add(lamina.layers.Dense(job.SIZES[-1], activation="softmax"))
    model.compile(lamina.optimizers.RMSprop(), "sparse_categorical_crossentropy")
    model.set_weights(job.first_weights())
    for x, labels in batches:
        model.train_on_batch(x, labels)
    return model.get_weights()


def trained_by_numpy(batches: list[tuple[Array, Array]]) -> list[Array]:
    from peer import job, numpy_blas

    network = numpy_blas.Network(job.first_weights(), rates=(0, 0))
    for x, labels in batches:
        network.step(x, labels)
    return network.weights


def trained_by_torch(batches: list[tuple[Array, Array]]) -> list[Array]:
    import torch

    from peer import job, torch_eager

    network = torch_eager.Network(job.first_weights(), rates=(0, 0))
    for x, labels in batches:
        network.step(torch.from_numpy(x), torch.from_numpy(labels).long())
    return [w.detach().numpy() for w in network.weights]


def trained_by_jax(batches: list[tuple[Array, Array]]) -> list[Array]:
    from peer import jax_scan, job

    weights = job.first_weights()
    state: Any = (weights, [np.zeros_like(w) for w in weights])
    for x, labels in batches:
        state, _ = jax_scan.step(state, x, labels, (0, 0), None)
    return [np.asarray(w) for w in state[0]]


@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
def test_ten_steps_are_those_of_lamina(library: str, batches: list[tuple[Array, Array]]) -> None:
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    train: Callable[..., list[Array]] = globals()[f"trained_by_{library}"]
    with ProcessPoolExecutor(
        1, get_context("spawn")
    ) as apart:  # its threads stay out of this process
        weights = apart.submit(train, batches).result()
    for theirs, ours in zip(weights, trained_by_lamina(batches)):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-5)
