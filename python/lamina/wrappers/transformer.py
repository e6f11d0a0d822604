"""SKLearnTransformer."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import TransformerMixin

from lamina.wrappers.base import SKLBase


class SKLearnTransformer(TransformerMixin, SKLBase):
    """A model as a transformer: its outputs are features for the next step of a pipeline.

    Args:
        model: a compiled model, of which each fit takes a copy with new weights; or a callable
            `(X, y, **model_kwargs)` that gives a compiled model.
        warm_start: whether a further fit goes on with `model_`, and the first one with `model` itself.
        model_kwargs: further arguments of the callable.
        fit_kwargs: arguments of `model.fit`; those given to `fit` go before them.
        random_state: seeds all that fit draws; Keras's has none.

    Attributes:
        model_, history_: the trained model, and what `model.fit` returned.

    Examples:
        >>> from lamina.wrappers import SKLearnTransformer
        >>> layer = lamina.layers.Dense(2, activation="tanh")
        >>> model = lamina.Sequential([lamina.Input((3,)), layer])
        >>> model.compile("sgd", "mse")
        >>> X = np.eye(3)
        >>> wrapped = SKLearnTransformer(model, fit_kwargs={"verbose": 0}, random_state=0)
        >>> wrapped.fit(X, X[:, :2]).transform(X).shape
        (3, 2)
    """

    def transform(self, X: Any) -> np.ndarray:
        """The model's outputs for rows X, (n_samples, n_outputs), float32."""
        return self._raw(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
