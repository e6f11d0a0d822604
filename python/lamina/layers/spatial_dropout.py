"""Dropout of whole channels (Tompson et al., 2015)."""

from __future__ import annotations

from typing import Any

from lamina.layers.dropout import Dropout
from lamina.layers.input_spec import InputSpec
from lamina.utils.image_data_format import checked_data_format


class _SpatialDropout(Dropout):
    """Drops the channels of a sample as wholes: the places in between go together."""

    def __init__(
        self, ndim: int, channels: int, rate: float, seed: int | None, name: Any, dtype: Any
    ) -> None:
        together = [None if axis in (0, channels) else 1 for axis in range(ndim)]
        super().__init__(rate, noise_shape=together, seed=seed, name=name, dtype=dtype)
        self.input_spec = InputSpec(ndim=ndim)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {name: config[name] for name in ("rate", "seed", "name", "dtype")}


class SpatialDropout1D(_SpatialDropout):
    """In training, sets a share `rate` of the channels of (batch, steps, channels) to 0, on all steps.

    The others are scaled by 1 / (1 - rate).  For series whose steps are alike, where the neighbours of
    a single number tell what was dropped.

    Args:
        rate: the share dropped, in [0, 1].
        seed: an integer; by default drawn from Python's `random`.

    Examples:
        >>> x = np.ones((2, 3, 4), "float32")
        >>> print(lamina.layers.SpatialDropout1D(0.5, seed=0)(x, training=True)[0])
        [[0. 2. 0. 2.]
         [0. 2. 0. 2.]
         [0. 2. 0. 2.]]
    """

    def __init__(
        self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(3, 2, rate, seed, name, dtype)


class _WithDataFormat(_SpatialDropout):
    """One whose channels may come first."""

    ndim: int

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.data_format = checked_data_format(data_format)
        channels = 1 if self.data_format == "channels_first" else self.ndim - 1
        super().__init__(self.ndim, channels, rate, seed, name, dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


class SpatialDropout2D(_WithDataFormat):
    """In training, sets a share `rate` of the channels of (batch, rows, columns, channels) to 0.

    The others are scaled by 1 / (1 - rate).

    Args:
        rate: the share dropped, in [0, 1].
        data_format: "channels_last", or "channels_first" for (batch, channels, rows, columns); None is
            `config.image_data_format()`.
        seed: an integer; by default drawn from Python's `random`.
    """

    ndim = 4


class SpatialDropout3D(_WithDataFormat):
    """As SpatialDropout2D, for three axes between batch and channels.

    Args:
        rate: the share dropped, in [0, 1].
        data_format: "channels_last", or "channels_first" for (batch, channels, ...); None is
            `config.image_data_format()`.
        seed: an integer; by default drawn from Python's `random`.
    """

    ndim = 5
