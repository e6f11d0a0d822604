"""pickle, copy and joblib: the same bits, in whatever state a model is."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pytest
from kinds_of_models import KINDS, X, Y, trained

import lamina
from lamina import initializers, layers, losses, metrics, optimizers


def by_joblib(obj: Any) -> Any:
    buffer = io.BytesIO()
    joblib.dump(obj, buffer)
    buffer.seek(0)
    return joblib.load(buffer)


WAYS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda obj: pickle.loads(pickle.dumps(obj)),
    "copy": copy.deepcopy,
    "joblib": by_joblib,
}
PICKLED = [kind for kind in KINDS if kind not in ("subclassed", "own_layer")]  # local classes


@pytest.fixture(params=WAYS)
def again(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    return WAYS[request.param]


def state(model: Any) -> list[np.ndarray]:
    return [v.numpy() for v in [*model.variables, *model.optimizer.variables]]


@pytest.mark.parametrize("kind", PICKLED)
def test_a_trained_model(kind: str, again: Callable[[Any], Any]) -> None:
    model = trained(lamina, kind)
    other = again(model)
    assert other.name == model.name
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    for m in (model, other):
        m.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    for a, b in zip(state(model), state(other), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_of_a_model_of_local_classes_and_functions(kind: str) -> None:
    def loss(y_true: Any, y_pred: Any) -> Any:
        return lamina.ops.mean(lamina.ops.square(y_true - y_pred), axis=-1)

    model = KINDS[kind](lamina)
    model.compile(optimizers.SGD(0.01, momentum=0.5), loss)
    model.fit(X, Y, epochs=1, verbose=0)
    other = copy.deepcopy(model)
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    assert other.loss is loss


def test_a_model_that_is_not_built(again: Callable[[Any], Any]) -> None:
    other = again(KINDS["deferred"](lamina))
    assert not other.built
    assert len(other.layers) == 2


def test_a_model_that_is_not_compiled(again: Callable[[Any], Any]) -> None:
    model = KINDS["nested"](lamina)
    other = again(model)
    assert not other.compiled
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))


def test_a_model_in_the_middle_of_training(again: Callable[[Any], Any]) -> None:
    class Takes(lamina.callbacks.Callback):
        taken: Any = None

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.taken is None and self.model.optimizer.iterations.numpy() == 6:
                self.taken = again(self.model), state(self.model)

    takes = Takes()
    model = KINDS["sequential"](lamina)
    model.compile("adam", "mse")
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[takes])
    other, then = takes.taken
    for a, b in zip(state(other), then, strict=True):
        np.testing.assert_array_equal(a, b)
    other.fit(X, Y, batch_size=8, epochs=1, verbose=0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Dense(3),
        lambda: layers.Dropout(0.5, seed=1),
        lambda: optimizers.Adam(0.5),
        lambda: optimizers.SGD(optimizers.schedules.CosineDecay(0.5, 10)),
        lambda: losses.Huber(0.5),
        lambda: metrics.AUC(),
        lambda: initializers.HeNormal(seed=1),
    ],
)
def test_objects_alone(make: Callable[[], Any], again: Callable[[Any], Any]) -> None:
    first = make()
    other = again(first)
    assert type(other) is type(first)
    assert other.get_config() == first.get_config()


def test_a_layer_keeps_its_weights_and_stream(again: Callable[[Any], Any]) -> None:
    dense, dropout = layers.Dense(3), layers.Dropout(0.5, seed=1)
    dense(X)
    dropout(X, training=True)
    np.testing.assert_array_equal(again(dense)(X), dense(X))
    other = again(dropout)
    np.testing.assert_array_equal(other(X, training=True), dropout(X, training=True))


def test_an_optimizer_keeps_its_slots(again: Callable[[Any], Any]) -> None:
    optimizer = trained(lamina, "sequential").optimizer
    other = again(optimizer)
    for a, b in zip(optimizer.variables, other.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
        assert b.array.ctypes.data % 64 == 0


@pytest.mark.parametrize("kind", PICKLED)
def test_a_copy_from_between_two_epochs_ends_as_the_original(
    kind: str, again: Callable[[Any], Any]
) -> None:
    class Takes(lamina.callbacks.Callback):
        taken: Any = None

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                self.taken = again(self.model)

    takes, model = Takes(), KINDS[kind](lamina)
    model.compile(optimizers.Adam(0.01, use_ema=True, gradient_accumulation_steps=3), "mse")
    model.fit(X, Y, batch_size=8, epochs=4, verbose=0, callbacks=[takes])
    takes.taken.fit(X, Y, batch_size=8, epochs=4, initial_epoch=2, verbose=0)
    for a, b in zip(state(model), state(takes.taken), strict=True):
        np.testing.assert_array_equal(a, b)


@lamina.saving.register_keras_serializable("tests")
class Doubled(layers.Layer):
    def __init__(self, inner: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = inner or layers.Dense(3)

    def call(self, inputs: Any) -> Any:
        return 2.0 * self.inner(inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "inner": lamina.saving.serialize_keras_object(self.inner)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(lamina.saving.deserialize_keras_object(config.pop("inner")), **config)


def own_loss(y_true: Any, y_pred: Any) -> Any:
    return lamina.ops.mean(lamina.ops.abs(y_true - y_pred), axis=-1)


def test_own_classes_and_functions_go_along(again: Callable[[Any], Any]) -> None:
    model = lamina.Sequential([layers.Input((4,)), Doubled(layers.Dense(3, "tanh"))])
    model.compile("rmsprop", own_loss, metrics=[own_loss])
    model.fit(X, Y, batch_size=8, verbose=0)
    other = again(model)
    assert other.loss is own_loss
    for m in (model, other):
        m.fit(X, Y, batch_size=8, verbose=0)
    for a, b in zip(state(model), state(other), strict=True):
        np.testing.assert_array_equal(a, b)
