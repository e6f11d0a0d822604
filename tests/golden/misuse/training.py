"""Misuse of fit, evaluate, predict and train_on_batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import (
    EITHER,
    LABELS,
    Keras,
    Misuse,
    X,
    Y,
    each,
    evaluate,
    fit,
    net,
    predict,
    train_on_batch,
    unknown,
)

SPARSE = "sparse_categorical_crossentropy"


def _with(array: np.ndarray, value: Any) -> np.ndarray:
    """A copy with the value at row 5, column 1 (or at 5)."""
    other = array.copy()
    other[(5, 1) if other.ndim == 2 else 5] = value
    return other


def _uncompiled(keras: Keras) -> Any:
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])


def _labels(value: Any) -> np.ndarray:
    return _with(LABELS.astype(np.result_type(LABELS, type(value))), value)


_TWO = {"a": X, "b": X}

ORDER = [
    Misuse("fit uncompiled", lambda k: _uncompiled(k).fit(X, Y), (r"compile\(\)",)),
    Misuse("evaluate uncompiled", lambda k: _uncompiled(k).evaluate(X, Y), (r"compile\(\)",)),
    Misuse("step uncompiled", lambda k: _uncompiled(k).train_on_batch(X, Y), (r"compile\(\)",)),
    Misuse("no loss", lambda k: fit(k, loss=None), ("loss", "compile")),
]

INPUTS = [
    Misuse("fit 5 columns", lambda k: fit(k, X[:, [0] * 5]), (r"\bx\b|input", r"\b4\b", r"\b5\b")),
    Misuse("evaluate 5 columns", lambda k: evaluate(k, X[:, [0] * 5]), (r"\b4\b", r"\b5\b")),
    Misuse("predict 5 columns", lambda k: predict(k, X[:, [0] * 5]), (r"\b4\b", r"\b5\b")),
    Misuse("fit rank 4", lambda k: fit(k, X[:, :, None, None]), (r"\bx\b|input", r"12?, 4, 1, 1")),
    Misuse("fit rank 1", lambda k: fit(k, X[:, 0]), (r"\bx\b|input", r"\(12,\)|\(None,\)")),
    Misuse("predict rank 1", lambda k: predict(k, X[0]), (r"\bx\b|input", r"\(4,\)|\(None,\)")),
    *(
        Misuse(
            f"{call.__name__} no rows", lambda k, c=call: c(k, X[:0], Y[:0]), (r"\bx\b", r"\b0\b")
        )
        for call in (fit, evaluate)
    ),
    Misuse("predict no rows", lambda k: predict(k, X[:0]), (r"\bx\b", r"\b0\b")),
    Misuse("fit x None", lambda k: fit(k, None), (r"\bx\b", "None"), EITHER),
    Misuse("fit two arrays", lambda k: fit(k, [X, X]), (r"\bx\b|input", r"\b2\b|list"), EITHER),
    Misuse("fit two named arrays", lambda k: fit(k, _TWO), (r"\bx\b|input", "dict|'a'"), EITHER),
    *(
        Misuse(f"fit x {name}", lambda k, v=value: fit(k, v), (r"\bx\b", dtype), EITHER)
        for name, value, dtype in [
            ("objects", np.array([[None] * 4] * 12, dtype=object), "object"),
            ("text", X.astype(str), "<U|str"),
            ("complex", X.astype(complex), "complex"),
        ]
    ),
    Misuse("predict text", lambda k: predict(k, X.astype(str)), (r"\bx\b", "<U|str"), EITHER),
    *(
        Misuse(
            f"{call.__name__} x {value}",
            lambda k, c=call, v=value: c(k, _with(X, v)),
            (r"\bx\b", f"(?<![-a-z]){value}", r"\(?5, 1\)?|\[5\]\[1\]"),
        )
        for call in (fit, evaluate, train_on_batch)
        for value in (np.nan, np.inf, -np.inf)
    ),
]

TARGETS = [
    *(
        Misuse(
            f"fit y {value}",
            lambda k, v=value: fit(k, y=_with(Y, v)),
            (r"\by\b", f"(?<![-a-z]){value}", r"\(?5, 1\)?|\[5\]\[1\]"),
        )
        for value in (np.nan, np.inf, -np.inf)
    ),
    *(
        Misuse(
            f"{name} label {value}",
            lambda k, n=name, v=value: getattr(net(k, SPARSE), n)(X, _labels(v)),
            (r"\by\b|label", rf"(?<!\d){value}\b", r"\b3\b", r"\b5\b"),
        )
        for name in ("fit", "evaluate", "train_on_batch")
        for value in (3, 12, -1)
    ),
    Misuse(
        "fit label 12 of 10",
        lambda k: net(k, SPARSE, units=10).fit(X, _labels(12), verbose=0),
        (r"\by\b|label", r"\b12\b", r"\b10\b"),
    ),
    Misuse(
        "fit label column",
        lambda k: fit(k, y=_labels(7)[:, None], loss=SPARSE),
        (r"\by\b|label", r"\b7\b", r"\b3\b"),
    ),
    Misuse(
        "fit label 1.5",
        lambda k: fit(k, y=_labels(1.5), loss=SPARSE),
        (r"\by\b|label", r"1\.5", r"\b5\b"),
    ),
    Misuse(
        "fit integers with categorical_crossentropy",
        lambda k: fit(k, y=LABELS),
        ("sparse_categorical_crossentropy|to_categorical", r"\(12,\)|\(None,\)"),
    ),
    Misuse(
        "fit one-hot with sparse_categorical_crossentropy",
        lambda k: fit(k, y=Y, loss=SPARSE),
        (r"\by\b|labels|target", r"12, 3|None, 3", "categorical_crossentropy|shape"),
    ),
    Misuse(
        "fit one-hot of 5",
        lambda k: fit(k, y=np.eye(5)[LABELS]),
        (r"\by\b|target", r"12, 5|None, 5|\b5\b", r"12, 3|None, 3|\b3\b"),
    ),
    Misuse(
        "fit mse of 2 columns",
        lambda k: fit(k, y=Y[:, :2], loss="mse"),
        (r"\by\b|y_true|target", r"12, 2|None, 2|\b2\b"),
        EITHER,
    ),
    Misuse("fit y None", lambda k: fit(k, y=None), (r"\by\b|target", "None|loss"), EITHER),
    Misuse(
        "evaluate y None", lambda k: evaluate(k, y=None), (r"\by\b|target", "None|loss"), EITHER
    ),
    *(
        Misuse(f"fit y {name}", lambda k, v=value: fit(k, y=v), (r"\by\b", dtype), EITHER)
        for name, value, dtype in [
            ("objects", np.array([[None] * 3] * 12, dtype=object), "object"),
            ("text", Y.astype(str), "<U|str"),
            ("complex", Y.astype(complex), "complex"),
        ]
    ),
]

LENGTHS = [
    Misuse("fit 7 targets", lambda k: fit(k, y=Y[:7]), (r"\by\b|cardinality", r"\b12\b", r"\b7\b")),
    Misuse("evaluate 7 targets", lambda k: evaluate(k, y=Y[:7]), (r"\b12\b", r"\b7\b")),
    Misuse("step 7 targets", lambda k: train_on_batch(k, y=Y[:7]), (r"\b12\b", r"\b7\b")),
    Misuse(
        "fit 7 weights",
        lambda k: fit(k, sample_weight=np.ones(7)),
        ("sample_weight|cardinality", r"\b12\b", r"\b7\b"),
    ),
    Misuse(
        "validation 7 targets",
        lambda k: fit(k, validation_data=(X, Y[:7])),
        ("validation|val_|cardinality", r"\b12\b", r"\b7\b"),
    ),
]


def _weights(value: Any) -> np.ndarray:
    return _with(np.ones(12, "float32"), value)


WEIGHTS = [
    Misuse(
        "fit weights of rank 2",
        lambda k: fit(k, sample_weight=np.ones((12, 3))),
        ("sample_weight", r"\(12, 3\)"),
    ),
    *(
        Misuse(
            f"{call.__name__} weight {value}",
            lambda k, c=call, v=value: c(k, sample_weight=_weights(v)),
            ("sample_weight", f"(?<![a-z]){value}", r"\b5\b"),
        )
        for call in (fit, evaluate)
        for value in (-1.0, np.nan, np.inf)
    ),
    *(
        Misuse(
            f"{call.__name__} class_weight with sample_weight",
            lambda k, c=call: c(k, class_weight={0: 2.0}, sample_weight=np.ones(12)),
            ("class_weight", "sample_weight"),
        )
        for call in (fit, train_on_batch)
    ),
    *each(fit, "class_weight", [1.0, 2.0], "balanced", errors=EITHER),
    Misuse(
        "fit class_weight of labels",
        lambda k: net(k, SPARSE).fit(X, LABELS, class_weight={-1: 2.0}, verbose=0),
        ("class_weight", "-1"),
    ),
    *(
        Misuse(
            f"fit class_weight={given}",
            lambda k, g=given: fit(k, class_weight=g),
            ("class_weight", came),
            EITHER,
        )
        for given, came in [
            ({7: 1.0}, r"\b7\b"),
            ({-1: 1.0}, "-1"),
            ({"a": 1.0}, "'a'"),
            ({"1": 1.0}, "'1'"),
            ({1.5: 1.0}, r"1\.5"),
            ({0: -1.0}, r"-1\.0"),
            ({0: np.nan}, "nan"),
            ({0: "a"}, "'a'"),
        ]
    ),
]

OPTIONS = [
    *each(fit, "batch_size", 0, -1, 2.5, "32", errors=EITHER),
    *each(evaluate, "batch_size", 0, -1, 2.5, errors=EITHER),
    *each(predict, "batch_size", 0, -1, 2.5, "32", errors=EITHER),
    *each(fit, "epochs", -1, 1.5, "2", None, errors=EITHER),
    *each(fit, "initial_epoch", -1, 0.5, errors=EITHER),
    *each(fit, "validation_split", 1.0, 1.5, -0.1, "a", float("nan"), errors=EITHER),
    *each(fit, "validation_split", 0.999, x=X[:3], y=Y[:3]),
    *each(fit, "validation_split", 0.5, x=X[:1], y=Y[:1]),
    Misuse(
        "validation_data of one",
        lambda k: fit(k, validation_data=(X,)),
        ("validation_data|y_true|target|loss", r"\b1\b|None|tuple"),
        EITHER,
    ),
    Misuse(
        "validation_data of four",
        lambda k: fit(k, validation_data=(X, Y, np.ones(12), 3)),
        ("validation_data|[Dd]ata", r"\b4\b|x, y, sample_weight|\(x, y"),
    ),
    Misuse(
        "validation_data an array",
        lambda k: fit(k, validation_data=X),
        ("validation_data|y_true|target|loss", "tuple|ndarray|None"),
        EITHER,
    ),
    Misuse(
        "validation_data of 5 columns",
        lambda k: fit(k, validation_data=(X[:, [0] * 5], Y)),
        (r"\b4\b", r"\b5\b"),
    ),
    Misuse(
        "validation_data nan",
        lambda k: fit(k, validation_data=(_with(X, np.nan), Y)),
        ("validation|val_", "nan"),
    ),
    *each(fit, "validation_batch_size", 0, 2.5, validation_data=(X, Y), errors=EITHER),
    *each(fit, "validation_freq", 0, -1, 1.5, "a", validation_data=(X, Y), errors=EITHER),
    *each(fit, "verbose", 3, -1, "loud", 1.5, errors=EITHER),
    *each(fit, "shuffle", "rows", errors=EITHER),
    *each(fit, "callbacks", 3, "history", errors=EITHER),
    Misuse("fit callbacks=[3]", lambda k: fit(k, callbacks=[3]), ("callbacks", r"\b3\b"), EITHER),
    unknown(fit, "epoch"),
    unknown(evaluate, "batchsize"),
    unknown(predict, "verbos"),
]

USERS = [
    Misuse(
        "loss returns None",
        lambda k: fit(k, loss=lambda y_true, y_pred: None),
        ("loss", "None"),
        EITHER,
    ),
    Misuse(
        "loss of 5 values with 12 weights",
        lambda k: fit(
            k, loss=lambda y_true, y_pred: np.zeros(5, "float32"), sample_weight=np.ones(12)
        ),
        ("loss", "sample_weight", r"\(5,\)"),
        EITHER,
    ),
    Misuse("loss of one argument", lambda k: fit(k, loss=lambda y: y), ("argument",), EITHER),
]

TRAINING = [*ORDER, *INPUTS, *TARGETS, *LENGTHS, *WEIGHTS, *OPTIONS, *USERS]
