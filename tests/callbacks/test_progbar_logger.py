"""What fit, evaluate and predict print through ProgbarLogger."""

from __future__ import annotations

import re

import pytest

from lamina.callbacks import CallbackList, ProgbarLogger
from lamina.utils import progbar

FULL = "━" * 20
LOGS = {"accuracy": 0.5, "loss": 0.25}


def callbacks(verbose: object, steps: int | None = 4, epochs: int = 2) -> CallbackList:
    return CallbackList(add_progbar=True, verbose=verbose, epochs=epochs, steps=steps)


def fit(listed: CallbackList, epochs: int = 2, validate: bool = False) -> None:
    """A training of 4 steps per epoch that reports two of them only."""
    listed.on_train_begin()
    for epoch in range(epochs):
        listed.on_epoch_begin(epoch)
        listed.on_train_batch_end(1, {"accuracy": 0.1, "loss": 0.9})
        listed.on_train_batch_end(3, LOGS)
        logs = dict(LOGS)
        if validate:
            listed.on_test_begin()
            listed.on_test_batch_end(0, {"loss": 8.0})
            listed.on_test_end({"loss": 8.0})
            logs["val_loss"] = 8.0
        listed.on_epoch_end(epoch, logs)
    listed.on_train_end(LOGS)


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was printed, with the times masked."""
    return re.sub(r"\d+s \d+[mu]?s/", "0s 0s/", capsys.readouterr().out).splitlines()


def test_fit_with_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    fit(callbacks(1), validate=True)
    line = f"4/4 {FULL} 0s 0s/step - accuracy: 0.5000 - loss: 0.2500 - val_loss: 8.0000"
    assert lines(capsys) == ["Epoch 1/2", line, "Epoch 2/2", line]


@pytest.mark.parametrize("verbose", [2, "auto"])
def test_fit_with_lines(verbose: object, capsys: pytest.CaptureFixture[str]) -> None:
    fit(callbacks(verbose))
    printed = [re.sub(r"\d+[mu]?s", "0s", line) for line in lines(capsys)]
    line = "4/4 - 0s - 0s/step - accuracy: 0.5000 - loss: 0.2500"
    assert printed == ["Epoch 1/2", line, "Epoch 2/2", line]


def test_a_single_epoch_has_no_header(capsys: pytest.CaptureFixture[str]) -> None:
    fit(callbacks(1, epochs=1), epochs=1)
    assert len(lines(capsys)) == 1


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    fit(callbacks(0))
    assert lines(capsys) == []


def test_evaluate_and_predict(capsys: pytest.CaptureFixture[str]) -> None:
    listed = callbacks(1, epochs=1)
    fit(listed, epochs=1)
    lines(capsys)
    listed.on_test_begin()
    listed.on_test_batch_end(3, LOGS)
    listed.on_test_end(LOGS)
    listed.on_predict_begin()
    listed.on_predict_batch_end(3, {"outputs": [[1.0]]})
    listed.on_predict_end()
    assert lines(capsys) == [
        f"4/4 {FULL} 0s 0s/step - accuracy: 0.5000 - loss: 0.2500",
        f"4/4 {FULL} 0s 0s/step",
    ]


def test_number_of_steps_is_learnt_in_the_first_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    fit(callbacks(2, steps=None))
    assert [line[:5] for line in lines(capsys)] == ["Epoch", "4/4 -"] * 2


def test_time_includes_the_validation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(100))
    monkeypatch.setattr(progbar.time, "perf_counter", lambda: next(seconds))
    fit(callbacks(1, epochs=1), epochs=1, validate=True)
    # 0 at the start, 1 and 2 at the two reported steps, 3 at the end.
    assert f"4/4 {FULL} 3s 750ms/step" in capsys.readouterr().out


def test_values_are_means_already() -> None:
    listed = callbacks(1)
    listed.on_epoch_begin(0)
    (logger,) = listed.callbacks
    assert isinstance(logger, ProgbarLogger)
    assert logger.progbar is not None
    assert logger.progbar.stateless_metrics == set()


def test_close_forgets_an_unfinished_bar(capsys: pytest.CaptureFixture[str]) -> None:
    listed = callbacks(1)
    listed.on_train_begin()
    listed.on_epoch_begin(0)
    listed.on_train_batch_end(1, LOGS)
    listed.close()
    CallbackList().close()
    assert lines(capsys) == ["Epoch 1/2"]


def test_bad_verbose_is_refused() -> None:
    with pytest.raises(ValueError, match="verbose=7"):
        callbacks(7)
    with pytest.raises(ValueError, match="verbose=7"):
        ProgbarLogger().set_params({"verbose": 7, "epochs": 1, "steps": 1})
