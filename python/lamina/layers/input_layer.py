"""The entry of a model."""

from __future__ import annotations

from typing import Any

from lamina.layers.layer import Layer, check_shape


class InputLayer(Layer):
    """Says the shape of one sample.  `Input(shape)` makes it.

    Args:
        shape: without the batch.
        batch_size: a fixed batch size; None for any.
        batch_shape: with the batch, instead of the two above.
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
    ) -> None:
        super().__init__(name=name, dtype=dtype)
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
        self.batch_shape = (batch_size, *check_shape("shape", shape))
        self.built = True

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


def Input(  # noqa: N802 (Keras's name)
    shape: Any = None,
    batch_size: int | None = None,
    dtype: str | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    optional: bool = False,
) -> InputLayer:
    """The first entry of a Sequential: the shape of one sample, without the batch.

    A single integer is taken as a shape of one axis.  Errors: ValueError unless exactly one of
    `shape` and `batch_shape` is given.
    """
    return InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, name, optional)
