from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina.callbacks.callback import Callback

Hook = Callable[..., Any]


class LambdaCallback(Callback):
    """A callback made of functions.

    Args:
        on_epoch_begin, on_epoch_end: called with `(epoch, logs)`.
        on_train_begin, on_train_end: called with `(logs)`.
        on_train_batch_begin, on_train_batch_end: called with `(batch, logs=...)`.
        **kwargs: functions for any other hook of `Callback`, by its name; other names become
            attributes.

    Raises:
        TypeError: a hook is not callable.

    Examples:
        >>> seen = []
        >>> listen = lambda epoch, logs: seen.append(epoch)
        >>> callback = lamina.callbacks.LambdaCallback(on_epoch_end=listen)
        >>> model = lamina.Sequential([lamina.Input((1,)), lamina.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> _ = model.fit(np.ones((8, 1)), np.ones((8, 1)), epochs=3, callbacks=[callback], verbose=0)
        >>> seen
        [0, 1, 2]
    """

    def __init__(
        self,
        on_epoch_begin: Hook | None = None,
        on_epoch_end: Hook | None = None,
        on_train_begin: Hook | None = None,
        on_train_end: Hook | None = None,
        on_train_batch_begin: Hook | None = None,
        on_train_batch_end: Hook | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        given = {name: hook for name, hook in hooks.items() if hook is not None} | kwargs
        for name, hook in given.items():
            if hasattr(Callback, name) and not callable(hook):
                raise TypeError(f"{name} must be callable. Received: {name}={hook!r}")
        self.__dict__.update(given)
