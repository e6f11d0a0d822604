from __future__ import annotations

import math

from lamina.callbacks.callback import Callback, Logs
from lamina.utils.console import write_line


class TerminateOnNaN(Callback):
    """Ends training at the first batch after which the loss is NaN or infinite.

    Args:
        raise_error: raise RuntimeError instead.
    """

    watches_loss = True

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(f"The loss is {loss} at batch {batch}: training is terminated.")
        write_line(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
