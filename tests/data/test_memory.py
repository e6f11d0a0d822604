"""Memory: no second copy of the data, nothing left behind."""

from __future__ import annotations

import sys

import pytest

from models.training import run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/status")

PREPARED = """
from models.training import *

x = np.empty((260_000, 784), np.uint8)
x[:] = np.arange(784) % 251
x[:, 0] = np.arange(260_000) % 251
y = np.arange(260_000) % 4
model = network(features=784, classes=4, units=4)
model.fit(x[:1000], y[:1000], batch_size=500, verbose=0)
before = peak()
"""


def growth(code: str) -> float:
    """By how many megabytes the peak grows while the code runs on 200 MB of bytes."""
    return float(run_python(PREPARED + code + "\nprint(peak() - before)"))


@pytest.mark.parametrize(
    "code",
    [
        "model.fit(x, y, batch_size=500, validation_split=0.1, verbose=0)",
        "model.evaluate(x, y, batch_size=500, verbose=0)",
        "model.predict(x, verbose=0)",
    ],
    ids=["fit", "evaluate", "predict"],
)
def test_bytes_are_not_copied_as_a_whole(code: str) -> None:
    """As float32 they would be 815 MB; the order of samples and the results need a little."""
    assert growth(code) < 60


def test_a_copy_would_be_seen() -> None:
    assert growth("x = x.astype(np.float32)") > 700


def test_nothing_is_left_behind() -> None:
    """Many fits and predictions, on many models, in the memory of a few."""
    code = """
def work(n):
    for _ in range(n):
        small = network(features=784, classes=4, units=64)
        small.fit(x[:64], y[:64], verbose=0)
        for _ in range(20):
            small.predict(x[:10], verbose=0)
work(8)
before = peak()
work(50)
"""
    assert growth(code) < 20
