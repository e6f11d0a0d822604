"""Misuse of metrics."""

from __future__ import annotations

import numpy as np

from .case import EITHER, LABELS, Misuse, X, Y, each, make, unknown

P = np.abs(X[:, :3]) / 4
ONES = np.ones(5)
_BOUNDS = {
    "SensitivityAtSpecificity": "specificity", "SpecificityAtSensitivity": "sensitivity",
    "PrecisionAtRecall": "recall", "RecallAtPrecision": "precision",
}  # fmt: skip

METRICS = [
    *each(make("metrics.BinaryAccuracy"), "threshold", "a", errors=EITHER),
    *each(make("metrics.MeanMetricWrapper"), "fn", None, 3, errors=EITHER),
    unknown(make("metrics.Mean"), "dtyp"),
    unknown(make("metrics.AUC"), "num_threshold"),
    *each(make("metrics.AUC"), "num_thresholds", 1, 0, -5),
    *each(make("metrics.AUC"), "num_thresholds", 20.5, "a", errors=EITHER),
    *each(make("metrics.AUC"), "curve", "ROCK", 3, word="curve"),
    *each(make("metrics.AUC"), "summation_method", "trapezoid", word="summation"),
    *each(make("metrics.AUC"), "num_labels", 3),
    Misuse(
        "AUC of a threshold of 1.5",
        lambda k: k.metrics.AUC(thresholds=[0.5, 1.5]),
        ("thresholds", r"1\.5"),
    ),
    *[
        m
        for cls, bound in _BOUNDS.items()
        for m in (
            *each(make(f"metrics.{cls}"), bound, -0.5, 1.5),
            *each(make(f"metrics.{cls}", **{bound: 0.5}), "num_thresholds", 0),
        )
    ],
    *each(make("metrics.Precision"), "thresholds", 1.5, -0.1, word="[Tt]hreshold"),
    *each(make("metrics.TruePositives"), "thresholds", 1.5, word="[Tt]hreshold"),
    *each(make("metrics.Recall"), "top_k", 0, -1, errors=EITHER),
    *each(make("metrics.Recall"), "class_id", -2, 1.5, errors=EITHER),
    *each(make("metrics.FBetaScore"), "average", "mean", 3),
    *each(make("metrics.FBetaScore"), "beta", 2, 0.0, -1.0),
    *each(make("metrics.F1Score"), "threshold", 1, 0.0, 1.5),
    *each(make("metrics.R2Score"), "class_aggregation", "mean"),
    *each(make("metrics.R2Score"), "num_regressors", -1),
    *each(make("metrics.TopKCategoricalAccuracy"), "k", 0, 2.5, errors=EITHER),
    *each(make("metrics.MeanIoU"), "num_classes", 0, 2.5, errors=EITHER),
    *each(make("metrics.IoU", num_classes=2), "target_class_ids", [2], word="[Tt]arget"),
    Misuse(
        "metric of unequal shapes",
        lambda k: k.metrics.CategoricalAccuracy().update_state(Y, Y[:7]),
        (r"\(12, 3\)|\(12,\)", r"\(7, 3\)|\(7,\)"),
        EITHER,
    ),
    Misuse(
        "metric of unequal weights",
        lambda k: k.metrics.Mean().update_state(X[:, 0], sample_weight=ONES),
        ("sample_weight", r"\(5,\)"),
        EITHER,
    ),
    Misuse(
        "metric of text",
        lambda k: k.metrics.Mean().update_state(["a", "b"]),
        ("[Vv]alues", "<U1|str"),
        EITHER,
    ),
    Misuse(
        "AUC of labels",
        lambda k: k.metrics.AUC().update_state(LABELS, P),
        (r"\(12,\)", r"\(12, 3\)"),
        EITHER,
    ),
    Misuse(
        "Precision of unequal weights",
        lambda k: k.metrics.Precision().update_state(Y, P, sample_weight=ONES),
        ("sample_weight", r"\(5, 1\)|\(5,\)"),
        EITHER,
    ),
    Misuse(
        "Precision of a class that is not there",
        lambda k: k.metrics.Precision(class_id=7).update_state(Y, P),
        ("class_id|index|indices", r"\b7\b"),
        (ValueError, IndexError),
    ),
    Misuse(
        "Recall of a class of one column",
        lambda k: k.metrics.Recall(class_id=1).update_state(Y[:, 0], P[:, 0]),
        ("class_id", r"\(12,\)"),
    ),
    Misuse(
        "AUC of one column with multi_label",
        lambda k: k.metrics.AUC(multi_label=True).update_state(Y[:, 0], P[:, 0]),
        ("multi_label", r"rank|\(12,\)"),
    ),
    Misuse(
        "F1Score of labels",
        lambda k: k.metrics.F1Score().update_state(LABELS, P),
        ("2D", r"\(12,\)"),
    ),
    Misuse(
        "R2Score of three axes",
        lambda k: k.metrics.R2Score().update_state(Y[None], P[None]),
        ("2D", r"\(1, 12, 3\)"),
    ),
    Misuse(
        "IoU of unequal weights",
        lambda k: k.metrics.IoU(3, [0], dtype="float32").update_state(
            LABELS, LABELS, sample_weight=ONES
        ),
        ("sample_weight", r"\(5,\)"),
        EITHER,
    ),
]
