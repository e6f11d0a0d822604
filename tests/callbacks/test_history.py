"""History: what is kept of a training, how it prints, and its long form."""

from __future__ import annotations

import builtins
import math
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from lamina.callbacks import CallbackList, History


def train(
    history: History, epochs: range, asked: int | None = None, validate_every: int = 1
) -> History:
    """A training whose loss in epoch i is i + 0.5 and whose val_loss is -i."""
    params = {"verbose": 0, "epochs": asked or epochs.stop, "steps": 3}
    callbacks = CallbackList([history], model=SimpleNamespace(), **params)
    callbacks.on_train_begin()
    for i in epochs:
        logs = {"loss": i + 0.5, "acc": i / 10}
        if (i + 1) % validate_every == 0:
            logs |= {"val_loss": -i, "val_acc": i / 20}
        callbacks.on_epoch_end(i, logs)
    callbacks.on_train_end()
    return history


def values(history: History, metric: str, data: str) -> dict[int, float]:
    rows = history.as_rows()
    return {r["epoch"]: r["value"] for r in rows if (r["metric"], r["data"]) == (metric, data)}


def test_keeps_what_keras_keeps() -> None:
    history = train(History(), range(3))
    assert history.history == {
        "acc": [0.0, 0.1, 0.2],
        "loss": [0.5, 1.5, 2.5],
        "val_acc": [0.0, 0.05, 0.1],
        "val_loss": [0.0, -1.0, -2.0],
    }
    assert list(history.history) == ["acc", "loss", "val_acc", "val_loss"]
    assert history.epoch == [0, 1, 2]
    assert history.params == {"verbose": 0, "epochs": 3, "steps": 3}
    assert history.model.history is history


def test_a_second_training_goes_on_in_the_same_history() -> None:
    history = train(train(History(), range(2)), range(2))
    assert history.epoch == [0, 1]
    assert history.history["loss"] == [0.5, 1.5, 0.5, 1.5]
    assert values(history, "loss", "training") == {0: 0.5, 1: 1.5, 2: 0.5, 3: 1.5}


def test_epochs_start_where_the_training_did() -> None:
    history = train(History(), range(4, 6))
    assert values(history, "loss", "training") == {4: 4.5, 5: 5.5}
    train(history, range(6, 7))
    assert values(history, "loss", "training") == {4: 4.5, 5: 5.5, 6: 6.5}


def test_rows_are_in_the_order_of_the_panels() -> None:
    rows = train(History(), range(2)).as_rows()
    assert [list(row) for row in rows[:1]] == [["epoch", "value", "metric", "data"]]
    order = [(row["metric"], row["data"], row["epoch"]) for row in rows]
    assert order == [
        (metric, data, epoch)
        for metric in ("loss", "acc")
        for data in ("training", "validation")
        for epoch in range(2)
    ]


def test_rows_have_nan_where_there_was_no_validation() -> None:
    history = train(History(), range(5), validate_every=2)
    assert history.history["val_loss"] == [-1.0, -3.0]
    assert values(history, "loss", "training") == {i: i + 0.5 for i in range(5)}
    validation = values(history, "loss", "validation")
    assert [i for i, value in validation.items() if math.isnan(value)] == [0, 2, 4]
    assert (validation[1], validation[3]) == (-1.0, -3.0)


def test_rows_have_nan_after_an_early_stop() -> None:
    loss = values(train(History(), range(2), asked=4), "loss", "training")
    assert list(loss) == [0, 1, 2, 3]
    assert [math.isnan(value) for value in loss.values()] == [False, False, True, True]


def test_a_history_filled_by_hand_has_rows() -> None:
    history = History()
    history.history = {"loss": [3.0, 2.0], "val_loss": [4.0]}
    assert values(history, "loss", "training") == {0: 3.0, 1: 2.0}
    validation = values(history, "loss", "validation")
    assert validation[0] == 4.0
    assert math.isnan(validation[1])


def test_a_history_changed_by_hand_has_rows() -> None:
    history = train(History(), range(5, 7))
    history.history["loss"] = [3.0, 2.0, 1.0]
    loss = values(history, "loss", "training")
    assert [loss[i] for i in range(3)] == [3.0, 2.0, 1.0]


def test_the_model_knows_its_last_history() -> None:
    model, history = SimpleNamespace(), History()
    history.set_model(model)
    history.on_epoch_end(0, {"loss": 1.0})
    assert model.history is history


def test_frame_is_the_rows() -> None:
    history = train(History(), range(3), validate_every=2)
    frame = history.to_frame()
    assert list(frame.columns) == ["epoch", "value", "metric", "data"]
    assert frame.fillna(-99).to_dict("records") == [
        row | {"value": -99.0 if math.isnan(row["value"]) else row["value"]}
        for row in history.as_rows()
    ]
    assert list(History().to_frame().columns) == ["epoch", "value", "metric", "data"]


def test_prints_as_in_r() -> None:
    history = History()
    history.samples, history.validation_samples, history.batch_size = 48000, 12000, 128
    history.set_params({"verbose": 1, "epochs": 1, "steps": 375})
    logs = {"accuracy": 0.95, "loss": 0.0495678, "val_loss": 12345.67, "lr": 1e-5, "zero": 0.0}
    history.on_epoch_end(0, logs)
    assert repr(history).splitlines() == [
        "Trained on 48,000 samples, validated on 12,000 samples (batch_size=128, epochs=1)",
        "Final epoch (plot to see history):",
        "accuracy: 0.9500",
        "    loss: 0.04957",
        "val_loss: 12,346",
        "      lr: 1.000e-05",
        "    zero: 0.0",
    ]


@pytest.mark.parametrize(
    ("sizes", "line"),
    [
        ({}, "Trained (epochs=2 of 5)"),
        ({"batch_size": 32}, "Trained (batch_size=32, epochs=2 of 5)"),
        ({"samples": 9, "batch_size": 4}, "Trained on 9 samples (batch_size=4, epochs=2 of 5)"),
    ],
)
def test_prints_what_is_known(sizes: dict[str, int], line: str) -> None:
    history = train(History(), range(2), asked=5)
    history.__dict__.update(sizes)
    assert repr(history).splitlines()[0] == line


def test_prints_nan_and_what_is_no_number() -> None:
    history = History()
    history.on_epoch_end(0, {"loss": math.nan, "note": "text"})
    assert repr(history).splitlines()[2:] == ["loss: nan", "note: text"]


def test_prints_without_an_epoch() -> None:
    assert repr(History()) == "History (no epoch yet)"


@pytest.mark.parametrize(
    ("package", "method", "hint"),
    [("pandas", "to_frame", "pip install pandas"), ("matplotlib", "plot", r"lamina\[plot\]")],
)
def test_missing_package_is_named(
    package: str, method: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        return original(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "lamina.utils.history_plot", raising=False)
    monkeypatch.delattr("lamina.utils.history_plot", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=hint):
        getattr(train(History(), range(1)), method)()


def test_nothing_heavy_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys, lamina.models.summary; from lamina.callbacks import *; "
        "print({'matplotlib', 'pandas', 'tqdm'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
