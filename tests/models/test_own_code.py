"""Layers, losses and metrics that users write in lamina.ops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, backends, layers, losses, metrics, ops
from lamina.models.steps import EagerProgram
from models.training import blobs, same, state

X, Y = blobs(100)
TARGETS = np.eye(4)[Y]


class Gated(layers.Layer):
    """tanh(x w) * sigmoid(x g), and in training a little of the mean of the batch."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.seen: list[Any] = []

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight((input_shape[-1], self.units), name="w")
        self.g = self.add_weight((input_shape[-1], self.units), "he_normal", name="g")
        self.scale = self.add_weight((), "ones", name="scale")

    def call(self, inputs: Any, training: bool = False) -> Any:
        self.seen.append(inputs)
        y = ops.tanh(inputs @ self.w) * ops.sigmoid(inputs @ self.g) * self.scale
        if training:
            y = y + 0.01 * ops.mean(y, axis=0, keepdims=True)
        return y


class Residual(layers.Layer):
    """A layer with a layer inside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner: list[layers.Layer] = []

    def build(self, input_shape: Any) -> None:
        self.inner = [layers.Dense(input_shape[-1], activation="relu"), layers.Dropout(0.2)]

    def call(self, inputs: Any) -> Any:
        x = inputs
        for layer in self.inner:
            x = layer(x)
        return inputs + x


def huber(y_true: Any, y_pred: Any) -> Any:
    """Quadratic near 0, linear beyond 0.5."""
    error = ops.abs(y_true - y_pred)
    near, far = 0.5 * ops.square(error), 0.5 * error - 0.125
    return ops.mean(ops.where(error < 0.5, near, far), axis=-1)


class Margin(losses.Loss):
    def __init__(self, margin: float) -> None:
        super().__init__(name="margin")
        self.margin = margin

    def call(self, y_true: Any, y_pred: Any) -> Any:
        rest = ops.max(y_pred - 1e3 * y_true, axis=-1)
        return ops.relu(self.margin + rest - ops.sum(y_true * y_pred, axis=-1))


class Largest(metrics.Metric):
    """The largest prediction of the epoch, and how many batches there were."""

    def __init__(self) -> None:
        super().__init__(name="largest")
        self.value = self.add_variable((), name="value")
        self.batches = self.add_weight(name="batches")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.value.assign(ops.maximum(self.value, ops.max(y_pred)))
        self.batches.assign_add(1.0)

    def result(self) -> Any:
        return self.value.value


def error_rate(y_true: Any, y_pred: Any) -> Any:
    return ops.where(ops.argmax(y_true, -1) == ops.argmax(y_pred, -1), 0.0, 1.0)


def build(loss: Any, eager: bool = False) -> Sequential:
    lamina.utils.set_random_seed(2)
    model = Sequential([Input((20,)), Gated(9, name="gated"), Residual(), layers.Dense(4)])
    model.compile(loss=loss, metrics=[Largest(), error_rate], run_eagerly=eager)
    return model


def train(backend: str, loss: Any, eager: bool = False) -> Sequential:
    backends.set_backend(backend)
    model = build(loss, eager)
    model.fit(X, TARGETS, batch_size=32, epochs=3, validation_split=0.2, verbose=0)
    return model


LOSSES = [huber, Margin(1.0), "mse"]


@pytest.mark.parametrize("loss", LOSSES, ids=["function", "class", "name"])
def test_trained_alike_everywhere(loss: Any) -> None:
    """Natively, by NumPy, and in Python operation by operation."""
    want = train("numpy", loss)
    assert want.history is not None
    first, *_, last = want.history.history["loss"]
    assert last < first
    for backend, eager in (("native", False), ("native", True), ("numpy", True)):
        got = train(backend, loss, eager)
        for a, b in zip(state(got), state(want)):
            np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5, err_msg=f"{backend} {eager}")
        assert got.history is not None
        for name, values in want.history.history.items():
            assert got.history.history[name] == pytest.approx(values, rel=1e-4), name


def test_running_eagerly_has_the_bits_of_the_numpy_program() -> None:
    assert same(state(train("numpy", "mse", True)), state(train("numpy", "mse")))


def test_a_layer_is_called_once_natively() -> None:
    """Once for each program, not once for each batch."""
    model = train("native", "mse")
    seen = model.get_layer("gated").seen
    assert len(seen) == 3  # when it is built, to train, to validate
    assert all(x.value is None for x in seen)


@pytest.mark.parametrize("backend", backends.names)
def test_run_eagerly_shows_numbers(backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a user prints in `call`, or looks at in a debugger, is the batch."""
    backends.set_backend(backend)

    class Looking(layers.Layer):
        def call(self, inputs: Any) -> Any:
            if inputs.shape[0] is not None:  # it is None while the model is built
                print(inputs)
                assert float(ops.max(inputs)) == np.asarray(inputs).max()
                batches.append(np.array(inputs))
            return inputs

    batches: list[np.ndarray] = []
    model = Sequential([Input((20,)), Looking(), layers.Dense(4)])
    model.compile(loss="mse", run_eagerly=True)
    model.fit(X, TARGETS, batch_size=40, shuffle=False, verbose=0)
    assert [len(b) for b in batches] == [40, 40, 20]
    np.testing.assert_array_equal(np.concatenate(batches), X)
    assert "value=array(" in capsys.readouterr().out
    model.evaluate(X[:7], TARGETS[:7], verbose=0)
    assert len(batches[-1]) == 7


def test_tensors_of_a_graph_have_no_numbers() -> None:
    """A user's own function that needs some is told what to do."""
    for function in (
        lambda y, p: np.mean((y - p) ** 2, axis=-1),
        lambda y, p: np.sum(np.asarray(y) - p),
        lambda y, p: float(ops.mean(p)),
    ):
        with pytest.raises(TypeError, match=r"no numbers yet.*lamina\.ops.*run_eagerly=True"):
            build(function).fit(X, TARGETS, verbose=0)
    with pytest.raises(TypeError, match=r"no truth value.*ops\.where.*run_eagerly=True"):
        build(lambda y, p: p if ops.mean(p) > 0 else -p).fit(X, TARGETS, verbose=0)
    with pytest.raises(TypeError, match=r"np\.spacing cannot be recorded.*lamina\.ops"):
        build(lambda y, p: np.spacing(p)).fit(X, TARGETS, verbose=0)


class Extreme(lamina.metrics.Metric):
    """The largest prediction so far, gathered in Python."""

    def __init__(self, name: str = "extreme") -> None:
        super().__init__(name=name)
        self.seen: list[float] = []

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.seen.append(float(np.asarray(y_pred).max()))

    def result(self) -> float:
        return max(self.seen, default=0.0)

    def reset_state(self) -> None:
        self.seen = []


def test_a_metric_may_compute_in_python(backend: str) -> None:
    """Then its steps run on numbers; a metric made of operations leaves them native."""
    model = build("mse")

    def mean_error(y_true: Any, y_pred: Any) -> Any:
        return np.abs(np.asarray(y_true) - np.asarray(y_pred)).mean(axis=-1)

    model.compile(loss="mse", metrics=["mae", mean_error, Extreme()])
    got = model.evaluate(X, TARGETS, verbose=0, return_dict=True)
    prediction = model.predict(X, verbose=0)
    assert got["mean_error"] == pytest.approx(got["mae"], rel=1e-6)
    assert got["extreme"] == pytest.approx(float(prediction.max()), rel=1e-6)
    assert model.fit(X, TARGETS, epochs=2, verbose=0).history["loss"][1] > 0
    assert any(isinstance(p, EagerProgram) for p in model._programs.values())
    model.compile(loss="mse", metrics=["mae"])
    model.evaluate(X, TARGETS, verbose=0)
    assert not any(isinstance(p, EagerProgram) for p in model._programs.values())


def test_functions_of_numpy_that_are_operations_train() -> None:
    model = build(lambda y, p: np.square(np.abs(y - p)))
    history = model.fit(X, TARGETS, epochs=5, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize(
    "loss", [lambda y, p: ops.mean(y, axis=-1), lambda y, p: np.ones(1, np.float32)]
)
def test_a_loss_that_no_weight_changes(loss: Any, eager: bool) -> None:
    model = build(loss, eager)
    with pytest.raises(ValueError, match=r"depends on none of the variables.* gated/w, gated/g"):
        model.fit(X, TARGETS, batch_size=100, verbose=0)


def test_a_weight_that_the_loss_does_not_know() -> None:
    class Unused(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.more = self.add_weight((3,), name="more")

        def call(self, inputs: Any) -> Any:
            return inputs

    model = Sequential([Input((20,)), layers.Dense(4), Unused(name="unused")])
    model.compile(loss="mse")
    with pytest.warns(UserWarning, match="does not depend on unused/more"):
        model.fit(X, TARGETS, verbose=0)


@pytest.mark.parametrize("value", [None, 0.0, "much"])
def test_a_loss_that_is_no_number(value: Any) -> None:
    with pytest.raises(TypeError, match="must return a number for each sample"):
        build(lambda y, p: value).fit(X, TARGETS, verbose=0)


def test_weights_inside_layers_are_found() -> None:
    model = build("mse")
    names = [w.path for w in model.weights]
    assert names[:3] == ["gated/w", "gated/g", "gated/scale"]
    assert len(names) == 3 + 2 + 2
    assert len(model.non_trainable_variables) == 1  # the stream of the dropout inside


def test_a_layer_computes_on_arrays(backend: str) -> None:
    layer = Gated(3)
    y = np.asarray(layer(X[:5]))
    w, g, scale = layer.get_weights()
    want = np.tanh(X[:5] @ w) / (1 + np.exp(-(X[:5] @ g))) * scale
    np.testing.assert_allclose(y, want, rtol=1e-5, atol=1e-6)
    assert layer.compute_output_shape((None, 20)) == (None, 3)


def test_own_metric_alone(backend: str) -> None:
    metric = Largest()
    metric.update_state(TARGETS, np.array([[0.5, 2.0]], np.float32))
    metric.update_state(TARGETS, np.array([[0.7, 0.1]], np.float32))
    assert float(metric.result()) == 2.0
    assert float(metric.batches) == 2
    metric.reset_state()
    assert float(metric.result()) == 0
