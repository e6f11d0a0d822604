"""Twenty steps with every loss; with weights of samples, of classes and of the loss."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, inputs, labels, network, one_hot

TARGETS: dict[str, tuple[Any, str]] = {
    # The targets of rows of inputs, and the activation of the last layer
    "real": (lambda x: (x[:, :5] - x[:, 5:10]).astype("float32"), "linear"),
    "positive": (lambda x: np.abs(x[:, :5]) + np.float32(0.1), "softplus"),
    "bits": (lambda x: (x[:, :5] > 0).astype("float32"), "sigmoid"),
    "margins": (lambda x: (x[:, :5] > 0).astype("float32"), "linear"),
    "one-hot": (lambda x: one_hot(labels(x)), "softmax"),
    "scores": (lambda x: one_hot(labels(x)), "linear"),
    "labels": (lambda x: labels(x), "softmax"),
    "groups": (lambda x: labels(x), "tanh"),
}
TRAINED: dict[str, tuple[str, dict[str, Any]]] = {
    "MeanSquaredError": ("real", {}),
    "MeanAbsoluteError": ("real", {}),
    "MeanAbsolutePercentageError": ("positive", {}),
    "MeanSquaredLogarithmicError": ("positive", {}),
    "CosineSimilarity": ("real", {}),
    "Huber": ("real", {"delta": 0.8}),
    "LogCosh": ("real", {}),
    "Hinge": ("margins", {}),
    "SquaredHinge": ("margins", {}),
    "CategoricalHinge": ("scores", {}),
    "KLDivergence": ("one-hot", {}),
    "Poisson": ("positive", {}),
    "BinaryCrossentropy": ("bits", {}),
    "BinaryFocalCrossentropy": ("bits", {"apply_class_balancing": True}),
    "CategoricalCrossentropy": ("one-hot", {}),
    "CategoricalFocalCrossentropy": ("one-hot", {}),
    "SparseCategoricalCrossentropy": ("labels", {"ignore_class": 1}),
    "CategoricalGeneralizedCrossEntropy": ("labels", {"q": 0.7}),
    "Dice": ("bits", {}),
    "Tversky": ("bits", {"alpha": 0.3, "beta": 0.7, "axis": 1}),
    "Circle": ("groups", {"gamma": 2.0}),
}


def _train(keras: Keras, name: str, arguments: dict[str, Any], **how: Any) -> Record:
    """Four epochs of five steps; the loss of each, and the weights of the last layer."""
    kind, more = TRAINED[name]
    make, last = TARGETS[kind]
    x = inputs(150)
    weights = how.pop("weights", {})
    model = network(keras, last=last, hidden="tanh")
    model.compile(
        keras.optimizers.RMSprop(0.005), getattr(keras.losses, name)(**more, **arguments), **how
    )
    history = model.fit(x, make(x), batch_size=32, epochs=4, shuffle=False, verbose=0, **weights)
    score = model.evaluate(x, make(x), batch_size=40, verbose=0)
    last_weights = np.concatenate([w.reshape(-1) for w in model.get_weights()[-2:]])
    return {"loss": history.history["loss"], "score": score, "weights": last_weights}


def training(keras: Keras, name: str) -> Record:
    return _train(keras, name, {})


def weighed(keras: Keras, name: str) -> Record:
    """sample_weight flat and as a column, class_weight, loss_weights, and all in one."""
    sample = np.random.default_rng(3).uniform(0, 2, 150).astype("float32")
    column, by_class = sample[:, None], {0: 0.5, 1: 2.0, 2: 1.0, 3: 0.1, 4: 3.0}
    total = {"reduction": "mean_with_sample_weight"}
    record = {
        "sample_weight": _train(keras, name, {}, weights={"sample_weight": sample}),
        "column": _train(keras, name, {}, weights={"sample_weight": column}),
        "mean of weights": _train(keras, name, total, weights={"sample_weight": sample}),
        "loss_weights": _train(keras, name, {}, loss_weights=[0.3]),
        "both": _train(keras, name, {}, loss_weights=[3.0], weights={"sample_weight": sample}),
    }
    if TRAINED[name][0] in ("one-hot", "labels"):
        record["class_weight"] = _train(keras, name, {}, weights={"class_weight": by_class})
    return record


_case = functools.partial(Case, "losses_training", backend="jax", atol=4e-6, rtol=1e-5)

CASES = [
    *(_case(n, functools.partial(training, name=n)) for n in TRAINED),
    *(
        _case(f"weighed {n}", functools.partial(weighed, name=n))
        for n in ("Huber", "CategoricalCrossentropy", "SparseCategoricalCrossentropy")
    ),
]
