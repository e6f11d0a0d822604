"""What a model is made of, by the paths that Keras's files have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from lamina.layers.layer import Layer
from lamina.layers.weights import WeightHolder
from lamina.models.model import Model
from lamina.models.sequential import Sequential
from lamina.optimizers.state import OptimizerState
from lamina.utils.naming import to_snake_case


def saveables(root: Any) -> Iterator[tuple[str, Any]]:
    """The object and all layers, models and optimizers inside, each once, with its path.

    A path leads from attribute to attribute.  In lists, tuples and dicts an object goes by its class,
    counted, and never by its name, which may change from one process to the next:
    "layers/dense_1", "encoder/blocks/container/dense".
    """
    return _walk(root, "", set())


def is_saveable(x: Any) -> bool:
    """Whether files have a place for it."""
    return isinstance(x, (WeightHolder, OptimizerState)) or getattr(x, "holds_layers", False)


def _walk(obj: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(obj) in seen:
        return
    seen.add(id(obj))
    yield path, obj
    for name, child in _attributes(obj):
        inner = f"{path}/{name}" if path else name
        if is_saveable(child):
            yield from _walk(child, inner, seen)
        elif isinstance(child, (list, tuple, dict)):
            yield from _walk_container(child, inner, seen, set())


def _walk_container(
    container: Any, path: str, seen: set[int], containers: set[int]
) -> Iterator[tuple[str, Any]]:
    if id(container) in containers:
        return
    containers.add(id(container))
    used: Counter[str] = Counter()
    items: Iterable[Any] = container.values() if isinstance(container, dict) else container
    for item in items:
        nested = isinstance(item, (list, tuple, dict))
        if not nested and not is_saveable(item):
            continue
        name = "container" if nested else to_snake_case(type(item).__name__)
        place = f"{path}/{name}_{used[name]}" if used[name] else f"{path}/{name}"
        used[name] += 1
        if nested:
            yield from _walk_container(item, place, seen, containers)
        else:
            yield from _walk(item, place, seen)


def _attributes(obj: Any) -> Iterator[tuple[str, Any]]:
    """The attributes that are not the base class's, by name, private ones last."""
    if isinstance(obj, OptimizerState):
        for name in ("inner_optimizer", "optimizers"):  # LossScaleOptimizer, MultiOptimizer
            if hasattr(obj, name):
                yield name, getattr(obj, name)
        return
    if isinstance(obj, Sequential) or (isinstance(obj, Model) and obj._function is not None):
        yield "layers", obj.layers
    skipped = _own_of(
        next(base for base in (Sequential, Model, Layer, object) if isinstance(obj, base))
    )
    own = [name for name in dir(obj) if name not in skipped and not name.startswith("__")]
    for name in sorted(own, key=lambda name: f"~{name}" if name.startswith("_") else name):
        try:
            child = getattr(obj, name)
        except Exception:  # a property that has no value yet
            continue
        yield name, child


@cache
def _own_of(base: type) -> frozenset[str]:
    """The attributes that each layer or model has."""
    example = base() if base is object else base(name="base")
    return frozenset(dir(example)) - {"optimizer", "layers"}
