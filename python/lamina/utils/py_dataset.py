"""Batches from a user's own code, by index."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

from lamina.utils import check

_DEFAULTS: dict[str, Any] = {"workers": 1, "use_multiprocessing": False, "max_queue_size": 10}


class PyDataset:
    """A data set whose `self[i]` is the i-th batch: (x,), (x, y) or (x, y, weights of samples).

    A subclass has `__getitem__` and `__len__`, the number of batches; or, instead of `__len__`, the
    property `num_batches`, which is None for a data set without end.

    Args:
        workers: how many threads or processes `fit` may use to make batches.
        use_multiprocessing: processes instead of threads.
        max_queue_size: how many batches may be ready at a time.

    Examples:
        >>> class Squares(lamina.utils.PyDataset):
        ...     def __len__(self):
        ...         return 3
        ...
        ...     def __getitem__(self, index):
        ...         x = np.full((2, 1), index)
        ...         return x, x**2
        >>> [int(y.sum()) for x, y in Squares()]
        [0, 2, 8]
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def _setting(self, name: str) -> Any:
        if f"_{name}" not in self.__dict__:
            warnings.warn(
                f"{type(self).__name__} should call `super().__init__(**kwargs)` in its constructor; "
                f"`{name}` is taken to be {_DEFAULTS[name]}.",
                stacklevel=3,
            )
            setattr(self, f"_{name}", _DEFAULTS[name])
        return self.__dict__[f"_{name}"]

    @property
    def workers(self) -> int:
        """How many threads or processes make batches; 0 and 1 mean no parallel work."""
        workers: int = self._setting("workers")
        return workers

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = check.integer("workers", value, 0)

    @property
    def use_multiprocessing(self) -> bool:
        """Whether the workers are processes."""
        return bool(self._setting("use_multiprocessing"))

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        self._use_multiprocessing = bool(value)

    @property
    def max_queue_size(self) -> int:
        """How many batches may be ready at a time."""
        size: int = self._setting("max_queue_size")
        return size

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        self._max_queue_size = check.integer("max_queue_size", value, 1)

    def __getitem__(self, index: int) -> Any:
        """The batch at `index`."""
        raise NotImplementedError(f"{type(self).__name__} does not implement __getitem__(index)")

    def __iter__(self) -> Iterator[Any]:
        """The batches in their order, made one after the other."""
        batches = self.num_batches
        for index in itertools.count() if batches is None else range(batches):
            yield self[index]

    @property
    def num_batches(self) -> int | None:
        """The number of batches, None for a data set without end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(
            f"{type(self).__name__} implements neither __len__ nor the property `num_batches`"
        )

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


Sequence = PyDataset  # Keras's older name
