"""float64 has float64's digits, from the data through layers, losses, optimizers to files."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
import scipy.special

import lamina as keras
from lamina import config, layers, optimizers
from lamina.data.samples import Samples
from lamina.graph.graph import graph_of
from lamina.graph.tensor import Spec
from lamina.models import steps
from lamina.programs.native import NativeProgram
from lamina.programs.nodewise import NodewiseProgram

pytestmark = pytest.mark.usefixtures("backend")
Array = np.ndarray
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(64, 6)), RNG.normal(size=(64, 2))


@pytest.fixture
def double() -> None:
    config.set_floatx("float64")


def network(*inner: Any) -> Any:
    return keras.Sequential([layers.Input((6,)), *inner, layers.Dense(2)])


# --- digits ---------------------------------------------------------------------------------------


def sgd(w: Array, g: Array, slots: list[Array], t: int) -> Array:
    slots[0] = 0.9 * slots[0] - 0.01 * g
    return w + slots[0]


def adam(w: Array, g: Array, slots: list[Array], t: int) -> Array:
    m, v = slots
    m += (g - m) * (1 - 0.9)
    v += (g * g - v) * (1 - 0.999)
    rate = 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return w - rate * m / (np.sqrt(v) + 1e-7)


def rmsprop(w: Array, g: Array, slots: list[Array], t: int) -> Array:
    slots[0] = 0.9 * slots[0] + (1 - 0.9) * g * g
    return w - 0.01 * g / np.sqrt(slots[0] + 1e-7)


def adagrad(w: Array, g: Array, slots: list[Array], t: int) -> Array:
    slots[0] += g * g
    return w - 0.01 * g / np.sqrt(0.1 + slots[0] + 1e-7)


def lion(w: Array, g: Array, slots: list[Array], t: int) -> Array:
    m = slots[0]
    new = w - 0.01 * np.sign(m + (g - m) * (1 - 0.9))
    m += (g - m) * (1 - 0.99)
    return new


def lamb(w: Array, g: Array, slots: list[Array], t: int) -> Array:
    m, v = slots
    m += (g - m) * (1 - 0.9)
    v += (g * g - v) * (1 - 0.999)
    step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
    sizes = np.linalg.norm(w), np.linalg.norm(step)
    return w - (sizes[0] / sizes[1] if min(sizes) > 0 else 1.0) * 0.01 * step


RULES: dict[str, tuple[Callable[..., Array], Any]] = {
    "SGD": (sgd, lambda: optimizers.SGD(0.01, momentum=0.9)),
    "Adam": (adam, lambda: optimizers.Adam(0.01)),
    "RMSprop": (rmsprop, lambda: optimizers.RMSprop(0.01)),
    "Adagrad": (adagrad, lambda: optimizers.Adagrad(0.01)),
    "Lion": (lion, lambda: optimizers.Lion(0.01)),
    "Lamb": (lamb, lambda: optimizers.Lamb(0.01)),
}


@pytest.mark.parametrize("name", RULES)
def test_training_is_that_of_numpy(name: str, double: None) -> None:
    """A tanh network with mean squared error and an L2 penalty, by hand."""
    rule, make = RULES[name]
    penalty = keras.regularizers.L2(0.01)
    model = network(layers.Dense(5, activation="tanh", kernel_regularizer=penalty))
    w = [RNG.normal(size=v.shape) for v in model.get_weights()]
    model.set_weights(w)
    model.compile(make(), "mse")
    losses = model.fit(X, Y, batch_size=16, epochs=3, shuffle=False, verbose=0).history["loss"]
    slots = [[np.zeros_like(v), np.zeros_like(v)] for v in w]
    found = []
    for step in range(12):
        rows = slice(step % 4 * 16, step % 4 * 16 + 16)
        x, y = X[rows], Y[rows]
        h = np.tanh(x @ w[0] + w[1])
        d = 2 * (h @ w[2] + w[3] - y) / y.size
        found.append(np.mean((h @ w[2] + w[3] - y) ** 2) + 0.01 * np.sum(w[0] ** 2))
        dh = d @ w[2].T * (1 - h * h)
        g = [x.T @ dh + 0.02 * w[0], dh.sum(0), h.T @ d, d.sum(0)]
        w = [rule(v, gv, s, step + 1) for v, gv, s in zip(w, g, slots)]
    for got, want in zip(model.get_weights(), w):
        assert got.dtype == np.float64
        np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(losses, np.mean(np.reshape(found, (3, 4)), axis=1), rtol=1e-13)


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "sigmoid": scipy.special.expit,
    "log_sigmoid": scipy.special.log_expit,
    "tanh": np.tanh,
    "softplus": lambda x: np.logaddexp(x, 0),
    "gelu": lambda x: x * scipy.special.ndtr(x),
    "silu": lambda x: x * scipy.special.expit(x),
    "mish": lambda x: x * np.tanh(np.logaddexp(x, 0)),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "softmax": lambda x: scipy.special.softmax(x, axis=-1),
    "log_softmax": lambda x: scipy.special.log_softmax(x, axis=-1),
    "squareplus": lambda x: (x + np.sqrt(x * x + 4)) / 2,
    "celu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "exponential": np.exp,
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_those_of_scipy(name: str) -> None:
    found = layers.Activation(name, dtype="float64")(3 * X)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, ACTIVATIONS[name](3 * X), rtol=1e-13, atol=1e-15)


def test_constants_keep_their_digits() -> None:
    """Numbers that Python or an array gives, in a graph and outside of it."""

    class Third(keras.Layer):
        def call(self, x: Any) -> Any:
            return x * 0.1 + np.full(6, 1 / 3) + keras.ops.exp(np.full(6, 0.1))

    want = X * 0.1 + 1 / 3 + np.exp(0.1)
    np.testing.assert_allclose(Third(dtype="float64")(X), want, rtol=1e-15)
    model = keras.Sequential([layers.Input((6,), dtype="float64"), Third(dtype="float64")])
    np.testing.assert_allclose(model.predict(X, verbose=0), want, rtol=1e-15)
    np.testing.assert_array_equal(keras.ops.add(X, 0.1), X + 0.1)
    assert keras.ops.add(X.astype("float32"), 0.1).dtype == np.float32


def test_given_numbers_keep_their_digits() -> None:
    normalize = layers.Normalization(mean=[0.1] * 6, variance=[0.3] * 6, dtype="float64")
    np.testing.assert_allclose(normalize(X), (X - 0.1) / math.sqrt(0.3), rtol=1e-14)
    adapted = layers.Normalization(dtype="float64")
    adapted.adapt(X)
    np.testing.assert_allclose(adapted(X), (X - X.mean(0)) / X.std(0), rtol=1e-13, atol=1e-15)
    bounds = [0.1, 0.1 + 1e-12]
    buckets = layers.Discretization(bounds, dtype="float64")
    assert np.asarray(buckets(np.array([0.0, 0.1, 0.1 + 1e-12]))).tolist() == [0, 1, 2]
    shares = scipy.special.softmax(X, axis=-1)
    loss = keras.losses.CategoricalFocalCrossentropy(alpha=0.3, gamma=1.5, dtype="float64")
    want = -0.3 * np.mean((np.eye(6)[0] * (1 - shares) ** 1.5 * np.log(shares)).sum(-1))
    np.testing.assert_allclose(loss(np.tile(np.eye(6)[0], (64, 1)), shares), want, rtol=1e-13)


def test_initial_weights_are_not_rounded() -> None:
    for name in ("glorot_uniform", "he_normal", "lecun_uniform", "truncated_normal", "orthogonal"):
        made = keras.initializers.get(name).__class__(seed=5)
        wide, narrow = made((30, 20), dtype="float64"), made((30, 20), dtype="float32")
        assert np.any(wide != narrow), name
        np.testing.assert_allclose(wide, narrow, rtol=1e-4, atol=1e-7)
    limit = math.sqrt(6 / 50)
    want = np.random.default_rng([5, 0]).uniform(-limit, limit, (30, 20))
    np.testing.assert_array_equal(keras.initializers.GlorotUniform(5)((30, 20), "float64"), want)


EVERY_OPTIMIZER = [
    "SGD", "RMSprop", "Adam", "AdamW", "Adamax", "Nadam", "Adagrad", "Adadelta", "Lion", "Ftrl", "Lamb",
    "Adafactor", "Muon", "ScheduleFreeAdamW",
]  # fmt: skip
INNER: Sequence[Callable[[], Any]] = (
    lambda: layers.Dense(6, activation="gelu", kernel_constraint="unit_norm"),
    lambda: layers.BatchNormalization(),
    lambda: layers.LayerNormalization(),
    lambda: layers.GroupNormalization(3),
    lambda: layers.Dropout(0.3),
    lambda: layers.GaussianNoise(0.1),
    lambda: layers.GaussianDropout(0.2),
    lambda: layers.AlphaDropout(0.1),
    lambda: layers.PReLU(),
    lambda: layers.ActivityRegularization(l1=0.01, l2=0.01),
    lambda: layers.UnitNormalization(),
    lambda: layers.Rescaling(1 / 3, 0.1),
)


@pytest.mark.parametrize("name", EVERY_OPTIMIZER)
def test_no_step_rounds_in_between(name: str, double: None) -> None:
    """Every tensor of a training step is float64, a whole number, or drawn from 24 random bits."""
    model = network(*(make() for make in INNER))
    rate = optimizers.schedules.CosineDecay(0.01, 50, alpha=0.1)
    made = getattr(optimizers, name)(rate, global_clipnorm=1.0, weight_decay=0.01, use_ema=True)
    metrics = ["mae", "r2_score", keras.metrics.RootMeanSquaredError()]
    model.compile(made, keras.losses.Huber(), metrics=metrics)
    model.train_on_batch(X, Y)
    samples = Samples(X, Y, np.ones(len(X)))
    specs = [Spec(spec.dims, model.input_dtype) for spec in samples.specs]
    trace, outputs = steps.record(steps.train_step, model, samples.layout, specs)
    drawn = {"random_uniform", "random_normal", "counter", "one_hot"}
    rounded = [
        f"{node.operation.name} in {node.layers}"
        for node in graph_of(trace, outputs).nodes
        if node.operation.name not in drawn and any(y.dtype == "float32" for y in node.outputs)
    ]
    assert not rounded


# --- the data's way -------------------------------------------------------------------------------


def program_of(model: Any) -> Any:
    """What predict runs."""
    return next(iter(model._programs.values())).program


def test_who_runs_it(backend: str) -> None:
    """The native backend runs float32 alone in C++; a float64 input is no reason not to."""
    narrow = keras.Sequential([layers.Input((6,), dtype="float64"), layers.Dense(2)])
    wide = keras.Sequential([layers.Input((6,)), layers.Dense(2, dtype="float64")])
    for model, kind in ((narrow, NativeProgram if backend == "native" else NodewiseProgram),
                        (wide, NodewiseProgram)):  # fmt: skip
        model.predict(X, verbose=0)
        assert type(program_of(model)) is kind
    assert narrow.predict(X, verbose=0).dtype == np.float32
    assert wide.predict(X, verbose=0).dtype == np.float64


def test_inputs_are_rounded_to_the_dtype_they_say() -> None:
    for dtype, given in (("float64", X), ("float32", X.astype("float32").astype("float64"))):
        model = keras.Sequential(
            [layers.Input((6,), dtype=dtype), layers.Identity(dtype="float64")]
        )
        np.testing.assert_array_equal(model.predict(X, verbose=0), given)
        np.testing.assert_array_equal(model(X), given)


def test_whole_numbers_beyond_float32(double: None) -> None:
    model = keras.Sequential([layers.Input((1,)), layers.Identity()])
    x = np.array([[2**24 + 1], [2**53 - 1]])
    np.testing.assert_array_equal(model.predict(x, verbose=0), x)


def test_every_kind_of_data(double: None, tmp_path: Path) -> None:
    """Arrays, frames, sparse rows, generators and memory maps give the same weights."""
    import pandas as pd

    mapped = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.float64, X.shape)
    mapped[:] = X

    def batches() -> Any:
        for i in range(0, 64, 16):
            yield X[i : i + 16], Y[i : i + 16]

    found = []
    for x, y in ((X, Y), (pd.DataFrame(X), pd.DataFrame(Y)), (scipy.sparse.csr_matrix(X), Y),
                 (mapped, Y), (batches(), None)):  # fmt: skip
        keras.utils.set_random_seed(1)
        model = network(layers.Dense(4, activation="relu"))
        model.compile("adam", "mse")
        model.fit(x, y, batch_size=16, shuffle=False, verbose=0)
        found.append(model.get_weights())
    for weights in found[1:]:
        for a, b in zip(weights, found[0]):
            np.testing.assert_array_equal(a, b)


def test_numbers_that_only_float64_holds(double: None) -> None:
    model = network()
    model.compile("sgd", "mse")
    large = X.copy()
    large[3, 2] = 1e60
    assert np.isfinite(model.evaluate(large, Y, verbose=0))
    with pytest.raises(
        ValueError, match=r"`x` must be finite in float64. Received: x\[3, 2\] = nan"
    ):
        model.evaluate(np.where(large == 1e60, np.nan, X), Y, verbose=0)
    narrow = keras.Sequential(
        [layers.Input((6,), dtype="float32"), layers.Dense(2, dtype="float32")]
    )
    narrow.compile("sgd", keras.losses.MeanSquaredError(dtype="float32"))
    with pytest.raises(
        ValueError, match=r"`x` must be finite in float32. Received: x\[3, 2\] = 1e"
    ):
        narrow.evaluate(large, Y, verbose=0)


def test_run_eagerly_is_the_same(double: None) -> None:
    found = []
    for eagerly in (False, True):
        keras.utils.set_random_seed(2)
        model = network(layers.Dense(4, activation="tanh"), layers.Dropout(0.2))
        model.compile("adam", "mse", metrics=["mae"], run_eagerly=eagerly)
        history = model.fit(X, Y, epochs=2, verbose=0).history
        found.append((model.get_weights(), history))
    for a, b in zip(found[0][0], found[1][0]):
        np.testing.assert_array_equal(a, b)
    assert found[0][1] == found[1][1]


@pytest.mark.parametrize("suffix", [".keras", ".safetensors"])
def test_files(suffix: str, tmp_path: Path, double: None) -> None:
    model = network(layers.BatchNormalization(), layers.Dense(3, activation="elu"))
    model.compile(optimizers.Adam(1 / 3), "mse")
    model.fit(X, Y, verbose=0)
    path = tmp_path / f"model{suffix}"
    model.save(path)
    loaded = keras.saving.load_model(path)
    pairs = zip([*model.weights, *model.optimizer.variables],
                [*loaded.weights, *loaded.optimizer.variables])  # fmt: skip
    for a, b in pairs:
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    config.set_floatx("float32")  # a file says what it holds
    loaded = keras.saving.load_model(path)
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


# --- the same bits --------------------------------------------------------------------------------


def test_threads_and_batches_change_no_bit() -> None:
    config.set_backend("native")
    rows = np.random.default_rng(3).normal(size=(301, 40))
    found = []
    for threads in (1, 2, 5):
        config.set_num_threads(threads)
        keras.utils.set_random_seed(4)
        model = keras.Sequential(
            [
                layers.Input((40,), dtype="float64"),
                layers.Dense(300, activation="relu", dtype="float64"),
                layers.Dense(10, activation="softmax", dtype="float64"),
            ]
        )
        model.compile("adam", "mse")
        model.fit(rows, rows[:, :10], batch_size=100, verbose=0)
        found.append(model.get_weights())
        alone = [model.predict(rows[i : i + 7], verbose=0) for i in range(0, 301, 7)]
        np.testing.assert_array_equal(np.concatenate(alone), model.predict(rows, verbose=0))
    for weights in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(weights, found[0]))
