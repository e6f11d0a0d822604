"""Batches that cannot be used: what is said, and what the model has learned till then."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from data.batched import WEIGHTS, Endless, X, Y, batches
from models.training import network, same, state

pytestmark = pytest.mark.usefixtures("backend")

USES: dict[str, Callable[..., Any]] = {
    "fit": lambda data, **k: network().fit(data, verbose=0, **k),
    "evaluate": lambda data, **k: network().evaluate(data, verbose=0, **k),
    "predict": lambda data, **k: network().predict(data, verbose=0, **k),
    "validation": lambda data, **k: network().fit(X, Y, validation_data=data, verbose=0, **k),
}


@pytest.mark.parametrize("use", USES)
def test_data_without_end(use: str) -> None:
    with pytest.raises(ValueError, match=r"without end: say how many batches.*steps.*=None"):
        USES[use](Endless())


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    "empty", [lambda: iter([]), lambda: (b for b in ()), lambda: [].__iter__()]
)
def test_no_batch_at_all(use: str, empty: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"without a single batch\. Received: an empty iterator"):
        USES[use](empty())


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("batch", [(), (X, Y, WEIGHTS, 1)], ids=len)
def test_batches_of_other_parts(use: str, batch: Any) -> None:
    with pytest.raises(ValueError, match=rf"A batch must be \(x,\).*a batch of {len(batch)} parts"):
        USES[use](iter([batch]))


def test_what_belongs_into_the_batches() -> None:
    for given in ({"y": Y}, {"sample_weight": WEIGHTS}):
        (name,) = given
        message = rf"`{name}` must be None where `x` makes batches.*of type generator.*ndarray"
        for use in (network().fit, network().evaluate):
            with pytest.raises(ValueError, match=message):
                use(batches(X, Y), **given, verbose=0)
    with pytest.raises(ValueError, match="`validation_split` is only supported for arrays"):
        network().fit(batches(X, Y), validation_split=0.2)


def test_a_batch_that_does_not_fit() -> None:
    """The error is that of arrays; the steps before it were made."""
    model, other = network(), network()
    with pytest.raises(ValueError, match=r"expected shape \(None, 20\).*\(20, 19\)"):
        model.fit(itertools.chain(batches(X[:40], Y[:40]), [(X[:20, :19], Y[:20])]), verbose=0)
    other.fit(X[:40], Y[:40], batch_size=20, shuffle=False, verbose=0)
    assert same(state(model), state(other))
    with pytest.raises(ValueError, match=r"'x' has 20, 'y' has 19"):
        model.fit(iter([(X[:20], Y[:19])]), verbose=0)
    with pytest.raises(ValueError, match=r"from 0 to 3 .*4 classes\. Received: y\[0\] = 9"):
        model.fit(iter([(X[:20], np.full(20, 9))]), verbose=0)


@pytest.mark.parametrize("use", USES)
def test_an_error_in_a_generator_comes_with_its_traceback(use: str) -> None:
    def generate() -> Iterator[Any]:
        yield X[:20], Y[:20]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone") as error:
        USES[use](generate())
    assert "generate" in [frame.name for frame in traceback.extract_tb(error.value.__traceback__)]
