"""Steps that compare the samples of a batch: recorded for each size of a batch, and run natively.

tests/golden/cases/comparing.py compares such trainings with Keras's numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, backends, callbacks, layers, losses, ops
from lamina.models import steps
from lamina.models.steps import EagerProgram, SizedProgram
from models.training import blobs, same, state

X, Y = blobs(100)


class Spread(losses.Loss):
    """Samples of one label come together, others move apart."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        label = ops.reshape(y_true, (-1, 1))
        alike = ops.cast(ops.equal(label, ops.transpose(label)), "float32")
        cosine = ops.matmul(y_pred, ops.transpose(y_pred))
        return ops.mean(ops.square(cosine - alike), axis=-1)


def build(loss: Any = None, **compiled: Any) -> Sequential:
    lamina.utils.set_random_seed(2)
    model = Sequential([Input((20,)), layers.Dense(8, "tanh"), layers.UnitNormalization()])
    model.compile("adam", loss or Spread(), **compiled)
    return model


def kinds(model: Any) -> set[type]:
    return {type(program) for program in model._programs.values()}


def fit(model: Any, **settings: Any) -> Any:
    settings = {"batch_size": 32, "epochs": 2, "verbose": 0, "shuffle": False, **settings}
    return model.fit(X, Y, **settings).history


def test_a_loss_trains_as_step_by_step(backend: str) -> None:
    """Batches of 32, a last one of 4, validation on 10."""
    model, eager = build(), build(run_eagerly=True)
    found, want = (fit(m, validation_data=(X[:10], Y[:10])) for m in (model, eager))
    assert found["loss"][-1] < found["loss"][0]
    for name, values in want.items():
        assert found[name] == pytest.approx(values, rel=1e-6)
    assert (kinds(model), kinds(eager)) == ({SizedProgram}, {EagerProgram})
    for mine, its in zip(state(model), state(eager), strict=True):
        np.testing.assert_allclose(mine, its, atol=1e-6)


def test_both_backends_train_alike() -> None:
    results = []
    for name in backends.names:
        backends.set_backend(name)
        results.append(fit(build(), epochs=3)["loss"])
    assert results[0] == pytest.approx(results[1], rel=1e-5)


def test_threads_change_no_bit() -> None:
    trained = []
    for threads in (1, 2, 3):
        lamina.config.set_num_threads(threads)
        trained.append(build())
        fit(trained[-1], batch_size=50)
    assert same(state(trained[0]), state(trained[1]))
    assert same(state(trained[0]), state(trained[2]))


def test_each_step_is_seen_and_one_program_serves_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[int] = []
    record = steps.record

    def counted(*args: Any) -> Any:
        recorded.append(args[3][0].dims[0])
        return record(*args)

    monkeypatch.setattr(steps, "record", counted)
    seen: list[int] = []
    watch = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    fit(build(), callbacks=[watch], epochs=3)
    assert seen == [0, 1, 2, 3] * 3
    assert recorded == [-1, 32, 4]


def batches(sizes: list[int]) -> Callable[[], Iterator[Any]]:
    def come() -> Iterator[Any]:
        for first, size in enumerate(sizes):
            yield X[first : first + size], Y[first : first + size]

    return come


def test_batches_of_many_sizes(backend: str) -> None:
    """More sizes than are kept, and one that comes again."""
    sizes = [*range(1, 20), 1, 20, 30]
    one, other = build(), build(run_eagerly=True)
    for model in (one, other):
        model.fit(batches(sizes)(), verbose=0)
        model.evaluate(X[:7], Y[:7], verbose=0)
        model.train_on_batch(X[:33], Y[:33])
        model.train_on_batch(X[:64], Y[:64])
    for mine, its in zip(state(one), state(other), strict=True):
        np.testing.assert_allclose(mine, its, atol=1e-6)


def test_fewer_samples_than_a_batch(backend: str) -> None:
    assert build().fit(X[:3], Y[:3], batch_size=32, verbose=0).history["loss"][0] > 0


def test_a_part_of_the_batch_in_an_own_step(backend: str) -> None:
    """What a program for any batch cannot do: an order, halves, a number of samples."""

    class Own(lamina.Model):
        def __init__(self) -> None:
            lamina.utils.set_random_seed(3)
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def train_step(self, data: Any) -> Any:
            y = self(ops.flip(data, 0))
            half = ops.shape(y)[0] // 2
            loss = ops.mean(ops.square(y[:half] - y[half : 2 * half])) / half
            self.optimizer.apply(
                lamina.gradients(loss, self.trainable_weights), self.trainable_weights
            )
            return {"own": loss}

    found = []
    for eager in (False, True):
        model = Own()
        model.compile("sgd", run_eagerly=eager)
        found.append(model.fit(X, batch_size=16, epochs=2, shuffle=False, verbose=0).history["own"])
    assert found[0] == pytest.approx(found[1], rel=1e-6)
    assert found[0][1] < found[0][0]


def test_a_metric_that_computes_in_python(backend: str) -> None:
    def nearest(y_true: Any, y_pred: Any) -> Any:
        return np.abs(np.asarray(y_pred)).min(axis=-1)

    model, plain = build(metrics=[nearest]), build()
    history = fit(model)
    assert history["loss"] == pytest.approx(fit(plain)["loss"], rel=1e-6)
    assert history["nearest"][0] > 0


def test_a_step_that_is_not_finite_is_taken_back() -> None:
    class Breaks(Spread):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            bad = ops.any(ops.equal(y_true, 77.0))
            return super().call(y_true, y_pred) + ops.where(bad, np.inf, 0.0)

    labels = Y.copy()
    labels[-2] = 77  # in the last batch, of another size
    model, other = build(Breaks()), build()
    with pytest.raises(FloatingPointError, match="at step 3 of epoch 0"):
        model.fit(X, labels, batch_size=32, verbose=0, shuffle=False)
    other.fit(X[:96], Y[:96], batch_size=32, verbose=0, shuffle=False)
    assert same(state(model)[:2], state(other)[:2])


def test_a_mistake_is_told_as_it_is_for_any_batch() -> None:
    def own(y_true: Any, y_pred: Any) -> Any:
        return ops.matmul(y_pred, np.ones((5, 2)))

    with pytest.raises(ValueError, match=r"matmul.*\(None, 8\)") as caught:
        fit(build(own))
    assert caught.value.__suppress_context__


def test_samples_are_not_mixed_by_a_mistake() -> None:
    """(n,) beside (n, 1) would be broadcast to (n, n): Keras trains on that."""

    class Squared(losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return ops.square(y_true - y_pred)

    model = Sequential([Input((20,)), layers.Dense(1)])
    model.compile("sgd", Squared())
    with pytest.raises(
        ValueError, match=r"shapes \(None,\) and \(None, 1\).*each sample with each"
    ):
        fit(model)


def test_predictions_may_not_compare_samples() -> None:
    class Centred(lamina.Model):
        def call(self, x: Any) -> Any:
            return x - ops.flip(x, 0)

    with pytest.raises(ValueError, match="flip: the batch axis keeps its order"):
        Centred().predict(X, verbose=0)
