"""Models of symbolic inputs and outputs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, KerasTensor, Model, layers, ops
from lamina.layers import Activation, Dense, Dropout, Flatten, Layer
from lamina.models import clone_model, model_from_json

rng = np.random.default_rng(0)
A = rng.normal(size=(40, 4)).astype(np.float32)
B = rng.normal(size=(40, 3)).astype(np.float32)


def dense(x: np.ndarray, layer: Dense) -> np.ndarray:
    kernel, bias = (w.astype(np.float64) for w in layer.get_weights())
    return np.asarray(x, np.float64) @ kernel + bias


def two_ways() -> Model:
    """Inputs a (4) and b (3); outputs "sum" (3) and "score" (1); the first layer is used twice."""
    a, b = Input((4,), name="a"), Input((3,), name="b")
    shared = Dense(3, name="shared")
    total = ops.add(shared(a), shared(ops.multiply(a, 2.0)) + b)
    score = Dense(1, activation="sigmoid", name="score")(Activation("relu", name="sum")(total))
    return Model([a, b], [total, score], name="two")


def truth(model: Model, a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
    shared, score = model.get_layer("shared"), model.get_layer("score")
    total = dense(a, shared) + dense(2 * a, shared) + b
    return [total, 1 / (1 + np.exp(-dense(np.maximum(total, 0), score)))]


def test_it_computes_what_its_layers_do(backend: str) -> None:
    model = two_ways()
    for got, want in zip(model.predict([A, B], verbose=0), truth(model, A, B)):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    again = model([A, B])
    assert all(np.array_equal(x, y) for x, y in zip(again, model.predict([A, B], verbose=0)))


@pytest.mark.parametrize("data", [[A, B], (A, B), {"a": A, "b": B}, {"b": B, "a": A}])
def test_inputs_in_lists_and_by_name(data: Any, backend: str) -> None:
    model = two_ways()
    want = model.predict([A, B], verbose=0)
    got = model.predict(data, verbose=0)
    assert all(np.array_equal(x, y) for x, y in zip(got, want))


def test_a_list_for_named_inputs_follows_the_names_only_where_their_order_is_clear() -> None:
    """As in Keras."""
    a, b = Input((4,)), Input((4,))
    difference = layers.Subtract()([a, b])
    clear = Model({"a": a, "b": b}, difference)
    np.testing.assert_array_equal(clear([2 * A, A]), A)
    np.testing.assert_array_equal(clear.predict((2 * A, A), verbose=0), A)
    unclear = Model({"b": a, "a": b}, difference)
    np.testing.assert_array_equal(unclear({"a": A, "b": 2 * A}), A)
    for call in (unclear, unclear.predict, Model([a, b], unclear({"a": a, "b": b})).layers[-1]):
        with pytest.raises(ValueError, match=r"must be a dict.*\['b', 'a'\].*2 arrays"):
            call([2 * A, A])


def test_nested_inputs_and_outputs(backend: str) -> None:
    """Dicts in, dicts out: as the model was made."""
    a, b = Input((4,)), Input((3,))
    model = Model(
        {"left": a, "right": b}, {"y": Dense(2)(a), "z": ops.concatenate([a, b], axis=-1)}
    )
    out = model.predict({"right": B, "left": A}, verbose=0)
    assert list(out) == ["y", "z"]
    assert np.array_equal(out["z"], np.concatenate([A, B], axis=1))
    assert model.output_shape == [(None, 2), (None, 7)]
    assert model.input_shape == [(None, 4), (None, 3)]


def test_rows_do_not_depend_on_the_batch() -> None:
    model = two_ways()
    whole = model.predict([A, B], verbose=0)
    for i in (0, 17, 39):
        one = model.predict([A[i : i + 1], B[i : i + 1]], verbose=0)
        assert all(np.array_equal(x[0], y[i]) for x, y in zip(one, whole))


@pytest.mark.parametrize(
    ("loss", "weights", "metrics"),
    [
        ({"sum": "mse", "score": "bce"}, {"sum": 0.5, "score": 2.0}, {"score": ["accuracy"]}),
        (["mse", "binary_crossentropy"], [0.5, 2.0], [[], ["accuracy"]]),
    ],
)
def test_losses_and_metrics_of_each_output(
    loss: Any, weights: Any, metrics: Any, backend: str
) -> None:
    a, b = Input((4,), name="a"), Input((3,), name="b")
    total = Dense(3, name="sum")(ops.concatenate([a, b], axis=-1))
    model = Model([a, b], [total, Dense(1, activation="sigmoid", name="score")(total)])
    model.compile("rmsprop", loss, loss_weights=weights, metrics=metrics)
    y = [B, (A[:, :1] > 0).astype(np.float32)]
    got = model.evaluate([A, B], y, verbose=0, return_dict=True)
    p = [x.astype(np.float64) for x in model.predict([A, B], verbose=0)]
    mse = ((p[0] - y[0]) ** 2).mean()
    bce = -(y[1] * np.log(p[1]) + (1 - y[1]) * np.log(1 - p[1])).mean()
    want = {
        "loss": 0.5 * mse + 2 * bce, "sum_loss": mse, "score_loss": bce,
        "score_accuracy": ((p[1] > 0.5) == y[1]).mean(),
    }  # fmt: skip
    assert set(got) == set(want)
    for name, value in want.items():
        assert got[name] == pytest.approx(value, rel=1e-5), name
    assert dict(zip(model.metrics_names, model.evaluate([A, B], y, verbose=0))) == got
    history = model.fit([A, B], y, epochs=3, verbose=0, validation_split=0.25).history
    assert history["loss"][-1] < history["loss"][0]
    assert {"val_sum_loss", "val_score_accuracy"} <= set(history)


def test_a_loss_for_some_outputs_only(backend: str) -> None:
    model = two_ways()
    model.compile("rmsprop", {"score": "bce"})
    y = (A[:, :1] > 0).astype(np.float32)
    names = model.output_names
    assert names == ["add_1" if "add_1" in names else names[0], "score"]
    before = model.get_layer("score").get_weights()[0]
    model.fit([A, B], {"score": y}, epochs=1, verbose=0)
    model.fit([A, B], [y], epochs=1, verbose=0)
    assert not np.array_equal(before, model.get_layer("score").get_weights()[0])


def test_sample_weights_for_each_output(backend: str) -> None:
    """Weights of 0 for one output leave its head as it was."""
    a = Input((4,))
    model = Model(a, {"y": Dense(1, name="y")(a), "z": Dense(1, name="z")(a)})
    model.compile("rmsprop", "mse")
    y = {"y": A[:, :1], "z": A[:, 1:2]}
    before = {name: model.get_layer(name).get_weights()[0] for name in "yz"}
    model.fit(A, y, sample_weight={"y": np.zeros(40), "z": np.ones(40)}, epochs=1, verbose=0)
    assert np.array_equal(before["y"], model.get_layer("y").get_weights()[0])
    assert not np.array_equal(before["z"], model.get_layer("z").get_weights()[0])


def test_models_are_layers(backend: str) -> None:
    """Nested, shared, and trained through."""
    a = Input((4,))
    inner = Model(a, Dense(3, activation="tanh")(a), name="inner")
    x, y = Input((4,)), Input((4,))
    outer = Model([x, y], Dense(1)(inner(x) - inner(y)))
    assert outer.layers[2] is inner
    assert len(outer.weights) == 4
    assert np.allclose(outer.predict([A, A], verbose=0), outer.layers[-1].get_weights()[1])
    before = inner.get_weights()[0]
    outer.compile("rmsprop", "mse")
    outer.fit([A, A[::-1].copy()], A[:, :1], epochs=1, verbose=0)
    assert not np.array_equal(before, inner.get_weights()[0])


def test_a_part_of_a_model_is_a_model(backend: str) -> None:
    """Features of an inner layer: the weights are shared, not copied."""
    model = lamina.Sequential([Input((4,)), Dense(6, activation="relu"), Dense(2)])
    features = Model(model.inputs, model.layers[0].output)
    want = np.maximum(dense(A, model.layers[0]), 0)
    np.testing.assert_allclose(features.predict(A, verbose=0), want, rtol=1e-5, atol=1e-6)
    assert features.weights[0] is model.weights[0]
    head = Model(model.layers[0].output, model.output)
    hidden = features.predict(A, verbose=0)
    np.testing.assert_allclose(
        head.predict(hidden, verbose=0), model.predict(A, verbose=0), rtol=1e-6
    )


def test_training_of_a_chain_is_that_of_a_sequential(backend: str) -> None:
    """The same layers in both forms end in the same bits."""
    found = []
    for kind in ("sequential", "functional"):
        lamina.utils.set_random_seed(3)
        x = Input((4,))
        layers: list[Layer] = [Dense(8, activation="relu"), Dropout(0.3), Dense(1)]
        model: Model = lamina.Sequential([x, *layers])
        if kind == "functional":
            y: Any = x
            for layer in layers:
                y = layer(y)
            model = Model(x, y)
        model.compile("rmsprop", "mse")
        model.fit(A, A[:, :1], epochs=2, batch_size=8, verbose=0)
        found.append(model.get_weights())
    assert all(np.array_equal(x, y) for x, y in zip(*found))


def test_operations_with_the_batch_in_their_shape(backend: str) -> None:
    """Reshapes and indices work for every batch size, eagerly too."""
    x = Input((4,))
    halves = ops.reshape(x, (-1, 2, 2))
    model = Model(x, Flatten()(ops.concatenate([halves, halves[:, ::-1]], axis=1)))
    pairs = A.reshape(-1, 2, 2)
    want = np.concatenate([pairs, pairs[:, ::-1]], axis=1).reshape(40, -1)
    for n in (1, 7, 40):
        assert np.array_equal(model.predict(A[:n], verbose=0), want[:n])
    assert np.array_equal(model(A, training=True), want)
    model.compile("rmsprop", "mse", run_eagerly=True)
    assert model.evaluate(A, want, verbose=0) == 0


def test_clones_have_weights_of_their_own(backend: str) -> None:
    model = two_ways()
    clone = clone_model(model)
    assert [layer.name for layer in clone.layers] == [layer.name for layer in model.layers]
    assert not np.array_equal(clone.get_weights()[0], model.get_weights()[0])
    clone.set_weights(model.get_weights())
    got, want = (m.predict([A, B], verbose=0) for m in (clone, model))
    assert all(np.array_equal(x, y) for x, y in zip(got, want))


def own_loss(y: Any, y_pred: Any) -> Any:
    return ops.mean(ops.abs(y - y_pred))


@pytest.mark.parametrize("recursive", [False, True])
def test_clones_are_compiled_like_the_model(recursive: bool) -> None:
    inputs = Input((4,))
    inner = lamina.Sequential([inputs, Dense(3)])
    inner.compile("sgd", own_loss)
    model = Model(inputs, Dense(1)(inner(inputs)))
    model.compile(lamina.optimizers.Adam(0.25), own_loss, metrics=["mae"])
    model.fit(A, A[:, :1], verbose=0)

    clone = clone_model(model, recursive=recursive)
    assert clone.compiled
    assert clone.optimizer is not model.optimizer
    assert (float(clone.optimizer.learning_rate), int(clone.optimizer.iterations)) == (0.25, 0)
    assert list(clone.evaluate(A, A[:, :1], verbose=0, return_dict=True)) == ["loss", "mae"]
    assert clone.layers[1].compiled == recursive  # an inner model is made from its config otherwise
    assert int(model.optimizer.iterations) == 2
    assert not clone_model(two_ways()).compiled


def test_what_is_compiled_with_a_lambda_has_no_clone() -> None:
    model = lamina.Sequential([Input((4,)), Dense(3)])
    model.compile("sgd", lambda y, y_pred: ops.mean(y - y_pred))
    with pytest.raises(ValueError, match="Cannot serialize a lambda"):
        clone_model(model)


def test_clone_function_and_inputs() -> None:
    model = lamina.Sequential([Input((4,)), Dense(3, name="d")])

    def wider(layer: Layer) -> Layer:
        config = layer.get_config()
        return Dense.from_config({**config, "units": 5})

    assert clone_model(model, clone_function=wider).output_shape == (None, 5)
    clone = clone_model(two_ways(), input_tensors=[Input((4,)), Input((3,))])
    assert clone.input_shape == [(None, 4), (None, 3)]


def test_json_keeps_structure(backend: str) -> None:
    model = two_ways()
    model.compile("rmsprop", ["mse", "bce"], loss_weights=[1.0, 0.5])
    other = model_from_json(model.to_json())
    assert json.loads(other.to_json()) == json.loads(model.to_json())
    other.set_weights(model.get_weights())
    got, want = (m.predict([A, B], verbose=0) for m in (other, model))
    assert all(np.array_equal(x, y) for x, y in zip(got, want))
    other.fit([A, B], [B, A[:, :1] > 0], epochs=1, verbose=0)


class Own(Model):
    """A class with steps of its own, and no constructor."""


class OwnToo(Own):
    pass


@pytest.mark.parametrize("kind", [Model, Own, OwnToo])
def test_a_config_makes_a_model_of_inputs_and_outputs(kind: type[Model]) -> None:
    inputs = Input((4,))
    model = kind(inputs, Dense(2)(Dense(3, name="inner")(inputs)), name="net")
    for made in (
        kind.from_config(model.get_config()),
        kind.from_config(model.get_config(), custom_objects={}),
        clone_model(model),
    ):
        assert type(made) is type(model)
        assert (made.name, made.get_layer("inner").units, made.count_params()) == ("net", 3, 23)


def test_the_config_of_a_class_with_a_call_is_its_arguments() -> None:
    class WithCall(Model):
        def __init__(self, units: int = 2, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.dense = Dense(units)

        def call(self, x: Any) -> Any:
            return self.dense(x)

    made = WithCall.from_config(WithCall(5, name="five").get_config(), custom_objects={})
    assert (made.name, made.dense.units) == ("five", 5)


def test_symbolic_values() -> None:
    x = Input((4,), name="pixels", dtype="uint8")
    assert isinstance(x, KerasTensor)
    assert (x.shape, x.dtype, x.name) == ((None, 4), "uint8", "pixels")
    layer = Dense(2)
    y = layer(x)
    assert layer.output is y
    assert layer.input is x
    with pytest.raises(TypeError, match="no numbers yet"):
        np.asarray(y)


def test_methods_of_symbolic_values() -> None:
    x = Input((1, 4))
    model = Model(x, [x.reshape((-1, 2, 2)), x.squeeze(), x.squeeze(1)])
    reshaped, *squeezed = model(A[:, None])
    np.testing.assert_array_equal(reshaped, A.reshape(-1, 2, 2))
    for values in squeezed:
        np.testing.assert_array_equal(values, A)
    with pytest.raises(ValueError, match="axis"):
        x.squeeze(2)


a, b = Input((4,), name="left"), Input((3,), name="right")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Model(a, A), "All `outputs` values must be KerasTensors"),
        (lambda: Model(A, Dense(2)(a)), "All `inputs` values must be KerasTensors"),
        (lambda: Model(b, Dense(2)(a)), "`inputs` not connected to `outputs`.*'left'"),
        (lambda: Model(None, None), "must be KerasTensors. Received: inputs=None"),
        (lambda: Model(inputs=a), "made of `inputs` and `outputs` together"),
        (lambda: Model([a, a], Dense(2)(a)), "must be different"),
        (lambda: Model(a, Dense(2, name="x")(Dense(2, name="x")(a))), 'name "x" is used 2 times'),
        (lambda: two_ways().predict(A, verbose=0), "must hold 2 arrays.*a, b"),
        (lambda: two_ways().predict({"a": A}, verbose=0), "misses 'b'"),
        (lambda: two_ways().predict([A, B, B], verbose=0), "must hold 2 arrays.*3 arrays"),
        (lambda: two_ways().predict([B, A], verbose=0), r"expected shape \(None, 4\)"),
        (lambda: two_ways().predict([A, B[:7]], verbose=0), r"'x\[0\]' has 40, 'x\[1\]' has 7"),
        (lambda: two_ways().get_layer("nothing"), "No such layer: nothing"),
        (lambda: clone_model(lamina.layers.Dense(2)), "`clone_model` needs"),  # type: ignore[arg-type]
    ],
)
def test_misuse(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def deep() -> Model:
    return Model(([a], {"q": b}), {"p": [Dense(1, name="c")(a)], "q": Dense(1, name="d")(b)})


@pytest.mark.parametrize(
    "x", [[A, B], (A, B), ((A, B),), [[A, B]], ([A], {"q": B}), ([A], [B]), {"q": B, "a": [A]}]
)
def test_inputs_in_another_nesting(x: Any) -> None:
    """As many arrays will do; a dict tells by its keys where they belong."""
    models = [two_ways(), deep(), Model({"a": [a], "q": b}, Dense(1)(a))]
    for model in models[2:] if isinstance(x, dict) else models:
        want = model.predict([A, B], verbose=0)
        for got in (model.predict(x, verbose=0), model(x)):
            assert lamina.tree.map_structure(np.array_equal, got, want) == (
                lamina.tree.map_structure(lambda _: True, want)
            )


def test_targets_in_another_nesting() -> None:
    model = deep()
    model.compile("sgd", "mse")
    y = {"p": [A[:, :1]], "q": B[:, :1]}
    want = model.evaluate([A, B], y, verbose=0)
    assert model.evaluate([A, B], [A[:, :1], B[:, :1]], verbose=0) == want


def test_one_array_in_a_nesting() -> None:
    model = Model([a], Dense(1, kernel_initializer="ones", name="c")(a))
    model.compile("sgd", "mse", weighted_metrics=["mae"])
    want = model.predict(A, verbose=0)
    for x in (A, [A], (A,), [[A]], {"left": A}):
        assert np.array_equal(model.predict(x, verbose=0), want)
    weights = np.arange(40.0)
    scores = model.evaluate(A, want + 1, sample_weight=weights, verbose=0)
    for given in ([weights], {"c": weights}, weights.tolist(), weights[:, None]):
        assert model.evaluate([A], [want + 1], sample_weight=given, verbose=0) == scores
        model.fit([A], [want + 1], sample_weight=given, verbose=0, epochs=0)


@pytest.mark.parametrize(
    ("make", "x", "message"),
    [
        (deep, {"a": A, "q": B}, r"nested as \(\['left'\], {'q': 'right'}\).*keys \['a', 'q'\]"),
        (deep, [A, B, B], "`x` must hold 2 arrays.*Received: x: 3 arrays"),
        (lambda: Model({"x": a, "r": b}, Dense(1)(a)), [A, B],
         r"`x` must be a dict with the keys \['x', 'r'\]. Received: x: 2 arrays"),
        (lambda: Model({"x": a, "r": [b]}, Dense(1)(a)), [A, B], r"must be a dict with the keys"),
        (lambda: Model({"x": a, "r": [b]}, Dense(1)(a)), {"x": A, "z": [B]},
         r"`x` must hold 2 arrays.*a dict with the keys \['x', 'z'\]"),
    ],
)  # fmt: skip
def test_inputs_that_belong_nowhere(make: Any, x: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make().predict(x, verbose=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": ["mse"]}, "`loss` must have one entry for each of 2 outputs"),
        ({"loss": {"nothing": "mse"}}, "Expected keys .* in loss dict"),
        (
            {"loss": "mse", "metrics": ["mae"]},
            "`metrics` must have one entry for each of 2 outputs",
        ),
    ],
)
def test_bad_compile_arguments(arguments: dict[str, Any], message: str) -> None:
    model = two_ways()
    model.compile("rmsprop", **arguments)
    with pytest.raises(ValueError, match=message):
        model.fit([A, B], [B, A[:, :1]], verbose=0)


def test_unused_keys_are_told() -> None:
    with pytest.warns(UserWarning, match="keys that the model does not use"):
        two_ways().predict({"a": A, "b": B, "c": B}, verbose=0)
