"""Where messages go, names of dtypes, data in tuples.  Beside Keras's: tests/golden/cases/networks.py."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np
import pytest

import lamina
from lamina import layers, utils


@pytest.fixture
def quiet() -> Iterator[None]:
    utils.disable_interactive_logging()
    yield
    utils.enable_interactive_logging()


def _model() -> lamina.Sequential:
    model = lamina.Sequential([lamina.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.usefixtures("quiet")
def test_messages_go_to_the_logger(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    model, x = _model(), np.ones((4, 2))
    with caplog.at_level(logging.INFO, logger="lamina"):
        model.fit(x, x[:, :1], epochs=2)
        model.summary()
    assert capsys.readouterr().out == ""
    assert "Epoch 2/2" in caplog.messages
    assert any("Trainable params: 3" in message for message in caplog.messages)
    utils.enable_interactive_logging()
    model.fit(x, x[:, :1], epochs=2)
    assert "Epoch 2/2" in capsys.readouterr().out


@pytest.mark.usefixtures("quiet")
def test_no_bar_comes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from lamina.utils import progbar

    monkeypatch.setattr(progbar, "is_live", lambda: True)
    assert progbar.resolve_verbose("auto") == 2
    utils.enable_interactive_logging()
    assert progbar.resolve_verbose("auto") == 1
    assert lamina.config.is_interactive_logging_enabled()


@pytest.mark.parametrize("dtype", ["float", "double", "abc", 3, object, ["float32"]])
def test_what_names_no_dtype(dtype: object) -> None:
    with pytest.raises(ValueError, match="Invalid dtype"):
        utils.standardize_dtype(dtype)


def test_what_is_packed_is_unpacked() -> None:
    for data in ((1, None, None), ([1], None, None), (1, 2, None), (1, 2, 3), (1, None, 3)):
        assert utils.unpack_x_y_sample_weight(utils.pack_x_y_sample_weight(*data)) == data


def test_many_paths_to_an_input_are_walked_once() -> None:
    """Sums of sums: 2^60 paths."""
    x = end = lamina.Input((2,))
    for _ in range(60):
        end = layers.Add()([end, end])
    assert utils.get_source_inputs(end) == [x]
