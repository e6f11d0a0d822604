"""What lamina keeps beside Keras's state, so that training goes on as if never interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.layers.weights import WeightHolder
from lamina.models.compiling import NAN_POLICIES
from lamina.models.run_state import RunState
from lamina.models.trainer import Trainer
from lamina.saving.walk import saveables

if TYPE_CHECKING:
    from lamina.callbacks import History


def gather_extra(root: Any) -> dict[str, Any]:
    """Random streams by path; of a model the seed and number of its epochs, and its history."""
    extra: dict[str, Any] = {"random_streams": {}}
    for path, obj in saveables(root):
        if isinstance(obj, WeightHolder) and obj._seed_generators:
            streams = [g.state.array.tolist() for g in obj._seed_generators]
            extra["random_streams"][path] = streams
    if isinstance(root, Trainer):
        extra["shuffle_seed"] = root._shuffle_seed
        extra["epochs_trained"] = root.epochs_trained
        if root.compiled:
            extra["nan_policy"] = root._nan_policy
        run = root.run_state
        if run is not None:
            extra["run"] = run.to_tree()
        if root.history is not None:
            extra["history"] = root.history.get_state()
    return extra


def restore_extra(root: Any, extra: dict[str, Any], with_history: bool = True) -> None:
    """Sets what `gather_extra` took; streams of other layers than the file's are left as they are.

    Errors: ValueError for values that were never written by it.
    """
    streams = _of_type(dict, extra, "random_streams", {})
    for path, obj in saveables(root):
        states = streams.get(path, [])
        if isinstance(obj, WeightHolder) and len(states) == len(obj._seed_generators):
            for generator, state in zip(obj._seed_generators, states):
                generator.state.assign(_stream(state))
    if not isinstance(root, Trainer):
        return
    seed = extra.get("shuffle_seed")
    root._shuffle_seed = None if seed is None else _count(extra, "shuffle_seed")
    root.epochs_trained = _count(extra, "epochs_trained")
    if root.compiled and "nan_policy" in extra:
        root._nan_policy = _policy(extra["nan_policy"])
    root.interrupted = RunState.from_tree(extra["run"]) if "run" in extra else None
    if with_history and "history" in extra:
        root.history = _history(root, _of_type(dict, extra, "history", {}))


def _policy(name: Any) -> str:
    if name not in NAN_POLICIES:
        raise ValueError(
            f"`nan_policy` must be one of {NAN_POLICIES}. Received: nan_policy={name!r}"
        )
    return str(name)


def _history(model: Trainer, state: dict[str, Any]) -> History:
    from lamina.callbacks.history import History

    history = History()
    history.set_state(state)
    history.set_model(model)
    return history


def _stream(state: Any) -> np.ndarray:
    fits = isinstance(state, list) and len(state) == 2
    if not fits or any(type(n) is not int or not 0 <= n < 2**32 for n in state):
        raise ValueError(f"A random stream is two numbers below 2^32. Received: {state!r}")
    return np.array(state, np.uint32)


def _count(extra: dict[str, Any], key: str) -> int:
    value = _of_type(int, extra, key, 0)
    if isinstance(value, bool) or not 0 <= value < 2**63:
        raise ValueError(f"`{key}` must be a number below 2^63. Received: {key}={value!r}")
    return int(value)


def _of_type(kind: type, extra: dict[str, Any], key: str, default: Any) -> Any:
    value = extra.get(key, default)
    if not isinstance(value, kind):
        raise ValueError(f"`{key}` must be of type {kind.__name__}. Received: {key}={value!r}")
    return value
