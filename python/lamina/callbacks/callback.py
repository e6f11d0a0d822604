from __future__ import annotations

from typing import Any

Logs = dict[str, Any]


class Callback:
    """Base of what looks on, and steps in, while a model trains, is evaluated or predicts.

    Override the hooks of interest. `epoch` and `batch` count from 0. At the end of a batch
    `logs` holds the running means of the loss and the metrics so far, at the end of an epoch
    those of the whole epoch and, with the prefix val_, of the validation; else it is empty.
    All callbacks of one call see the same `logs` in turn: what one adds, the next ones see.

    To stop, set `self.model.stop_training` (or `stop_evaluating`, `stop_predicting`) to True.

    A callback with a per-batch hook makes the training loop come back to Python after each
    step; without one it does so about twenty times a second.

    Attributes:
        params: dict with "verbose", "epochs" and "steps".
        model: the model at work.
        wants_batches: False says that the library's own per-batch hooks need not be called.
        state_names: the attributes that a run which is interrupted and goes on has to keep: numbers,
            strings, arrays, and lists and dicts of them.
    """

    wants_batches = True
    state_names: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.params: dict[str, Any] | None = None
        self._model: Any = None

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def set_model(self, model: Any) -> None:
        self._model = model

    @property
    def model(self) -> Any:
        return self._model

    @property
    def batches_to_next(self) -> int | None:
        """How many training batches may go by before it has to be called; None for any number."""
        return None

    def get_state(self) -> dict[str, Any]:
        """What the callback has to know when a run that was interrupted goes on: `state_names`."""
        return {name: getattr(self, name) for name in self.state_names}

    def set_state(self, state: dict[str, Any]) -> None:
        """Takes over what `get_state` gave, perhaps from a file.

        Called after `on_train_begin` and the `on_epoch_begin` of the epoch that goes on.

        Errors: ValueError for a state with other names.
        """
        if set(state) != set(self.state_names):
            raise ValueError(
                f"The state of {type(self).__name__} must have {sorted(self.state_names)}. "
                f"Received: {sorted(state)}"
            )
        for name in self.state_names:
            setattr(self, name, state[name])

    def on_train_interrupt(self) -> None:
        """When `fit` ends by an exception, Ctrl-C among them: `on_train_end` is not called then."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Before the first epoch of `fit`."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """After the last epoch of `fit`; `logs` are those of that epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Before an epoch of `fit`."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """After an epoch of `fit` and its validation."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch in `fit`. Calls `on_batch_begin` unless overridden."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch in `fit`. Calls `on_batch_end` unless overridden."""
        self.on_batch_end(batch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """The older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """The older name of `on_train_batch_end`."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Before the first batch of `evaluate` or of a validation in `fit`."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """After the last batch of `evaluate` or of a validation in `fit`."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch in `evaluate` or in a validation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch in `evaluate` or in a validation."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Before the first batch of `predict`."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """After the last batch of `predict`."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch in `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch in `predict`; `logs` holds the "outputs" of the batch."""
