"""What users give to fit, evaluate and predict, as Samples that fit the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.data import arrays
from lamina.data.samples import Samples, class_weights, sample_weights

if TYPE_CHECKING:
    from lamina.models.trainer import Trainer


def inputs(model: Trainer, x: Any, *, finite: bool, name: str = "x") -> np.ndarray:
    """x as an array of the model's input shape; builds the model if it is not built yet."""
    if x is None:
        raise ValueError(f"`{name}` must be an array. Received: {name}=None")
    array = arrays.as_samples(name, x, finite=finite)
    if not model.built:
        model.build((None, *(array.shape[1:] or (1,))))
    return arrays.fit_shape(name, array, model.input_shape)


def samples(
    model: Trainer, x: Any, y: Any, sample_weight: Any, prefix: str = "", *, fit: bool = True
) -> Samples:
    """The three as Samples; with `fit`, the targets must fit the model's loss."""
    given = Samples(
        inputs(model, x, finite=True, name=f"{prefix}x"),
        None if y is None else arrays.as_samples(f"{prefix}y", y),
        None if sample_weight is None else sample_weights(f"{prefix}sample_weight", sample_weight),
    )
    if fit:
        model.check_targets(given.y)
    return given


def training_samples(
    model: Trainer,
    x: Any,
    y: Any,
    sample_weight: Any,
    class_weight: Any,
    split: Any,
    validation: Any,
) -> tuple[Samples, Samples | None]:
    """What to train on, and what to validate on or None."""
    if class_weight is not None and sample_weight is not None:
        raise ValueError(
            "You cannot pass both `class_weight` and `sample_weight` at the same time."
        )
    train = samples(model, x, y, sample_weight, fit=False)
    held_out = None
    if validation is not None:
        held_out = _validation_samples(model, validation)
    elif isinstance(split, bool) or not isinstance(split, (int, float)) or split != 0:
        train, held_out = train.split_tail(split)
        model.check_targets(held_out.y)
    if class_weight is not None:
        train = Samples(train.x, train.y, class_weights(class_weight, train.y))
    model.check_targets(train.y)
    return train, held_out


def _validation_samples(model: Trainer, validation: Any) -> Samples:
    if not isinstance(validation, (tuple, list)) or len(validation) not in (2, 3):
        raise ValueError(
            "`validation_data` must be (x, y) or (x, y, sample_weight). Received: "
            f"validation_data of type {type(validation).__name__}"
        )
    weights = validation[2] if len(validation) == 3 else None
    return samples(model, validation[0], validation[1], weights, "validation_data: ")
