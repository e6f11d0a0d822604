"""Callbacks: what looks on, and steps in, while a model trains, is evaluated or predicts.

Each is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy

if TYPE_CHECKING:
    from lamina.callbacks.backup_and_restore import BackupAndRestore
    from lamina.callbacks.callback import Callback
    from lamina.callbacks.callback_list import CallbackList
    from lamina.callbacks.csv_logger import CSVLogger
    from lamina.callbacks.early_stopping import EarlyStopping
    from lamina.callbacks.history import History
    from lamina.callbacks.lambda_callback import LambdaCallback
    from lamina.callbacks.learning_rate_scheduler import LearningRateScheduler
    from lamina.callbacks.model_checkpoint import ModelCheckpoint
    from lamina.callbacks.progbar_logger import ProgbarLogger
    from lamina.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
    from lamina.callbacks.remote_monitor import RemoteMonitor
    from lamina.callbacks.swap_ema_weights import SwapEMAWeights
    from lamina.callbacks.tensorboard import TensorBoard
    from lamina.callbacks.terminate_on_nan import TerminateOnNaN

_MODULES = {
    "BackupAndRestore": "lamina.callbacks.backup_and_restore",
    "CSVLogger": "lamina.callbacks.csv_logger",
    "Callback": "lamina.callbacks.callback",
    "CallbackList": "lamina.callbacks.callback_list",
    "EarlyStopping": "lamina.callbacks.early_stopping",
    "History": "lamina.callbacks.history",
    "LambdaCallback": "lamina.callbacks.lambda_callback",
    "LearningRateScheduler": "lamina.callbacks.learning_rate_scheduler",
    "ModelCheckpoint": "lamina.callbacks.model_checkpoint",
    "ProgbarLogger": "lamina.callbacks.progbar_logger",
    "ReduceLROnPlateau": "lamina.callbacks.reduce_lr_on_plateau",
    "RemoteMonitor": "lamina.callbacks.remote_monitor",
    "SwapEMAWeights": "lamina.callbacks.swap_ema_weights",
    "TensorBoard": "lamina.callbacks.tensorboard",
    "TerminateOnNaN": "lamina.callbacks.terminate_on_nan",
}

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]
__getattr__, __dir__ = lazy(__name__, _MODULES)
