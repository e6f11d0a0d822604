"""Settings of the process, by functions and by environment variables."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import backend, backends, config
from models.training import run_python


def test_backends() -> None:
    config.set_backend("numpy")
    assert config.backend() == backends.name() == "numpy"
    config.set_backend("native")
    assert config.backend() == "native"
    with pytest.raises(ValueError, match=r"one of \('native', 'numpy'\). Received: 'torch'"):
        config.set_backend("torch")
    assert config.backend() == "native"


def test_numbers() -> None:
    assert config.floatx() == "float32"
    assert config.epsilon() == 1e-7


def test_levels() -> None:
    levels = config.available_levels()
    assert "baseline" in levels
    for level in levels:
        config.set_level(level)
        assert config.level() == level
    before = config.level()
    for name in ("v9", "", "V3"):
        with pytest.raises(ValueError, match=f"one of .*baseline.*Received: {name}"):
            config.set_level(name)
    assert config.level() == before


def test_threads() -> None:
    default = config.num_threads()
    assert 1 <= default <= len(os.sched_getaffinity(0))
    config.set_num_threads(3)
    assert config.num_threads() == 3
    config.set_num_threads(0)
    assert config.num_threads() == default
    with pytest.raises(ValueError, match=r"`n` must be at least 0. Received: n=-1"):
        config.set_num_threads(-1)
    for value in (1.5, "2", True):
        with pytest.raises(TypeError, match="`n` must be an integer"):
            config.set_num_threads(value)  # type: ignore[arg-type]


SHOW = "from lamina import config as c; print(c.backend(), c.level(), c.num_threads())"
REFUSED = """
from lamina import config
try:
    print(config.backend(), config.level(), config.num_threads())
except ValueError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("environment", "want"),
    [
        ({"LAMINA_BACKEND": "numpy"}, "numpy {level} {threads}"),
        ({"LAMINA_LEVEL": "baseline"}, "native baseline {threads}"),
        ({"LAMINA_NUM_THREADS": "1"}, "native {level} 1"),
        ({"OMP_NUM_THREADS": "1"}, "native {level} 1"),
        ({"OMP_NUM_THREADS": "1", "LAMINA_NUM_THREADS": "9"}, "native {level} 1"),
        ({"LAMINA_LEVEL": "", "LAMINA_NUM_THREADS": ""}, "native {level} {threads}"),
    ],
)
def test_the_environment(environment: dict[str, str], want: str) -> None:
    clean = dict.fromkeys(("LAMINA_LEVEL", "LAMINA_NUM_THREADS", "OMP_NUM_THREADS"), "")
    clean["LAMINA_BACKEND"] = "native"
    _, level, threads = run_python(SHOW, **clean).split()
    found = run_python(SHOW, **{**clean, **environment})
    assert found == want.format(level=level, threads=threads)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"LAMINA_BACKEND": "torch"}, "The backend must be one of"),
        ({"LAMINA_LEVEL": "v9"}, "LAMINA_LEVEL must be a level this CPU can run"),
        ({"LAMINA_NUM_THREADS": "0"}, "LAMINA_NUM_THREADS must be a whole number of at least 1"),
        ({"LAMINA_NUM_THREADS": "two"}, "LAMINA_NUM_THREADS must be a whole number"),
    ],
)
def test_a_bad_environment_is_said(environment: dict[str, str], message: str) -> None:
    assert message in run_python(REFUSED, **environment)


def test_threads_follow_the_affinity() -> None:
    code = f"import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); {SHOW}"
    assert run_python(code).split()[-1] == "1"


def test_skipping_zeros_can_be_switched_off() -> None:
    assert config.skip_zeros() is True
    config.set_skip_zeros(False)
    try:
        assert config.skip_zeros() is False
    finally:
        config.set_skip_zeros(True)


@pytest.mark.parametrize("skip", [1, None, "no"])
def test_skipping_zeros_is_on_or_off(skip: object) -> None:
    with pytest.raises(TypeError, match="`skip` must be True or False"):
        config.set_skip_zeros(skip)  # type: ignore[arg-type]


def test_epsilon() -> None:
    """What Keras gives for epsilons of 1e-7 and 1e-5: -log(epsilon), and what is made of it."""
    one, zero = np.ones((1, 1), "float32"), np.zeros((1, 1), "float32")
    assert config.epsilon() == backend.epsilon() == 1e-7
    for value in (1e-7, 1e-5):
        config.set_epsilon(value)
        assert config.epsilon() == backend.epsilon() == value
        want = -math.log(value)
        for loss in (lamina.losses.BinaryCrossentropy(), lamina.losses.KLDivergence()):
            assert float(loss(one, zero)) == pytest.approx(want, rel=1e-3)
        large = float(lamina.losses.MeanAbsolutePercentageError()(zero, one))
        assert large == pytest.approx(100 / value, rel=1e-5)
        assert lamina.metrics.AUC(num_thresholds=3).thresholds == [-value, 0.5, 1 + value]
        shrunk = lamina.constraints.UnitNorm()(np.full((1, 1), value, "float32"))
        assert float(shrunk[0, 0]) == pytest.approx(0.5, rel=1e-5)


def test_epsilon_where_masked_rows_are_counted() -> None:
    """Keras's mean of one row of two that is seen: its number / (1 + epsilon)."""
    config.set_epsilon(0.25)
    layer = lamina.layers.BatchNormalization(momentum=0.0)
    layer(np.ones((1, 2, 1), "float32"), training=True, mask=np.array([[True, False]]))
    assert float(layer.moving_mean.numpy()[0]) == pytest.approx(1 / 1.25, rel=1e-6)


@pytest.mark.parametrize(
    ("value", "error"), [("a", TypeError), (None, TypeError), (True, TypeError), (0, ValueError),
                         (-1e-7, ValueError), (1.0, ValueError), (math.nan, ValueError)]
)  # fmt: skip
def test_epsilons_that_are_none(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="`value` must be"):
        config.set_epsilon(value)
    assert config.epsilon() == 1e-7


def test_image_data_format() -> None:
    assert config.image_data_format() == backend.image_data_format() == "channels_last"
    x = np.arange(6.0).reshape(1, 2, 3)
    assert lamina.layers.ZeroPadding1D()(x).shape == (1, 4, 3)
    try:
        config.set_image_data_format("Channels_First")
        assert config.image_data_format() == "channels_first"
        assert lamina.layers.ZeroPadding1D()(x).shape == (1, 2, 5)
        assert lamina.layers.ZeroPadding1D(data_format="channels_last")(x).shape == (1, 4, 3)
        assert lamina.layers.Flatten().data_format == "channels_first"
        assert lamina.ops.depth_to_space(np.zeros((1, 8, 2, 3)), 2, None).shape == (1, 2, 4, 6)
    finally:
        backend.set_image_data_format("channels_last")
    for wrong in ("channels", None):
        with pytest.raises(ValueError, match="`data_format` must be 'channels_last' or"):
            config.set_image_data_format(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ["float", "int7", 3, np.dtype("V4"), "object"])
def test_what_is_no_dtype(dtype: Any) -> None:
    with pytest.raises(ValueError, match=r"Invalid dtype\. Received: dtype="):
        backend.standardize_dtype(dtype)


def test_symbolic_values_are_told_from_others() -> None:
    assert backend.is_keras_tensor(lamina.Input((3,)))
    assert not backend.is_keras_tensor(np.zeros(3))
    assert backend.standardize_dtype(int) == "int32"
