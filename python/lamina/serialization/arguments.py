"""The config of an object whose class does not write one."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any


def auto_config(obj: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that `obj` was made with, and the defaults of the others, by name.

    Errors: NotImplementedError for positional arguments without a name, and for values other than
    numbers, strings, None and lists, tuples and dicts of them.
    """
    signature = inspect.signature(type(obj).__init__)
    bound = signature.bind(obj, *args, **kwargs)
    bound.apply_defaults()
    config: dict[str, Any] = {}
    for (name, value), parameter in zip(bound.arguments.items(), signature.parameters.values()):
        if parameter.kind is parameter.VAR_KEYWORD:
            config |= value
        elif value is not obj:
            named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
            if not named and value != ():
                raise _not_implemented(obj, name, value)
            if named:
                config[name] = value
    for name, value in config.items():
        if not _is_plain(value):
            raise _not_implemented(obj, name, value)
    return config


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return all(_is_plain(item) for item in value)
    return isinstance(value, (str, int, float, bool, type(None)))


def _not_implemented(obj: Any, name: str, value: Any) -> NotImplementedError:
    return NotImplementedError(
        f"{type(obj).__name__} was made with an argument that cannot be written to a config: it must "
        f"implement `get_config()`. Received: {name}={value!r}"
    )
