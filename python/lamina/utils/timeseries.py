"""Windows that slide over a series."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.utils import check
from lamina.utils.py_dataset import PyDataset


class Windows(PyDataset):
    """Batches of windows of `data`, and the targets at their first steps.

    `positions` are the windows' first steps, `steps` the distances of the others from them.
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        positions: np.ndarray,
        steps: np.ndarray,
        batch_size: int | None,
        rng: np.random.RandomState | None,
    ) -> None:
        super().__init__()
        self.data, self.targets = data, targets
        self.positions, self.steps = positions, steps
        self.batch_size = batch_size
        self._rng = rng
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.positions) // (self.batch_size or 1))

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(f"there are {len(self)} batches. Received: index={index}")
        if self.batch_size is None:
            first = self.positions[index]
        else:
            first = self.positions[index * self.batch_size : (index + 1) * self.batch_size, None]
        windows = self.data[first + self.steps]
        if self.targets is None:
            return windows
        return windows, self.targets[first if self.batch_size is None else first[:, 0]]

    def on_epoch_end(self) -> None:
        """Another order for the next epoch, if the windows are shuffled."""
        if self._rng is not None:
            self._rng.shuffle(self.positions)


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Windows:
    """The windows data[i], data[i + rate], ... of `sequence_length` steps, in batches.

    Keras gives a tf.data data set; here it is a `PyDataset`, whose batches are (windows, targets),
    or the windows alone when `targets` is None.  No window is made before its batch is.

    Args:
        data: (steps, ...), also a memmap.
        targets: targets[i] belongs to the window that begins at step i; or None.
        sequence_length, sequence_stride, sampling_rate: the steps of a window, from one window's
            beginning to the next one's, from step to step in a window.
        batch_size: windows in a batch; None gives single windows.
        shuffle, seed: whether the windows have another order in each epoch, and which.
        start_index, end_index: the part of the data that is used, without `end_index` itself.
        format: "tf" or "grain", without effect.

    Errors: ValueError for indices, strides or rates that do not fit the data, where there is no
    window at all, and for a window without a target.
    """
    data = data if isinstance(data, np.ndarray) else np.asarray(data)
    steps = len(data)
    start, end = _range(start_index, end_index, steps)
    check.integer("sequence_length", sequence_length, 1)
    _below("sampling_rate", sampling_rate, steps)
    _below("sequence_stride", sequence_stride, steps)
    if batch_size is not None:
        check.integer("batch_size", batch_size, 1)
    if format not in ("tf", "grain"):
        raise ValueError(f"`format` must be 'tf' or 'grain'. Received: format={format!r}")
    count = end - start - (sequence_length - 1) * sampling_rate
    if targets is not None:
        targets = targets if isinstance(targets, np.ndarray) else np.asarray(targets)
        count = min(count, len(targets))
        targets = targets[start:end]
    if count <= 0:
        raise ValueError(
            f"There is no window in {end - start} steps of data"
            f"{'' if targets is None else f' and {len(targets)} targets'}. "
            f"Received: sequence_length={sequence_length}, sampling_rate={sampling_rate}"
        )
    positions = np.arange(0, count, sequence_stride)
    if targets is not None and positions[-1] >= len(targets):
        raise ValueError(
            "`targets` must have an entry for the first step of each window. Received: targets up to "
            f"step {start + len(targets) - 1}, and a window that begins at {start + positions[-1]}"
        )
    rng = None
    if shuffle:
        rng = np.random.RandomState(None if seed is None else check.integer("seed", seed, 0))
    return Windows(
        data[start:end],
        targets,
        positions,
        np.arange(sequence_length) * sampling_rate,
        batch_size,
        rng,
    )


def _below(name: str, value: Any, steps: int) -> None:
    if check.integer(name, value, 1) >= steps:
        raise ValueError(
            f"`{name}` must be lower than the length of the data. "
            f"Received: {name}={value} for {steps} steps"
        )


def _range(start_index: int | None, end_index: int | None, steps: int) -> tuple[int, int]:
    start = check.integer("start_index", start_index or 0, 0)
    if end_index is not None:
        check.integer("end_index", end_index, 1)
    for name, index in (("start_index", start), ("end_index", end_index or 0)):
        if index >= steps:
            raise ValueError(
                f"`{name}` must be lower than the length of the data. "
                f"Received: {name}={index} for {steps} steps"
            )
    end = steps if end_index is None else int(end_index)
    if end <= start:
        raise ValueError(
            f"`end_index` must be higher than `start_index`. Received: {start_index=}, {end_index=}"
        )
    return start, end
