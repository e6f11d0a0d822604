"""SKLearnClassifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import type_of_target

from lamina.wrappers.base import SKLBase


class SKLearnClassifier(ClassifierMixin, SKLBase):
    """A model as a classifier.

    The model is trained on one-hot rows of the classes, two of them where there are two classes, and
    predicts the class with the largest output.

    Args:
        model: a compiled model, of which each fit takes a copy with new weights; or a callable
            `(X, y, **model_kwargs)` that gives a compiled model.
        warm_start: whether a further fit goes on with `model_`, and the first one with `model` itself.
        model_kwargs: further arguments of the callable.
        fit_kwargs: arguments of `model.fit`; those given to `fit` go before them.
        random_state: seeds all that fit draws; Keras's has none.

    Attributes:
        model_, history_: the trained model, and what `model.fit` returned.
        classes_: the labels, sorted.

    Examples:
        >>> from lamina.wrappers import SKLearnClassifier
        >>> def build(X, y):
        ...     model = lamina.Sequential(
        ...         [
        ...             lamina.Input(X.shape[1:]),
        ...             lamina.layers.Dense(y.shape[1], activation="softmax"),
        ...         ]
        ...     )
        ...     model.compile(lamina.optimizers.Adam(0.1), "categorical_crossentropy")
        ...     return model
        >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), ["low", "low", "high", "high"]
        >>> wrapped = SKLearnClassifier(
        ...     build, fit_kwargs={"epochs": 300, "verbose": 0}, random_state=0
        ... )
        >>> print(wrapped.fit(X, y).predict([[0.2], [2.8]]))
        ['low' 'high']
    """

    def decision_function(self, X: Any) -> np.ndarray:
        """The model's outputs, (n_samples, n_classes); of two classes, the second less the first,
        (n_samples,)."""
        outputs = self._raw(X)
        return outputs[:, 1] - outputs[:, 0] if len(self.classes_) == 2 else outputs

    def _process_target(self, y: np.ndarray, reset: bool) -> np.ndarray:
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                f"`y` must be a class per sample. Unknown label type: {kind}. Received: y of shape "
                f"{y.shape}"
            )
        classes = np.unique(y)
        if reset:
            if len(classes) == 1:
                raise ValueError(
                    "`y` must have two classes or more in the samples whose `sample_weight` is not 0. "
                    f"Received: one class, {classes[0]!r}"
                )
            self.classes_ = classes
        elif not np.isin(classes, self.classes_).all():
            raise ValueError(
                f"warm_start goes on with the classes {self.classes_}. Received: y with {classes}"
            )
        places = np.searchsorted(self.classes_, y)
        return np.eye(len(self.classes_))[places]

    def _reverse_process_target(self, y: np.ndarray) -> np.ndarray:
        found: np.ndarray = self.classes_[y.argmax(axis=1)]
        return found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # that is up to the model
        return tags
