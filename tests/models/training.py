"""Small problems, small networks, and what a training left behind."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

import lamina
from lamina import layers

PATHS = (str(Path(lamina.__file__).parents[1]), str(Path(__file__).parents[1]))
Array = np.ndarray


def blobs(
    n: int = 300, features: int = 20, classes: int = 4, seed: int = 0, zeros: float = 0.0
) -> tuple[Array, Array]:
    """Points around one centre per class, and their labels; a share of the numbers set to 0."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, features)) * 2
    y = rng.integers(0, classes, n)
    x = centres[y] + rng.normal(size=(n, features))
    x[rng.uniform(size=x.shape) < zeros] = 0
    return x.astype(np.float32), y


def network(
    features: int = 20,
    classes: int = 4,
    units: int = 16,
    rate: float = 0.3,
    seed: int = 1,
    **compiled: Any,
) -> lamina.Sequential:
    """Two hidden layers with dropout, compiled for labels."""
    lamina.utils.set_random_seed(seed)
    hidden = [
        layers.Dense(units, activation="relu"),
        layers.Dense(units // 2 + 1, activation="tanh"),
    ]
    model = lamina.Sequential(
        [
            layers.Input((features,)), hidden[0], layers.Dropout(rate), hidden[1], layers.Dropout(rate),
            layers.Dense(classes, activation="softmax"),
        ]
    )  # fmt: skip
    settings = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **compiled}
    model.compile(**settings)
    return model


def state(model: lamina.Sequential) -> list[Array]:
    """Weights, random streams, optimizer."""
    return [v.numpy() for v in (*model.variables, *model.optimizer.variables)]


def fingerprint(model: lamina.Sequential) -> str:
    """A hash of all that training left: weights, random streams, optimizer, history."""
    digest = hashlib.sha256()
    for array in state(model):
        digest.update(array.tobytes())
    if model.history is not None:
        digest.update(repr(sorted(model.history.history.items())).encode())
    return digest.hexdigest()


def trained(
    n: int = 2000, epochs: int = 2, zeros: float = 0.0, **settings: Any
) -> lamina.Sequential:
    """A network after two epochs on generated samples."""
    x, y = blobs(n, features=70, classes=10, zeros=zeros)
    model = network(features=70, classes=10, units=64, **settings)
    model.fit(x, y, epochs=epochs, batch_size=128, validation_split=0.1, verbose=0)
    return model


def same(a: list[Array], b: list[Array]) -> bool:
    """Bit for bit."""
    return [x.tobytes() for x in a] == [x.tobytes() for x in b]


def peak() -> float:
    """The most memory of this process so far, in megabytes; on Linux.

    Not by getrusage: there a process begins with the peak of the one that started it.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def run_python(code: str, timeout: float = 100, **environment: str) -> str:
    """What a fresh Python prints that runs the code; these helpers are in reach."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(PATHS), **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
