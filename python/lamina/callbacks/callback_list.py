from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lamina.callbacks.callback import Callback, Logs
from lamina.callbacks.history import History
from lamina.callbacks.progbar_logger import ProgbarLogger
from lamina.utils import interrupts


class CallbackList(Callback):
    """Callbacks called as one, in their order.

    Args:
        callbacks: a callback or a list of them, nested or not; None for none.
        add_history: add a `History` at the end unless there is one.
        add_progbar: add a `ProgbarLogger` at the end unless there is one.
        model: the model at work.
        **params: given to every callback: verbose, epochs, steps.

    Raises:
        TypeError: an entry is no `Callback`.
    """

    def __init__(
        self,
        callbacks: Callback | Sequence[Any] | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks = [] if callbacks is None else list(_flatten(callbacks, "callbacks"))
        self._depth = 0
        self._hook: tuple[str, tuple[Any, ...], dict[str, Any]] | None = None  # being called
        self._waiting: list[Callback] = []  # those it was not called on yet
        self._history: History | None = self._last(History)
        self._progbar: ProgbarLogger | None = self._last(ProgbarLogger)
        if add_history and self._history is None:
            self._history = History()
            self.callbacks.append(self._history)
        if add_progbar and self._progbar is None:
            self._progbar = ProgbarLogger()
            self.callbacks.append(self._progbar)
        self.set_model(model)
        self.set_params(params)

    def _last(self, kind: type[Any]) -> Any:
        found = [callback for callback in self.callbacks if isinstance(callback, kind)]
        return found[-1] if found else None

    def append(self, callback: Callback) -> None:
        """Add a callback at the end."""
        self.callbacks += _flatten(callback, "callback")

    @property
    def history(self) -> History | None:
        """The `History` among the callbacks."""
        return self._history

    @property
    def train_batch_hooks(self) -> bool:
        """Whether a callback, the progress bar aside, has to be called for each training batch."""
        names = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
        return self._overridden(names)

    @property
    def batches_to_next(self) -> int | None:
        """How many training batches may go by before a callback must be called; None for any number."""
        if self.train_batch_hooks:
            return 1
        numbers = [callback.batches_to_next for callback in self.callbacks]
        return min((n for n in numbers if n is not None), default=None)

    @property
    def watches_loss(self) -> bool:
        """Whether a callback ends training itself when the loss is not finite."""
        return any(getattr(callback, "watches_loss", False) for callback in self.callbacks)

    @property
    def test_batch_hooks(self) -> bool:
        """Whether a callback, the progress bar aside, has to be called for each test batch."""
        return self._overridden(("on_test_batch_begin", "on_test_batch_end"))

    @property
    def predict_batch_hooks(self) -> bool:
        """Whether a callback, the progress bar aside, has to be called for each predict batch."""
        return self._overridden(("on_predict_batch_begin", "on_predict_batch_end"))

    def _overridden(self, names: tuple[str, ...]) -> bool:
        return any(_overrides(callback, name) for callback in self.callbacks for name in names)

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)

    def set_model(self, model: Any) -> None:
        if model is None:
            return
        self._model = model
        if self._history is not None:
            model.history = self._history
        for callback in self.callbacks:
            callback.set_model(model)

    def close(self) -> None:
        """Tidy the screen after an exception in the midst of the work."""
        if self._progbar is not None:
            self._progbar.close()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._begin("on_train_begin", logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._end("on_train_end", logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._begin("on_test_begin", logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._end("on_test_end", logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._begin("on_predict_begin", logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._end("on_predict_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._call("on_epoch_begin", epoch, _plain(logs))

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._call("on_epoch_end", epoch, _plain(logs))

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_batch_begin", batch, logs=_plain(logs))

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_batch_end", batch, logs=_plain(logs))

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_train_batch_begin", batch, logs=_plain(logs))

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_train_batch_end", batch, logs=_plain(logs))

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_test_batch_begin", batch, logs=_plain(logs))

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_test_batch_end", batch, logs=_plain(logs))

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_predict_batch_begin", batch, logs=_plain(logs))

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_predict_batch_end", batch, logs=_plain(logs))

    def on_train_interrupt(self) -> None:
        for callback in self.callbacks:
            callback.on_train_interrupt()

    # --- runs that go on --------------------------------------------------------------------------

    def logs_told(self, hook: str | None) -> Logs | None:
        """The logs of a hook, with what callbacks added; None if it is not just being called."""
        if self._hook is None or self._hook[0] != hook:
            return None
        _, args, kwargs = self._hook
        logs: Logs = kwargs["logs"] if "logs" in kwargs else args[-1]
        return logs

    def get_states(self) -> list[dict[str, Any]]:
        """The callbacks' states, each with whether the hook that is being called was called on it."""
        waiting = {id(callback) for callback in self._waiting}
        return [
            {
                "class": type(callback).__name__,
                "told": id(callback) not in waiting,
                "state": callback.get_state(),
            }
            for callback in self.callbacks
        ]

    def set_states(self, states: list[dict[str, Any]]) -> None:
        """Gives each callback the state of the one of its class, the i-th of a class that of the i-th.

        Those of other callbacks are left out, and callbacks without one are as they are.
        """
        left = list(states)
        self._waiting = []
        for callback in self.callbacks:
            name = type(callback).__name__
            entry = next((entry for entry in left if entry["class"] == name), None)
            if entry is not None:
                left.remove(entry)
                callback.set_state(entry["state"])
                callback.params = self.params
                if not entry["told"]:
                    self._waiting.append(callback)

    def go_on(self, hook: str, *args: Any, **kwargs: Any) -> None:
        """Calls a hook on those callbacks that it had not been called on."""
        self._hook = hook, args, kwargs
        self._tell()

    def _begin(self, hook: str, logs: Logs | None) -> None:
        self._depth += 1
        self._call(hook, _plain(logs))

    def _end(self, hook: str, logs: Logs | None) -> None:
        if self._depth == 0:
            raise ValueError(f"{hook} came without {hook.replace('end', 'begin')} before it")
        self._call(hook, _plain(logs))
        self._depth -= 1

    def _call(self, hook: str, *args: Any, **kwargs: Any) -> None:
        self._hook, self._waiting = (hook, args, kwargs), list(self.callbacks)
        self._tell()

    def _tell(self) -> None:
        assert self._hook is not None
        hook, args, kwargs = self._hook
        while self._waiting:
            method = getattr(self._waiting[0], hook)
            with interrupts.held_back() if _is_own(method, hook) else interrupts.let_through():
                del self._waiting[0]
                method(*args, **kwargs)
        self._hook = None


def _flatten(callbacks: Any, name: str) -> Iterator[Callback]:
    if isinstance(callbacks, CallbackList):
        yield from callbacks.callbacks
    elif isinstance(callbacks, Callback):
        yield callbacks
    elif isinstance(callbacks, (list, tuple)):
        for i, entry in enumerate(callbacks):
            yield from _flatten(entry, f"{name}[{i}]")
    else:
        raise TypeError(
            f"{name} must be a Callback or a list of them. "
            f"Received: {name}={callbacks!r} of type {type(callbacks).__name__}"
        )


def _overrides(callback: Callback, hook: str) -> bool:
    method = getattr(callback, hook)
    function = getattr(method, "__func__", method)
    if not callback.wants_batches and _is_of_library(function):
        return False
    return function not in (getattr(Callback, hook), getattr(ProgbarLogger, hook))


def _is_own(method: Any, hook: str) -> bool:
    """Whether a hook is the library's, and calls nobody else's."""
    function = getattr(method, "__func__", method)
    return _is_of_library(function) and function is not getattr(Callback, hook)


def _is_of_library(function: Any) -> bool:
    module = getattr(function, "__module__", None)  # a partial function has none
    return isinstance(module, str) and module.startswith("lamina.callbacks.")


def _plain(logs: Logs | None) -> Logs:
    """A copy sorted by name, as in Keras, with floats for numbers and inner dicts laid open."""
    plain: Logs = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, dict):
            plain.update(_plain(value))
        else:
            plain[name] = _to_float(value)
    return plain


def _to_float(value: Any) -> Any:
    """A float for a number, anything else as it is."""
    if type(value) is float or isinstance(value, (list, tuple)) or np.ndim(value):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value
