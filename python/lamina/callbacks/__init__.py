"""Callbacks: what looks on, and steps in, while a model trains, is evaluated or predicts.

Each is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy

if TYPE_CHECKING:
    from lamina.callbacks.callback import Callback
    from lamina.callbacks.callback_list import CallbackList
    from lamina.callbacks.history import History
    from lamina.callbacks.lambda_callback import LambdaCallback
    from lamina.callbacks.progbar_logger import ProgbarLogger

_MODULES = {
    "Callback": "lamina.callbacks.callback",
    "CallbackList": "lamina.callbacks.callback_list",
    "History": "lamina.callbacks.history",
    "LambdaCallback": "lamina.callbacks.lambda_callback",
    "ProgbarLogger": "lamina.callbacks.progbar_logger",
}

__all__ = ["Callback", "CallbackList", "History", "LambdaCallback", "ProgbarLogger"]
__getattr__, __dir__ = lazy(__name__, _MODULES)
