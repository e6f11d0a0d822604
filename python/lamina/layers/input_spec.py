"""What a layer expects of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lamina import tree


class InputSpec:
    """The rank and sizes that one input of a layer must have: set as `layer.input_spec`.

    Args:
        dtype: accepted as in Keras; numbers of every dtype are converted.
        shape: the whole shape, None where any size will do.
        ndim, min_ndim, max_ndim: the number of axes.
        axes: axis -> size.
        allow_last_axis_squeeze: a last axis of size 1 may be there or not.
        name: shown in messages.
        optional: the input may be None.
    """

    def __init__(
        self,
        dtype: str | None = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name = name
        self.optional = optional

    def problem(self, shape: tuple[int | None, ...]) -> str | None:
        """What is wrong with an input of this shape; None when it fits."""
        ndim = len(shape)
        if self.ndim is not None and not self.allow_last_axis_squeeze and ndim != self.ndim:
            return f"expected ndim={self.ndim}, found ndim={ndim}"
        if self.max_ndim is not None and ndim > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}, found ndim={ndim}"
        if self.min_ndim is not None and ndim < self.min_ndim:
            return f"expected min_ndim={self.min_ndim}, found ndim={ndim}"
        for axis, size in self.axes.items():
            if not -ndim <= axis < ndim or (size is not None and shape[axis] not in (size, None)):
                return f"expected axis {axis} of input shape to have value {size}"
        if self.shape is not None and not self._has_shape(shape):
            return f"expected shape={self.shape}"
        return None

    def _has_shape(self, shape: tuple[int | None, ...]) -> bool:
        wanted = self.shape
        assert wanted is not None
        if self.allow_last_axis_squeeze:
            shape = shape[:-1] if shape[-1:] == (1,) else shape
            wanted = wanted[:-1] if wanted[-1:] == (1,) else wanted
        pairs = zip(wanted, shape)
        return len(wanted) == len(shape) and all(a is None or b in (a, None) for a, b in pairs)

    def get_config(self) -> dict[str, Any]:
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "optional")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        return cls(**config)

    def __repr__(self) -> str:
        given = {k: v for k, v in self.get_config().items() if v not in (None, {}, False)}
        return f"InputSpec({', '.join(f'{k}={v!r}' for k, v in given.items())})"


def check_inputs(specs: Any, inputs: Any, name: str) -> None:
    """Refuses inputs of the layer `name` that do not fit its InputSpec(s)."""
    wanted = [spec for spec in tree.flatten(specs) if spec is None or isinstance(spec, InputSpec)]
    given = tree.flatten(inputs)
    if len(given) != len(wanted):
        raise ValueError(
            f'Layer "{name}" expects {len(wanted)} input(s), but it received {len(given)} input '
            f"tensors. Inputs received: {given}"
        )
    for i, (spec, x) in enumerate(zip(wanted, given)):
        if spec is None or (x is None and spec.optional):
            continue
        if not hasattr(x, "shape"):
            raise ValueError(f"Input {i} of layer '{name}' must be a tensor. Received: {x!r}")
        problem = spec.problem(tuple(x.shape))
        if problem is not None:
            raise ValueError(
                f"Input {i} of layer '{name}' is incompatible with the layer: {problem}, but "
                f"received input with shape {tuple(x.shape)}"
            )
