"""Dropout of channels: what goes together, values, shapes, masks, configs."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record
from .configs import config

LAYERS: dict[str, tuple[str, dict[str, Any], tuple[int, ...]]] = {
    "1d": ("SpatialDropout1D", {"rate": 0.25}, (9, 40)),
    "2d": ("SpatialDropout2D", {"rate": 0.5}, (3, 4, 40)),
    "2d_first": ("SpatialDropout2D", {"rate": 0.75, "data_format": "channels_first"}, (40, 3, 4)),
    "3d": ("SpatialDropout3D", {"rate": 0.5}, (3, 2, 4, 40)),
    "3d_first": ("SpatialDropout3D", {"rate": 0.5, "data_format": "channels_first"}, (40, 2, 3, 2)),
    "none": ("SpatialDropout1D", {"rate": 0.0}, (3, 4)),
    "all": ("SpatialDropout2D", {"rate": 1}, (3, 2, 4)),
}


def dropped(keras: Keras, name: str, options: dict[str, Any], shape: tuple[int, ...]) -> Record:
    layer = getattr(keras.layers, name)(**options, seed=3)
    y = np.asarray(layer(np.ones((50, *shape), "float32"), training=True))
    alike = [bool((y == y.take([0], axis)).all()) for axis in range(y.ndim)]
    x = np.random.default_rng(0).normal(size=(2, *shape)).astype("float32")
    return {
        "alike": alike,
        "values": np.unique(y),
        "as_many_as_wanted": bool(abs((y != 0).mean() - (1 - options["rate"])) < 0.05),
        "two_uses_differ": bool((y != np.asarray(layer(np.ones_like(y), training=True))).any()),
        "else": bool((np.asarray(layer(x)) == x).all()),
        "shape": list(layer.compute_output_shape((None, *shape))),
        "ndim": layer.input_spec.ndim,
        "supports_masking": layer.supports_masking,
    }


def _make(keras: Keras, name: str, options: dict[str, Any]) -> Any:
    return getattr(keras.layers, name)(**options, seed=3, name="s")


def named(keras: Keras) -> Record:
    """Names that come by themselves, and formats in capitals."""
    keras.utils.clear_session()
    made = [getattr(keras.layers, f"SpatialDropout{n}D")(0.5) for n in (1, 2, 3)]
    capitals = keras.layers.SpatialDropout2D(0.5, "Channels_First")
    return {"names": [layer.name for layer in made], "format": capitals.data_format}


CASES = [
    *(
        Case(
            "spatial_dropout",
            f"{which}_dropped",
            functools.partial(dropped, name=name, options=options, shape=shape),
        )
        for which, (name, options, shape) in LAYERS.items()
    ),
    *(
        Case(
            "spatial_dropout",
            f"{which}_config",
            functools.partial(config, make=functools.partial(_make, name=name, options=options)),
        )
        for which, (name, options, _) in LAYERS.items()
    ),
    Case("spatial_dropout", "named", named),
]
