"""The lists and dicts in a layer's attributes: what is put in later is tracked too."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, SupportsIndex


class Tracked:
    """Tells its layer what is put in and taken out.  Copies and pickles are plain: no layer's."""

    # A weak reference: without a cycle a layer's memory is free as soon as no one has the layer.
    _holder: Callable[[], Any] = staticmethod(lambda: None)
    _plain: type

    def _in(self, value: Any) -> Any:
        holder = self._holder()
        return value if holder is None else holder._track_value(value)

    def _out(self, value: Any) -> None:
        holder = self._holder()
        if holder is not None:
            holder._untrack(value)


class TrackedList(Tracked, list):  # type: ignore[type-arg]
    """A list in an attribute of a layer."""

    def append(self, value: Any) -> None:
        super().append(self._in(value))

    def insert(self, place: SupportsIndex, value: Any) -> None:
        super().insert(place, self._in(value))

    def extend(self, values: Iterable[Any]) -> None:
        super().extend([self._in(value) for value in values])

    def __iadd__(self, values: Iterable[Any]) -> Any:  # type: ignore[misc]
        self.extend(values)
        return self

    def __setitem__(self, place: Any, value: Any) -> None:
        before = self[place]
        several = isinstance(place, slice)
        super().__setitem__(place, [self._in(x) for x in value] if several else self._in(value))
        self._out(before)

    def __delitem__(self, place: Any) -> None:
        before = self[place]
        super().__delitem__(place)
        self._out(before)

    def pop(self, place: SupportsIndex = -1) -> Any:
        value = super().pop(place)
        self._out(value)
        return value

    def remove(self, value: Any) -> None:
        del self[self.index(value)]

    def clear(self) -> None:
        del self[:]

    def __reduce__(self) -> Any:
        return list, (), None, iter(self)


class _TrackedMapping(Tracked, dict):  # type: ignore[type-arg]
    def __setitem__(self, key: Any, value: Any) -> None:
        before = self.get(key)
        super().__setitem__(key, self._in(value))
        self._out(before)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *args: Any, **kwargs: Any) -> None:
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __ior__(self, other: Any) -> Any:  # type: ignore[misc]
        self.update(other)
        return self

    def __delitem__(self, key: Any) -> None:
        before = self[key]
        super().__delitem__(key)
        self._out(before)

    def pop(self, key: Any, *default: Any) -> Any:
        value = super().pop(key, *default)
        self._out(value)
        return value

    def popitem(self, *args: Any) -> tuple[Any, Any]:
        item = super().popitem(*args)
        self._out(item)
        return item

    def clear(self) -> None:
        before = list(self.values())
        super().clear()
        self._out(before)

    def __reduce__(self) -> Any:
        return self._plain, (), None, None, iter(self.items())


class TrackedDict(_TrackedMapping):
    """A dict in an attribute of a layer."""

    _plain = dict


class TrackedOrderedDict(_TrackedMapping, OrderedDict):  # type: ignore[type-arg]
    """An OrderedDict in an attribute of a layer."""

    _plain = OrderedDict


_KINDS: dict[type, Any] = {list: TrackedList, dict: TrackedDict, OrderedDict: TrackedOrderedDict}
_KINDS |= {kind: kind for kind in _KINDS.values()}


def tracked(value: Any, holder: Any) -> Any:
    """A list or dict that tells `holder` of its changes, with the same in it; tuples with such parts.

    Of other containers, as of subclasses of list and dict, what is in them now is tracked.
    """
    kind = _KINDS.get(type(value))
    if kind is not None:
        if isinstance(value, Tracked) and value._holder() is holder:
            return value
        made = kind()
        made._holder = weakref.ref(holder)
        (made.extend if kind is TrackedList else made.update)(value)
        return made
    if not isinstance(value, (list, tuple, dict)):
        return value
    items = value.values() if isinstance(value, dict) else value
    parts = [holder._track_value(x) for x in items]
    if isinstance(value, tuple) and any(a is not b for a, b in zip(parts, value)):
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value
