"""evaluate, predict, and their kin for single batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers
from models.training import blobs, network, same, state

pytestmark = pytest.mark.usefixtures("backend")
X, Y = blobs(100)


def cross_entropies(model: Sequential) -> np.ndarray:
    """Of each sample, in float64."""
    x: Any = X.astype(np.float64)
    dense = [w.astype(np.float64) for w in model.get_weights()]
    x = np.maximum(x @ dense[0] + dense[1], 0)
    x = np.tanh(x @ dense[2] + dense[3])
    x = x @ dense[4] + dense[5]
    p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(100), Y])


def test_evaluate_is_the_mean_over_samples() -> None:
    """For any size of batches, the last smaller than the others."""
    model = network()
    want = cross_entropies(model).mean()
    right = (model.predict(X, verbose=0).argmax(axis=1) == Y).mean()
    for size in (1, 7, 32, 100, 1000, None):
        loss, accuracy = model.evaluate(X, Y, batch_size=size, verbose=0)
        assert loss == pytest.approx(want, rel=1e-5)
        assert accuracy == pytest.approx(right, rel=1e-6)


def test_samples_and_outputs_without_numbers() -> None:
    model = Sequential([Input((0,)), layers.Dense(2, bias_initializer="ones")])
    model.compile("sgd", "mse")
    model.fit(np.zeros((4, 0)), np.ones((4, 2)), verbose=0)
    np.testing.assert_array_equal(model.predict(np.zeros((4, 0)), verbose=0), np.ones((4, 2)))
    nothing = Sequential([Input((3,)), layers.Dense(2), layers.Lambda(lambda x: x[:, :0])])
    nothing.compile("sgd", "mse")
    assert nothing.predict(np.zeros((4, 3)), verbose=0).shape == (4, 0)
    with pytest.raises(FloatingPointError, match="loss is nan"):  # the mean of no numbers
        nothing.fit(np.zeros((4, 3)), np.zeros((4, 0)), verbose=0)


def test_evaluate_changes_nothing() -> None:
    model = network()
    model.fit(X, Y, verbose=0)
    before, other = state(model), network()
    first = model.evaluate(X, Y, verbose=0)
    assert model.evaluate(X, Y, verbose=0) == first
    assert same(state(model), before)
    other.evaluate(X, Y, verbose=0)
    other.fit(X, Y, verbose=0)
    assert same(state(other), before)


def test_evaluate_returns() -> None:
    model = network()
    loss, accuracy = model.evaluate(X, Y, verbose=0)
    assert model.metrics_names == ["loss", "accuracy"]
    assert isinstance(loss, float)
    want = {"accuracy": accuracy, "loss": loss}
    assert model.evaluate(X, Y, verbose=0, return_dict=True) == want
    model.compile(loss="sparse_categorical_crossentropy")
    assert model.evaluate(X, Y, verbose=0) == loss


def test_evaluate_with_weights() -> None:
    """The loss is the weighted sum over the number of samples; plain metrics do not weigh."""
    weights = np.linspace(0, 2, 100)
    model = network(metrics=["accuracy"], weighted_metrics=["acc"])
    right = model.predict(X, verbose=0).argmax(axis=1) == Y
    loss, plain, weighted = model.evaluate(X, Y, sample_weight=weights, batch_size=30, verbose=0)
    assert loss == pytest.approx((cross_entropies(model) * weights).mean(), rel=1e-5)
    assert plain == pytest.approx(right.mean())
    assert weighted == pytest.approx((right * weights).sum() / weights.sum(), rel=1e-5)


def test_evaluate_some_steps() -> None:
    model = network()
    assert model.evaluate(X, Y, batch_size=10, steps=3, verbose=0) == pytest.approx(
        model.evaluate(X[:30], Y[:30], batch_size=10, verbose=0)
    )
    assert model.predict(X, batch_size=10, steps=3, verbose=0).shape == (30, 4)


def test_predict_does_not_drop() -> None:
    model = network()
    first = model.predict(X, verbose=0)
    assert first.dtype == np.float32
    assert first.shape == (100, 4)
    assert np.array_equal(first, model.predict(X, batch_size=3, verbose=0))
    np.testing.assert_allclose(first.sum(axis=1), 1, rtol=1e-6)
    assert state(model)[-1].tolist() == network().optimizer.learning_rate.numpy().tolist()
    assert model.layers[1].seed_generator.state.numpy()[1] == 0


def test_training_true_drops() -> None:
    model = network(rate=0.5)
    x = np.ones((40, 20), np.float32)
    plain, dropped = np.asarray(model(x)), np.asarray(model(x, training=True))
    assert not np.allclose(plain, dropped)
    assert not np.allclose(dropped, np.asarray(model(x, training=True)))
    np.testing.assert_allclose(plain, np.asarray(model(x, training=False)), rtol=1e-5, atol=1e-6)


def test_predict_follows_the_weights() -> None:
    """A program that is made once reads what the weights are now."""
    model = network()
    before = model.predict(X, verbose=0)
    model.set_weights([w * 0 for w in model.get_weights()])
    np.testing.assert_allclose(model.predict(X, verbose=0), 0.25)
    model.fit(X, Y, verbose=0)
    assert not np.allclose(model.predict(X, verbose=0), 0.25)
    assert before.std() > 0


def test_predict_does_not_depend_on_how_the_rows_lie() -> None:
    """Arrays that are read where they lie, and such that are converted, through a view."""
    model = Sequential([Input((4, 2)), layers.Flatten(), layers.Dense(5, "relu"), layers.Dense(2)])
    x = np.arange(80, dtype=np.float32).reshape(10, 4, 2)
    want = model.predict(x.astype(float), verbose=0)
    kept = x.copy()
    for given in (x, x.tolist(), np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2]):
        np.testing.assert_allclose(model.predict(given, verbose=0), want, rtol=1e-6)
        np.testing.assert_allclose(model(given), want, rtol=1e-6)
    for rows in (1, 3, 1, 10):
        np.testing.assert_allclose(model(x[:rows]), want[:rows], rtol=1e-6)
    assert np.array_equal(x, kept)


def test_a_changed_stack_predicts_anew() -> None:
    model = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])
    x = np.ones((2, 4), np.float32)
    assert model(x).shape == (2, 2)
    model.pop(rebuild=False)
    assert model(x).shape == (2, 3)


def test_predict_needs_no_compile() -> None:
    model = Sequential([Input((3,)), layers.Dense(2)])
    assert model.predict(np.ones((4, 3)), verbose=0).shape == (4, 2)
    for use in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises(ValueError, match=r"You must call `compile\(\)` before"):
            use(np.ones((4, 3)), np.ones((4, 2)))


def test_predict_goes_on_with_nan() -> None:
    """NaN and infinity stay in their rows."""
    model = network()
    x = X.copy()
    x[3, 5], x[7, 0] = np.nan, np.inf
    p = model.predict(x, verbose=0)
    assert np.isnan(p[3]).all()
    others = [i for i in range(100) if i not in (3, 7)]
    assert np.array_equal(p[others], model.predict(X, verbose=0)[others])


def test_classes_and_probabilities() -> None:
    model = network()
    p = model.predict(X, verbose=0)
    assert np.array_equal(model.predict_proba(X), p)
    assert np.array_equal(model.predict_classes(X), p.argmax(axis=1))
    single = Sequential([Input((20,)), layers.Dense(1, activation="sigmoid")])
    classes = single.predict_classes(X)
    assert classes.shape == (100, 1)
    assert np.array_equal(classes, single.predict(X, verbose=0) > 0.5)
    assert 0 < classes.mean() < 1


def test_on_batches() -> None:
    """The loss and metrics of that batch."""
    model = network(rate=0.0)
    want = model.evaluate(X, Y, batch_size=100, verbose=0)
    assert model.test_on_batch(X, Y) == pytest.approx(want)
    assert model.train_on_batch(X, Y) == pytest.approx(want)
    after = model.evaluate(X, Y, batch_size=100, verbose=0, return_dict=True)
    found = model.test_on_batch(X, Y, return_dict=True)
    assert found == {name: pytest.approx(value) for name, value in after.items()}
    assert after["loss"] < want[0]
    few = [model.test_on_batch(X[i : i + 10], Y[i : i + 10])[0] for i in (0, 10)]
    assert few == [
        pytest.approx(model.evaluate(X[i : i + 10], Y[i : i + 10], verbose=0)[0]) for i in (0, 10)
    ]
    assert np.array_equal(model.predict_on_batch(X), model.predict(X, verbose=0))
    assert int(model.optimizer.iterations) == 1


def test_batches_of_any_size() -> None:
    model = network()
    for n in (1, 2, 3, 31, 64, 100):
        model.train_on_batch(X[:n], Y[:n], sample_weight=np.ones(n))
    assert int(model.optimizer.iterations) == 6


def test_a_model_without_targets() -> None:
    """A loss that layers add is enough."""
    model = Sequential([Input((20,)), layers.Dense(3, activity_regularizer="l2")])
    model.compile("rmsprop")
    before = float((model.predict(X, verbose=0) ** 2).sum())
    history = model.fit(X, epochs=20, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert float((model.predict(X, verbose=0) ** 2).sum()) < before
    plain = Sequential([Input((20,)), layers.Dense(3)])
    plain.compile("rmsprop")
    with pytest.raises(ValueError, match="No loss to compute"):
        plain.fit(X, verbose=0)


def test_weight_penalties_are_part_of_the_loss() -> None:
    model = Sequential(
        [Input((20,)), layers.Dense(4, kernel_regularizer=lamina.regularizers.L1L2(0.01, 0.1))]
    )
    model.compile("rmsprop", "mse")
    kernel = model.get_weights()[0].astype(np.float64)
    error = ((X @ kernel - np.eye(4)[Y]) ** 2).mean()
    want = error + 0.01 * np.abs(kernel).sum() + 0.1 * (kernel**2).sum()
    assert model.evaluate(X, np.eye(4)[Y], verbose=0) == pytest.approx(want, rel=1e-5)


def test_predictions_have_the_dtype_of_the_output(backend: str) -> None:
    """Whole numbers are floats in programs; users get what the symbolic output says."""
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    entry = lamina.Input((3,))
    outputs = {
        "int32": (lamina.ops.argmax(entry, -1), x.argmax(-1)),
        "bool": (entry > 0.0, x > 0),
        "float32": (entry + 1.0, x + 1),
    }
    for dtype, (output, wanted) in outputs.items():
        model = lamina.Model(entry, output)
        for _ in range(2):  # the second call takes a shorter way
            for found in (model.predict(x, verbose=0), model(x), model.predict_on_batch(x)):
                assert found.dtype == output.dtype == dtype
                np.testing.assert_allclose(found, wanted, rtol=1e-6)
    all_at_once = lamina.Model(entry, {name: output for name, (output, _) in outputs.items()})
    found = all_at_once.predict(x, batch_size=2, verbose=0)
    assert {name: array.dtype for name, array in found.items()} == {n: np.dtype(n) for n in found}
