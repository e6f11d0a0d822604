"""Settings of the process."""

from __future__ import annotations

from lamina import backends as _backends
from lamina.dtype_policies.floatx import floatx as floatx
from lamina.dtype_policies.floatx import set_floatx as set_floatx
from lamina.dtype_policies.policy import dtype_policy as dtype_policy
from lamina.dtype_policies.policy import set_dtype_policy as set_dtype_policy
from lamina.utils.console import disable_interactive_logging as disable_interactive_logging
from lamina.utils.console import enable_interactive_logging as enable_interactive_logging
from lamina.utils.console import is_interactive_logging_enabled as is_interactive_logging_enabled
from lamina.utils.epsilon import epsilon as epsilon
from lamina.utils.epsilon import set_epsilon as set_epsilon
from lamina.utils.image_data_format import image_data_format as image_data_format
from lamina.utils.image_data_format import set_image_data_format as set_image_data_format
from lamina.utils.naming import clear_session as clear_session


def backend() -> str:
    """The backend in use: "native" or "numpy"."""
    return _backends.name()


def set_backend(name: str) -> None:
    """Chooses the backend for what is compiled from now on: "native" or "numpy"."""
    _backends.set_backend(name)


def num_threads() -> int:
    """How many threads the native backend uses."""
    from lamina import _core

    return _core.num_threads()


def set_num_threads(n: int) -> None:
    """Sets the number of threads; 0 returns to the default.  Results do not depend on it."""
    from lamina import _core
    from lamina.utils import check

    _core.set_num_threads(check.integer("n", n, 0))


def skip_zeros() -> bool:
    """Whether matrix products with many zeros in the left operand skip them: True unless set."""
    from lamina import _core

    return _core.skip_zeros()


def set_skip_zeros(skip: bool) -> None:
    """Switches the skipping of zeros on or off.  Results do not depend on it, only speed does."""
    from lamina import _core

    if not isinstance(skip, bool):
        raise TypeError(f"`skip` must be True or False. Received: skip={skip!r}")
    _core.set_skip_zeros(skip)


def level() -> str:
    """The SIMD level in use: "baseline", "v3" or "v4"."""
    from lamina import _core

    return _core.level()


def available_levels() -> list[str]:
    """The SIMD levels that this CPU can run."""
    from lamina import _core

    return _core.available_levels()


def set_level(name: str) -> None:
    """Chooses the SIMD level.  Levels with FMA (v3, v4) give the same bits."""
    from lamina import _core

    _core.set_level(name)
