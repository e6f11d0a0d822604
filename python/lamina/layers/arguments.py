"""What layers are called with: operands, shapes, masks."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import tree
from lamina.dtype_policies.floatx import FLOATS
from lamina.graph.masks import mask_of, with_mask
from lamina.graph.operation import operations
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import Trace
from lamina.graph.variable import Variable
from lamina.utils import check


@functools.lru_cache
def parameters(function: Callable[..., Any]) -> list[str]:
    """The names of a method's parameters, self aside."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]


_signature = functools.lru_cache(inspect.signature)


def arguments_of(method: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """What a method is called with, by name, self aside."""
    bound = _signature(method).bind(*args, **kwargs).arguments
    return dict(list(bound.items())[1:])


@functools.lru_cache
def default_training(call: Callable[..., Any]) -> Any:
    """What `training` is in a layer's `call` that nothing tells; False if it has no default."""
    default = inspect.signature(call).parameters["training"].default
    return False if default is inspect.Parameter.empty else default


def as_operands(x: Any) -> Any:
    """Arrays for numbers and lists of them; tensors, variables, and structures of them as given."""
    if isinstance(x, (Tensor, Variable, np.ndarray)) or x is None:
        return x
    if tree.is_nested(x) and any(hasattr(leaf, "shape") for leaf in tree.flatten(x)):
        return tree.map_structure(lambda leaf: leaf if leaf is None else as_operands(leaf), x)
    return {k: as_operands(v) for k, v in x.items()} if isinstance(x, dict) else np.asarray(x)


def cast_floats(arguments: tuple[tuple[Any, ...], dict[str, Any]], dtype: str) -> Any:
    """The arguments of a call with the floats among their arrays and tensors in `dtype`."""
    args, kwargs = arguments
    plain = len(args) == 1 and not kwargs and isinstance(args[0], (Tensor, np.ndarray))
    if all(_fits(x, dtype) for x in (args if plain else tree.flatten(arguments))):
        return arguments
    return tree.map_structure(lambda x: x if _fits(x, dtype) else cast_float(x, dtype), arguments)


def _fits(x: Any, dtype: str) -> bool:
    """Whether x is no array or tensor of floats of another dtype."""
    if isinstance(x, Tensor):
        return x.dtype == dtype or x.dtype not in FLOATS
    return not isinstance(x, np.ndarray) or x.dtype.kind != "f" or x.dtype == dtype


def cast_float(x: Any, dtype: str) -> Any:
    """An array or a tensor in another float dtype, with its mask."""
    made = x.astype(dtype) if isinstance(x, np.ndarray) else operations["cast"](x, dtype=dtype)
    mask = mask_of(x)
    return made if mask is None else with_mask(made, mask)


def shapes_of(structure: Any) -> Any:
    """The shape of each leaf."""
    return tree.map_structure(lambda x: None if x is None else tuple(x.shape), structure)


def has_tensors(x: Any) -> bool:
    """Whether it is a tensor or an array, or holds one."""
    return any(hasattr(leaf, "shape") for leaf in tree.flatten(x))


def masks_of(structure: Any) -> Any:
    """The mask that each tensor carries, or None."""
    return tree.map_structure(mask_of, structure)


def with_masks(values: Any, masks: Any, *, replace: bool = False) -> Any:
    """The values with their masks (None for none), which only `replace` those they have already."""
    flat = tree.flatten(values)
    for i, mask in enumerate(tree.flatten(masks)[: len(flat)]):
        if mask is not None and (replace or mask_of(flat[i]) is None):
            flat[i] = with_mask(flat[i], mask)
    return tree.pack_sequence_as(values, flat)


def inputs_of(trace: Trace, shape: Any) -> Any:
    """Inputs of a trace for a shape, or for a list or dict of shapes."""
    if isinstance(shape, dict):
        return {name: inputs_of(trace, inner) for name, inner in shape.items()}
    if holds_shapes(shape):
        return [inputs_of(trace, inner) for inner in shape]
    return trace.input(Spec(tuple(-1 if d is None else int(d) for d in shape)), "input")


def holds_shapes(shape: Any) -> bool:
    """Whether it is a list, tuple or dict of shapes, and not a shape."""
    return isinstance(shape, (list, tuple, dict)) and (
        isinstance(shape, dict) or any(isinstance(d, (list, tuple, dict)) for d in shape)
    )


def legacy_input_shape(kwargs: dict[str, Any]) -> tuple[int | None, ...] | None:
    """The batch input shape of the legacy arguments input_shape and input_dim, taken out."""
    if "input_shape" not in kwargs and "input_dim" not in kwargs:
        return None
    warnings.warn(
        "Do not pass an `input_shape`/`input_dim` argument to a layer. When using Sequential "
        "models, prefer using an `Input(shape)` object as the first layer in the model instead.",
        stacklevel=4,
    )
    shape = kwargs.pop("input_shape", None)
    units = kwargs.pop("input_dim", None)
    if shape is None:
        shape = (check.integer("input_dim", units, 1),)
    return (None, *check_shape("input_shape", shape))


def check_shape(name: str, shape: Any) -> tuple[int | None, ...]:
    """A shape without the batch: an int, or a sequence of positive ints and None."""
    if isinstance(shape, (int, np.integer)) and not isinstance(shape, bool):
        shape = (int(shape),)
    if not isinstance(shape, (tuple, list)):
        raise ValueError(f"`{name}` must be a tuple of integers. Received: {name}={shape!r}")
    for d in shape:
        valid = d is None or (
            isinstance(d, (int, np.integer)) and not isinstance(d, bool) and d >= 0
        )
        if not valid:
            raise ValueError(
                f"`{name}` must be made of non-negative integers and None. Received: {name}={shape}"
            )
    if any(d is None for d in shape):
        raise ValueError(
            f"`{name}` must give the size of every axis but the batch. Received: {name}={shape}"
        )
    return tuple(int(d) for d in shape)
