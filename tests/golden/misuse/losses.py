"""Misuse of losses: their arguments, and targets that they cannot learn from."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import EITHER, LABELS, Keras, Misuse, X, Y, each, fit, make, unknown

_OPTIONS: dict[str, dict[str, tuple[Any, ...]]] = {
    "Huber": {"delta": (-1.0, "a")},
    "BinaryCrossentropy": {"label_smoothing": (-0.1, 1.5)},
    "BinaryFocalCrossentropy": {"gamma": (-1.0,), "alpha": (1.5,), "label_smoothing": (2.0,)},
    "CategoricalFocalCrossentropy": {"gamma": (-1.0, "a"), "alpha": (-0.5,)},
    "SparseCategoricalCrossentropy": {"ignore_class": (1.5, "a")},
    "CategoricalGeneralizedCrossEntropy": {"q": (0, 1, 1.5, "a")},
    "Tversky": {"alpha": (-0.5, "a"), "beta": (-0.5,)},
    "Circle": {"gamma": ("a", -1.0), "margin": ("a", -0.5)},
}
_CLASSES = (
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError",
    "CosineSimilarity", "LogCosh", "Hinge", "SquaredHinge", "CategoricalHinge", "KLDivergence",
    "Poisson", "Dice", *_OPTIONS,
)  # fmt: skip


def _misfit(name: str, y: Any, *words: str, **arguments: Any) -> Misuse:
    """Targets that do not go with a loss, found by fit."""

    def call(keras: Keras) -> Any:
        return fit(keras, y=y, loss=getattr(keras.losses, name)(**arguments))

    return Misuse(f"fit {name} on wrong targets", call, (name_of(name), *words), EITHER)


def name_of(name: str) -> str:
    """The function of a class, as messages name it."""
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


LOSSES = [
    *(m for n in _CLASSES for m in each(make(f"losses.{n}"), "reduction", "average")),
    *(unknown(make(f"losses.{n}"), "shape") for n in _CLASSES),
    *(
        misuse
        for name, options in _OPTIONS.items()
        for argument, values in options.items()
        for misuse in each(make(f"losses.{name}"), argument, *values, errors=EITHER)
    ),
    *each(make("losses.categorical_crossentropy", y_true=Y, y_pred=Y), "axis", True, 7),
    *each(make("losses.categorical_focal_crossentropy", y_true=Y, y_pred=Y), "axis", False),
    *each(make("losses.dice", y_true=Y, y_pred=Y), "axis", 5),
    *each(make("losses.deserialize"), "name", "hubert", word="loss"),
    Misuse(
        "binary_crossentropy of unequal shapes",
        lambda k: k.losses.binary_crossentropy(Y, Y[:, :2]),
        (r"target|y_true", r"\(12, 3\)", r"\(12, 2\)"),
    ),
    Misuse(
        "binary_focal_crossentropy of unequal shapes",
        lambda k: k.losses.binary_focal_crossentropy(Y, Y[:, :2]),
        (r"target|y_true", r"\(12, 3\)", r"\(12, 2\)"),
    ),
    Misuse(
        "huber of unequal shapes",
        lambda k: k.losses.huber(Y, X),
        (r"\(12, 3\)", r"\(12, 4\)"),
        EITHER,
    ),
    Misuse(
        "sparse_categorical_crossentropy of label 3",
        lambda k: k.losses.sparse_categorical_crossentropy(LABELS + 1, Y, ignore_class=0),
        ("[Ll]abel", r"\b2\b", r"\b3\b"),
    ),
    Misuse(
        "sparse_categorical_crossentropy along an axis that does not fit",
        lambda k: k.losses.sparse_categorical_crossentropy(LABELS, np.ones((12, 4, 3)), axis=1),
        (r"\(12,\)", r"\(12, 3, 4\)|\(12, 4\)"),
    ),
    _misfit("Poisson", -Y, "at least 0", r"= -1"),
    _misfit("Hinge", 2 * Y, r"\[-1, 1\]", r"= 2"),
    _misfit("SquaredHinge", -3 * Y, r"\[-1, 1\]", r"= -3"),
    _misfit("CategoricalHinge", LABELS, r"\(None, 3\)", r"\(12,\)"),
    _misfit("BinaryFocalCrossentropy", 2 * Y, r"\[0, 1\]", r"= 2"),
    _misfit("CategoricalFocalCrossentropy", LABELS, "to_categorical", r"\(12,\)"),
    _misfit("Dice", -Y, r"\[0, 1\]", r"= -1"),
    _misfit("Tversky", 5 * Y, r"\[0, 1\]", r"= 5"),
    _misfit("Huber", Y[:, :2], r"\(None, 3\)", r"\(12, 2\)"),
    _misfit("Circle", Y, "one label", r"\(12, 3\)"),
    Misuse(
        "fit KLDivergence on wrong targets",
        lambda k: fit(k, y=2 * Y, loss="kl_divergence"),
        ("kl_divergence", r"\[0, 1\]", "= 2"),
    ),
    Misuse(
        "fit CategoricalGeneralizedCrossEntropy on wrong targets",
        lambda k: fit(k, y=LABELS + 1, loss=k.losses.CategoricalGeneralizedCrossEntropy()),
        ("[Ll]abel", r"\b2\b", "= 3"),
    ),
    Misuse(
        "fit SparseCategoricalCrossentropy on an ignored class of another number",
        lambda k: fit(k, y=LABELS - 1, loss=k.losses.SparseCategoricalCrossentropy(ignore_class=9)),
        ("[Ll]abel", r"\b2\b", "= -1"),
    ),
]
