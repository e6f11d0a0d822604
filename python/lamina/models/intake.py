"""What users give to fit, evaluate and predict, as Samples that fit the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lamina import tree
from lamina.data import arrays
from lamina.data.samples import Samples, class_weights, sample_weights
from lamina.data.sparse import sparse_as_rows

if TYPE_CHECKING:
    from lamina.models.predictor import Predictor
    from lamina.models.trainer import Trainer


def inputs(model: Predictor, x: Any, *, finite: bool, name: str = "x") -> Any:
    """x as arrays of the model's input shapes, nested like its inputs; builds the model if needed."""
    if x is None:
        raise ValueError(f"`{name}` must be an array. Received: {name}=None")
    x = sparse_as_rows(x)
    if model.signature is None:
        model.build_for(_nested(name, x, finite))
    signature = model.signature
    assert signature is not None
    dtype = model.input_dtype if finite else "float32"
    given = signature.match_inputs(name, x)
    names = _leaf_names(name, signature.input_names)
    fitted = [
        arrays.fit_shape(leaf, arrays.as_samples(leaf, value, finite=finite, dtype=dtype), shape)
        for leaf, value, shape in zip(names, given, signature.input_shapes)
    ]
    return tree.pack_sequence_as(signature.inputs, fitted)


def _nested(name: str, x: Any, finite: bool, dtype: str = "float64") -> Any:
    """The arrays nested as they are given; a list without arrays in it is one."""

    def array(part: Any) -> Any:
        several = isinstance(part, dict) or (
            isinstance(part, (list, tuple))
            and any(hasattr(leaf, "shape") for leaf in tree.flatten(part))
        )
        return None if several else arrays.as_samples(name, part, finite=finite, dtype=dtype)

    return tree.traverse(array, x)


def _leaf_names(name: str, leaves: list[str]) -> list[str]:
    return [name] if len(leaves) == 1 else [f"{name}[{leaf!r}]" for leaf in leaves]


def samples(
    model: Trainer, x: Any, y: Any, sample_weight: Any, prefix: str = "", *, fit: bool = True
) -> Samples:
    """The three as Samples; with `fit`, the targets must fit the model's loss."""
    fit_inputs = _inputs_as_given if model.has_own_steps else inputs
    fitted = fit_inputs(model, x, finite=True, name=f"{prefix}x")
    y = targets(model, f"{prefix}y", y)
    weights = _weights(model, f"{prefix}sample_weight", sample_weight, y)
    if fit:
        model.check_targets(y)
    return Samples(fitted, y, weights)


def _inputs_as_given(model: Trainer, x: Any, *, finite: bool, name: str) -> Any:
    """x for steps that know themselves what to do with it; builds the model if needed."""
    if x is None:
        raise ValueError(f"`{name}` must be an array. Received: {name}=None")
    given = _nested(name, sparse_as_rows(x), finite, model.input_dtype)
    if model.needs_call:
        model.build_for(given)
    model.built = True
    return given


def targets(model: Trainer, name: str, y: Any) -> Any:
    """y as arrays, nested like the model's outputs (None where an output has no targets).

    A model without a loss of its own gets its targets nested as they are given.
    """
    if y is None:
        return None
    if not model.has_objective:
        return _nested(name, y, True, model.input_dtype)
    signature = model.signature
    assert signature is not None
    given = model.objective.match_targets(signature, name, y)
    names = _leaf_names(name, signature.output_names)
    found = [
        None if value is None else arrays.as_samples(leaf, value, dtype=model.input_dtype)
        for leaf, value in zip(names, given)
    ]
    return tree.pack_sequence_as(signature.outputs, found)


def _weights(model: Trainer, name: str, weights: Any, y: Any) -> Any:
    """One array for all outputs, or nested like them; as given for steps without a loss."""
    if weights is None:
        return None
    if model.has_own_steps and not model.has_objective:
        return _nested(name, weights, True, model.input_dtype)
    signature = model.signature
    assert signature is not None
    ranks = [len(shape) for shape in signature.output_shapes]
    if len(ranks) == 1:
        (weights,) = signature.match_outputs(name, weights)
    if not tree.is_nested(weights) or len(ranks) == 1 or not _holds_arrays(weights):
        return sample_weights(name, weights, max(ranks))
    given = signature.match_outputs(name, weights)
    names = _leaf_names(name, signature.output_names)
    found = [
        None if value is None else sample_weights(leaf, value, rank)
        for leaf, value, rank in zip(names, given, ranks)
    ]
    return tree.pack_sequence_as(signature.outputs, found)


def _holds_arrays(weights: Any) -> bool:
    return any(hasattr(leaf, "__len__") for leaf in (
        weights.values() if isinstance(weights, dict) else weights
    ))  # fmt: skip


def training_samples(
    model: Trainer,
    x: Any,
    y: Any,
    sample_weight: Any,
    class_weight: Any,
    split: Any,
) -> tuple[Samples, Samples | None]:
    """What to train on, and what a split keeps for validation."""
    if class_weight is not None and sample_weight is not None:
        raise ValueError(
            "You cannot pass both `class_weight` and `sample_weight` at the same time."
        )
    train = samples(model, x, y, sample_weight, fit=False)
    held_out = None
    if isinstance(split, bool) or not isinstance(split, (int, float)) or split != 0:
        train, held_out = train.split_tail(split)
        model.check_targets(held_out.y)
    if class_weight is not None:
        train = Samples(train.x, train.y, class_weights(class_weight, train.y))
    model.check_targets(train.y)
    return train, held_out


def refuse_beside_batches(x: Any, **parts: Any) -> None:
    """Refuses parts that are given beside batches, which hold them all."""
    for name, value in parts.items():
        if value is not None:
            raise ValueError(
                f"`{name}` must be None where `x` makes batches: they hold all three. "
                f"Received: x of type {type(x).__name__}, {name} of type {type(value).__name__}"
            )


def validation_samples(model: Trainer, validation: Any) -> Samples:
    """The samples of `validation_data`: x, (x,), (x, y) or (x, y, sample_weight)."""
    parts = validation if isinstance(validation, (tuple, list)) else [validation]
    if not 1 <= len(parts) <= 3:
        raise ValueError(
            "`validation_data` must be x, (x, y) or (x, y, sample_weight). Received: "
            f"validation_data of {len(parts)} parts"
        )
    x, y, weights = (*parts, None, None)[:3]
    return samples(model, x, y, weights, "validation_data: ")
