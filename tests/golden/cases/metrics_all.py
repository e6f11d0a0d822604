"""Every metric over several batches: unweighted, weighted in each way, and after reset_state."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record

Batch = tuple[np.ndarray, np.ndarray]  # targets, predictions


def _batches(kind: str) -> list[tuple[Batch, np.ndarray]]:
    """Three batches of unequal size, and weights of the targets' shape."""
    rng = np.random.default_rng(12)
    batches = []
    for n in (9, 1, 30):
        p = rng.dirichlet(np.ones(4), n).astype("float32")
        classes = rng.integers(0, 4, n)
        bits = rng.integers(0, 2, (n, 4)).astype("float32")
        noisy = np.clip(0.35 * bits + rng.uniform(0, 0.65, (n, 4)), 0, 1).astype("float32")
        noisy[0, :2] = 0, 1
        values = rng.normal(size=(n, 3)).astype("float32")
        other = (values + 0.4 * rng.normal(size=(n, 3))).astype("float32")
        label = rng.integers(0, 4, n)
        batch: dict[str, Batch] = {
            "flat": (bits[:, 0], noisy[:, 0]),
            "column": (bits[:, :1], noisy[:, :1]),
            "mixed": (bits[:, 0], noisy[:, :1]),
            "bits": (bits, noisy),
            "logits": (bits, 6 * noisy - 3),
            "one_hot": (np.eye(4, dtype="float32")[classes], p),
            "sparse": (classes, p),
            "sparse_column": (classes[:, None], p),
            "ids": (classes, np.argsort(-p, axis=1)[:, :3].astype("int32")),
            "values": (values, other),
            "values_flat": (values[:, 0], other[:, 0]),
            "positive": (np.abs(values), np.abs(other)),
            "signs": (2 * bits - 1, 2 * noisy - 1),
            "classes": (classes, label),
            "class_map": (rng.integers(-1, 5, (n, 6)), rng.integers(0, 4, (n, 6))),
        }
        y, prediction = batch[kind]
        batches.append(((y, prediction), rng.uniform(0.25, 3, y.shape).astype("float32")))
    return batches


# By name: the data, the metric, and how it is weighted.
Make = Callable[[Any], Any]  # of keras.metrics
ROW, EACH, ONE = "row", "each", "one"
METRICS: dict[str, tuple[str, Make, tuple[str, ...]]] = {
    # accuracy
    "accuracy": ("classes", lambda m: m.Accuracy(), (ROW, ONE)),
    "binary_accuracy": ("bits", lambda m: m.BinaryAccuracy(threshold=0.4), (ROW, EACH, ONE)),
    "top_k": ("one_hot", lambda m: m.TopKCategoricalAccuracy(2), (ROW,)),
    "top_1": ("one_hot", lambda m: m.TopKCategoricalAccuracy(k=1, name="first"), (ROW,)),
    "sparse_top_k": ("sparse", lambda m: m.SparseTopKCategoricalAccuracy(k=3), (ROW,)),
    "sparse_top_k_ids": (
        "ids", lambda m: m.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True), (ROW,),
    ),
    # counts, precision, recall
    "true_positives": ("flat", lambda m: m.TruePositives(), (ROW, ONE)),
    "false_positives": ("column", lambda m: m.FalsePositives(0.3), (ROW, ONE)),
    "true_negatives": ("bits", lambda m: m.TrueNegatives([0.7, 0.2]), (ROW, EACH, ONE)),
    "false_negatives": ("mixed", lambda m: m.FalseNegatives([0.0, 0.5, 1.0]), (ROW,)),
    "precision": ("flat", lambda m: m.Precision(), (ROW, ONE)),
    "precision_thresholds": ("bits", lambda m: m.Precision([0.9, 0.1, 0.5]), (ROW, EACH)),
    "precision_class": ("bits", lambda m: m.Precision(class_id=2), (ROW,)),
    "recall": ("column", lambda m: m.Recall(), (ROW, ONE)),
    "recall_even": ("bits", lambda m: m.Recall([0.0, 0.25, 0.5, 0.75, 1.0]), (ROW, EACH)),
    "precision_top": ("one_hot", lambda m: m.Precision(top_k=2), (ROW,)),
    "recall_top_class": ("one_hot", lambda m: m.Recall(top_k=2, class_id=1), (ROW,)),
    "recall_top_threshold": ("bits", lambda m: m.Recall(0.6, top_k=1), (ROW, EACH)),
    # the best under a condition
    "sensitivity": ("bits", lambda m: m.SensitivityAtSpecificity(0.6), (ROW,)),
    "sensitivity_one": ("flat", lambda m: m.SensitivityAtSpecificity(0.4, 1), (ROW,)),
    "specificity": ("bits", lambda m: m.SpecificityAtSensitivity(0.7, 50), (ROW, EACH)),
    "precision_at_recall": ("bits", lambda m: m.PrecisionAtRecall(0.8, class_id=1), (ROW,)),
    "recall_at_precision": ("bits", lambda m: m.RecallAtPrecision(0.6, 3), (ROW,)),
    "recall_at_no_precision": ("bits", lambda m: m.RecallAtPrecision(1.0, 2), (ROW,)),
    # areas
    **{
        f"auc_{curve}_{method}".lower(): (
            "bits",
            functools.partial(
                lambda m, **options: m.AUC(**options),
                num_thresholds=n, curve=curve, summation_method=method,
            ),
            (ROW, EACH),
        )
        for curve, n in (("ROC", 200), ("PR", 40), ("PRGAIN", 7))
        for method in ("interpolation", "minoring", "majoring")
    },
    "auc_two": ("flat", lambda m: m.AUC(2), (ROW,)),
    "auc_thresholds": ("flat", lambda m: m.AUC(thresholds=[0.8, 0.1, 0.45]), (ROW,)),
    "auc_even_thresholds": ("flat", lambda m: m.AUC(thresholds=[0.75, 0.5, 0.25]), (ROW,)),
    "auc_logits": ("logits", lambda m: m.AUC(from_logits=True), (ROW,)),
    "auc_labels": ("bits", lambda m: m.AUC(multi_label=True), (ROW, EACH)),
    "auc_labels_weighted": (
        "bits",
        lambda m: m.AUC(multi_label=True, num_labels=4, label_weights=[0.1, 0.4, 0.3, 0.2], curve="PR"),
        (ROW,),
    ),
    "auc_labels_thresholds": (
        "bits", lambda m: m.AUC(multi_label=True, thresholds=[0.2, 0.3], curve="PRGAIN"), (),
    ),
    "auc_columns_weighted": ("bits", lambda m: m.AUC(label_weights=[0.1, 0.4, 0.3, 0.2]), (ROW,)),
    # F-scores
    "f1": ("bits", lambda m: m.F1Score(threshold=0.5), (ROW,)),
    "f1_largest": ("one_hot", lambda m: m.F1Score(), (ROW,)),
    **{
        f"f_beta_{average}": (
            "bits",
            functools.partial(
                lambda m, average: m.FBetaScore(average, beta=2.0, threshold=0.4), average=average
            ),
            (ROW,),
        )
        for average in ("micro", "macro", "weighted")
    },
    # intersection over union
    "iou": ("classes", lambda m: m.IoU(4, [0, 2]), (ROW,)),
    "iou_float": ("classes", lambda m: m.IoU(4, (1,), dtype="float32", name="own"), (ROW, ONE)),
    "iou_map": ("class_map", lambda m: m.IoU(4, [0, 1, 3], dtype="float32"), (EACH,)),
    "iou_scores": (
        "one_hot", lambda m: m.IoU(4, [0, 1], sparse_y_true=False, sparse_y_pred=False), (ROW,),
    ),
    "binary_iou": ("flat", lambda m: m.BinaryIoU([0, 1], threshold=0.3), (ROW,)),
    "binary_iou_float": ("bits", lambda m: m.BinaryIoU([1], dtype="float32"), (EACH,)),
    "mean_iou": ("class_map", lambda m: m.MeanIoU(5, ignore_class=2), (EACH,)),
    "one_hot_iou": ("one_hot", lambda m: m.OneHotIoU(4, [1, 3], dtype="float32"), (ROW,)),
    "one_hot_mean_iou": ("one_hot", lambda m: m.OneHotMeanIoU(4), (ROW,)),
    # regression
    "squared": ("values", lambda m: m.MeanSquaredError(), (ROW, ONE)),
    "root": ("values", lambda m: m.RootMeanSquaredError(), (ROW, EACH, ONE)),
    "root_flat": ("values_flat", lambda m: m.RootMeanSquaredError(), (ROW,)),
    "absolute": ("values_flat", lambda m: m.MeanAbsoluteError(), ()),
    **{
        f"r2_{aggregation}_{regressors}": (
            "values",
            functools.partial(
                lambda m, **options: m.R2Score(**options),
                class_aggregation=aggregation, num_regressors=regressors,
            ),
            (ROW, EACH),
        )
        for aggregation in (None, "uniform_average", "variance_weighted_average")
        for regressors in (0, 2)
    },
    "percentage": ("positive", lambda m: m.MeanAbsolutePercentageError(), (ROW,)),
    "logarithmic": ("positive", lambda m: m.MeanSquaredLogarithmicError(), (ROW, ONE)),
    "log_cosh": ("values", lambda m: m.LogCoshError(), (ROW,)),
    "cosine": ("values", lambda m: m.CosineSimilarity(), (ROW,)),
    # hinge
    "hinge": ("signs", lambda m: m.Hinge(), (ROW,)),
    "squared_hinge": ("bits", lambda m: m.SquaredHinge(), (ROW,)),
    "categorical_hinge": ("one_hot", lambda m: m.CategoricalHinge(), (ROW,)),
    # correlation
    "pearson": ("values", lambda m: m.PearsonCorrelation(), (ROW,)),
    "concordance": ("values", lambda m: m.ConcordanceCorrelation(), (ROW,)),
    "concordance_axes": ("values", lambda m: m.ConcordanceCorrelation(axis=(0, 1)), ()),
    # probabilistic
    "kl": ("one_hot", lambda m: m.KLDivergence(), (ROW,)),
    "poisson": ("positive", lambda m: m.Poisson(), (ROW, ONE)),
    "sparse_crossentropy": ("sparse", lambda m: m.SparseCategoricalCrossentropy(), (ROW,)),
    "sparse_crossentropy_ignored": (
        "sparse", lambda m: m.SparseCategoricalCrossentropy(ignore_class=2), (ROW,),
    ),
    "binary_crossentropy": ("bits", lambda m: m.BinaryCrossentropy(label_smoothing=0.2), (ROW,)),
    "binary_logits": ("logits", lambda m: m.BinaryCrossentropy(from_logits=True), (ROW,)),
    "crossentropy": ("one_hot", lambda m: m.CategoricalCrossentropy(), (ROW, ONE)),
}  # fmt: skip


def _weights(how: str, weights: np.ndarray) -> Any:
    if how == ROW:
        return weights.reshape(len(weights), -1)[:, 0]
    return weights if how == EACH else float(weights.flat[0])


def _figures(metric: Any) -> Any:
    """The result as numbers, None for NaN (without data)."""
    found = np.asarray(metric.result(), "float64")
    listed = [None if np.isnan(x) else float(x) for x in found.flat]
    return listed if found.ndim else listed[0]


def _plain(value: Any) -> Any:
    """A config without NumPy and without what Keras's containers are."""
    if isinstance(value, np.ndarray):
        return [round(float(x), 6) for x in value]
    return list(value) if isinstance(value, (list, tuple)) else value


def accumulated(keras: Keras, kind: str, make: Make, weighted: tuple[str, ...]) -> Record:
    """The result after each batch, in each way of weighting; each begins with reset_state."""
    metric = make(keras.metrics)
    record: Record = {"config": {k: _plain(v) for k, v in metric.get_config().items()}}
    record["config"].pop("name")
    if type(metric).__name__ == "CosineSimilarity":  # Keras leaves it out
        record["config"].pop("axis", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for how in ("plain", *weighted):
            metric.reset_state()
            record[how] = []
            for (y, prediction), weights in _batches(kind):
                given = {} if how == "plain" else {"sample_weight": _weights(how, weights)}
                metric.update_state(y, prediction, **given)
                record[how].append(_figures(metric))
        metric.reset_state()
        record["reset"] = _figures(metric)
    return record


NAMES = (
    "mape", "MSLE", "msle", "Hinge", "kl_divergence", "KLDivergence", "poisson", "log_cosh_error",
    "LogCoshError", "cosine_similarity", "CosineSimilarity", "categorical_hinge", "squared_hinge",
    "AUC", "auc", "Accuracy", "accuracy", "BinaryAccuracy", "binary_accuracy",
    "BinaryCrossentropy", "bce", "BCE", "CategoricalAccuracy", "CategoricalCrossentropy",
    "ConcordanceCorrelation", "FalseNegatives", "false_negatives", "FalsePositives",
    "FBetaScore", "f_beta_score", "f1_score", "F1Score", "mean_squared_error", "mse", "MSE",
    "mae", "MAE", "PearsonCorrelation", "precision", "Precision", "recall", "r2_score",
    "R2Score", "root_mean_squared_error", "SparseCategoricalAccuracy",
    "sparse_top_k_categorical_accuracy", "top_k_categorical_accuracy", "TrueNegatives",
    "true_positives", "BinaryIoU", "sum", "mean",
)  # fmt: skip


def names(keras: Keras) -> Record:
    """What `get` makes of names: the class and the metric's own name."""
    keras.utils.clear_session()
    found = {name: keras.metrics.get(name) for name in NAMES}
    return {name: f"{type(m).__name__} {m.name}" for name, m in found.items()}


def top_k_functions(keras: Keras) -> Record:
    """Values and shapes for labels (n,), (n, 1) and of several axes."""
    rng = np.random.default_rng(5)
    scores = rng.uniform(size=(3, 2, 4)).astype("float32")
    labels = rng.integers(0, 4, (3, 2))
    ids = np.argsort(-scores[:, 0], axis=-1).astype("float32")
    f = keras.metrics.sparse_top_k_categorical_accuracy
    found = {
        "flat": f(labels[:, 0], scores[:, 0], k=2),
        "column": f(labels[:, :1], scores[:, 0], k=2),
        "rows": f(labels, scores, k=2),
        "rows of one": f(labels[..., None], scores, k=2),
        "ids": f(labels[:, 0], ids, k=2, from_sorted_ids=True),
        "column of ids": f(labels[:, :1], ids, k=2, from_sorted_ids=True),
        "one-hot": keras.metrics.top_k_categorical_accuracy(np.eye(4)[labels], scores, k=2),
    }
    return {key: np.asarray(values).tolist() for key, values in found.items()}


def MyMetric(y_true: Any, y_pred: Any) -> Any:  # noqa: N802
    return abs(y_true - y_pred)


def RMSE2(y_true: Any, y_pred: Any) -> Any:  # noqa: N802
    return abs(y_true - y_pred)


class Called:
    def __call__(self, y_true: Any, y_pred: Any) -> Any:
        return abs(y_true - y_pred)


class Named(Called):
    name = "Its Own"


def names_of_functions(keras: Keras) -> Record:
    """What is reported for functions and objects that are called, and what their metric is named."""
    keras.utils.clear_session()
    several = [
        MyMetric, RMSE2, lambda y, p: abs(y - p), lambda y, p: abs(y - p), Called(), Named(),
        functools.partial(MyMetric), "mse", keras.losses.mean_squared_error,
        keras.metrics.MeanMetricWrapper(MyMetric), keras.metrics.MeanMetricWrapper(RMSE2),
    ]  # fmt: skip
    model = keras.Sequential([keras.Input((2,)), keras.layers.Rescaling(1.0)])
    model.compile(loss="mse", metrics=several)
    x = np.ones((4, 2), "float32")
    return {"reported": list(model.evaluate(x, x, verbose=0, return_dict=True))}


# Keras's float32 totals leave a rounding where the exact difference is 0.
_metric = functools.partial(Case, "metrics_all", atol=4e-6, rtol=2e-6)

CASES = [
    *(
        _metric(name, functools.partial(accumulated, kind=kind, make=make, weighted=weighted))
        for name, (kind, make, weighted) in METRICS.items()
    ),
    _metric("top k functions", top_k_functions),
    _metric("names", names),
    _metric("names of functions", names_of_functions),
]
