"""The native backend trains as the reference does, but for rounding; and it learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, backends, layers, optimizers
from lamina.programs.native import NativeProgram
from models.training import blobs, network

X, Y = blobs(2000, features=70, classes=10)


def trained_on(backend: str, **settings: Any) -> Sequential:
    backends.set_backend(backend)
    model = network(features=70, classes=10, units=64, **settings)
    model.fit(X, Y, epochs=2, batch_size=128, validation_split=0.2, verbose=0)
    return model


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimizer": optimizers.RMSprop(0.002, momentum=0.5, centered=True)},
        {"optimizer": optimizers.RMSprop(clipnorm=0.1, weight_decay=0.01)},
        {"optimizer": optimizers.RMSprop(gradient_accumulation_steps=3, use_ema=True)},
        {"weighted_metrics": ["acc", "sparse_categorical_crossentropy"]},
    ],
    ids=["plain", "momentum", "clipped", "accumulated", "weighted"],
)
def test_two_epochs_with_dropout_and_shuffling(settings: dict[str, Any]) -> None:
    """Losses within 2e-4, weights within 5e-4: RMSprop's first steps magnify a rounding."""
    made = dict(settings)
    optimizer = made.pop("optimizer", optimizers.RMSprop())
    models = [
        trained_on(name, optimizer=optimizers.RMSprop.from_config(optimizer.get_config()), **made)
        for name in backends.names
    ]
    histories = [m.history.history for m in models if m.history is not None]
    assert histories[0].keys() == histories[1].keys()
    for name, values in histories[0].items():
        atol = 2e-4 if "loss" in name or "entropy" in name else 2.5e-3  # a row or two
        np.testing.assert_allclose(values, histories[1][name], rtol=0, atol=atol, err_msg=name)
    for a, b in zip(*(m.get_weights() for m in models)):
        np.testing.assert_allclose(a, b, rtol=0, atol=5e-4)
    predictions = [m.predict(X, verbose=0) for m in models]
    np.testing.assert_allclose(*predictions, rtol=0, atol=1e-3)


def test_a_model_can_change_its_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs are made anew; weights, streams and optimizer go on."""
    model = trained_on("native")
    before = model.predict(X, verbose=0)
    backends.set_backend("numpy")
    monkeypatch.delattr(NativeProgram, "run_steps")
    monkeypatch.delattr(NativeProgram, "map")
    np.testing.assert_allclose(model.predict(X, verbose=0), before, rtol=1e-4, atol=1e-6)
    model.fit(X, Y, batch_size=128, verbose=0)
    assert int(model.optimizer.iterations) == 2 * 13 + 16


def test_it_learns(backend: str) -> None:
    """Ten clusters, held-out points: nearly all are right after a few epochs."""
    model = network(features=70, classes=10, units=64)
    history = model.fit(
        X[:1500], Y[:1500], epochs=8, batch_size=32, validation_data=(X[1500:], Y[1500:]), verbose=0
    ).history
    assert history["val_accuracy"][-1] > 0.98
    assert history["loss"][-1] < 0.2 * history["loss"][0]
    assert (model.predict_classes(X[1500:]) == Y[1500:]).mean() == pytest.approx(
        history["val_accuracy"][-1]
    )


def test_it_learns_what_is_not_linear(backend: str) -> None:
    """Inside or outside of a circle, with a single output."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (1000, 2)).astype(np.float32)
    y = (np.hypot(*x.T) < 0.8).astype(np.float32)
    lamina.utils.set_random_seed(0)
    model = Sequential(
        [Input((2,)), layers.Dense(24, activation="relu"), layers.Dense(1, activation="sigmoid")]
    )
    model.compile(optimizers.RMSprop(0.01), "binary_crossentropy", metrics=["accuracy"])
    assert model.evaluate(x, y, verbose=0)[1] < 0.7
    model.fit(x, y, epochs=25, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] > 0.95


def test_it_learns_a_function(backend: str) -> None:
    """Regression: the error falls far below the spread of the targets."""
    x = np.linspace(-2, 2, 400, dtype=np.float32)[:, None]
    y = np.sin(2 * x)
    lamina.utils.set_random_seed(0)
    model = Sequential([Input((1,)), layers.Dense(32, activation="tanh"), layers.Dense(1)])
    model.compile(optimizers.RMSprop(0.01), "mse", metrics=["mae"])
    history = model.fit(x, y, epochs=60, verbose=0).history
    assert history["loss"][-1] < 0.05 * y.var()
