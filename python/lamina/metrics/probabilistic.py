"""Divergences of distributions as metrics: means over samples."""

from __future__ import annotations

from lamina import losses
from lamina.metrics.reduction import FunctionMetric


class KLDivergence(FunctionMetric):
    """The mean of sum(y_true log(y_true / y_pred)), both clipped to [config.epsilon(), 1]."""

    def __init__(self, name: str | None = "kl_divergence", dtype: str | None = None) -> None:
        super().__init__(losses.kl_divergence, name, dtype)


class Poisson(FunctionMetric):
    """The mean of y_pred - y_true log(y_pred)."""

    def __init__(self, name: str | None = "poisson", dtype: str | None = None) -> None:
        super().__init__(losses.poisson, name, dtype)


class BinaryCrossentropy(FunctionMetric):
    """The mean binary cross-entropy.  Arguments as in `losses.binary_crossentropy`."""

    _direction = "down"

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(
            losses.binary_crossentropy, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing,
        )  # fmt: skip


class CategoricalCrossentropy(FunctionMetric):
    """The mean categorical cross-entropy.  Arguments as in `losses.categorical_crossentropy`."""

    _direction = "down"

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            losses.categorical_crossentropy, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


class SparseCategoricalCrossentropy(FunctionMetric):
    """The mean sparse categorical cross-entropy.

    Arguments as in `losses.sparse_categorical_crossentropy`.  A sample of the class `ignore_class`
    counts as 0, and with sample weights not at all, as in Keras.
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            losses.sparse_categorical_crossentropy, name, dtype,
            from_logits=from_logits, ignore_class=ignore_class, axis=axis,
        )  # fmt: skip
