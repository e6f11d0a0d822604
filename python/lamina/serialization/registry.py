"""Users' own classes and functions, by the names that configs call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import Any, TypeVar

_T = TypeVar("_T")

_objects: dict[str, Any] = {}
_names: dict[Any, str] = {}
_scope: ContextVar[Mapping[str, Any]] = ContextVar("custom_objects", default=MappingProxyType({}))


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[_T], _T]:
    """A decorator that makes a class or function known as "package>name" in configs.

    Args:
        package: whose it is.
        name: by default the object's own name.

    Errors: ValueError for a class without `get_config`.
    """

    def register(item: Any) -> Any:
        if isinstance(item, type) and not hasattr(item, "get_config"):
            raise ValueError(
                "Cannot register a class that has no get_config() method. "
                f"Received: {item.__name__}"
            )
        registered = f"{package}>{item.__name__ if name is None else name}"
        _objects[registered] = item
        _names[item] = registered
        return item

    return register


def get_custom_objects() -> dict[str, Any]:
    """The registered objects by name, without those of a scope; may be changed in place."""
    return _objects


def get_registered_name(obj: Any) -> str:
    """The name that `obj` is registered under, or else its own."""
    name: str = _names.get(obj) or obj.__name__
    return name


def get_registered_object(
    name: Any,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """The object of a name: of a scope, registered, in `custom_objects`, `module_objects`; or None."""
    for known in (_scope.get(), _objects, custom_objects, module_objects):
        if known and name in known:
            return known[name]
    return None


def everything(custom_objects: Mapping[str, Any] | None) -> dict[str, Any]:
    """All custom objects by name; of two of one name, the scope's, the registered, the given one."""
    return {**(custom_objects or {}), **_objects, **_scope.get()}


class CustomObjectScope:
    """`with CustomObjectScope({"MyLayer": MyLayer}):` the names are known inside, in this thread.

    Scopes within scopes know the outer names too.
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self.custom_objects = dict(custom_objects or {})
        self._before: list[Token[Mapping[str, Any]]] = []

    def __enter__(self) -> CustomObjectScope:
        self._before.append(_scope.set({**_scope.get(), **self.custom_objects}))
        return self

    def __exit__(self, *_: Any) -> None:
        _scope.reset(self._before.pop())


custom_object_scope = CustomObjectScope
