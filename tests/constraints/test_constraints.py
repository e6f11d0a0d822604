"""Constraints: what they keep, their configs, and in training.  Numbers: tests/golden."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import Input, Sequential, constraints, layers

rng = np.random.default_rng(0)
MADE = [
    constraints.MaxNorm(0.5, 1),
    constraints.MinMaxNorm(0.25, 0.5, 1.0, [0, 1]),
    constraints.NonNeg(),
    constraints.UnitNorm(1),
]


@pytest.mark.parametrize("made", MADE, ids=lambda c: type(c).__name__)
def test_configs(made: Any) -> None:
    for again in (
        type(made).from_config(made.get_config()),
        constraints.get(constraints.serialize(made)),
        constraints.deserialize(constraints.serialize(made)),
    ):
        assert type(again) is type(made)
        assert again.get_config() == made.get_config()


@pytest.mark.usefixtures("backend")
def test_weights_stay_as_they_may_be() -> None:
    """After each step, whatever the step did."""
    x, y = rng.normal(size=(40, 6)), rng.normal(size=(40, 3)) * 9

    def trained(made: Any) -> np.ndarray:
        model = Sequential([Input((6,)), layers.Dense(3, kernel_constraint=made)])
        model.compile("rmsprop", "mse")
        model.fit(x, y, epochs=2, verbose=0)
        return np.asarray(model.get_weights()[0])

    norms = np.linalg.norm(trained(constraints.MaxNorm(0.3, axis=0)), axis=0)
    assert norms.max() <= 0.3
    np.testing.assert_allclose(
        np.linalg.norm(trained(constraints.UnitNorm()), axis=0), 1, rtol=1e-5
    )
    assert trained(constraints.NonNeg()).min() >= 0
    norms = np.linalg.norm(trained(constraints.MinMaxNorm(2.0, 3.0, axis=1)), axis=1)
    np.testing.assert_allclose(np.clip(norms, 2, 3), norms, rtol=1e-5)


@pytest.mark.usefixtures("backend")
def test_edges() -> None:
    """Zeros have no direction, infinities below 0 become 0, a NaN stays."""
    zeros = np.zeros((3, 2), np.float32)
    for made in MADE:
        np.testing.assert_array_equal(made(zeros), zeros)
    np.testing.assert_array_equal(
        constraints.NonNeg()(np.float32([-np.inf, -1, 0, 2, np.nan])), [0, 0, 0, 2, np.nan]
    )


def test_own_constraints_and_names() -> None:
    class Half(constraints.Constraint):
        def __call__(self, w: Any) -> Any:
            return w * 0.5

    assert constraints.deserialize("Half", {"Half": Half})(4.0) == 2
    assert constraints.Constraint()(3) == 3
    assert constraints.get(None) is None
