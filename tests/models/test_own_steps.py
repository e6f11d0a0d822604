"""Steps of a user's own (tests/golden/cases/own_steps.py compares them with Keras's numbers)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from golden.cases.own_steps import LATENT, X, Y, stack
from lamina import backends, initializers, layers, ops
from models.training import same


class Drawing(lamina.Model):
    """A GAN that draws what its generator starts from, and has no `call`."""

    def __init__(self) -> None:
        lamina.utils.set_random_seed(3)
        super().__init__()
        self.generator = stack(lamina, 4, 8, 12, seed=1, name="generator")
        self.discriminator = stack(lamina, 12, 8, 1, seed=2, name="discriminator")
        self.noise = layers.GaussianNoise(1.0)

    def compile(self, **compiled: Any) -> None:
        super().compile(**compiled)
        self.d_optimizer, self.g_optimizer = (lamina.optimizers.Adam(0.01) for _ in "dg")
        self.loss_fn = lamina.losses.BinaryCrossentropy(from_logits=True)

    def train_step(self, data: Any) -> Any:
        latent = self.noise(ops.zeros_like(data[:, :4]), training=True)
        d_weights, g_weights = (m.trainable_weights for m in (self.discriminator, self.generator))
        guesses = [self.discriminator(given) for given in (self.generator(latent), data)]
        d_loss = ops.sum([
            self.loss_fn(make(guess), guess)
            for make, guess in zip((ops.zeros_like, ops.ones_like), guesses)
        ])  # fmt: skip
        self.d_optimizer.apply(lamina.gradients(d_loss, d_weights), d_weights)
        guess = self.discriminator(self.generator(latent))
        g_loss = self.loss_fn(ops.ones_like(guess), guess)
        self.g_optimizer.apply(lamina.gradients(g_loss, g_weights), g_weights)
        return {"d_loss": d_loss, "g_loss": g_loss}


def drawn(backend: str, eager: bool = False) -> tuple[Drawing, dict[str, list[float]]]:
    backends.set_backend(backend)
    model = Drawing()
    model.compile(run_eagerly=eager)
    return model, model.fit(X, epochs=3, batch_size=16, shuffle=False, verbose=0).history


def test_two_optimizers_draw_the_same_on_both_backends() -> None:
    """Natively, by NumPy, and step by step in Python."""
    want, history = drawn("numpy")
    assert list(history) == ["d_loss", "g_loss"]
    for backend, eager in (("native", False), ("native", True), ("numpy", True)):
        model, found = drawn(backend, eager)
        for name, values in history.items():
            assert found[name] == pytest.approx(values, rel=1e-4)
        for a, b in zip(model.get_weights(), want.get_weights()):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert same(*(drawn("native")[0].get_weights() for _ in range(2)))


def test_steps_run_natively_unless_eagerly() -> None:
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(1)])
    assert model.jit_compile
    model.compile("sgd", "mse", run_eagerly=True)
    assert not model.jit_compile


class OwnPrediction(lamina.Model):
    def predict_step(self, data: Any) -> Any:
        y = self(data, training=False)
        return {"largest": ops.max(y, axis=-1), "outputs": y + 1.0}


@pytest.mark.usefixtures("backend")
def test_predictions_of_ones_own() -> None:
    """`predict` and `predict_on_batch` give them, in batches or not; a call gives its output."""
    x = lamina.Input((12,))
    model = OwnPrediction(x, layers.Dense(3)(x))
    called = model(X)
    assert called.shape == (60, 3)
    batches = [X[:25], X[25:]]
    for found in (
        model.predict(X, verbose=0),
        model.predict(X, batch_size=7, callbacks=[lamina.callbacks.Callback()], verbose=0),
        model.predict(iter(batches), steps=2, verbose=0),
        model.predict_on_batch(X),
    ):
        np.testing.assert_array_equal(found["outputs"], called + 1)
        np.testing.assert_array_equal(found["largest"], called.max(axis=-1))
    np.testing.assert_array_equal(model(X), called)
    model.compile("sgd", "mse")
    assert model.evaluate(X, called, verbose=0) == 0


@pytest.mark.usefixtures("backend")
def test_predictions_of_a_model_without_call() -> None:
    class Predicting(Drawing):
        def predict_step(self, data: Any) -> Any:
            return self.discriminator(self.generator(data[:, :4]))

    model = Predicting()
    want = model.discriminator(model.generator(X[:, :4]))
    np.testing.assert_allclose(model.predict(X, verbose=0), want, rtol=1e-5)


def test_a_prediction_has_the_batch_first() -> None:
    class Single(lamina.Model):
        def predict_step(self, data: Any) -> Any:
            return ops.sum(self(data))

    x = lamina.Input((12,))
    with pytest.raises(ValueError, match="must have the batch as its first axis"):
        Single(x, layers.Dense(3)(x)).predict(X, verbose=0)


def test_a_model_without_call_has_no_outputs(tmp_path: Path) -> None:
    model, _ = drawn("native")
    model.save_weights(tmp_path / "own.weights.h5")
    for use in (model.predict, model):
        with pytest.raises(NotImplementedError, match=r"Drawing does not have a `call\(\)` method"):
            use(X)
    with pytest.raises(NotImplementedError, match=r"does not have a `call\(\)` method"):
        model.evaluate(X, verbose=0)
    assert model.generator.predict(LATENT, verbose=0).shape == (60, 12)


@pytest.mark.parametrize("parts", [(X, X, X), (X, X), (X, X, Y), (X[:, 0], X, {"a": [1.0] * 60})])
def test_steps_are_given_what_batches_hold(parts: Any) -> None:
    """Of any shapes, also where `call` takes something else: it is not needed."""

    class Held(lamina.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(2)
            self.dense.build((None, 12))
            self.drop = layers.Dropout(0.5)

        def call(self, inputs: Any) -> Any:
            raise NotImplementedError

        def train_step(self, data: Any) -> Any:
            seen.append(lamina.tree.map_structure(lambda x: x.shape, data))
            return {"loss": ops.sum(self.dense(data[1]))}

    seen: list[Any] = []
    model = Held()
    model.compile("sgd")
    model.fit(iter([parts]), verbose=0)
    shapes = lamina.tree.map_structure(lambda x: (None, *np.shape(x)[1:]), parts[:2])
    assert seen[-1][:2] == shapes
    assert len(seen[-1]) == len(parts)


class OwnTraining(lamina.Model):
    def train_step(self, data: Any) -> Any:
        x, y = data
        loss = ops.mean(ops.square(self(x, training=True) - y))
        self.optimizer.apply(
            lamina.gradients(loss, self.trainable_variables), self.trainable_variables
        )
        return {"mine": loss}


@pytest.mark.usefixtures("backend")
def test_training_and_evaluation_report_figures_of_their_own() -> None:
    """In every epoch, whichever step was recorded or ran last."""
    x = lamina.Input((12,))
    model = OwnTraining(x, layers.Dense(3)(x))
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=3, validation_data=(X, Y), verbose=0).history
    assert {name: len(values) for name, values in history.items()} == {
        "mine": 3, "val_loss": 3, "val_mae": 3,
    }  # fmt: skip
    assert len(model.evaluate(X, Y, verbose=0)) == 2
    assert isinstance(model.train_on_batch(X, Y), float)
    assert set(model.test_on_batch(X, Y, return_dict=True)) == {"loss", "mae"}
    assert set(model.fit(X, Y, verbose=0).history) == {"mine"}


@pytest.mark.parametrize("returned", [3.0, [1.0], "loss"])
def test_a_step_returns_figures_by_name(returned: Any) -> None:
    class Wrong(OwnTraining):
        def train_step(self, data: Any) -> Any:
            super().train_step(data)
            return returned

    x = lamina.Input((12,))
    model = Wrong(x, layers.Dense(3)(x))
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match="A step must return a dict of figures by name"):
        model.fit(X, Y, verbose=0)


# --- weights that change within a step: tests/golden/cases/repeated_steps.py has Keras's numbers ------


class Repeating(lamina.Model):
    """A step that begins with a gradient, changes the weight, and goes on as it is told."""

    def __init__(self, then: Any) -> None:
        super().__init__()
        self.w = self.add_weight((), initializers.Constant(2.0), name="w")
        self.then = then

    def train_step(self, data: Any) -> Any:
        return self.then(self.w, ops.mean(data))


def figures_of(then: Any, eager: bool = False) -> Any:
    model = Repeating(then)
    model.compile("sgd", run_eagerly=eager)
    return model.train_on_batch(np.full((3, 1), 5.0), return_dict=True)


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("trainable", [True, False])
def test_a_gradient_is_that_of_all_values_a_weight_was_read_with(
    backend: str, trainable: bool, eager: bool
) -> None:
    def then(w: Any, x: Any) -> Any:
        w.trainable = trainable
        before = w * x
        w.assign(w * w)  # 4, which is not differentiated
        after = w * w * x
        both = lamina.gradients(before + after, [w])[0]
        w.assign(w + 1.0)
        last = lamina.gradients(w * x, [w, x])
        return {"both": both, "w": last[0], "x": last[1]}

    assert figures_of(then, eager) == {"both": 5 + 2 * 4 * 5, "w": 5, "x": 5}


def test_gradients_are_differentiated_again(backend: str) -> None:
    def then(w: Any, x: Any) -> Any:
        slope = lamina.gradients(w * w * x * x * x, [x])[0]  # 3 w^2 x^2
        return {"second": lamina.gradients(slope, [w])[0], "third": lamina.gradients(slope, [x])[0]}

    assert figures_of(then) == {"second": 6 * 2 * 25, "third": 6 * 4 * 5}


def test_gradients_for_what_they_cannot_be() -> None:
    with pytest.raises(TypeError, match=r"takes variables and tensors.*Received: 3 of type int"):
        figures_of(lambda w, x: {"a": lamina.gradients(w * x, [3])[0]})
    with pytest.raises(TypeError, match=r"Received: array.*of type ndarray"):
        figures_of(lambda w, x: {"a": lamina.gradients(w * x, [np.ones(2)])[0]})
    assert figures_of(lambda w, x: {"a": len(lamina.gradients(x * x, [w, x]))}) == {"a": 2}
