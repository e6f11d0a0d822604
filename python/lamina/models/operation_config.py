"""Operations between the layers of a model, as Keras's configs have them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from lamina import ops, tree
from lamina.graph.symbolic import Call, KerasTensor
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.serialization.serialize import serialize_keras_object
from lamina.utils.naming import to_snake_case

Config = dict[str, Any]

# Where Keras keeps the class of an operation, if not with those of NumPy.
_MODULES = {
    "nn": (
        "celu", "elu", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh",
        "leaky_relu", "log_sigmoid", "log_softmax", "moments", "normalize", "one_hot", "relu",
        "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign",
        "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh_shrink", "threshold",
    ),
    "math": ("erf", "erfinv", "in_top_k", "logsumexp", "rsqrt", "segment_sum", "top_k"),
    "core": ("cast", "convert_to_tensor", "slice", "slice_update", "stop_gradient", "unstack"),
    "linalg": ("norm",),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}
# What Keras's operations are called with, if that is more than the symbolic values.
_BINARY = ("a", "b", "x1", "x2")
_OPERANDS = {
    "average": ("x", "weights"),
    "digitize": ("x", "bins"),
    "full_like": ("x", "fill_value"),
    "get_item": ("x", "key"),
    "isclose": ("x1", "x2", "rtol", "atol"),
    "pad": ("x", "constant_values"),
    "segment_sum": ("data", "segment_ids"),
    "slice": ("inputs", "start_indices"),
    "slice_update": ("inputs", "start_indices", "updates"),
    "take": ("x", "indices"),
    "take_along_axis": ("x", "indices"),
    "where": ("condition", "a", "b"),
}
_KERAS_ARGUMENTS = {"reshape": {"shape": "newshape"}}


def operation_config(call: Call) -> tuple[Config, list[Any]]:
    """The config of the operation that was called, and its operands."""
    operation = call.made_by
    operands, keywords = _arguments(call)
    renamed = _KERAS_ARGUMENTS.get(operation.function.__name__, {})
    keywords = {renamed.get(name, name): value for name, value in keywords.items()}
    config = {
        "module": f"keras.src.ops.{_MODULE_OF.get(operation.function.__name__, 'numpy')}",
        "class_name": operation.class_name,
        "config": serialize_keras_object({"name": operation.name, **keywords}),
        "registered_name": operation.class_name,
    }
    return config, operands


def _arguments(call: Call) -> tuple[list[Any], Config]:
    """The operands, and the other arguments by name."""
    function = call.made_by.function
    if hasattr(function, "operands"):  # of the graph's own operations
        return list(call.args), dict(call.kwargs)
    bound = inspect.signature(function).bind(*call.args, **call.kwargs)
    operands: list[Any] = []
    others: Config = {}
    usual = _OPERANDS.get(function.__name__, _BINARY)
    for name, value in bound.arguments.items():
        if bound.signature.parameters[name].kind == inspect.Parameter.VAR_POSITIONAL:
            operands += value
        elif name in usual or any(isinstance(x, KerasTensor) for x in tree.flatten(value)):
            operands.append(value)
        else:
            others[name] = value
    return operands, others


class SavedOperation:
    """An operation of a config: its function and the arguments that are no operands."""

    def __init__(self, entry: Config, custom_objects: Mapping[str, Any] | None) -> None:
        name = to_snake_case(str(entry["class_name"]))
        if name not in ops.__all__:
            raise ValueError(f"lamina.ops has no {name!r}, as the config's {entry['class_name']!r}")
        self.function = getattr(ops, name)
        if self.function.__module__ == ops.while_loop.__module__:
            raise ValueError(f"{name!r} calls other functions: it is not read from a config")
        given = dict(deserialize_keras_object(entry["config"], custom_objects))
        self.name = given.pop("name", name)
        own = {theirs: ours for ours, theirs in _KERAS_ARGUMENTS.get(name, {}).items()}
        known = inspect.signature(self.function).parameters
        self.keywords: Config = {
            str(own.get(key, key)): value
            for key, value in given.items()
            if value is not None or own.get(key, key) in known
        }
        self._operands = None if hasattr(self.function, "operands") else _OPERANDS.get(name)
        variadic = any(p.kind == p.VAR_POSITIONAL for p in known.values())
        self._first = [self.keywords.pop(key) for key in known if variadic and key in self.keywords]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._operands is not None:
            kwargs = {**{str(k): x for k, x in zip(self._operands, args)}, **kwargs}
            args = ()
        if isinstance(kwargs.get("key"), list):  # of an index: JSON has no tuples
            kwargs["key"] = tuple(kwargs["key"])
        outputs = self.function(*self._first, *args, **kwargs, **self.keywords)
        tree.flatten(outputs)[0].call.made_by.name = self.name
        return outputs
