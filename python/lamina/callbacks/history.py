from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lamina.callbacks.callback import Callback, Logs

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_VALIDATION = "val_"
_STATE = (
    "history", "epoch", "params", "samples", "validation_samples", "batch_size", "_axis", "_logged",
)  # fmt: skip


class History(Callback):
    """What `fit` returns: the loss and the metrics of each epoch.

    `print(history)` shows the last values, `history.plot()` draws the curves.

    Attributes:
        history: dict name -> list of floats, one per epoch in which the value was taken.
        epoch: the epochs run by the last `fit`, counted from 0.
        params: dict with "verbose", "epochs" and "steps".
        model: the model.
        samples, validation_samples, batch_size: sizes of the training, or None if unknown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []
        self.samples: int | None = None
        self.validation_samples: int | None = None
        self.batch_size: int | None = None
        # Epoch numbers on one axis over several fits, and those at which each name was logged.
        self._axis: list[int] = []
        self._logged: dict[str, list[int]] = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        number = max(epoch, self._axis[-1] + 1) if self._axis else epoch
        self._axis.append(number)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
            self._logged.setdefault(name, []).append(number)
        if self.model is not None:
            self.model.history = self

    def get_state(self) -> dict[str, Any]:
        """All of it but the model, as JSON can hold it."""
        values = {
            name: [v.tolist() if hasattr(v, "tolist") else v for v in values]
            for name, values in self.history.items()
        }
        return {**{name: getattr(self, name) for name in _STATE}, "history": values}

    def set_state(self, state: dict[str, Any]) -> None:
        """What `get_state` gave, also after JSON.  Errors: ValueError for anything else."""
        lists = [state.get(name) for name in ("history", "_logged")]
        fits = all(isinstance(x, dict) and all(map(_is_list, x.values())) for x in lists)
        if set(state) != {*_STATE} or not fits or not (_is_list(state["epoch"], state["_axis"])):
            raise ValueError(f"This is no state of a History. Received: {state!r}")
        for name in _STATE:
            setattr(self, name, state[name])

    def __repr__(self) -> str:
        """The sizes of the training and the last values, as R's keras prints them."""
        if not self.history:
            return "History (no epoch yet)"
        width = max(map(len, self.history))
        values = [
            f"{name:>{width}}: {_significant(values[-1])}" for name, values in self.history.items()
        ]
        return "\n".join([self._trained_on(), "Final epoch (plot to see history):", *values])

    def _trained_on(self) -> str:
        params = self.params or {}
        run, asked = len(self.epoch), params.get("epochs")
        epochs = f"{run}" if asked is None or run >= asked else f"{run} of {asked}"
        sizes = [f"epochs={epochs}"]
        if self.batch_size is not None:
            sizes.insert(0, f"batch_size={self.batch_size}")
        if self.samples is None:
            return f"Trained ({', '.join(sizes)})"
        validated = ""
        if self.validation_samples is not None:
            validated = f", validated on {self.validation_samples:,} samples"
        return f"Trained on {self.samples:,} samples{validated} ({', '.join(sizes)})"

    def as_rows(self) -> list[dict[str, Any]]:
        """The values in long form, one dict per metric, data set and epoch.

        Returns:
            Dicts with "epoch" (from 0, as in `epoch`; it goes on rising over several fits),
            "value", "metric" (without val_) and "data" ("training" or "validation"). The value
            is NaN where none was taken: in an epoch without validation, or after an early stop.
        """
        epochs = self._all_epochs()
        rows = []
        for metric in self._metrics():
            for prefix, data in (("", "training"), (_VALIDATION, "validation")):
                if prefix + metric not in self.history:
                    continue
                values = dict(zip(self._epochs_of(prefix + metric), self.history[prefix + metric]))
                rows += [
                    {"epoch": i, "value": values.get(i, math.nan), "metric": metric, "data": data}
                    for i in epochs
                ]
        return rows

    def to_frame(self) -> pd.DataFrame:
        """`as_rows` as a pandas data frame with columns epoch, value, metric, data.

        Raises:
            ImportError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("history.to_frame needs pandas: pip install pandas") from error
        columns = ["epoch", "value", "metric", "data"]
        frame: pd.DataFrame = pd.DataFrame(self.as_rows(), columns=columns)
        return frame

    def plot(
        self,
        metrics: str | Sequence[str] | None = None,
        smooth: bool = True,
        path: str | os.PathLike[str] | None = None,
    ) -> Figure:
        """Draw the values over the epochs: a panel per metric, a colour per data set.

        The epochs are counted from 1 here, as in R. A notebook shows the returned figure when
        it is the last value of a cell; no display is needed.

        Args:
            metrics: names without val_, in the order of the panels. Default: the loss, then
                the others as they come.
            smooth: from 10 values on, draw a smooth curve (local linear regression) through
                the points; else the points are joined.
            path: file to write the figure to as well; its suffix (.png, .svg, .pdf) chooses
                the format. An existing file is replaced only by a complete one.

        Raises:
            ImportError: matplotlib is not installed.
            ValueError: an unknown metric, nothing to draw, or a suffix that is no format.
        """
        try:
            from lamina.utils import history_plot
        except ImportError as error:
            raise ImportError("history.plot needs matplotlib: pip install lamina[plot]") from error
        figure = history_plot.draw(self.as_rows(), metrics, smooth)
        if path is not None:
            history_plot.save(figure, path)
        return figure

    def _metrics(self) -> list[str]:
        """Names without val_, each once: the loss, then the others as they come."""
        names = dict.fromkeys(name.removeprefix(_VALIDATION) for name in self.history)
        return sorted(names, key=lambda name: name != "loss")

    def _epochs_of(self, name: str) -> list[int]:
        """The epochs of a name's values; those of a history filled by hand are the first ones."""
        logged, count = self._logged.get(name, []), len(self.history[name])
        return logged if len(logged) == count else list(range(count))

    def _all_epochs(self) -> list[int]:
        """The epochs of all values and, after an early stop, those that were left out."""
        epochs = {i for name in self.history for i in self._epochs_of(name)} | set(self._axis)
        if self.epoch and self._axis:
            left = (self.params or {}).get("epochs", 0) - 1 - self.epoch[-1]
            epochs |= set(range(self._axis[-1] + 1, self._axis[-1] + 1 + left))
        return sorted(epochs)


def _is_list(*values: Any) -> bool:
    return all(isinstance(value, list) for value in values)


def _significant(value: Any) -> str:
    """A number with 4 significant digits and, as R has it, commas; anything else as it is."""
    if not isinstance(value, float) or not math.isfinite(value) or value == 0:
        return str(value)
    if abs(value) < 1e-4:
        return f"{value:.3e}"
    digits = max(0, 3 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"
