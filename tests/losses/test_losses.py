"""Losses by formulas in float64, on arrays and in graphs, weighted and reduced."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import Input, Sequential, layers, losses, ops

pytestmark = pytest.mark.usefixtures("backend")
rng = np.random.default_rng(0)
LOGITS = rng.normal(size=(8, 5)) * 3
P = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
LABELS = rng.integers(0, 5, 8)
ONE_HOT = np.eye(5)[LABELS]
SOFT = rng.dirichlet(np.ones(5), 8)
BITS = rng.integers(0, 2, (8, 5)).astype(float)
WEIGHTS = np.array([0, 1, 2, 0.5, 1, 3, 1, 0.25])
EPSILON = 1e-7


def cross_entropy(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return -(y * np.log(np.clip(p, EPSILON, 1 - EPSILON))).sum(axis=-1)


def binary(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    p = np.clip(p, EPSILON, 1 - EPSILON)
    return -(y * np.log(p) + (1 - y) * np.log1p(-p)).mean(axis=-1)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize(
    ("name", "arguments", "y", "p", "want"),
    [
        ("categorical_crossentropy", {}, ONE_HOT, P, cross_entropy(ONE_HOT, P)),
        ("categorical_crossentropy", {}, SOFT, P, cross_entropy(SOFT, P)),
        ("categorical_crossentropy", {}, SOFT, 3 * P, cross_entropy(SOFT, P)),
        ("categorical_crossentropy", {"from_logits": True}, SOFT, LOGITS, cross_entropy(SOFT, P)),
        (
            "categorical_crossentropy", {"label_smoothing": 0.1}, ONE_HOT, P,
            cross_entropy(0.9 * ONE_HOT + 0.02, P),
        ),
        ("categorical_crossentropy", {"axis": 0}, SOFT.T, P.T, cross_entropy(SOFT, P)),
        (
            "categorical_crossentropy", {"axis": 0, "from_logits": True}, SOFT.T, LOGITS.T,
            cross_entropy(SOFT, P),
        ),
        ("sparse_categorical_crossentropy", {}, LABELS, P, cross_entropy(ONE_HOT, P)),
        ("sparse_categorical_crossentropy", {}, LABELS[:, None], P, cross_entropy(ONE_HOT, P)),
        (
            "sparse_categorical_crossentropy", {"from_logits": True}, LABELS, LOGITS,
            cross_entropy(ONE_HOT, P),
        ),
        ("binary_crossentropy", {}, BITS, sigmoid(LOGITS), binary(BITS, sigmoid(LOGITS))),
        (
            "binary_crossentropy", {"from_logits": True}, BITS, LOGITS,
            binary(BITS, sigmoid(LOGITS)),
        ),
        (
            "binary_crossentropy", {"label_smoothing": 0.2}, BITS, sigmoid(LOGITS),
            binary(0.8 * BITS + 0.1, sigmoid(LOGITS)),
        ),
        ("mean_squared_error", {}, SOFT, LOGITS, ((SOFT - LOGITS) ** 2).mean(axis=-1)),
        ("mean_absolute_error", {}, SOFT, LOGITS, np.abs(SOFT - LOGITS).mean(axis=-1)),
        ("mean_squared_error", {}, LABELS, LABELS[:, None] + 2, np.full(8, 4.0)),
    ],
)  # fmt: skip
def test_functions(
    name: str, arguments: dict[str, Any], y: np.ndarray, p: np.ndarray, want: np.ndarray
) -> None:
    """One value per sample; as a class, their mean, or weighed."""
    values = np.asarray(getattr(losses, name)(y, p, **arguments))
    np.testing.assert_allclose(values, want, rtol=2e-5, atol=1e-6)
    kind = "".join(part.title() for part in name.split("_"))
    loss = getattr(losses, kind)(**arguments)
    assert float(loss(y, p)) == pytest.approx(want.mean(), rel=1e-5)
    if len(want) == 8:
        assert float(loss(y, p, WEIGHTS)) == pytest.approx((want * WEIGHTS).mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("reduction", "plain", "weighted"),
    [
        ("sum_over_batch_size", lambda v, w: v.mean(), lambda v, w: (v * w).mean()),
        ("mean", lambda v, w: v.mean(), lambda v, w: (v * w).mean()),
        ("sum", lambda v, w: v.sum(), lambda v, w: (v * w).sum()),
        ("mean_with_sample_weight", lambda v, w: v.mean(), lambda v, w: (v * w).sum() / w.sum()),
        ("none", lambda v, w: v, lambda v, w: v * w),
        (None, lambda v, w: v, lambda v, w: v * w),
    ],
)
def test_reductions(reduction: str | None, plain: Any, weighted: Any) -> None:
    values = ((SOFT - P) ** 2).mean(axis=-1)
    loss = losses.MeanSquaredError(reduction=reduction)
    np.testing.assert_allclose(loss(SOFT, P), plain(values, WEIGHTS), rtol=1e-5)
    np.testing.assert_allclose(loss(SOFT, P, WEIGHTS), weighted(values, WEIGHTS), rtol=1e-5)
    columns = np.squeeze(loss(SOFT, P, WEIGHTS[:, None]))
    np.testing.assert_allclose(columns, weighted(values, WEIGHTS), rtol=1e-5)


def test_weights_that_add_up_to_nothing() -> None:
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert float(loss(SOFT, P, np.zeros(8))) == 0


def test_bad_reductions() -> None:
    with pytest.raises(ValueError, match=r"argument `reduction`.*Received: reduction='average'"):
        losses.MeanSquaredError(reduction="average")


@pytest.mark.parametrize(
    ("activation", "loss", "y"),
    [
        ("softmax", "categorical_crossentropy", ONE_HOT),
        ("softmax", "sparse_categorical_crossentropy", LABELS),
        ("sigmoid", "binary_crossentropy", BITS),
    ],
)
def test_training_is_on_the_logits(activation: str, loss: str, y: np.ndarray) -> None:
    """Far beyond what a probability of float32 can say: nothing is clipped, the gradient stays."""
    model = Sequential([Input((5,)), layers.Dense(5, activation, use_bias=False)])
    model.set_weights([np.eye(5)])
    model.compile("rmsprop", loss)
    x = LOGITS * 100
    if activation == "softmax":
        z = x - x.max(axis=1, keepdims=True)
        want = (np.log(np.exp(z).sum(axis=1)) - z[np.arange(8), LABELS]).mean()
    else:
        want = (np.maximum(x, 0) - x * BITS + np.log1p(np.exp(-np.abs(x)))).mean()
    assert want > 50
    assert model.evaluate(x, y, verbose=0) == pytest.approx(want, rel=1e-5)
    model.fit(x, y, epochs=20, verbose=0)
    assert model.evaluate(x, y, verbose=0) < 0.99 * want


def test_a_softmax_layer_counts_as_well() -> None:
    one = Sequential([Input((5,)), layers.Dense(5), layers.Activation("softmax")])
    two = Sequential([Input((5,)), layers.Dense(5, "softmax")])
    two.set_weights(one.get_weights())
    for model in (one, two):
        model.compile("rmsprop", "categorical_crossentropy")
        model.fit(LOGITS * 100, ONE_HOT, shuffle=False, verbose=0)
    for a, b in zip(one.get_weights(), two.get_weights()):
        assert np.array_equal(a, b)


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("mse", losses.MeanSquaredError), ("MSE", losses.MeanSquaredError),
        ("mae", losses.MeanAbsoluteError), ("bce", losses.BinaryCrossentropy),
        ("categorical_crossentropy", losses.CategoricalCrossentropy),
        ("MeanSquaredError", losses.MeanSquaredError),
        (losses.BinaryCrossentropy, losses.BinaryCrossentropy),
        (losses.MeanSquaredError(reduction="sum"), losses.MeanSquaredError),
        ({"class_name": "MeanSquaredError", "config": {"reduction": "sum"}}, losses.MeanSquaredError),
    ],
)  # fmt: skip
def test_names(identifier: Any, kind: Any) -> None:
    assert isinstance(losses.as_loss(identifier), kind)


def test_unknown_names() -> None:
    with pytest.raises(ValueError, match=r"'msee'\. Did you mean 'mse'\? Known: .*, mse, MSE"):
        losses.get("msee")
    assert losses.get(None) is None


def test_configs() -> None:
    loss = losses.CategoricalCrossentropy(label_smoothing=0.1, reduction="sum", name="mine")
    other = losses.CategoricalCrossentropy.from_config(loss.get_config())
    assert other.get_config() == loss.get_config()
    assert float(other(ONE_HOT, P)) == float(loss(ONE_HOT, P))


def test_own_functions_may_be_given_more() -> None:
    def scaled(y: Any, p: Any) -> Any:
        return 3.0 * ops.mean(ops.square(y - p), axis=-1)

    loss = losses.as_loss(scaled)
    assert loss.name == "scaled"
    assert float(loss(SOFT, P)) == pytest.approx(3 * ((SOFT - P) ** 2).mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "units", "y", "message"),
    [
        ("sparse_categorical_crossentropy", 5, np.arange(8), r"from 0 to 4 .*y\[5\] = 5"),
        ("sparse_categorical_crossentropy", 5, np.arange(8) - 1, r"y\[0\] = -1"),
        ("sparse_categorical_crossentropy", 5, LABELS + 0.5, r"whole numbers"),
        ("sparse_categorical_crossentropy", 5, ONE_HOT, "one label per sample"),
        ("categorical_crossentropy", 5, LABELS, r"to_categorical\(y, 5\)"),
        ("categorical_crossentropy", 5, 2 * ONE_HOT, r"in \[0, 1\]. Received: y\[0, \d\] = 2"),
        ("binary_crossentropy", 5, -BITS, r"in \[0, 1\]"),
    ],
)
def test_targets_are_checked(loss: str, units: int, y: np.ndarray, message: str) -> None:
    """Before training changes anything, by fit, evaluate and for single batches."""
    model = Sequential([Input((5,)), layers.Dense(units, "softmax")])
    model.compile("rmsprop", loss)
    before = model.get_weights()
    for use in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises(ValueError, match=message):
            use(LOGITS, y)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
