"""The stack: how layers come in, when weights are made, how it is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Model, Sequential, layers
from lamina.layers import Activation, Dense, Dropout, Flatten
from lamina.models import clone_model, load_model


def shapes(model: Sequential) -> list[tuple[int, ...]]:
    return [w.shape for w in model.weights]


def made_by_list() -> Sequential:
    return Sequential([Input((5,)), Dense(4, activation="relu"), Dropout(0.2), Dense(3)])


def made_by_add() -> Sequential:
    model = Sequential()
    for layer in (Input((5,)), Dense(4, activation="relu"), Dropout(0.2), Dense(3)):
        model.add(layer)
    return model


def made_by_pipe() -> Sequential:
    return Sequential() | Input((5,)) | Dense(4, activation="relu") | Dropout(0.2) | Dense(3)


def made_late() -> Sequential:
    model = Sequential([Dense(4, activation="relu"), Dropout(0.2), Dense(3)])
    assert not model.built
    assert model.weights == []
    model.build((None, 5))
    return model


def made_on_data() -> Sequential:
    model = Sequential([Dense(4, activation="relu"), Dropout(0.2), Dense(3)])
    assert model.predict(np.zeros((2, 5)), verbose=0).shape == (2, 3)
    return model


def made_with_input_shape() -> Sequential:
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`/`input_dim` argument"):
        first = Dense(4, activation="relu", input_shape=(5,))
    return Sequential([first, Dropout(0.2), Dense(3)])


def made_with_input_dim() -> Sequential:
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`/`input_dim` argument"):
        first = Dense(4, activation="relu", input_dim=5)
    return Sequential([first, Dropout(0.2), Dense(3)])


WAYS = [
    made_by_list, made_by_add, made_by_pipe, made_late, made_on_data, made_with_input_shape,
    made_with_input_dim,
]  # fmt: skip


@pytest.mark.parametrize("make", WAYS, ids=lambda f: f.__name__)
def test_all_ways_make_the_same_model(make: Any) -> None:
    lamina.utils.set_random_seed(3)
    model = make()
    assert model.built
    assert shapes(model) == [(5, 4), (4,), (4, 3), (3,)]
    assert model.input_shape == (None, 5)
    assert model.output_shape == (None, 3)
    assert [type(layer).__name__ for layer in model.layers] == ["Dense", "Dropout", "Dense"]
    assert [layer.output_shape for layer in model.layers] == [(None, 4), (None, 4), (None, 3)]
    assert model.count_params() == 5 * 4 + 4 + 4 * 3 + 3
    lamina.utils.set_random_seed(3)
    for got, want in zip(model.get_weights(), made_by_list().get_weights()):
        np.testing.assert_array_equal(got, want)


def test_the_output_is_that_of_the_layers() -> None:
    model = made_by_list()
    x = np.random.default_rng(0).normal(size=(7, 5))
    k1, b1, k2, b2 = model.get_weights()
    want = np.maximum(x @ k1 + b1, 0) @ k2 + b2
    np.testing.assert_allclose(model.predict(x, verbose=0), want, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model(x), want, rtol=1e-5, atol=1e-6)


def test_adding_keeps_the_weights_that_are_there() -> None:
    model = made_by_list()
    before = model.get_weights()
    model.add(Dense(2))
    assert shapes(model)[4:] == [(3, 2), (2,)]
    for got, want in zip(model.get_weights(), before):
        np.testing.assert_array_equal(got, want)
    assert model.predict(np.zeros((1, 5)), verbose=0).shape == (1, 2)


def test_popping() -> None:
    model = made_by_list()
    x = np.ones((2, 5), np.float32)
    model.predict(x, verbose=0)
    last = model.layers[-1]
    assert model.pop() is last
    assert shapes(model) == [(5, 4), (4,)]
    assert model.output_shape == (None, 4)
    k, b = model.get_weights()
    want = np.maximum(x @ k + b, 0)
    np.testing.assert_allclose(model.predict(x, verbose=0), want, rtol=1e-5, atol=1e-6)
    model.pop()
    model.pop()
    assert not model.built
    with pytest.raises(ValueError, match="no layers to pop"):
        model.pop()


def test_a_popped_and_another_layer() -> None:
    model = made_by_list()
    model.pop()
    model.add(Dense(7, use_bias=False))
    assert shapes(model) == [(5, 4), (4,), (4, 7)]


def test_before_it_is_built() -> None:
    model = Sequential([Dense(4)])
    for attribute in ("input_shape", "output_shape"):
        with pytest.raises(AttributeError, match="has no defined"):
            getattr(model, attribute)
    with pytest.raises(ValueError, match=r"`count_params` on model '.*', but it isn't built"):
        model.count_params()
    assert model.get_weights() == []


def test_what_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="cannot be built because it has no layers"):
        Sequential().build((None, 5))
    with pytest.raises(ValueError, match="cannot be built because it has no layers"):
        Sequential()(np.zeros((1, 5)))
    with pytest.raises(ValueError, match="You must provide an `input_shape`"):
        Sequential([Dense(4)]).build()
    with pytest.raises(ValueError, match="already been configured to use input shape"):
        made_by_list().build((None, 6))
    made_by_list().build((None, 5))
    made_by_list().build()


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("dense", r"Only instances of `keras.Layer` can be added.*Received: 'dense'"),
        (Dense, "Only instances of `keras.Layer` can be added"),
        (Input((5,)), "already been configured to use input shape"),
        (Input((6,)), "already been configured to use input shape"),
        (Dense(3, name="taken"), "should have unique names.*'taken'"),
    ],
)
def test_what_cannot_be_added(layer: Any, message: str) -> None:
    model = Sequential([Input((5,)), Dense(4, name="taken")])
    with pytest.raises(ValueError, match=message):
        model.add(layer)
    assert shapes(model) == [(5, 4), (4,)]


def test_input_comes_first() -> None:
    model = Sequential([Dense(4)])
    with pytest.raises(ValueError, match="already been configured"):
        model.add(Input((5,)))


def test_layers_come_from_any_iterable() -> None:
    assert len(Sequential(Dense(2) for _ in range(3)).layers) == 3


def test_a_list_of_layers_is_needed() -> None:
    with pytest.raises(ValueError, match="`layers` must be a list"):
        Sequential(Dense(4))  # type: ignore[arg-type]
    with pytest.raises(AttributeError, match="reserved"):
        made_by_list().layers = []  # type: ignore[misc]


def test_names_are_counted() -> None:
    lamina.utils.clear_session()
    one, two = made_by_list(), made_by_list()
    assert (one.name, two.name) == ("sequential", "sequential_1")
    assert [layer.name for layer in one.layers] == ["dense", "dropout", "dense_1"]
    assert [layer.name for layer in two.layers] == ["dense_2", "dropout_1", "dense_3"]
    assert [w.path for w in one.weights][:2] == ["dense/kernel", "dense/bias"]
    assert Sequential(name="mine").name == "mine"
    lamina.utils.clear_session()
    assert Dense(3).name == "dense"


def test_each_state_of_a_stack_takes_a_name_of_models_of_inputs_and_outputs() -> None:
    """Counted in Keras: outputs, and so logs, are called after nested models without names."""

    def next_after(make: Any) -> str:
        lamina.utils.clear_session()
        make()
        return connected().name

    assert next_after(lambda: Sequential([Dense(2)])) == "functional"
    assert next_after(lambda: Sequential([Dense(2)])(np.ones((1, 3)))) == "functional_1"
    assert next_after(stack) == "functional_1"
    assert next_after(lambda: clone_model(stack())) == "functional_2"
    assert next_after(lambda: stack().add(Dense(2))) == "functional_2"


def test_get_layer() -> None:
    model = made_by_list()
    model.add(Activation("relu", name="last"))
    assert model.get_layer("last") is model.layers[-1]
    assert model.get_layer(index=1) is model.layers[1]
    assert model.get_layer(index=-1) is model.layers[-1]
    with pytest.raises(ValueError, match=r"No such layer: nope. Existing layers are: "):
        model.get_layer("nope")
    with pytest.raises(ValueError, match="index 9 but model only has 4 layers"):
        model.get_layer(index=9)
    with pytest.raises(ValueError, match="either a layer `name` or a layer `index`"):
        model.get_layer()


def test_weights_can_be_taken_and_set() -> None:
    one, two = made_by_list(), made_by_list()
    two.set_weights(one.get_weights())
    x = np.random.default_rng(0).normal(size=(7, 5))
    assert np.array_equal(one.predict(x, verbose=0), two.predict(x, verbose=0))
    one.get_weights()[0][:] = 0
    assert one.weights[0].numpy().any(), "get_weights gives copies"
    with pytest.raises(ValueError, match=r"weight list of length 2.* expecting 4 weights"):
        two.set_weights(one.get_weights()[:2])
    wrong = one.get_weights()
    wrong[2] = wrong[2].T
    before = two.get_weights()
    with pytest.raises(ValueError, match=r"\(4, 3\) is not compatible with .* \(3, 4\)"):
        two.set_weights([w * 0 for w in wrong])
    for got, want in zip(two.get_weights(), before):
        np.testing.assert_array_equal(got, want)


def test_trainable_and_other_weights() -> None:
    model = made_by_list()
    assert len(model.trainable_weights) == 4
    model.layers[0].trainable = False
    assert [w.shape for w in model.trainable_weights] == [(4, 3), (3,)]
    assert [w.shape for w in model.non_trainable_weights] == [(5, 4), (4,)]
    model.trainable = False
    assert model.trainable_weights == []
    model.trainable = True
    assert len(model.trainable_weights) == 4
    assert [v.shape for v in model.non_trainable_variables] == [(2,)]  # dropout's stream


def test_a_model_in_a_model() -> None:
    inner = Sequential([Input((5,)), Dense(4, activation="relu"), Dropout(0.5)])
    model = Sequential([Input((5,)), inner, Dense(2)])
    assert shapes(model) == [(5, 4), (4,), (4, 2), (2,)]
    model.compile("rmsprop", "mse")
    before = inner.get_weights()
    model.fit(np.ones((8, 5)), np.ones((8, 2)), verbose=0)
    assert not np.array_equal(before[1], inner.get_weights()[1])


def stack() -> Sequential:
    return Sequential([Input((5,)), Dense(4)])


def connected() -> Model:
    inputs = Input((5,))
    return Model([inputs], Dense(4)(inputs))


@pytest.mark.parametrize("first", [stack, connected, lambda: Sequential([stack()])])
def test_a_first_model_says_the_shape_of_the_input(first: Any) -> None:
    model = Sequential([first(), Dense(3)])
    added = Sequential()
    added.add(first())
    added.add(Dense(3))
    read = Sequential.from_config(model.get_config())
    for made in (model, added, read):
        assert made.built
        assert (made.input_shape, made.output_shape) == ((None, 5), (None, 3))
        assert shapes(made) == [(5, 4), (4,), (4, 3), (3,)]
    kinds = [entry["class_name"] for entry in model.get_config()["layers"]]
    assert kinds[::2] == ["InputLayer", "Dense"]


def test_a_first_layer_that_was_used_elsewhere_says_no_shape() -> None:
    """As in Keras."""
    assert not Sequential([stack().layers[0], Dense(3)]).built


def test_a_first_layer_that_merges(backend: str, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32)
    model = Sequential([layers.Concatenate(), Dropout(0.5), Dense(2)])
    kernel, _ = (model([x, x]), model.get_weights())[1]
    np.testing.assert_allclose(model([x, x]), np.hstack([x, x]) @ kernel, rtol=1e-5, atol=1e-6)
    model.compile("sgd", "mse")
    losses = model.fit([x, x], x[:, :2], epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    np.testing.assert_array_equal(model.predict([x, x], verbose=0), model([x, x]))
    assert np.any(model([x, x], training=True) != model([x, x]))

    model.save(tmp_path / "merging.keras")
    read = load_model(tmp_path / "merging.keras")
    np.testing.assert_array_equal(read([x, x]), model([x, x]))

    a, b = Input((5,)), Input((5,))
    np.testing.assert_array_equal(Model([a, b], model([a, b]))([x, x]), model([x, x]))


def test_a_first_layer_that_merges_is_built_by_shapes_and_unbuilt_by_changes() -> None:
    model = Sequential([layers.Concatenate(), Dense(2)])
    model.build([(None, 3), (None, 2)])
    assert (model.built, shapes(model)) == (True, [(5, 2), (2,)])
    model.add(Dense(4))
    assert not model.built
    model.build([(None, 3), (None, 2)])
    assert model.output_shape == (None, 4)
    model.pop()
    assert not model.built
    of_names = Sequential([layers.Lambda(lambda x: x["a"]), Dense(2)])
    assert of_names({"a": np.ones((4, 3))}).shape == (4, 2)


def test_the_input_that_is_made_has_the_dtype_of_the_first_layer() -> None:
    model = Sequential([Dense(2, dtype="float64")])
    model.build((None, 3))
    assert model.inputs[0].dtype == "float64"


def test_images() -> None:
    model = Sequential([Input((4, 3)), Flatten(), Dense(2)])
    assert shapes(model) == [(12, 2), (2,)]
    x = np.random.default_rng(0).normal(size=(5, 4, 3)).astype(np.float32)
    want = x.reshape(5, 12) @ model.get_weights()[0]
    np.testing.assert_allclose(model.predict(x, verbose=0), want, rtol=1e-5, atol=1e-6)


def test_one_layer_twice() -> None:
    """A name stands for one place in a stack, as in Keras."""
    layer = Dense(5)
    with pytest.raises(ValueError, match="should have unique names"):
        Sequential([Input((5,)), layer, layer])


def test_config_makes_an_equal_model() -> None:
    config = made_by_list().get_config()
    kinds = [entry["class_name"] for entry in config["layers"]]
    assert kinds == ["InputLayer", "Dense", "Dropout", "Dense"]
    made = [getattr(layers, k).from_config(e["config"]) for k, e in zip(kinds, config["layers"])]
    assert shapes(Sequential(made)) == [(5, 4), (4,), (4, 3), (3,)]
