"""Operations between the layers of a model, as Keras's configs have them."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from lamina import activations, ops, tree
from lamina.graph.symbolic import Call, KerasTensor, keras_class
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.serialization.serialize import serialize_keras_object

Config = dict[str, Any]

# Where Keras keeps the class of an operation, if not with those of NumPy.
_MODULES = {
    "ops.nn": (
        "BatchNorm", "BinaryCrossentropy", "CategoricalCrossentropy", "Celu", "DepthToSpace",
        "DotProductAttention", "Elu", "Fold", "Gelu", "Glu", "HardShrink", "HardSigmoid",
        "HardSilu", "HardTanh", "LayerNorm", "LeakyRelu", "LogSigmoid", "LogSoftmax", "Moments",
        "MultiHot", "Normalize", "OneHot", "PSNR", "RMSNorm", "Relu", "Relu6", "Selu", "Sigmoid",
        "Silu", "SoftShrink", "Softmax", "Softplus", "Softsign", "SpaceToDepth",
        "SparseCategoricalCrossentropy", "SparsePlus", "SparseSigmoid", "Sparsemax", "Squareplus",
        "TanhShrink", "Threshold", "Unfold",
    ),
    "ops.math": (
        "CDist", "Erf", "Erfc", "Erfinv", "InTopK", "Logsumexp", "Rsqrt", "SegmentSum", "TopK",
    ),
    "ops.core": (
        "Cast", "ConvertToTensor", "SaturateCast", "Scatter", "ScatterUpdate", "Slice",
        "SliceUpdate", "StopGradient", "Unstack",
    ),
    "ops.linalg": ("Norm",),
    "activations.activations": ("ReLU",),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}
_FUNCTIONS: dict[str, Any] = {
    **{
        keras_class(name): function
        for name, function in vars(ops).items()
        if name in ops.__all__ and hasattr(function, "class_name")
    },
    "ReLU": activations.relu,
}
# What Keras's operations are called with, whether it is symbolic or not; their configs have the
# other arguments.
_OPERANDS = frozenset({
    "a", "array", "atol", "beta", "bias", "bins", "choicelist", "condition", "condlist",
    "constant_values", "data", "default", "fill_value", "gamma", "indices", "inputs", "key", "mask",
    "mean", "offset", "operands", "output", "predictions", "q", "query", "rtol", "scale",
    "segment_ids", "sorted_sequence", "start", "start_indices", "stop", "target", "targets",
    "updates", "value", "values", "variable", "variance", "weights", "x", "x1", "x2", "xs", "y",
})  # fmt: skip
_NO_OPERANDS = {
    "AllClose": ("rtol", "atol"),
    "Diagonal": ("offset",),
    "Trace": ("offset",),
    "Trapezoid": ("x",),
}


def operation_config(call: Call) -> tuple[Config, tuple[Any, ...], Config]:
    """The config of the operation that was called, and what it was called with: all operands in
    their order, and by name what is symbolic beside them."""
    operation = call.made_by
    given = inspect.signature(operation.function).bind(*call.args, **call.kwargs).arguments
    signature = _operands(operation.function)
    operands = inspect.BoundArguments(signature, OrderedDict(given))
    operands.apply_defaults()
    others = {name: value for name, value in given.items() if name not in signature.parameters}
    symbolic = {name: value for name, value in others.items() if _is_symbolic(value)}
    keywords = {name: value for name, value in others.items() if name not in symbolic}
    config = {
        "module": f"keras.src.{_MODULE_OF.get(operation.class_name, 'ops.numpy')}",
        "class_name": operation.class_name,
        "config": serialize_keras_object({"name": operation.name, **keywords}),
        "registered_name": operation.class_name,
    }
    return config, operands.args, symbolic


def _is_symbolic(value: Any) -> bool:
    return any(isinstance(x, KerasTensor) for x in tree.flatten(value))


def _operands(function: Callable[..., Any]) -> inspect.Signature:
    """The function's signature without the arguments that a config has."""
    signature = inspect.signature(function)
    excepted = _NO_OPERANDS.get(function.class_name, ())  # type: ignore[attr-defined]
    names = _OPERANDS.difference(excepted)
    return signature.replace(
        parameters=[p for name, p in signature.parameters.items() if name in names]
    )


class SavedOperation:
    """An operation of a config: its function and the arguments that are no operands."""

    def __init__(self, entry: Config, custom_objects: Mapping[str, Any] | None) -> None:
        kind = str(entry["class_name"])
        if kind not in _FUNCTIONS:
            raise ValueError(f"lamina.ops has no operation {kind!r}, as the config names it")
        self.function = _FUNCTIONS[kind]
        if self.function.__module__ == ops.while_loop.__module__:
            raise ValueError(f"{kind!r} calls other functions: it is not read from a config")
        given = dict(deserialize_keras_object(entry["config"], custom_objects))
        self.name = given.pop("name", kind)
        known = inspect.signature(self.function).parameters
        unknown = {name: value for name, value in given.items() if name not in known and value}
        if unknown:
            raise ValueError(f"{kind!r} has the arguments {list(known)}. Received: {unknown}")
        self.keywords: Config = {name: value for name, value in given.items() if name in known}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        operands = _operands(self.function).bind_partial(*args).arguments
        given = OrderedDict({**self.keywords, **operands, **kwargs})
        if isinstance(given.get("key"), list):  # of an index: JSON has no tuples
            given["key"] = tuple(given["key"])
        bound = inspect.BoundArguments(inspect.signature(self.function), given)
        outputs = self.function(*bound.args, **bound.kwargs)
        tree.flatten(outputs)[0].call.made_by.name = self.name
        return outputs
