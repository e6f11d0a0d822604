"""Numbers as the bins they fall into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from lamina import ops
from lamina.graph.tensor import Tensor
from lamina.layers.layer import Layer
from lamina.layers.preprocessing.data_layer import first_batches
from lamina.layers.preprocessing.encoding import check_mode, encode, encoded_shape, not_sparse
from lamina.utils import check


class Discretization(Layer):
    """The number of the bin of each element: how many boundaries are not greater than it.

    Args:
        bin_boundaries: in rising order; b boundaries make b + 1 bins.
        num_bins: instead, the number of bins that `adapt` finds, with about as many elements each.
        epsilon: the share of the data by which `adapt` may miss a quantile; a smaller one keeps
            more of the data.
        output_mode: "int", or encoded as by `CategoryEncoding`: "one_hot", "multi_hot", "count".
        sparse: False.

    Errors: ValueError unless exactly one of `bin_boundaries` and `num_bins` is given, and when it
    is called before its boundaries are known.

    Examples:
        >>> print(lamina.layers.Discretization([0.0, 10.0])(np.array([-1.0, 0.0, 5.0, 20.0])))
        [0 1 1 2]
    """

    summary: np.ndarray

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        not_sparse(sparse)
        self.output_mode = check_mode("Discretization", output_mode)
        if (num_bins is None) == (bin_boundaries is None):
            raise ValueError(
                "Exactly one of `num_bins` and `bin_boundaries` must be set. "
                f"Received: num_bins={num_bins}, bin_boundaries={bin_boundaries}"
            )
        self.bin_boundaries = None if bin_boundaries is None else _boundaries(bin_boundaries)
        self.num_bins = None if num_bins is None else check.integer("num_bins", num_bins, 0)
        self.epsilon = check.number("epsilon", epsilon, 0.0, 1.0)
        if self.epsilon == 0:
            raise ValueError(f"`epsilon` must be greater than 0. Received: epsilon={epsilon}")
        self.reset_state()
        self.built = True

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Finds the boundaries of `num_bins` bins from quantiles of the data.

        data: an array, or batches of them: a list, a generator, a PyDataset.
        steps: the number of batches to take; None takes all.
        """
        if self.num_bins is None:
            raise ValueError(
                "Cannot adapt a Discretization layer that was given `bin_boundaries`; use "
                "`num_bins` instead. Received: num_bins=None"
            )
        self.reset_state()
        batches: Iterable[Any] = [data]
        if not hasattr(data, "__array__") and hasattr(data, "__iter__"):
            batches = data
        for batch in first_batches(batches, steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Takes one more batch into the summary."""
        array = np.asarray(data)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"`data` must hold numbers. Received: data with dtype={array.dtype}")
        if np.isnan(array).any():
            raise ValueError("`data` must not hold NaN. Received: data with NaN")
        if array.size:
            summary = _summarize(array.astype(np.float32), self.epsilon)
            self.summary = _merge(summary, self.summary, self.epsilon)

    def finalize_state(self) -> None:
        """Makes the boundaries of the summary."""
        if self.num_bins is None or self.summary.size == 0:
            return
        self.bin_boundaries = _compress(self.summary, 1.0 / self.num_bins)[0, :-1].tolist()

    def reset_state(self) -> None:
        """Forgets what was seen."""
        self.summary = np.zeros((2, 0), np.float32)

    def call(self, inputs: Any) -> Any:
        if self.bin_boundaries is None:
            raise ValueError(
                "Discretization needs the argument `bin_boundaries`, or `adapt(data)`, before it "
                "can be called. Received: bin_boundaries=None"
            )
        if not isinstance(inputs, Tensor):
            inputs = np.asarray(inputs, self.compute_dtype)
        bounds = np.asarray(self.bin_boundaries, self.compute_dtype)
        reached = ops.logical_not(ops.less(ops.expand_dims(inputs, -1), bounds))
        bins = ops.sum(reached, axis=-1)
        if self.output_mode == "int":
            return bins
        return encode(bins, self.output_mode, len(self.bin_boundaries) + 1)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        bins = self.num_bins if self.bin_boundaries is None else len(self.bin_boundaries) + 1
        return encoded_shape(input_shape, self.output_mode, bins)

    def get_config(self) -> dict[str, Any]:
        return {
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": False,
            "name": self.name,
            "dtype": self.dtype,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """After `adapt` a config has both, the number of bins and their boundaries."""
        if config.get("num_bins") is None:
            return cls(**config)
        layer = cls(**{**config, "bin_boundaries": None})
        layer.bin_boundaries = config.get("bin_boundaries")
        return layer


def _boundaries(given: Any) -> list[float]:
    bounds = np.asarray(given, np.float64) if np.size(given) else np.zeros(0)
    if bounds.ndim != 1 or not np.isfinite(bounds).all() or (np.diff(bounds) < 0).any():
        raise ValueError(
            "`bin_boundaries` must be a list of finite numbers in rising order. "
            f"Received: bin_boundaries={given!r}"
        )
    return np.asarray(given).tolist() if bounds.size else []


def _summarize(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Two rows: about 1 / epsilon of the sorted values, and how many each of them stands for."""
    values = np.sort(values.ravel())
    step = max(values.size / (1.0 / epsilon), 1)
    chosen = values[int(step - 1) :: int(step)]
    return np.stack([chosen, np.full_like(chosen, step)])


def _merge(a: np.ndarray, b: np.ndarray, epsilon: float) -> np.ndarray:
    """Two summaries as one, compressed again."""
    joined = np.concatenate([a, b], axis=1)
    return _compress(joined[:, np.argsort(joined[0])], epsilon)


def _compress(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """A summary of 1 / epsilon values, interpolated between the shares of the weight below them."""
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    below = summary[1].cumsum()
    values = np.interp(shares, below / below[-1], summary[0])
    weights = np.diff(np.interp(shares, below / below[-1], below), prepend=0.0)
    return np.stack([values, weights]).astype(np.float32)
