"""Each metric by a plain formula, natively inside a step, exact over many batches, as a config."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from lamina import Input, Sequential, layers, metrics, ops
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace

pytestmark = pytest.mark.usefixtures("backend")
N = 90
rng = np.random.default_rng(4)
BITS = rng.integers(0, 2, (N, 3)).astype("float32")
SCORES = np.clip(0.4 * BITS + rng.uniform(0, 0.6, (N, 3)), 0, 1).astype("float32")
LABELS = rng.integers(0, 3, N)
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
SHARES = rng.dirichlet(np.ones(3), N).astype("float32")
WEIGHTS = rng.uniform(0.5, 2, N).astype("float32")

MADE: dict[str, Any] = {
    "BinaryIoU": lambda: metrics.BinaryIoU([1], threshold=0.4, dtype="float32"),
    "FBetaScore": lambda: metrics.FBetaScore("macro", beta=0.5, threshold=0.3),
    "F1Score": lambda: metrics.F1Score("weighted", 0.6),
    "IoU": lambda: metrics.IoU(3, [0, 2], ignore_class=1, dtype="float32"),
    "MeanIoU": lambda: metrics.MeanIoU(3, dtype="float32"),
    "OneHotIoU": lambda: metrics.OneHotIoU(3, [1], dtype="float32"),
    "OneHotMeanIoU": lambda: metrics.OneHotMeanIoU(3, dtype="float32"),
    "AUC": lambda: metrics.AUC(50, "PR", "minoring", multi_label=True, label_weights=[1, 2, 3]),
    "Precision": lambda: metrics.Precision([0.3], class_id=1),
    "Recall": lambda: metrics.Recall(top_k=2),
    "PrecisionAtRecall": lambda: metrics.PrecisionAtRecall(0.6, 30, 2),
    "RecallAtPrecision": lambda: metrics.RecallAtPrecision(0.6, 30),
    "SensitivityAtSpecificity": lambda: metrics.SensitivityAtSpecificity(0.6),
    "SpecificityAtSensitivity": lambda: metrics.SpecificityAtSensitivity(0.6),
    "R2Score": lambda: metrics.R2Score("variance_weighted_average", 2),
    "TopKCategoricalAccuracy": lambda: metrics.TopKCategoricalAccuracy(2),
    "SparseTopKCategoricalAccuracy": lambda: metrics.SparseTopKCategoricalAccuracy(2),
    "MeanMetricWrapper": lambda: metrics.MeanMetricWrapper(metrics.binary_accuracy, threshold=0.3),
    "TruePositives": lambda: metrics.TruePositives(0.7),
}
CLASSES = {
    name: found
    for name in metrics.__all__
    if isinstance(found := getattr(metrics, name), type)
    and issubclass(found, metrics.Metric)
    and name not in ("Metric", "Mean", "Sum")
}
OF_LABELS = ("Accuracy", "IoU", "MeanIoU")


def make(name: str) -> metrics.Metric:
    made: metrics.Metric = MADE.get(name, CLASSES[name])()
    return made


def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions that suit the metric."""
    if name in OF_LABELS:
        return LABELS, np.argmax(SHARES, axis=1)
    if name.startswith("Sparse"):
        return LABELS, SHARES
    return (ONE_HOT, SHARES) if "Categorical" in name else (BITS, SCORES)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", CLASSES)
def test_inside_the_step(name: str, weighted: bool) -> None:
    """In a program, over batches, what update_state gives on all samples at once."""
    y, p = data(name)
    metric, alone = make(name), make(name)
    alone.update_state(y, p, sample_weight=WEIGHTS if weighted else None)
    model = Sequential([Input(p.shape[1:] or (1,)), layers.Rescaling(1.0)])
    group = {"weighted_metrics" if weighted else "metrics": [metric]}
    model.compile(loss=lambda y, p: ops.max(p, axis=-1), **group)
    model.evaluate(p, y, sample_weight=WEIGHTS, batch_size=16, verbose=0)
    want = alone.result()
    np.testing.assert_allclose(metric.result(), want, rtol=2e-5)
    if not name.endswith("Correlation"):  # of a row, whatever its batch
        for first in range(0, N, 30):
            rows = slice(first, first + 30)
            weights = WEIGHTS[rows] if weighted else None
            if first == 0:
                metric.reset_state()
            metric.update_state(y[rows], p[rows], sample_weight=weights)
        np.testing.assert_allclose(metric.result(), want, rtol=2e-5)


@pytest.mark.parametrize("name", CLASSES)
def test_configs(name: str) -> None:
    """Every argument is in the config, and an equal metric is made of it."""
    metric = make(name)
    config = metric.get_config()
    arguments = set(inspect.signature(CLASSES[name].__init__).parameters) - {"self", "arguments"}
    if name == "AUC":  # own thresholds are there when they were given
        arguments.remove("thresholds")
    if name == "SparseTopKCategoricalAccuracy":
        arguments.remove("from_sorted_ids")
    assert set(config) >= arguments
    for other in (CLASSES[name].from_config(config), metrics.get(metrics.serialize(metric))):
        assert type(other) is CLASSES[name]
        assert other.get_config() == config
        y, p = data(name)
        np.testing.assert_array_equal(other(y, p), make(name)(y, p))


def test_own_thresholds_are_in_the_config() -> None:
    config = metrics.AUC(thresholds=[0.9, 0.2]).get_config()
    assert config["thresholds"] == [0.2, 0.9]
    assert metrics.AUC.from_config(config).thresholds == [-1e-7, 0.2, 0.9, 1 + 1e-7]


@pytest.mark.parametrize("name", CLASSES)
def test_names(name: str) -> None:
    """The class's name and its snake case mean the class."""
    found = metrics.deserialize({"class_name": name, "config": make(name).get_config()})
    assert type(found) is CLASSES[name]
    assert metrics._known[metrics.to_snake_case(name)] is CLASSES[name]


def test_roc_is_the_share_of_pairs_in_order() -> None:
    """Mann and Whitney: of one true and one false sample, how often the true one scores higher."""
    y, p = BITS[:, 0] > 0, SCORES[:, 0].astype(float)
    pairs = p[y][:, None] - p[~y][None, :]
    want = (np.sum(pairs > 0) + 0.5 * np.sum(pairs == 0)) / pairs.size
    thresholds = np.unique(p)
    fine = metrics.AUC(thresholds=[t for t in thresholds if 0 < t < 1])
    assert float(fine(y, p)) == pytest.approx(want, abs=1e-6)
    assert float(metrics.AUC(2000)(y, p)) == pytest.approx(want, abs=2e-3)


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.5, 1.0])
def test_the_four_counts(threshold: float) -> None:
    """Above the threshold is positive; the threshold itself is not."""
    p = np.array([0, 0.25, 0.5, 0.5, 1, 0.75, 0.25, 0.1], "float32")
    y = np.array([0, 1, 1, 0, 1, 0, 0, 1])
    w = np.arange(1.0, 9.0)
    for cls, true, above in (
        (metrics.TruePositives, 1, True), (metrics.FalsePositives, 0, True),
        (metrics.TrueNegatives, 0, False), (metrics.FalseNegatives, 1, False),
    ):  # fmt: skip
        chosen = (y == true) & ((p > threshold) == above)
        assert float(cls(threshold)(y, p)) == chosen.sum()
        assert float(cls(threshold)(y, p, sample_weight=w)) == w[chosen].sum()
        several = cls([0.9, threshold])
        np.testing.assert_allclose(several(y, p)[1], chosen.sum())
        part = getattr(several, metrics.to_snake_case(cls.__name__))
        np.testing.assert_array_equal(part, several.result())


def test_iou_by_sets() -> None:
    y, p = LABELS, np.argmax(SHARES, axis=1)
    shares = [np.sum((y == c) & (p == c)) / np.sum((y == c) | (p == c)) for c in range(3)]
    assert float(metrics.MeanIoU(3)(y, p)) == pytest.approx(np.mean(shares), rel=1e-5)
    assert float(metrics.IoU(3, [2])(y, p)) == pytest.approx(shares[2], rel=1e-5)
    assert float(metrics.IoU(2, [0, 1])([0, 1, 7, -1], [0, 1, 0, 1])) == pytest.approx(1)


def test_the_confusion_matrix_has_a_row_per_target() -> None:
    metric = metrics.MeanIoU(2)
    metric.update_state([0, 0, 1, 1], [0, 1, 1, 1])
    for matrix in (metric.total_cm, metric.variables[0]):
        np.testing.assert_array_equal(matrix.numpy(), [[1, 1], [0, 2]])


@pytest.mark.parametrize("name", ["BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"])
def test_whole_numbers_as_keras_writes_them(name: str) -> None:
    """Into configs on TensorFlow "int64", on JAX "int32"."""
    made = make(name)
    for dtype in ("int32", "int64"):
        config = {**made.get_config(), "dtype": dtype}
        metric = metrics.deserialize({"class_name": name, "config": config})
        assert metric.get_config() == config
        y, p = data(name)
        assert float(metric(y, p)) == float(made(y, p))
        made.reset_state()


def test_fractions_of_weights_are_cut_off_with_a_warning() -> None:
    metric = metrics.IoU(2, [0])
    with pytest.warns(UserWarning, match="fractions of `sample_weight`"):
        metric.update_state([0, 0], [0, 1], sample_weight=np.array([1.5, 0.5]))
    assert float(metric.result()) == pytest.approx(1)


def test_r2_needs_more_values_than_regressors() -> None:
    metric = metrics.R2Score(num_regressors=9)
    metric.update_state(BITS[:2], SCORES[:2])
    with pytest.warns(UserWarning, match="9 regressors"):
        metric.result()


@pytest.mark.parametrize("target", [0.1, 0.3, 7.7, -1e6])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_r2_of_equal_targets_is_0(target: float, weights: Any) -> None:
    """Not what is left of the rounding of their squares."""
    y = np.full((N, 1), target, "float32")
    for rows in (1, 4, 7, N):
        metric = metrics.R2Score()
        for first in range(0, N, rows):
            part = slice(first, first + rows)
            w = None if weights is None else weights[part]
            metric.update_state(y[part], SCORES[part, :1], sample_weight=w)
        assert float(metric.result()) == 0
    model = Sequential([Input((1,)), layers.Rescaling(1.0)])
    model.compile(loss="mse", metrics=[metrics.R2Score()])
    assert model.evaluate(SCORES[:, :1], y, batch_size=32, verbose=0)[1] == 0


def test_r2_of_targets_far_from_0() -> None:
    y = (1000 + 0.01 * rng.normal(size=(N, 2))).astype("float32")
    p = (y + 0.005 * rng.normal(size=y.shape)).astype("float32")
    exact = y.astype("float64")
    want = 1 - np.sum((exact - p) ** 2, axis=0) / np.sum((exact - exact.mean(axis=0)) ** 2, axis=0)
    metric = metrics.R2Score(None)
    for _ in range(2):
        for first in range(0, N, 32):
            metric.update_state(y[first : first + 32], p[first : first + 32])
        np.testing.assert_allclose(metric.result(), want, rtol=1e-5)
        metric.reset_state()


@pytest.mark.parametrize("name", ["F1Score", "FBetaScore", "R2Score"])
def test_weights_and_shapes_of_metrics_by_column(name: str) -> None:
    """Weights of the samples as (n,) or (n, 1), one for all, or one for each element."""
    results = []
    for weights in (WEIGHTS, WEIGHTS[:, None], np.tile(WEIGHTS[:, None], (1, 3))):
        metric = make(name)
        results.append(metric(BITS, SCORES, sample_weight=weights))
    for found in results[1:]:
        np.testing.assert_array_equal(found, results[0])
    metric = make(name)
    alike = make(name)(BITS, SCORES, sample_weight=np.full(N, 2.0))
    np.testing.assert_array_equal(metric(BITS, SCORES, sample_weight=2.0), alike)
    with pytest.raises(ValueError, match=r"`sample_weight` of shape \(4, 1\) does not fit"):
        metric.update_state(BITS, SCORES, sample_weight=WEIGHTS[:4])
    for y, p in ((BITS[:, :2], SCORES[:, :2]), (BITS[:, :1], SCORES), (BITS[0], SCORES[0])):
        with pytest.raises(ValueError, match=r"output_dim=3 as in the first batch.*y_pred\.shape"):
            metric.update_state(y, p)
    with pytest.raises(ValueError, match=rf"{name} expects 2D inputs.*y_true\.shape=\(90, 1\)"):
        make(name).update_state(BITS[:, :1], SCORES)


def test_correlations_are_numpys() -> None:
    a, b = rng.normal(size=(2, N, 5))
    want = [np.corrcoef(x, y)[0, 1] for x, y in zip(a, b)]
    assert float(metrics.PearsonCorrelation()(a, b)) == pytest.approx(np.mean(want), abs=1e-6)
    np.testing.assert_allclose(metrics.pearson_correlation(a, b), want, atol=1e-5)


BIG = 2.0**24


@pytest.mark.parametrize("step", [1.0, 3.0])
def test_totals_beyond_what_a_float_counts_to(step: float) -> None:
    """2^24 and ones: a float32 stays there."""
    total = metrics.Sum()
    total.update_state(BIG)
    for _ in range(5):
        total.update_state(step)
    assert float(total.total.numbers()) == BIG + 5 * step
    count = metrics.TruePositives()
    count.update_state([1], [1], sample_weight=[BIG])
    for _ in range(6):
        count.update_state([1], [1])
    assert float(count.result()) == BIG + 6


def test_totals_are_exact_inside_a_step() -> None:
    """Batches of one: the count goes on from 2^24."""
    mean = metrics.Mean(name="mean")

    class Loss(metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="outer")
            self.inner = mean

        def update_state(self, y: Any, p: Any, sample_weight: Any = None) -> None:
            self.inner.update_state(p)

        def result(self) -> Any:
            return self.inner.result()

    model = Sequential([Input((1,)), layers.Rescaling(1.0)])
    model.compile(loss="mse", metrics=[Loss()])
    ones = np.ones((5, 1), "float32")
    model.evaluate(ones, ones, batch_size=1, verbose=0)
    mean.count.assign(np.float32(BIG))
    mean.total.assign(np.float32(BIG))
    program = next(iter(model._programs.values()))
    program.run_steps([ones, ones], np.arange(5), 0, 5, 1.0)
    assert float(mean.count.numbers()) == BIG + 5
    assert float(mean.total.numbers()) == BIG + 5


def test_infinite_totals_stay_infinite() -> None:
    total = metrics.Sum()
    for value in (1.0, np.inf, 2.0):
        total.update_state(value)
    assert float(total.result()) == np.inf
    total.update_state(-np.inf)
    assert np.isnan(float(total.result()))


def test_nothing_is_known_while_a_graph_is_recorded() -> None:
    with Trace() as trace:
        x = trace.input(Spec((-1,)), "x")
        mean = metrics.Mean()
        assert mean(x).shape == ()
        with pytest.raises(RuntimeError, match="counts"):
            metrics.Precision()(x, x)


def test_metrics_of_metrics() -> None:
    """The state of metrics that are attributes is reset with the outer one's."""

    class Two(metrics.Metric):
        def __init__(self) -> None:
            super().__init__()
            self.own = self.add_weight(name="own")
            self.first, self.second = metrics.Mean(), metrics.AUC()

    metric = Two()
    assert [v.name for v in metric.variables] == ["own", "total", "count", "counts"]
    metric.first.update_state(3.0)
    metric.own.assign(2.0)
    metric.reset_state()
    assert float(metric.first.result()) == float(metric.own.numpy()) == 0


def test_super_init_is_asked_for() -> None:
    class Hasty(metrics.Metric):
        def __init__(self) -> None:
            self.total = self.add_variable(())

    with pytest.raises(RuntimeError, match=r"Hasty.*super\(\).__init__\(\)"):
        Hasty()
