"""Every loss on arrays: its function on several shapes, its class weighed and reduced."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, one_hot

rng = np.random.default_rng(11)
REAL = rng.normal(size=(8, 5)).astype("float32")
OTHER = (REAL + rng.normal(size=(8, 5)) * 2).astype("float32")
LOGITS = (rng.normal(size=(8, 5)) * 2).astype("float32")
P = (np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)).astype("float32")
SIGMOIDS = (1 / (1 + np.exp(-LOGITS))).astype("float32")
LABELS = rng.integers(0, 5, 8)
ONE_HOT = one_hot(LABELS)
SOFT = rng.dirichlet(np.ones(5), 8).astype("float32")
BITS = rng.integers(0, 2, (8, 5)).astype("float32")
COUNTS = rng.poisson(3, (8, 5)).astype("float32")
WEIGHTS = rng.uniform(0, 2, 8).astype("float32")
CUBE = rng.normal(size=(3, 4, 5)).astype("float32")
CUBE_P = (np.exp(CUBE) / np.exp(CUBE).sum(axis=1, keepdims=True)).astype("float32")
UNIT = (REAL / np.linalg.norm(REAL, axis=1, keepdims=True)).astype("float32")
PAIRS = np.array([0, 1, 0, 2, 1, 1, 3, 0])
ZEROS = np.zeros((8, 5), "float32")

Call = tuple[Any, Any, dict[str, Any]]  # y_true, y_pred, further arguments
DIFFERENCES: dict[str, Call] = {
    "rows": (REAL, OTHER, {}),
    "equal": (REAL, REAL, {}),
    "column": (REAL[:, :1], OTHER[:, :1], {}),
    "flat": (REAL[:, 0], OTHER[:, 0], {}),
    "expanded": (REAL[:, 0], OTHER[:, :1], {}),
    "squeezed": (CUBE[..., :1], CUBE[..., 1], {}),
    "broadcast": (REAL[:, :1], OTHER, {}),
    "cube": (CUBE, CUBE_P, {}),
    "zeros": (ZEROS, OTHER, {}),
    "integers": (COUNTS.astype("int64"), OTHER, {}),
    "large": (REAL, 1e4 * OTHER, {}),
}
MARGINS: dict[str, Call] = {
    "bits": (BITS, OTHER, {}),
    "signs": (2 * BITS - 1, OTHER, {}),
    "one sign": (np.ones((8, 5), "float32"), OTHER, {}),
    "three kinds": (np.sign(BITS + np.eye(8, 5, dtype="float32") - 1), OTHER, {}),
    "cube": ((CUBE_P > 0.3).astype("float32"), CUBE, {}),
}
BINARY: dict[str, Call] = {
    "probabilities": (BITS, SIGMOIDS, {}),
    "logits": (BITS, LOGITS, {"from_logits": True}),
    "smoothing": (BITS, SIGMOIDS, {"label_smoothing": 0.2}),
    "smoothing of logits": (BITS, LOGITS, {"label_smoothing": 0.2, "from_logits": True}),
    "axis": (BITS, SIGMOIDS, {"axis": 0}),
    "soft": (SOFT, SIGMOIDS, {}),
    "column": (BITS[:, :1], SIGMOIDS[:, :1], {}),
    "saturated": (BITS, BITS[::-1].copy(), {}),
}
CATEGORICAL: dict[str, Call] = {
    "probabilities": (ONE_HOT, P, {}),
    "logits": (SOFT, LOGITS, {"from_logits": True}),
    "smoothing": (ONE_HOT, P, {"label_smoothing": 0.1}),
    "axis": (CUBE_P[::-1].copy(), CUBE_P, {"axis": 1}),
    "unnormalised": (SOFT, 3 * P + np.float32(0.1), {}),
    "saturated": (ONE_HOT, np.roll(ONE_HOT, 1, axis=0), {}),
}
MASKS: dict[str, Call] = {
    "all": (BITS, SIGMOIDS, {}),
    "by sample": (BITS, SIGMOIDS, {"axis": -1}),
    "two axes": (CUBE_P, CUBE_P[::-1].copy(), {"axis": (1, 2)}),
    "nothing": (ZEROS, ZEROS, {}),
}
FOCUS: dict[str, dict[str, Any]] = {
    "gamma 0": {"gamma": 0.0},
    "gamma 1": {"gamma": 1.0},
    "gamma 0.5": {"gamma": 0.5},
    "gamma 3.5": {"gamma": 3.5},
}


def _with(calls: dict[str, Call], **more: Any) -> dict[str, Call]:
    return {name: (y, p, {**arguments, **more}) for name, (y, p, arguments) in calls.items()}


def _options(calls: dict[str, Call], options: dict[str, dict[str, Any]]) -> dict[str, Call]:
    """All calls, and the first one with each of the options."""
    y, p, arguments = next(iter(calls.values()))
    return calls | {name: (y, p, {**arguments, **more}) for name, more in options.items()}


CALLS: dict[str, dict[str, Call]] = {
    **dict.fromkeys(
        ("mean_squared_error", "mean_absolute_error", "mean_squared_logarithmic_error", "log_cosh"),
        DIFFERENCES,
    ),
    "mean_absolute_percentage_error": {k: v for k, v in DIFFERENCES.items() if k != "zeros"},
    "cosine_similarity": _options(DIFFERENCES, {"axis": {"axis": 0}}),
    "huber": _options(DIFFERENCES, {"half": {"delta": 0.5}, "three": {"delta": 3}}),
    "hinge": MARGINS,
    "squared_hinge": MARGINS,
    "categorical_hinge": {"one-hot": (ONE_HOT, OTHER, {}), "soft": (SOFT, OTHER, {})},
    "kl_divergence": {
        "soft": (SOFT, P, {}),
        "one-hot": (ONE_HOT, P, {}),
        "saturated": (ONE_HOT, ONE_HOT[::-1].copy(), {}),
        "cube": (CUBE_P, CUBE_P[::-1].copy(), {}),
    },
    "poisson": {"counts": (COUNTS, np.exp(REAL), {}), "at 0": (COUNTS, ZEROS, {})},
    "binary_crossentropy": BINARY,
    "categorical_crossentropy": CATEGORICAL,
    "sparse_categorical_crossentropy": {
        "labels": (LABELS, P, {}),
        "column": (LABELS[:, None], P, {}),
        "ignored": (LABELS, P, {"ignore_class": 2}),
        "-1 ignored": (np.where(LABELS > 2, -1, LABELS), P, {"ignore_class": -1}),
        "ignored logits": (LABELS, LOGITS, {"ignore_class": 2, "from_logits": True}),
        "axis": (np.argmax(CUBE[:, :, :4], axis=1), CUBE_P[:, :, :4], {"axis": 1}),
    },
    "binary_focal_crossentropy": _options(
        BINARY, {**FOCUS, "balanced": {"apply_class_balancing": True, "alpha": 0.3}}
    ),
    "categorical_focal_crossentropy": _options(
        CATEGORICAL, {**FOCUS, "alphas": {"alpha": [0.1, 0.2, 0.3, 0.4, 0.5]}}
    ),
    "categorical_generalized_cross_entropy": {
        str(q): (LABELS, P, {"q": q}) for q in (0.1, 0.5, 0.7, 0.99)
    },
    "dice": MASKS,
    "tversky": _options(MASKS, {"weighed": {"alpha": 0.2, "beta": 0.9}}),
    "circle": {
        "defaults": (PAIRS, UNIT, {}),
        "column": (PAIRS[:, None], UNIT, {}),
        "with itself": (PAIRS, UNIT, {"remove_diagonal": False}),
        "mild": (PAIRS, UNIT, {"gamma": 2.0, "margin": 0.2}),
        "references": (
            PAIRS[:3], UNIT[:3],
            {"ref_labels": PAIRS, "ref_embeddings": UNIT, "remove_diagonal": False},
        ),
    },
}  # fmt: skip


def functions(keras: Keras, name: str) -> Record:
    """The values of all calls in one row, and their shapes."""
    f = getattr(keras.losses, name)
    found = {key: np.asarray(f(y, p, **more)) for key, (y, p, more) in CALLS[name].items()}
    return {
        "shapes": {key: list(values.shape) for key, values in found.items()},
        "values": np.concatenate([values.reshape(-1) for values in found.values()]),
    }


CLASSES: dict[str, Call] = {
    "MeanSquaredError": (REAL, OTHER, {}),
    "MeanAbsoluteError": (REAL, OTHER, {}),
    "MeanAbsolutePercentageError": (REAL, OTHER, {}),
    "MeanSquaredLogarithmicError": (REAL, OTHER, {}),
    "CosineSimilarity": (REAL, OTHER, {}),
    "Huber": (REAL, OTHER, {"delta": 0.7}),
    "LogCosh": (REAL, OTHER, {}),
    "Hinge": (BITS, OTHER, {}),
    "SquaredHinge": (BITS, OTHER, {}),
    "CategoricalHinge": (ONE_HOT, OTHER, {}),
    "KLDivergence": (SOFT, P, {}),
    "Poisson": (COUNTS, np.exp(REAL), {}),
    "BinaryCrossentropy": (BITS, SIGMOIDS, {"label_smoothing": 0.1}),
    "BinaryFocalCrossentropy": (BITS, LOGITS, {"from_logits": True, "gamma": 1.5}),
    "CategoricalCrossentropy": (ONE_HOT, P, {}),
    "CategoricalFocalCrossentropy": (ONE_HOT, P, {"alpha": 0.4}),
    "SparseCategoricalCrossentropy": (LABELS, P, {"ignore_class": 2}),
    "CategoricalGeneralizedCrossEntropy": (LABELS, P, {"q": 0.7}),
    "Dice": (BITS, SIGMOIDS, {"axis": 1}),
    "Tversky": (BITS, SIGMOIDS, {"alpha": 0.3, "beta": 0.7, "axis": 1}),
    "Circle": (PAIRS, UNIT, {"gamma": 4.0}),
}


def classes(keras: Keras, name: str) -> Record:
    """Every reduction without weights, with weights of several shapes; name and reduction."""
    y, p, more = CLASSES[name]
    given: dict[str, Any] = {
        "none": None,
        "flat": WEIGHTS,
        "column": WEIGHTS[:, None],
        "scalar": 0.5,
        "zeros": np.zeros(8, "float32"),
    }
    record: Record = {"name": getattr(keras.losses, name)().name}
    for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight", None):
        f = getattr(keras.losses, name)(reduction=reduction, **more)
        some = given if reduction else {"flat": WEIGHTS}
        values = {key: np.asarray(f(y, p, sample_weight=w)) for key, w in some.items()}
        record[str(reduction)] = {k: v if v.ndim else float(v) for k, v in values.items()}
    return record


def names(keras: Keras) -> Record:
    """What a string means."""
    found: Record = {}
    for name in ("mse", "MSE", "mae", "MAE", "mape", "MAPE", "msle", "MSLE"):
        found[name] = np.asarray(keras.losses.get(name)(REAL, OTHER))
    for name in ("bce", "BCE", "kld", "KLD"):
        found[name] = np.asarray(keras.losses.get(name)(SOFT, P))
    for name in (*(n for n in CALLS if "generalized" not in n), "log_cosh"):
        found[name] = keras.losses.get(name).__name__
    for name in (n for n in CLASSES if "Generalized" not in n):
        found[name] = type(keras.losses.get(name)).__name__
    config = {"class_name": "Huber", "config": {"delta": 2.0, "reduction": "sum", "name": "h"}}
    found["config"] = np.asarray(keras.losses.deserialize(config)(REAL, OTHER))
    found["serialized"] = keras.losses.serialize(keras.losses.Tversky(alpha=0.25, axis=1))
    return found


# JAX computes from logits exactly; of arrays, Keras normalizes only the last axis.
_case = functools.partial(Case, "losses_all", backend="jax")

CASES = [
    *(
        _case(f"function {n}", functools.partial(functions, name=n), atol=2e-6, rtol=4e-6)
        for n in CALLS
    ),
    *(
        _case(f"class {n}", functools.partial(classes, name=n), atol=3e-6, rtol=4e-6)
        for n in CLASSES
    ),
    _case("names", names, atol=2e-6, rtol=4e-6),
]
