"""Every loss: its gradient, its config, its masks, its targets, and training on logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from golden.cases.losses_all import CALLS, CLASSES
from golden.cases.losses_training import TRAINED
from lamina import Input, Sequential, layers, losses, ops
from lamina.graph.differentiate import differentiate
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from lamina.utils import set_random_seed

rng = np.random.default_rng(0)
LOSSES = [n for n in losses.__all__ if n[0].isupper() and n not in ("Loss", "FunctionLoss")]


def test_every_loss_has_goldens() -> None:
    assert set(CLASSES) == set(TRAINED) == set(LOSSES)
    functions = {f.__name__ for f in losses._by_function}
    assert set(CALLS) == functions
    assert functions <= set(losses.__all__)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.usefixtures("backend")
def test_a_prediction_that_is_no_number_has_no_loss(name: str) -> None:
    y, p, more = CLASSES[name]
    broken = p.copy()
    broken[2] = np.nan
    assert np.isnan(getattr(losses, name)(**more)(y, broken))


# --- gradients ------------------------------------------------------------------------------------


def value_and_slope(
    function: Callable[..., Any], y: np.ndarray, p: np.ndarray
) -> tuple[float, np.ndarray]:
    """A weighed sum of the loss's values, and its gradient for y_pred, in float64."""
    with Trace(eager=True) as trace:
        y_true, y_pred = (
            trace.input(Spec(x.shape, "float64"), "x", x.astype(np.float64)) for x in (y, p)
        )
        values = function(y_true, y_pred)
        shares = 1 + np.arange(values.value.size).reshape(values.shape) / 3
        total = ops.sum(ops.multiply(values, shares))
    (slope,) = differentiate(trace, total, [y_pred])
    assert slope is not None
    return float(total.value), np.asarray(slope.value)


def smooth_calls() -> list[Any]:
    """The golden calls, but for those that sit on a kink or a clipped end."""
    kinks = ("equal", "zeros", "large", "saturated", "one-hot", "nothing", "at 0", "references")
    return [
        pytest.param(name, y, p, more, id=f"{name} {key}")
        for name, calls in CALLS.items()
        for key, (y, p, more) in calls.items()
        if key not in kinks or (name, key) == ("categorical_hinge", "one-hot")
    ]


@pytest.mark.usefixtures("numpy_backend")
@pytest.mark.parametrize(("name", "y", "p", "more"), smooth_calls())
def test_gradients(name: str, y: np.ndarray, p: np.ndarray, more: dict[str, Any]) -> None:
    """Central differences in float64."""

    def loss(y_true: Any, y_pred: Any) -> Any:
        return getattr(losses, name)(y_true, y_pred, **more)

    p = p.astype(np.float64)
    _, found = value_and_slope(loss, y, p)
    for at in list(np.ndindex(p.shape))[:: p.size // 6 + 1]:
        step = np.zeros_like(p)
        step[at] = 1e-6
        want = (
            value_and_slope(loss, y, p + step)[0] - value_and_slope(loss, y, p - step)[0]
        ) / 2e-6
        assert found[at] == pytest.approx(want, rel=1e-4, abs=1e-5 * max(1, np.abs(found).max()))


@pytest.mark.usefixtures("numpy_backend")
@pytest.mark.parametrize("name", CALLS)
def test_gradients_at_the_edges_are_finite(name: str) -> None:
    """Where predictions are certain, exact or 0."""
    for y, p, more in CALLS[name].values():
        _, slope = value_and_slope(lambda a, b, m=more: getattr(losses, name)(a, b, **m), y, p)
        assert np.isfinite(slope).all()


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 3.0])
def test_focal_losses_of_certain_predictions_train(gamma: float, backend: str) -> None:
    """1 - p is exactly 0 in float32: no power of it is infinite."""
    x, y = np.eye(4)[[0, 1, 2, 3]], np.eye(4)[[0, 1, 2, 0]]
    for last, name in (("softmax", "Categorical"), ("sigmoid", "Binary")):
        model = Sequential([Input((4,)), layers.Dense(4, last)])
        model.set_weights([100 * np.eye(4), np.zeros(4)])
        model.compile("rmsprop", getattr(losses, f"{name}FocalCrossentropy")(gamma=gamma))
        model.fit(x, y, verbose=0)
        assert all(np.isfinite(w).all() for w in model.get_weights())


# --- on logits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("CategoricalCrossentropy", "softmax"),
        ("CategoricalFocalCrossentropy", "softmax"),
        ("BinaryCrossentropy", "sigmoid"),
        ("BinaryFocalCrossentropy", "sigmoid"),
    ],
)
@pytest.mark.usefixtures("backend")
def test_an_activation_before_its_loss_is_trained_on_the_logits(name: str, last: str) -> None:
    """The same numbers as from_logits, also where the probability of float32 is 0 or 1."""
    x = rng.normal(size=(16, 5)) * 60
    y = np.eye(5)[rng.integers(0, 5, 16)]
    found = []
    for activation in (last, None):
        model = Sequential([Input((5,)), layers.Dense(5, activation)])
        model.set_weights([np.eye(5), np.zeros(5)])
        model.compile("rmsprop", getattr(losses, name)(from_logits=activation is None))
        before = model.evaluate(x, y, verbose=0)
        model.fit(x, y, epochs=3, shuffle=False, verbose=0)
        found.append([before, model.evaluate(x, y, verbose=0), *model.get_weights()])
    assert found[0][0] > 5
    for a, b in zip(*found):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.usefixtures("backend")
def test_the_generalized_loss_learns_from_a_hopeless_softmax() -> None:
    x, y = np.eye(3) * 120, np.array([1, 2, 0])  # exp(-120) is 0 in float32
    model = Sequential([Input((3,)), layers.Dense(3, "softmax", use_bias=False)])
    model.set_weights([np.eye(3)])
    model.compile("rmsprop", losses.CategoricalGeneralizedCrossEntropy(0.1))
    assert model.evaluate(x, y, verbose=0) == pytest.approx((1 - np.exp(-12)) / 0.1, rel=1e-5)
    model.fit(x, y, verbose=0)
    assert np.isfinite(model.get_weights()[0]).all()
    assert not np.array_equal(model.get_weights()[0], np.eye(3))


# --- masks and weights ----------------------------------------------------------------------------

VALUES = rng.normal(size=6).astype(np.float32)
MASK = np.array([True, False, True, True, False, True])
WEIGHTS = np.array([1, 2, 0.5, 0, 3, 1], np.float32)


class Masked(losses.Loss):
    """The prediction is the value; those below 0 do not count."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return y_pred

    def mask(self, y_true: Any, values: Any) -> Any:
        return ops.greater(values, 0.0)


@pytest.mark.parametrize(
    ("reduction", "want"),
    [
        ("sum_over_batch_size", lambda v, m, w: (v * m * w).sum() / m.sum()),
        ("mean", lambda v, m, w: (v * m * w).sum() / m.sum()),
        ("sum", lambda v, m, w: (v * m * w).sum()),
        ("mean_with_sample_weight", lambda v, m, w: (v * m * w).sum() / (m * w).sum()),
        (None, lambda v, m, w: v * m * w),
    ],
)
@pytest.mark.usefixtures("backend")
def test_masks(reduction: str | None, want: Any) -> None:
    loss, kept = Masked(reduction=reduction), VALUES > 0
    for weights in (None, WEIGHTS):
        by = np.ones(6) if weights is None else weights
        np.testing.assert_allclose(loss(VALUES, VALUES, weights), want(VALUES, kept, by), rtol=1e-5)


def test_the_mask_of_a_prediction_and_of_the_values_are_one() -> None:
    both = losses.loss._both(MASK, VALUES > 0)
    np.testing.assert_array_equal(both, MASK & (VALUES > 0))
    assert losses.loss._both(None, None) is None
    assert losses.loss._both(MASK, None) is losses.loss._both(None, MASK) is MASK


@pytest.mark.usefixtures("backend")
def test_nothing_counts() -> None:
    """Where all labels are ignored, or all weights are 0, the loss is 0 and so is the gradient."""
    x, y = rng.normal(size=(8, 3)), np.full(8, -1)
    for loss, targets, weights in (
        (losses.SparseCategoricalCrossentropy(ignore_class=-1), y, None),
        (losses.MeanSquaredError(reduction="mean_with_sample_weight"), x[:, :2], np.zeros(8)),
    ):
        model = Sequential([Input((3,)), layers.Dense(2, "softmax")])
        before = model.get_weights()
        model.compile("rmsprop", loss)
        model.fit(x, targets, sample_weight=weights, verbose=0)
        assert model.evaluate(x, targets, sample_weight=weights, verbose=0) == 0
        assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))


@pytest.mark.usefixtures("backend")
def test_samples_of_an_ignored_class_change_nothing() -> None:
    """Training with them is training without them."""
    x = rng.normal(size=(20, 3))
    y = rng.integers(0, 3, 20)
    found = []
    for rows in (slice(None), y != 1):
        model = Sequential([Input((3,)), layers.Dense(3, "softmax")])
        model.set_weights([np.eye(3), np.zeros(3)])
        model.compile("rmsprop", losses.SparseCategoricalCrossentropy(ignore_class=1))
        model.fit(x[rows], y[rows], batch_size=20, epochs=3, shuffle=False, verbose=0)
        found.append(model.get_weights())
    for a, b in zip(*found):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(6, 1), (6, 4), (6, 4, 1), (6, 1, 1)])
@pytest.mark.parametrize("name", ["Huber", "CategoricalFocalCrossentropy", "KLDivergence"])
@pytest.mark.usefixtures("backend")
def test_weights_of_sequences(name: str, shape: tuple[int, ...]) -> None:
    """One for each sample, or for each of its values."""
    x = rng.normal(size=(6, 4, 3)).astype(np.float32)
    y = np.eye(5)[rng.integers(0, 5, (6, 4))]
    weights = rng.uniform(0, 2, shape)
    loss = getattr(losses, name)(reduction=None)
    model = Sequential([Input((4, 3)), layers.Dense(5, "softmax")])
    model.compile("rmsprop", getattr(losses, name)())
    want = loss(y, model.predict(x, verbose=0)) * weights.reshape(6, -1)
    found = model.evaluate(x, y, sample_weight=weights, verbose=0)
    assert found == pytest.approx(want.mean(), rel=1e-5)


# --- configs and strings --------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOSSES)
def test_configs(name: str) -> None:
    y, p, more = CLASSES[name]
    loss = getattr(losses, name)(**more, reduction="sum", name="own")
    config = loss.get_config()
    assert config.items() >= {**more, "reduction": "sum", "name": "own"}.items()
    for again in (type(loss).from_config(config), losses.get(losses.serialize(loss))):
        assert again.get_config() == config
        assert float(again(y, p)) == float(loss(y, p))


@pytest.mark.parametrize("identifier", [*losses._functions, *losses._aliases])
def test_strings_train(identifier: str) -> None:
    loss = losses.as_loss(identifier) if "generalized" not in identifier else None
    assert loss is None or type(loss).__name__ in LOSSES
    function = losses.get(identifier)
    assert losses.get(losses.serialize(function)) is function


def test_deserialize_takes_own_objects() -> None:
    assert losses.deserialize("mine", {"mine": Masked}).name.startswith("masked")
    made = losses.deserialize({"class_name": "Masked", "config": {"name": "m"}}, {"Masked": Masked})
    assert isinstance(made, Masked)
    with pytest.raises(ValueError, match="Could not interpret loss identifier: 'mine'"):
        losses.deserialize("mine")


def test_circle_needs_a_number_of_samples() -> None:
    x = Input((3,))
    with pytest.raises(
        ValueError, match=r"number must be known. Received: y_pred.shape=\(None, 3\)"
    ):
        losses.circle(Input((1,)), x)


LABELS, ROWS = np.array([0, 1]), np.eye(2, dtype="float32")


@pytest.mark.parametrize(
    ("y", "p", "more", "received"),
    [
        (LABELS, ROWS[0], {}, r"y_true.shape=\(2,\), y_pred.shape=\(2,\)"),
        (0, ROWS[0], {}, r"y_true.shape=\(\), y_pred.shape=\(2,\)"),
        (LABELS[:1], ROWS, {}, r"y_true.shape=\(1,\), y_pred.shape=\(2, 2\)"),
        (LABELS, ROWS, {"ref_labels": LABELS[:1]}, r"ref_labels.shape=\(1,\), ref_emb.*\(2, 2\)"),
        (LABELS, ROWS, {"ref_embeddings": ROWS[0]}, r"ref_labels.*, ref_embeddings.shape=\(2,\)"),
    ],
)
def test_circle_needs_a_label_for_each_row(y: Any, p: Any, more: Any, received: str) -> None:
    with pytest.raises(ValueError, match=rf"circle needs embeddings .* Received: {received}"):
        losses.circle(y, p, **more)


def test_the_generalized_loss_needs_distributions() -> None:
    loss = losses.CategoricalGeneralizedCrossEntropy()
    for y in (0, LABELS[:1]):
        with pytest.raises(ValueError, match=r"`y_true` must hold one label.*y_pred.shape=\("):
            loss(y, np.float32(0.3))


def test_a_function_that_calls_circle_is_a_loss() -> None:
    def own(y_true: Any, y_pred: Any) -> Any:
        return losses.circle(y_true, y_pred)

    x, y = np.random.default_rng(0).normal(size=(9, 3)), np.arange(9) % 2
    found = []
    for eager in (False, True):
        set_random_seed(0)
        model = Sequential([Input((3,)), layers.Dense(2)])
        model.compile("rmsprop", own, run_eagerly=eager)
        found.append(model.fit(x, y, batch_size=4, epochs=2, verbose=0).history["loss"])
    assert found[0] == pytest.approx(found[1], rel=1e-6)
