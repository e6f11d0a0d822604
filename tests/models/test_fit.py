"""fit: order, batches, epochs, validation, what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers, ops, optimizers
from models.training import blobs, network, same, state

pytestmark = pytest.mark.usefixtures("backend")
X, Y = blobs(100)


def linear(seed: int = 1, **compiled: Any) -> Sequential:
    """One layer: nothing is left to chance but the order."""
    lamina.utils.set_random_seed(seed)
    model = Sequential([Input((20,)), layers.Dense(4, activation="softmax")])
    model.compile(**{"loss": "sparse_categorical_crossentropy", **compiled})
    return model


def fitted(make: Callable[[], Sequential], *data: Any, **settings: Any) -> Sequential:
    """A new model after two epochs; its order of samples follows the seed it was made with."""
    model = make()
    model.fit(*data, **{"epochs": 2, "verbose": 0, **settings})
    return model


def test_one_epoch_is_its_batches() -> None:
    """fit is train_on_batch for each batch; the last one is smaller."""
    by_fit, by_hand = linear(), linear()
    by_fit.fit(X, Y, batch_size=32, shuffle=False, verbose=0)
    for first in range(0, 100, 32):
        by_hand.train_on_batch(X[first : first + 32], Y[first : first + 32])
    assert int(by_fit.optimizer.iterations) == 4
    assert same(state(by_fit), state(by_hand))


def test_history_has_the_means_over_samples() -> None:
    """The loss of an epoch: each batch's, before its step, weighed by its size."""
    model, other = linear(metrics=["accuracy"]), linear(metrics=["accuracy"])
    history = model.fit(X, Y, batch_size=32, shuffle=False, verbose=0).history
    losses, rights = [], []
    for first in range(0, 100, 32):
        x, y = X[first : first + 32], Y[first : first + 32]
        p = other.predict(x, verbose=0)
        losses.extend(-np.log(p[np.arange(len(y)), y]))
        rights.extend(p.argmax(axis=1) == y)
        other.train_on_batch(x, y)
    assert history["loss"] == [pytest.approx(np.mean(losses), rel=1e-5)]
    assert history["accuracy"] == [pytest.approx(np.mean(rights), rel=1e-6)]


def test_two_epochs_at_once_or_one_by_one() -> None:
    once = network()
    together = once.fit(X, Y, epochs=2, batch_size=32, verbose=0).history
    twice = network()
    apart = [twice.fit(X, Y, batch_size=32, verbose=0).history for _ in range(2)]
    assert same(state(once), state(twice))
    assert together["loss"] == [h["loss"][0] for h in apart]


def orders(shuffle: Any, epochs: int = 2, seed: int = 1) -> list[list[int]]:
    """The numbers of the rows in the order in which each epoch takes them."""
    seen: list[int] = []

    def loss(y: Any, p: Any) -> Any:
        seen.extend(int(n) for n in np.asarray(y).reshape(-1))
        return ops.mean(p, axis=-1)

    model = linear(seed, loss=loss, run_eagerly=True)
    model.fit(X, np.arange(100), batch_size=32, epochs=epochs, shuffle=shuffle, verbose=0)
    return [seen[100 * i : 100 * (i + 1)] for i in range(epochs)]


def test_without_shuffling() -> None:
    assert orders(False) == [list(range(100))] * 2


def test_with_shuffling() -> None:
    """Another order each epoch; the same ones from the same seed."""
    first, second = orders(True)
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second
    assert sorted(first[:32]) != list(range(32))
    assert orders(True) == [first, second]
    assert orders(True, seed=2)[0] != first


def test_shuffling_within_batches() -> None:
    for order in orders("batch"):
        assert order != list(range(100))
        parts = [sorted(order[i : i + 32]) for i in (0, 32, 64, 96)]
        assert [n for part in parts for n in part] == list(range(100))


def test_validation_split_is_the_end() -> None:
    """The last samples, before shuffling: trained without them, evaluated on them."""
    split = network()
    a = split.fit(X, Y, batch_size=32, validation_split=0.25, epochs=2, verbose=0)
    data = (X[75:], Y[75:])
    given = network()
    b = given.fit(X[:75], Y[:75], batch_size=32, validation_data=data, epochs=2, verbose=0)
    assert same(state(split), state(given))
    assert a.history == b.history
    assert list(a.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    want = given.evaluate(*data, verbose=0)
    assert [a.history["val_loss"][-1], a.history["val_accuracy"][-1]] == want
    assert (a.samples, a.validation_samples) == (75, 25)


def test_validation_changes_nothing_in_training() -> None:
    with_it = fitted(network, X, Y, validation_data=(X, Y))
    without = fitted(network, X, Y)
    assert same(state(with_it), state(without))


def test_validation_with_weights() -> None:
    weights = np.arange(100) / 50
    model = linear(weighted_metrics=["accuracy"])
    history = model.fit(X, Y, validation_data=(X, Y, weights), verbose=0).history
    want = model.evaluate(X, Y, sample_weight=weights, verbose=0, return_dict=True)
    assert history["val_loss"] == [want["loss"]]
    assert history["val_accuracy"] == [want["accuracy"]]


@pytest.mark.parametrize(
    ("frequency", "epochs"), [(1, [0, 1, 2, 3]), (2, [1, 3]), ([1, 4], [0, 3]), (9, [])]
)
def test_validation_frequency(frequency: Any, epochs: list[int]) -> None:
    model = linear()
    history = model.fit(X, Y, epochs=4, validation_split=0.2, validation_freq=frequency, verbose=0)
    rows = [r for r in history.as_rows() if r["data"] == "validation"]
    found = {r["epoch"] for r in rows if not np.isnan(r["value"])}
    assert sorted(found) == epochs
    assert len(history.history.get("val_loss", [])) == len(epochs)


def test_initial_epoch() -> None:
    model = linear()
    history = model.fit(X, Y, epochs=5, initial_epoch=3, verbose=0)
    assert history.epoch == [3, 4]
    assert int(model.optimizer.iterations) == 2 * 4
    assert model.fit(X, Y, epochs=3, initial_epoch=3, verbose=0).epoch == []


def test_steps() -> None:
    model = linear()
    model.fit(X, Y, batch_size=10, steps_per_epoch=3, epochs=2, verbose=0)
    assert int(model.optimizer.iterations) == 6


def test_class_weights_are_sample_weights() -> None:
    weights = {0: 0.5, 1: 2.0, 3: 0.0}
    each = np.array([weights.get(int(label), 1.0) for label in Y])
    by_class = fitted(linear, X, Y, class_weight=weights)
    by_sample = fitted(linear, X, Y, sample_weight=each)
    categorical = lambda: linear(loss="categorical_crossentropy")  # noqa: E731
    one_hot = fitted(categorical, X, np.eye(4)[Y], class_weight=weights)
    assert same(state(by_class), state(by_sample))
    for a, b in zip(state(by_class), state(one_hot)):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def test_a_weight_of_2_is_the_sample_twice() -> None:
    """Exact for the sum: a batch with weights 1 and 2 against one with repeated samples."""
    weights = np.where(np.arange(100) % 3 == 0, 2.0, 1.0)
    repeated = np.repeat(np.arange(100), weights.astype(int))
    loss = lamina.losses.SparseCategoricalCrossentropy(reduction="sum")
    sgd = optimizers.RMSprop(1e-4)
    weighted, twice = linear(loss=loss, optimizer=sgd), linear(loss=loss)
    twice.compile(loss=loss, optimizer=optimizers.RMSprop(1e-4))
    weighted.train_on_batch(X, Y, sample_weight=weights)
    twice.train_on_batch(X[repeated], Y[repeated])
    for a, b in zip(state(weighted), state(twice)):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_weight_of_0_is_no_sample() -> None:
    """What the sample holds does not count, be it as large as it may."""
    weights = np.ones(100)
    weights[::7] = 0
    other = X.copy()
    other[::7] = 1e3
    a = fitted(linear, X, Y, sample_weight=weights)
    b = fitted(linear, other, Y, sample_weight=weights)
    assert same(state(a), state(b))


def test_frozen_layers_stay() -> None:
    model = network()
    model.layers[0].trainable = False
    model.compile(loss="sparse_categorical_crossentropy")
    before = model.get_weights()
    model.fit(X, Y, epochs=2, verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights())]
    assert changed == [False, False, True, True, True, True]
    model.layers[0].trainable = True
    model.compile(loss="sparse_categorical_crossentropy")
    model.fit(X, Y, verbose=0)
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_freezing_takes_effect_when_compiled() -> None:
    """Until then training goes on as compiled, whatever the size of the batch."""
    models = []
    for frozen in (False, True):
        model = fitted(network, X, Y)
        model.layers[0].trainable = not frozen
        model.fit(X, Y, verbose=0)
        model.fit(X, Y, batch_size=16, verbose=0)
        models.append(model)
    assert same(*map(state, models))


def test_compiling_again_resets_all_but_the_weights() -> None:
    model = network()
    model.fit(X, Y, epochs=2, verbose=0)
    weights = model.get_weights()
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    assert same(model.get_weights(), weights)
    assert int(model.optimizer.iterations) == 0
    model.fit(X, Y, verbose=0)
    assert int(model.optimizer.iterations) == 4
    slots = [v.numpy() for v in model.optimizer.variables[2:]]
    assert len(slots) == 6


def test_compiling_again_with_another_loss() -> None:
    model = network()
    model.fit(X, Y, verbose=0)
    model.compile(loss="mse", metrics=["mae"])
    history = model.fit(X, np.eye(4)[Y], verbose=0).history
    assert set(history) == {"loss", "mae"}


def test_other_batches_and_shapes_of_targets() -> None:
    """Programs are made for each; the optimizer goes on."""
    model = network()
    for size in (1, 7, 32, 100, 1000):
        model.fit(X, Y, batch_size=size, verbose=0)
    model.fit(X, Y[:, None], verbose=0)
    steps = sum(-(-100 // size) for size in (1, 7, 32, 100, 1000, 32))
    assert int(model.optimizer.iterations) == steps


def test_a_layer_added_after_training() -> None:
    model = network()
    model.fit(X, Y, verbose=0)
    model.add(layers.Dense(4, activation="softmax"))
    model.compile(loss="sparse_categorical_crossentropy")
    model.fit(X, Y, verbose=0)
    assert model.predict(X, verbose=0).shape == (100, 4)
