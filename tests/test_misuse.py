"""Misuse is refused: the error has the expected type, names the argument and says what came."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import lamina
from golden.misuse import KERAS_ACCEPTS, MISUSES

# What real Keras does not have.
OWN: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "set_backend unknown": (lambda: lamina.config.set_backend("cuda"), ("backend|name", "cuda")),
    "set_backend None": (lambda: lamina.config.set_backend(None), ("backend|name", "None")),
    "set_level unknown": (lambda: lamina.config.set_level("v9"), ("level", "v9")),
    "set_num_threads -1": (lambda: lamina.config.set_num_threads(-1), ("n", "-1")),
    "set_num_threads 1.5": (lambda: lamina.config.set_num_threads(1.5), ("n", r"1\.5")),
    "digits num_train -1": (lambda: _digits(num_train=-1), ("num_train", "-1")),
    "digits num_train 2.5": (lambda: _digits(num_train=2.5), ("num_train", r"2\.5")),
    "digits num_test '10'": (lambda: _digits(num_test="10"), ("num_test", "10")),
    "digits seed -1": (lambda: _digits(seed=-1), ("seed", "-1")),
    "digits seed 1.5": (lambda: _digits(seed=1.5), ("seed", r"1\.5")),
}


def _digits(**options: Any) -> Any:
    return lamina.datasets.digits.load_data(**{"num_train": 1, "num_test": 1, **options})


def _assert_says(error: BaseException, words: tuple[str, ...]) -> None:
    missing = [word for word in words if not re.search(word, str(error))]
    assert not missing, f"{missing} not in: {error}"


@pytest.mark.parametrize("name", MISUSES)
def test_misuse(name: str) -> None:
    misuse = MISUSES[name]
    with pytest.raises(misuse.errors) as caught:
        misuse.call(lamina)
    _assert_says(caught.value, misuse.words)


@pytest.mark.parametrize("name", OWN)
def test_misuse_of_our_own(name: str) -> None:
    call, words = OWN[name]
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    _assert_says(caught.value, words)


def test_what_keras_accepts_is_listed() -> None:
    assert set(KERAS_ACCEPTS) <= set(MISUSES)
