"""What the wrappers have in common."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.models import Model, clone_model
from lamina.random.seed_generator import set_random_seed
from lamina.sklearn.weights import as_sample_weight


class SKLBase(BaseEstimator):
    """A model as an estimator.

    Args:
        model: a compiled model, of which each fit takes a copy with new weights; or a callable
            `(X, y, **model_kwargs)` that gives a compiled model. y comes as it is trained on: a
            column per output or class.
        warm_start: whether a further fit goes on with `model_`, and the first one with `model` itself.
        model_kwargs: further arguments of the callable.
        fit_kwargs: arguments of `model.fit`; those given to `fit` go before them.
        random_state: an integer or RandomState seeds all that fit draws, so that it can be repeated,
            and leaves the seeds outside as they were. None draws on from those. Keras's has none.

    Attributes:
        model_: the trained model.
        history_: what `model.fit` returned.
        n_features_in_, feature_names_in_: what X was like.
    """

    # `fit` takes all that `model.fit` takes; this can be routed.
    __metadata_request__fit = {"sample_weight": None}
    model_: Any

    def __init__(
        self,
        model: Any,
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs
        self.random_state = random_state

    @property
    def epoch_(self) -> int:
        """How many epochs the last fit trained."""
        return len(self.history_.epoch) if hasattr(self, "history_") else 0

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Any:
        """Trains on rows X and targets y.

        Args:
            X: (n_samples, n_features).
            y: (n_samples,), or for numbers (n_samples, n_outputs) too.
            kwargs: arguments of `model.fit`. Samples whose `sample_weight` is 0 are left out.

        Errors: RuntimeError for a model that is not compiled; TypeError for what is no model;
        ValueError for data that do not fit.
        """
        goes_on = self.warm_start and hasattr(self, "model_")
        X, y = validate_data(self, X, y, multi_output=True, reset=not goes_on)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        arguments = {**(self.fit_kwargs or {}), **kwargs}
        weight = arguments.get("sample_weight")
        if weight is not None:
            weight = as_sample_weight(weight, X)
            counts = weight > 0
            X, y, arguments["sample_weight"] = X[counts], y[counts], weight[counts]
        y = self._process_target(y, reset=not goes_on)
        with _seeded(self.random_state):
            model = self.model_ if goes_on else self._get_model(X, y)
            _check_model(model)
            self.history_ = model.fit(X, y, **arguments)
        self.model_ = model
        return self

    def _get_model(self, X: Any, y: Any) -> Any:
        if not isinstance(self.model, Model):
            if not callable(self.model):
                raise TypeError(
                    "`model` must be a model, or a callable that gives one. Received: "
                    f"model={self.model!r}"
                )
            return self.model(X=X, y=y, **(self.model_kwargs or {}))
        return self.model if self.warm_start else _copy(self.model)

    def predict(self, X: Any) -> Any:
        """What the model says of rows X, (n_samples,) or (n_samples, n_outputs)."""
        return self._reverse_process_target(self._raw(X))

    def _raw(self, X: Any) -> np.ndarray:
        """The model's output for rows X."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        outputs: np.ndarray = self.model_.predict(X, verbose=0)
        return outputs

    def _process_target(self, y: np.ndarray, reset: bool) -> np.ndarray:
        """y as the model is trained on it: a column per output."""
        type_of_target(y, input_name="y", raise_unknown=True)
        return y.reshape(len(y), -1)

    def _reverse_process_target(self, y: np.ndarray) -> np.ndarray:
        """Outputs of the model as predictions."""
        return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _copy(model: Any) -> Any:
    """A model of the same structure and with the same `compile`, with new weights."""
    _check_model(model)
    return clone_model(model)


def _check_model(model: Any) -> None:
    """Errors: TypeError for what is no model, RuntimeError unless it is compiled with a loss."""
    if not isinstance(model, Model):
        raise TypeError(
            f"`model` must give a lamina.Model. Received: {model!r} of type {type(model).__name__}"
        )
    if not model.compiled or not model.loss or not model.optimizer:
        raise RuntimeError(
            f"`model` must be compiled, with a loss and an optimizer. Received: {model!r}"
        )


@contextlib.contextmanager
def _seeded(random_state: Any) -> Iterator[None]:
    """Inside, all that lamina draws follows from `random_state`; None changes nothing."""
    if random_state is None:
        yield
        return
    seed = int(check_random_state(random_state).randint(2**31))
    before = random.getstate(), np.random.get_state()
    set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
