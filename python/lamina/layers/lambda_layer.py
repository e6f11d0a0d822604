"""A function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lamina.layers.layer import Layer
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.serialization.serialize import serialize_keras_object

_FUNCTIONS = ("function", "output_shape", "mask")


class Lambda(Layer):
    """function(inputs, **arguments), a function made of `lamina.ops`.

    Weights that it uses are not seen: write a `Layer` for what is trained.

    Args:
        function: may take `mask` and `training` too.
        output_shape: what a sample's output must have for a shape, or a function of the input's
            shape (both with the batch); None: whatever comes.
        mask: the mask of the output, or a function of (inputs, mask).
        arguments: further arguments for the function.

    A config names the function, which has to be registered where it is read; a Python lambda, which
    could only be kept as code, is refused by `get_config`.

    Errors: ValueError for an output of another shape than `output_shape` says.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Sequence[int | None] | Callable[[Any], Any] | None = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(
                f"`function` must be callable. Received: function={function!r} of type "
                f"{type(function).__name__}"
            )
        self.function = function
        self.arguments = dict(arguments or {})
        self.supports_masking = mask is not None
        self.mask = mask
        self.expected_shape = output_shape
        self._extra = {"mask", "training"} & set(inspect.signature(function).parameters)
        self.built = True

    def call(self, inputs: Any, mask: Any = None, training: bool = False) -> Any:
        given = {"mask": mask, "training": training}
        outputs = self.function(inputs, **self.arguments, **{k: given[k] for k in self._extra})
        if self.expected_shape is not None:
            self._check(inputs, outputs)
        return outputs

    def _check(self, inputs: Any, outputs: Any) -> None:
        if callable(self.expected_shape):
            want = tuple(self.expected_shape(tuple(inputs.shape)))
        else:
            want = (None, *(self.expected_shape or ()))
        got = tuple(outputs.shape)
        if len(want) != len(got) or any(
            None not in (a, b) and a != b for a, b in zip(want[1:], got[1:])
        ):
            raise ValueError(
                f"The output of the Lambda layer '{self.name}' has shape {got}, but its "
                f"`output_shape` says {want}"
            )

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "function": serialize_keras_object(self.function)}
        if self.expected_shape is not None:
            config["output_shape"] = serialize_keras_object(self.expected_shape)
        if self.mask is not None:
            config["mask"] = serialize_keras_object(self.mask)
        return {**config, "arguments": serialize_keras_object(self.arguments)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Lambda:
        read = {
            key: deserialize_keras_object(value) if isinstance(value, Mapping) else value
            for key, value in config.items()
            if key in _FUNCTIONS
        }
        if isinstance(read.get("output_shape"), list):
            read["output_shape"] = tuple(read["output_shape"])
        return cls(**{**config, **read})
