"""Keras's module `backend`, as far as it makes sense here: settings of the process."""

from lamina.config import backend, clear_session, epsilon, floatx, set_epsilon, set_floatx

__all__ = ["backend", "clear_session", "epsilon", "floatx", "set_epsilon", "set_floatx"]
