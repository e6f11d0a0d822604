"""The base of layers: weights, what is tracked, how it is called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Layer, Sequential, layers, ops
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import Trace
from lamina.random import SeedGenerator


class Affine(Layer):
    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
        self.steps = self.add_weight((), "zeros", trainable=False, name="steps")

    def call(self, inputs: Any) -> Any:
        return ops.multiply(inputs, self.scale)


class Pair(Layer):
    """Layers, a list of layers, and a random stream as attributes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first = layers.Dense(3, name="first")
        self.rest = [layers.Dense(2, name="second"), layers.Dropout(0.5)]
        self.stream = SeedGenerator(1)

    def call(self, inputs: Any) -> Any:
        x = self.first(inputs)
        for layer in self.rest:
            x = layer(x)
        return x


X = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)


def test_weights_are_made_when_first_called() -> None:
    layer = Affine(name="mine")
    assert not layer.built
    assert layer.weights == []
    with pytest.raises(
        ValueError, match=r"`count_params` on layer 'mine', but the layer isn't built"
    ):
        layer.count_params()
    assert np.array_equal(layer(X), X)
    assert layer.built
    assert [w.path for w in layer.weights] == ["mine/scale", "mine/steps"]
    assert [w.path for w in layer.trainable_weights] == ["mine/scale"]
    assert [w.path for w in layer.non_trainable_weights] == ["mine/steps"]
    assert layer.count_params() == 6
    layer(X)
    assert len(layer.weights) == 2


def test_what_is_inside_is_found() -> None:
    layer = Pair()
    layer(X)
    assert [w.path for w in layer.weights] == [
        "first/kernel", "first/bias", "second/kernel", "second/bias"
    ]  # fmt: skip
    assert len(layer.variables) == 4 + 2  # two random streams
    layer.rest[0].trainable = False
    assert [w.path for w in layer.trainable_weights] == ["first/kernel", "first/bias"]
    layer.trainable = False
    assert layer.trainable_weights == []


class Holder(Layer):
    """Layers, one after the other."""

    def __init__(self, *inner: Layer) -> None:
        super().__init__()
        self.inner = list(inner)

    def call(self, inputs: Any) -> Any:
        for layer in self.inner:
            inputs = layer(inputs)
        return inputs


def test_the_order_of_variables() -> None:
    """As in Keras: layer by layer, in each what is trained, what is not, and random states."""

    class Inner(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.dropout = layers.Dropout(0.5)
            self.dense = layers.Dense(2)
            self.generator = lamina.random.SeedGenerator(3)

        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight((2,), name="w")
            self.fixed = self.add_weight((2,), trainable=False, name="fixed")
            self.v = self.add_weight((2,), name="v")

        def call(self, inputs: Any) -> Any:
            return self.dense(self.dropout(inputs))

    model = Sequential([Input((5,)), layers.Dropout(0.5), Inner(), layers.Dense(1)])
    state = "seed_generator_state"
    inner = ["w", "v", "fixed", state, state, "kernel", "bias"]
    assert [v.name for v in model.variables] == [state, *inner, "kernel", "bias"]
    assert [v.name for v in model.non_trainable_variables] == [state, "fixed", state, state]
    assert model.variables[4] is model.layers[1].generator.state


def test_metrics_are_found_inside() -> None:
    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.own = lamina.metrics.Mean(name="own")
            self.inner = Inner()

    class Inner(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.seen = [lamina.metrics.MeanSquaredError(name="seen")]

    layer = Outer()
    assert [metric.name for metric in layer.metrics] == ["own", "seen"]
    assert [v.name for v in layer.metrics_variables] == ["total", "count"] * 2
    assert layer.variables == []
    model = Sequential([Input((5,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.evaluate(X, X[:, :1], verbose=0)
    assert len(model.metrics_variables) == 4


def test_what_a_layer_says_of_itself() -> None:
    layer = layers.Dense(3, name="d", dtype="float64")
    assert (layer.path, layer.input_dtype) == (None, "float64")
    layer.build((None, 5))
    assert layer.path == "d"


def test_output_specs() -> None:
    a, b = Input((5,)), Input((3,))
    layer = layers.Dense(2, dtype="float64")
    spec = layer.compute_output_spec(a)
    assert isinstance(spec, lamina.KerasTensor)
    assert (spec.shape, spec.dtype, layer.calls) == ((None, 2), "float64", [])
    assert not layer.built
    assert layers.Concatenate().compute_output_spec([a, b]).shape == (None, 8)
    model = lamina.Model(a, {"x": layers.Dense(4)(a), "y": a})
    assert {k: v.shape for k, v in model.compute_output_spec(a).items()} == {
        "x": (None, 4),
        "y": (None, 5),
    }


def test_what_is_in_two_places_counts_once() -> None:
    """A layer, and the random stream of a layer, whoever holds it."""
    dense, dropout = layers.Dense(5), layers.Dropout(0.5)
    outer = Holder(Holder(dense, dropout, dense), Holder(dense, dropout), dropout)
    outer(X)
    assert len(outer.weights) == 2
    assert outer.count_params() == 30
    assert [v.shape for v in outer.variables] == [(5, 5), (5,), (2,)]


def test_super_init_comes_first() -> None:
    class Late(Layer):
        def __init__(self) -> None:
            self.inner = layers.Dense(3)
            super().__init__()

    with pytest.raises(AttributeError, match=r"call super\(\).__init__\(\) in Late.__init__ first"):
        Late()


def test_training_reaches_those_who_ask() -> None:
    seen: list[bool] = []

    class Asks(Layer):
        def call(self, inputs: Any, training: bool = False) -> Any:
            seen.append(training)
            return inputs

    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Asks()

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

    model = Sequential([Input((5,)), Asks(), Outer(), layers.Dense(1)])
    model.compile("rmsprop", "mse")
    seen.clear()
    model.fit(X, np.ones((4, 1)), verbose=0)
    assert seen == [True, True]
    seen.clear()
    model.evaluate(X, np.ones((4, 1)), verbose=0)
    model.predict(X, verbose=0)
    assert seen == [False] * 4
    assert np.array_equal(Asks()(X, training=True), X)
    assert seen[-1]


def test_tensors_give_tensors_and_arrays_arrays() -> None:
    layer = layers.Dense(3)
    assert isinstance(layer(X), np.ndarray)
    assert isinstance(layer(X.tolist()), np.ndarray)
    with Trace() as trace:
        y = layer(trace.input(Spec((-1, 5)), "x"))
    assert isinstance(y, Tensor)
    assert y.shape == (None, 3)


def test_add_loss() -> None:
    class Penalty(Layer):
        def call(self, inputs: Any) -> Any:
            self.add_loss(0.5 * ops.sum(ops.square(inputs)))
            return inputs

    model = Sequential([Input((5,)), Penalty(), layers.Dense(1, kernel_initializer="zeros")])
    model.compile("rmsprop", "mse")
    want = 1.0 + 0.5 * float((X**2).sum())
    assert model.evaluate(X, np.ones((4, 1)), verbose=0) == pytest.approx(want, rel=1e-5)


@pytest.mark.parametrize("value", [1.5, None, "mse", [1, 2]])
def test_add_loss_takes_tensors(value: Any) -> None:
    class Penalty(Layer):
        def call(self, inputs: Any) -> Any:
            self.add_loss(value)
            return inputs

    for inputs in (X, Input((5,))):
        with pytest.raises(ValueError, match=r"`add_loss.*on a tensor\. Received: loss="):
            Penalty()(inputs)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"units": 3}, r"Unrecognized keyword arguments passed to Affine: \{'units': 3\}"),
        ({"dtype": "float16"}, "`dtype` must be one of .* Received: dtype='float16'"),
        ({"name": "a/b"}, "`name` must be a string without '/'"),
        ({"name": 3}, "`name` must be a string"),
        ({"trainable": "no"}, "`trainable` must be a boolean. Received: trainable='no'"),
        ({"trainable": 1}, "`trainable` must be a boolean. Received: trainable=1"),
        ({"trainable": None}, "`trainable` must be a boolean. Received: trainable=None"),
    ],
)
def test_bad_arguments(kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Affine(**kwargs)


@pytest.mark.parametrize(
    "make", [lambda: layers.Dense(3), layers.Flatten, lambda: layers.RepeatVector(2)]
)
def test_none_is_no_input(make: Any) -> None:
    layer = make()
    with pytest.raises(ValueError, match=f"Input 0 of layer '{layer.name}' must be a tensor.*None"):
        layer(None)


def test_a_layer_without_call() -> None:
    with pytest.raises(NotImplementedError, match="does not implement call"):
        Layer()(X)


@pytest.mark.parametrize("given", [None, 3.0, np.ones(2), "x"])
def test_a_call_that_gives_no_tensor(given: Any) -> None:
    class Forgetful(Layer):
        def call(self, inputs: Any) -> Any:
            return {"a": inputs, "b": given}

    with pytest.raises(ValueError, match=r"must be tensors.*Received: .* from <Forgetful name="):
        Forgetful()(Input((3,)))


def test_output_shapes() -> None:
    layer = layers.Dense(3)
    with pytest.raises(AttributeError, match="has never been called"):
        _ = layer.output_shape
    assert layer.compute_output_shape((None, 7, 5)) == (None, 7, 3)
    model = Sequential([Input((5,)), Affine(), Pair()])
    assert [x.output_shape for x in model.layers] == [(None, 5), (None, 2)]


def test_setting_weights_checks_all_before_it_sets_one() -> None:
    layer = layers.Dense(3, name="mine")
    layer(X)
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"layer 'mine' with a weight list of length 1"):
        layer.set_weights(before[:1])
    with pytest.raises(ValueError, match=r"\(3,\) is not compatible with .* \(4,\) .*mine/bias"):
        layer.set_weights([before[0] * 0, np.ones(4)])
    assert np.array_equal(layer.get_weights()[0], before[0])


def test_names_follow_keras() -> None:
    lamina.utils.clear_session()

    class HTTPGate2D(Layer):
        pass

    assert HTTPGate2D().name == "http_gate2d"
    assert HTTPGate2D().name == "http_gate2d_1"
