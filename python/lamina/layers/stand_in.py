"""A layer in place of another one, which is built and called without a trace in that one."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from typing import Any

from lamina.layers.containers import Tracked, TrackedDict, TrackedList, TrackedOrderedDict
from lamina.layers.weights import WeightHolder

_SEQUENCES = (list, tuple, TrackedList)
_MAPPINGS = (dict, OrderedDict, TrackedDict, TrackedOrderedDict)


def stand_in(layer: Any) -> Any:
    """A copy of a layer and of those inside that are not built; all else is shared."""
    return _copied(layer, {})


def _copied(value: Any, known: dict[int, Any]) -> Any:
    if isinstance(value, WeightHolder):
        return value if value.built else _layer(value, known)
    made = value
    if type(value) in _SEQUENCES:
        made = type(value)(_copied(item, known) for item in value)
    elif type(value) in _MAPPINGS:
        made = type(value)((key, _copied(item, known)) for key, item in value.items())
    if isinstance(value, Tracked) and id(value._holder()) in known:
        made._holder = weakref.ref(known[id(value._holder())])
    return made


def _layer(layer: Any, known: dict[int, Any]) -> Any:
    if id(layer) not in known:
        made = known[id(layer)] = object.__new__(type(layer))
        for name, value in vars(layer).items():
            object.__setattr__(made, name, _copied(value, known))
    return known[id(layer)]
