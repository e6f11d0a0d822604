"""Callback, CallbackList and LambdaCallback: who is called when, and with what."""

from __future__ import annotations

import functools
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lamina.callbacks import Callback, CallbackList, History, LambdaCallback, ProgbarLogger

PLAIN = [f"on_{mode}_{edge}" for mode in ("train", "test", "predict") for edge in ("begin", "end")]
INDEXED = [
    f"on_{unit}_{edge}"
    for unit in ("epoch", "batch", "train_batch", "test_batch", "predict_batch")
    for edge in ("begin", "end")
]


def recorder(calls: list[Any], *hooks: str) -> Callback:
    """A callback that records the calls of these hooks."""

    def record(hook: str) -> Any:
        return lambda self, *args, **kwargs: calls.append((hook, args, kwargs))

    return type("Recorder", (Callback,), {hook: record(hook) for hook in hooks})()


@pytest.mark.parametrize("hook", PLAIN)
def test_list_calls_hooks_without_index(hook: str) -> None:
    calls: list[Any] = []
    callbacks = CallbackList([recorder(calls, hook)])
    if hook.endswith("end"):
        getattr(callbacks, hook.replace("end", "begin"))()
    getattr(callbacks, hook)({"loss": 1})
    assert calls == [(hook, ({"loss": 1.0},), {})]


@pytest.mark.parametrize("hook", INDEXED)
def test_list_calls_hooks_with_index(hook: str) -> None:
    calls: list[Any] = []
    callbacks = CallbackList([recorder(calls, hook)])
    getattr(callbacks, hook)(3, {"loss": 1})
    if "batch" in hook:
        assert calls == [(hook, (3,), {"logs": {"loss": 1.0}})]
    else:
        assert calls == [(hook, (3, {"loss": 1.0}), {})]


@pytest.mark.parametrize("edge", ["begin", "end"])
def test_older_name_of_a_train_batch_hook_is_called(edge: str) -> None:
    calls: list[Any] = []
    callbacks = CallbackList([recorder(calls, f"on_batch_{edge}")])
    getattr(callbacks, f"on_train_batch_{edge}")(2, {"loss": 1})
    assert calls == [(f"on_batch_{edge}", (2,), {"logs": {"loss": 1.0}})]


def test_a_callback_without_hooks_may_be_called() -> None:
    callbacks = CallbackList([Callback()])
    for hook in INDEXED:
        getattr(callbacks, hook)(0)
    for hook in PLAIN:
        getattr(callbacks, hook)()


def test_logs_are_sorted_floats() -> None:
    calls: list[Any] = []
    outputs = np.ones((1, 1), np.float32)
    logs = {"b": np.float32(0.5), "a": {"z": 1, "y": np.array(2)}, "c": "text", "d": outputs}
    CallbackList([recorder(calls, "on_epoch_end")]).on_epoch_end(0, logs)
    seen = calls[0][1][1]
    assert list(seen) == ["y", "z", "b", "c", "d"]
    assert [type(value) for value in seen.values()] == [float, float, float, str, np.ndarray]
    assert seen["d"] is outputs
    assert list(logs) == ["b", "a", "c", "d"]


def test_what_one_callback_adds_to_the_logs_the_next_one_sees() -> None:
    adds = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(lr=0.1))
    callbacks = CallbackList(adds, add_history=True)
    callbacks.on_epoch_end(0, {"loss": 1.0})
    assert callbacks.history is not None
    assert callbacks.history.history == {"loss": [1.0], "lr": [0.1]}


@pytest.mark.parametrize(
    ("hook", "mode"),
    [
        ("on_train_batch_begin", "train"),
        ("on_train_batch_end", "train"),
        ("on_batch_begin", "train"),
        ("on_batch_end", "train"),
        ("on_test_batch_begin", "test"),
        ("on_test_batch_end", "test"),
        ("on_predict_batch_begin", "predict"),
        ("on_predict_batch_end", "predict"),
        ("on_epoch_end", None),
    ],
)
@pytest.mark.parametrize("by_function", [False, True])
def test_list_knows_whether_each_batch_matters(
    hook: str, mode: str | None, by_function: bool
) -> None:
    if by_function:
        callback: Callback = LambdaCallback(**{hook: lambda *args, **kwargs: None})
    else:
        callback = recorder([], hook)
    for callbacks in (
        CallbackList([Callback(), callback], add_history=True, add_progbar=True, **PARAMS),
        CallbackList([CallbackList([callback])]),
    ):
        for other in ("train", "test", "predict"):
            assert getattr(callbacks, f"{other}_batch_hooks") is (other == mode)


PARAMS: dict[str, Any] = {"verbose": 0, "epochs": 2, "steps": 3}


def test_progress_bar_of_the_user_counts_only_for_its_own_hooks() -> None:
    class Quiet(ProgbarLogger):
        pass

    class Loud(ProgbarLogger):
        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            super().on_train_batch_end(batch, logs)

    assert not CallbackList(Quiet()).train_batch_hooks
    assert CallbackList(Loud()).train_batch_hooks


def test_history_and_bar_are_added_last_unless_given() -> None:
    first = Callback()
    added = CallbackList([first], add_history=True, add_progbar=True, **PARAMS).callbacks
    assert added[0] is first
    assert [type(callback) for callback in added[1:]] == [History, ProgbarLogger]
    own = [History(), ProgbarLogger(), first]
    callbacks = CallbackList(own, add_history=True, add_progbar=True, **PARAMS)
    assert callbacks.callbacks == own
    assert callbacks.history is own[0]


def test_model_and_params_reach_every_callback() -> None:
    model = SimpleNamespace()
    callback, late = Callback(), Callback()
    callbacks = CallbackList([callback], add_history=True, model=model, **PARAMS)
    assert callback.model is model
    assert callback.params == PARAMS
    assert model.history is callbacks.history
    callbacks.append(late)
    assert callbacks.callbacks[-1] is late


def test_a_model_that_counts_as_false_is_a_model() -> None:
    class Empty:
        def __len__(self) -> int:
            return 0

    model = Empty()
    callback = Callback()
    CallbackList([callback], model=model)
    assert callback.model is model


def test_nested_lists_are_laid_flat() -> None:
    a, b, c, d = (Callback() for _ in range(4))
    assert CallbackList([a, (b, [c]), CallbackList([d])]).callbacks == [a, b, c, d]
    assert CallbackList(None).callbacks == CallbackList([]).callbacks == []


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        ([Callback(), print], "callbacks[1]=<built-in function print> of type builtin"),
        ([[History]], "callbacks[0][0]=<class 'lamina.callbacks.history.History'> of type type"),
        ("history", "callbacks='history' of type str"),
        ([None], "callbacks[0]=None of type NoneType"),
    ],
)
def test_what_is_no_callback_is_refused(callbacks: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(f"Received: {message}")):
        CallbackList(callbacks)


def test_only_a_callback_is_appended() -> None:
    with pytest.raises(TypeError, match=r"callback must be a Callback.*callback=3 of type int"):
        CallbackList().append(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["train", "test", "predict"])
def test_an_end_without_a_beginning_is_refused(mode: str) -> None:
    callbacks = CallbackList()
    getattr(callbacks, f"on_{mode}_begin")()
    getattr(callbacks, f"on_{mode}_end")()
    with pytest.raises(ValueError, match=f"on_{mode}_end came without on_{mode}_begin"):
        getattr(callbacks, f"on_{mode}_end")()


def test_a_hook_may_be_anything_that_can_be_called() -> None:
    """Bound methods of C, and partial functions, are of no module."""
    calls: list[Any] = []
    listed = CallbackList(
        [
            LambdaCallback(on_train_begin=calls.append),
            LambdaCallback(on_train_begin=functools.partial(calls.append)),
        ]
    )
    listed.on_train_begin({"loss": 1})
    assert calls == [{"loss": 1.0}] * 2


def test_functions_become_hooks() -> None:
    calls: list[Any] = []
    callback = LambdaCallback(
        on_train_begin=lambda logs: calls.append("begin"),
        on_epoch_begin=lambda epoch, logs: calls.append(("epoch", epoch)),
        on_train_batch_end=lambda batch, logs: calls.append((batch, logs)),
        on_test_end=lambda logs: calls.append("test"),
        remark="kept",
    )
    callbacks = CallbackList([callback])
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(4)
    callbacks.on_train_batch_end(7, {"loss": 2})
    callbacks.on_test_begin()
    callbacks.on_test_end()
    assert calls == ["begin", ("epoch", 4), (7, {"loss": 2.0}), "test"]
    assert callback.remark == "kept"  # type: ignore[attr-defined]


@pytest.mark.parametrize("hook", ["on_epoch_end", "on_predict_end"])
def test_a_hook_must_be_callable(hook: str) -> None:
    with pytest.raises(TypeError, match=f"{hook} must be callable. Received: {hook}=3"):
        LambdaCallback(**{hook: 3})
