from __future__ import annotations

from lamina.callbacks.callback import Callback, Logs
from lamina.graph.variable import Variable


class SwapEMAWeights(Callback):
    """Evaluates and predicts with the optimizer's moving averages in place of the weights.

    The averages are those of `use_ema=True`.  The weights come back after the evaluation or the
    prediction.

    Args:
        swap_on_epoch: the averages are in the model from the end of an epoch to the begin of the
            next, so that callbacks that save find them.

    Errors: ValueError for an optimizer without averages.
    """

    state_names = ("_ema_weights_in_model",)

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._ema_weights_in_model = False

    def _show_averages(self, wanted: bool) -> None:
        """Exchanges weights and averages unless they are as wanted."""
        if self._ema_weights_in_model == wanted:
            return
        pairs = self._pairs()
        if not pairs:
            used = any(part.use_ema for part in self.model.optimizer.parts)
            raise ValueError(
                "SwapEMAWeights needs an optimizer with `use_ema=True`, that was trained. "
                f"Received: use_ema={used}"
            )
        for variable, average in pairs:
            weight = variable.numpy()
            variable.assign(average.numpy())
            average.assign(weight)
        self._ema_weights_in_model = wanted

    def _pairs(self) -> list[tuple[Variable, Variable]]:
        """Each weight that has an average, with it."""
        return [
            pair
            for part in self.model.optimizer.parts
            if part.use_ema
            for pair in zip(part._trainable_variables, part._averages)
        ]

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._show_averages(False)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if not self.swap_on_epoch:
            return
        self._show_averages(True)
        assert self.params is not None
        if epoch == self.params["epochs"] - 1 or self.model.stop_training:
            # At its end, fit puts the averages into the model: they must not be the weights then.
            for variable, average in self._pairs():
                average.assign(variable.numpy())

    def on_train_interrupt(self) -> None:
        if self._ema_weights_in_model:
            self._show_averages(False)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._show_averages(True)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._show_averages(False)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._show_averages(True)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._show_averages(False)
