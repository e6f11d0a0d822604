"""Fixtures that several folders share."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

from lamina import backends, config
from lamina.dtype_policies.policy import forget_dtype_policy


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    """Each test draws the same numbers in every run, and leaves the process as it found it."""
    random.seed(0)
    np.random.seed(0)
    backend, level = backends.name(), config.level()
    yield
    backends.set_backend(backend)
    config.set_level(level)
    config.set_num_threads(0)
    config.set_floatx("float32")
    config.set_epsilon(1e-7)
    forget_dtype_policy()


@pytest.fixture(params=backends.names)
def backend(request: pytest.FixtureRequest) -> str:
    """Each backend in turn."""
    name: str = request.param
    backends.set_backend(name)
    return name


@pytest.fixture
def numpy_backend() -> None:
    backends.set_backend("numpy")


@pytest.fixture(params=["baseline", "v3", "v4"])
def level(request: pytest.FixtureRequest) -> str:
    """Each SIMD level in turn, on the native backend; skipped where the CPU lacks it."""
    name: str = request.param
    if name not in config.available_levels():
        pytest.skip(f"this CPU cannot run level {name}")
    backends.set_backend("native")
    config.set_level(name)
    return name
