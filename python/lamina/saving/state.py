"""A model's state as arrays by path, and back."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from lamina.graph.variable import Variable
from lamina.saving.walk import saveables

Arrays = Mapping[str, np.ndarray]


class State(NamedTuple):
    """The arrays by path, and the names of the objects whose groups they lie in."""

    arrays: dict[str, np.ndarray]
    names: dict[str, str | None]


def gather(root: Any) -> State:
    """What each object inside saves of itself, under "path/vars/key"."""
    state = State({}, {})
    for path, obj in saveables(root):
        if not hasattr(obj, "save_own_variables"):
            continue
        store: dict[str, Any] = {}
        obj.save_own_variables(store)
        group = _group(path)
        name = getattr(obj, "name", None)
        state.names[group] = name if isinstance(name, str) else None
        for key, value in store.items():
            # The variable's own memory: a copy would double a large model's.
            array = value.array if isinstance(value, Variable) else np.asarray(value)
            state.arrays[f"{group}/{key}"] = array
    return state


def restore(
    root: Any, arrays: Arrays, skip_mismatch: bool = False, left_out: Collection[Any] = ()
) -> None:
    """Gives each object inside what it saved.

    Nothing is changed when something does not fit, unless `skip_mismatch`: then the objects that do
    not fit are left as they are, with a warning.  Those in `left_out` are not looked at.

    Errors: ValueError that names the objects that do not fit.
    """
    stores: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
    for name, array in arrays.items():
        group, _, key = name.rpartition("/")
        stores[group][key] = array
    known = [
        (obj, stores.get(_group(path), {}))
        for path, obj in saveables(root)
        if hasattr(obj, "load_own_variables") and not any(obj is other for other in left_out)
    ]
    failed: dict[int, tuple[Any, Exception]] = {}
    for method in ("check_own_variables", "load_own_variables"):
        for obj, store in known:
            if id(obj) not in failed and hasattr(obj, method):
                try:
                    getattr(obj, method)(store)
                except (ValueError, TypeError, KeyError) as error:
                    failed[id(obj)] = obj, error
        if failed and not skip_mismatch:
            raise ValueError(_failure(list(failed.values())))
    if failed:
        warnings.warn(_failure(list(failed.values())), stacklevel=4)


def _group(path: str) -> str:
    return f"{path}/vars" if path else "vars"


def _failure(failed: list[tuple[Any, Exception]]) -> str:
    obj, error = failed[0]
    return (
        f"A total of {len(failed)} objects could not be loaded. Example error message for object "
        f"{obj}:\n\n{error}\n\nList of objects that could not be loaded:\n{[o for o, _ in failed]}"
    )
