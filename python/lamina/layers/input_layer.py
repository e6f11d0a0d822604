"""The entry of a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.graph.symbolic import Call, KerasTensor
from lamina.graph.tensor import Spec, Tensor
from lamina.layers.arguments import check_shape
from lamina.layers.layer import Layer
from lamina.ops.rules import float_dtype
from lamina.utils import check


class InputLayer(Layer):
    """Says the shape of one sample.  `Input(shape)` makes it.

    Args:
        shape: without the batch.
        batch_size: a fixed batch size; None for any.
        batch_shape: with the batch, instead of the two above.
        kwargs: `input_shape` and `batch_input_shape`, as `shape` and `batch_shape` were called.
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: str | None = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        name: str | None = None,
        optional: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name)
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        check.no_more("InputLayer", kwargs)
        self._dtype = _checked_dtype(dtype)
        for argument, value in (("sparse", sparse), ("ragged", ragged), ("optional", optional)):
            if value:
                raise ValueError(f"`{argument}` is not supported. Received: {argument}={value!r}")
        if shape is not None and batch_shape is not None:
            raise ValueError(
                "You cannot pass both `shape` and `batch_shape` at the same time. "
                f"Received: shape={shape}, batch_shape={batch_shape}"
            )
        if batch_size is not None and batch_shape is not None:
            raise ValueError(
                "You cannot pass both `batch_size` and `batch_shape` at the same time. "
                f"Received: batch_size={batch_size}, batch_shape={batch_shape}"
            )
        if shape is None and batch_shape is None:
            raise ValueError("You must pass a `shape` argument. Received: shape=None")
        if batch_shape is not None:
            if not isinstance(batch_shape, (tuple, list)) or not batch_shape:
                raise ValueError(
                    f"`batch_shape` must be a tuple of integers. Received: batch_shape={batch_shape!r}"
                )
            batch_size, shape = batch_shape[0], batch_shape[1:]
        self.tensor_name = name or ""  # of its output
        self.batch_shape = (batch_size, *check_shape("shape", shape))
        self.built = True

    @property
    def dtype(self) -> str:
        """The dtype of the samples, as said; all but float64 are computed with in float32."""
        return self._dtype

    @property
    def compute_dtype(self) -> str:
        return float_dtype(self)

    @property
    def output(self) -> KerasTensor:
        """The symbolic value that enters the model here."""
        known = self.calls
        if known:
            output: KerasTensor = known[0].outputs
            return output
        spec = Spec((-1, *self.batch_shape[1:]), self.dtype)  # type: ignore[arg-type]
        made: KerasTensor = self._used(Call(self, (), {}, Tensor(spec))).outputs
        return made

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        return (None, *self.batch_shape[1:])

    def call(self, inputs: Any) -> Any:
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
            "optional": False,
        }


def _checked_dtype(dtype: Any) -> str:
    """A number's dtype."""
    name = floatx() if dtype is None else dtype if isinstance(dtype, str) else _name(dtype)
    if name not in _DTYPES:
        raise ValueError(f"`dtype` must be one of {_DTYPES}. Received: dtype={dtype!r}")
    return name


def _name(dtype: Any) -> str:
    try:
        return np.dtype(dtype).name
    except TypeError:
        return repr(dtype)


_DTYPES = (
    "float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "bool",
)  # fmt: skip


def Input(  # noqa: N802 (Keras's name)
    shape: Any = None,
    batch_size: int | None = None,
    dtype: str | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: None = None,
    optional: bool = False,
) -> KerasTensor:
    """The entry of a model: a symbolic value for a batch of samples of this shape.

    A single integer is taken as a shape of one axis.  Errors: ValueError unless exactly one of
    `shape` and `batch_shape` is given.
    """
    if tensor is not None:
        raise ValueError(f"`tensor` is not supported. Received: tensor={tensor!r}")
    entry = InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, name, optional)
    return entry.output
