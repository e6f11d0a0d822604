"""Metrics by formulas in float64, over batches, weighted, by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import Input, Model, Sequential, layers, losses, metrics, ops
from lamina.graph.trace import Trace

pytestmark = pytest.mark.usefixtures("backend")
rng = np.random.default_rng(0)
P = rng.dirichlet(np.ones(5), 40)
LABELS = np.where(rng.uniform(size=40) < 0.5, P.argmax(axis=1), rng.integers(0, 5, 40))
ONE_HOT = np.eye(5)[LABELS]
BITS = rng.integers(0, 2, (40, 1)).astype(float)
Q = rng.uniform(size=(40, 1))
WEIGHTS = rng.uniform(0, 2, 40)
RIGHT = (P.argmax(axis=1) == LABELS).astype(float)

CASES: list[tuple[metrics.Metric, Any, Any, np.ndarray]] = [
    (metrics.CategoricalAccuracy(), ONE_HOT, P, RIGHT),
    (metrics.SparseCategoricalAccuracy(), LABELS, P, RIGHT),
    (metrics.SparseCategoricalAccuracy(), LABELS[:, None], P, RIGHT),
    (metrics.BinaryAccuracy(), BITS, Q, ((Q > 0.5) == BITS)[:, 0]),
    (metrics.BinaryAccuracy(threshold=0.3), BITS[:, 0], Q, ((Q > 0.3) == BITS)[:, 0]),
    (metrics.BinaryAccuracy(), ONE_HOT, P, ((P > 0.5) == ONE_HOT).mean(axis=1)),
    (metrics.Accuracy(), LABELS, P.argmax(axis=1), RIGHT),
    (metrics.MeanSquaredError(), ONE_HOT, P, ((ONE_HOT - P) ** 2).mean(axis=1)),
    (metrics.MeanAbsoluteError(), ONE_HOT, P, np.abs(ONE_HOT - P).mean(axis=1)),
    (metrics.CategoricalCrossentropy(), ONE_HOT, P, -np.log(P[np.arange(40), LABELS])),
    (metrics.SparseCategoricalCrossentropy(), LABELS, P, -np.log(P[np.arange(40), LABELS])),
    (
        metrics.BinaryCrossentropy(), BITS, Q,
        -(BITS * np.log(Q) + (1 - BITS) * np.log(1 - Q))[:, 0],
    ),
]  # fmt: skip
IDS = [f"{type(case[0]).__name__}-{i}" for i, case in enumerate(CASES)]


@pytest.mark.parametrize(("metric", "y", "p", "values"), CASES, ids=IDS)
def test_means(metric: metrics.Metric, y: Any, p: Any, values: np.ndarray) -> None:
    """Over one batch or several, of any sizes, and weighted."""
    metric.reset_state()
    assert float(metric.result()) == 0
    metric.update_state(y, p)
    assert float(metric.result()) == pytest.approx(values.mean(), rel=1e-5)
    metric.reset_state()
    for rows in (slice(7), slice(7, 8), slice(8, 40)):
        metric.update_state(y[rows], p[rows])
    assert float(metric.result()) == pytest.approx(values.mean(), rel=1e-5)
    metric.reset_state()
    want = (values * WEIGHTS).sum() / WEIGHTS.sum()
    assert float(metric(y, p, sample_weight=WEIGHTS)) == pytest.approx(want, rel=1e-5)


@pytest.mark.parametrize(("metric", "y", "p", "values"), CASES[:10], ids=IDS[:10])
def test_in_training(metric: metrics.Metric, y: Any, p: Any, values: np.ndarray) -> None:
    """Inside of the step's program: the same over all batches."""
    model = Sequential([Input(p.shape[1:] or (1,)), layers.Rescaling(1.0)])
    config = metric.get_config()
    plain, weighed = (type(metric).from_config({**config, "name": n}) for n in ("a", "b"))
    model.compile(
        loss=lambda y, p: ops.max(p, axis=-1), metrics=[plain], weighted_metrics=[weighed]
    )
    found = model.evaluate(p, y, sample_weight=WEIGHTS, batch_size=16, verbose=0, return_dict=True)
    assert found["a"] == pytest.approx(values.mean(), rel=1e-5)
    assert found["b"] == pytest.approx((values * WEIGHTS).sum() / WEIGHTS.sum(), rel=1e-5)


def test_mean_and_sum() -> None:
    mean, total = metrics.Mean(), metrics.Sum()
    for values, weights in (([1.0, 2.0], None), ([5.0], 2.0), (3.0, None)):
        mean.update_state(values, sample_weight=weights)
        total.update_state(values, sample_weight=weights)
    assert float(mean.result()) == pytest.approx((1 + 2 + 2 * 5 + 3) / (1 + 1 + 2 + 1))
    assert float(total.result()) == pytest.approx(1 + 2 + 2 * 5 + 3)
    for metric in (mean, total):
        metric.reset_state()
        assert float(metric.result()) == 0


def test_thresholds_are_checked() -> None:
    for threshold in (-0.1, 1.1):
        with pytest.raises(ValueError, match=f"`threshold`.*{threshold}"):
            metrics.BinaryAccuracy(threshold=threshold)


@pytest.mark.parametrize(
    ("identifier", "targets", "outputs", "kind"),
    [
        ("accuracy", (None, 5), (None, 5), metrics.CategoricalAccuracy),
        ("acc", (None,), (None, 5), metrics.SparseCategoricalAccuracy),
        ("Accuracy", (None, 1), (None, 5), metrics.SparseCategoricalAccuracy),
        ("accuracy", (None, 1), (None, 1), metrics.BinaryAccuracy),
        ("accuracy", (None,), (None, 1), metrics.BinaryAccuracy),
        ("crossentropy", (None, 5), (None, 5), metrics.CategoricalCrossentropy),
        ("ce", (None,), (None, 5), metrics.SparseCategoricalCrossentropy),
        ("ce", (None, 1), (None, 1), metrics.BinaryCrossentropy),
    ],
)
def test_what_accuracy_means(identifier: str, targets: Any, outputs: Any, kind: Any) -> None:
    metric = metrics.for_output(identifier, targets, outputs)
    assert type(metric) is kind
    assert metric.name == identifier


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("mse", "mse"), ("MAE", "MAE"), ("mean_squared_error", "mean_squared_error"),
        ("categorical_accuracy", "categorical_accuracy"),
        (metrics.MeanSquaredError, "mean_squared_error"),
        (metrics.Mean(name="mine"), "mine"), (losses.mean_absolute_error, "mean_absolute_error"),
    ],
)  # fmt: skip
def test_names(identifier: Any, name: str) -> None:
    assert metrics.for_output(identifier, (None, 5), (None, 5)).name == name


def test_unknown_names() -> None:
    model = Sequential([Input((5,)), layers.Dense(5)])
    with pytest.raises(ValueError, match="Could not interpret metric identifier: 'accurate'"):
        model.compile(loss="mse", metrics=["accurate"])
    with pytest.raises(
        ValueError, match="Expected `metrics` argument to be a list, tuple, or dict"
    ):
        model.compile(loss="mse", metrics="accuracy")


def test_equal_names_are_told_apart() -> None:
    model = Sequential([Input((5,)), layers.Dense(5)])
    model.compile(loss="mse", metrics=["mae", "mae"], weighted_metrics=["mae"])
    history = model.fit(P, P, verbose=0).history
    assert len(history) == 4
    assert len(set(model.metrics_names)) == 4


def test_one_metric_counts_for_one_pass() -> None:
    """Training, validation and evaluation each begin anew."""
    model = Sequential([Input((5,)), layers.Rescaling(1.0), layers.Dense(5)])
    model.compile(loss="mse", metrics=["mae", Rows()])
    history = model.fit(P, P, epochs=2, batch_size=7, validation_split=0.25, verbose=0).history
    assert history["rows"] == [30, 30]
    assert history["val_rows"] == [10, 10]
    assert model.evaluate(P, P, verbose=0)[-1] == 40


class Rows(metrics.Metric):
    """How many rows there were."""

    def __init__(self) -> None:
        super().__init__(name="rows")
        self.n = self.add_variable((), name="n")

    def update_state(self, y: Any, p: Any, sample_weight: Any = None) -> None:
        self.n.assign_add(ops.count(y, axes=(0,)))

    def result(self) -> Any:
        return self.n.value


def test_configs() -> None:
    metric = metrics.BinaryAccuracy(threshold=0.3, name="mine")
    other = metrics.BinaryAccuracy.from_config(metric.get_config())
    assert other.get_config() == metric.get_config()
    assert other.name == "mine"
    assert float(other(BITS, Q)) == float(metric(BITS, Q))


def test_an_ignored_class_counts_as_0_or_with_weights_not_at_all() -> None:
    y = np.array([0, 1, 2, 1])
    p = np.array([[0.2, 0.3, 0.5], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6], [0.3, 0.3, 0.4]], "float32")
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=1)
    assert float(metric(y, p)) == pytest.approx(
        0.5300658941268921, rel=1e-6
    )  # real Keras's figures
    metric.reset_state()
    weighted = metric(y, p, sample_weight=[1.0, 2.0, 3.0, 4.0])
    assert float(weighted) == pytest.approx(0.7854786515235901, rel=1e-6)


def test_masks_count_with_weights() -> None:
    """A mean of values that carry a mask: Keras looks at it only beside weights."""
    values, mask = rng.normal(size=(3, 4)), np.arange(4) < np.array([[1], [2], [4]])
    weights = rng.uniform(size=(3, 4))
    with Trace(eager=True) as trace:
        x = trace.tensor(values.astype(np.float32))
        x._keras_mask = trace.tensor(mask)
        plain, weighted = metrics.Mean(), metrics.Mean()
        found = [np.asarray(plain(x)), np.asarray(weighted(x, sample_weight=weights))]
    want = (values * weights * mask).mean(axis=1).sum() / (weights * mask).mean(axis=1).sum()
    np.testing.assert_allclose(found, [values.mean(), want], rtol=1e-5)


def test_weights_that_do_not_fit_a_mask() -> None:
    entry = Input((4,), dtype="int32")
    embedded = layers.Embedding(5, 3, mask_zero=True)(entry)
    model = Model(entry, layers.Dense(2)(embedded))
    model.compile("sgd", "mse", weighted_metrics=["mae"])
    with pytest.raises(
        ValueError, match=r"sample_weight` of shape \(None,\) does not fit a mask of"
    ):
        model.evaluate(np.ones((3, 4), "int32"), np.ones((3, 4, 2)), sample_weight=np.ones(3))
