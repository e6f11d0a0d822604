"""SKLearnRegressor."""

from __future__ import annotations

from typing import Any

from sklearn.base import RegressorMixin

from lamina.wrappers.base import SKLBase


class SKLearnRegressor(RegressorMixin, SKLBase):
    """A model as a regressor: it is trained on a column of y per output.

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
        >>> from lamina.wrappers import SKLearnRegressor
        >>> model = lamina.Sequential([lamina.Input((1,)), lamina.layers.Dense(1)])
        >>> model.compile(lamina.optimizers.Adam(0.1), "mse")
        >>> X = np.linspace(-1, 1, 20)[:, None]
        >>> wrapped = SKLearnRegressor(
        ...     model, fit_kwargs={"epochs": 200, "verbose": 0}, random_state=0
        ... )
        >>> wrapped.fit(X, 2 * X[:, 0] + 1).score(X, 2 * X[:, 0] + 1) > 0.99
        True
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # that is up to the model
        return tags
