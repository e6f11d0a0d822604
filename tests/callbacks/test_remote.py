"""RemoteMonitor and TensorBoard: what they send and write."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest

import lamina as keras
from lamina.callbacks import CallbackList, RemoteMonitor, TensorBoard


class Server:
    """A server on this machine that keeps what it is sent and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[str, str, str, str | None]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                kind = self.headers["Content-Type"]
                outer.got.append((self.path, kind, body, self.headers["X-Key"]))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.http.shutdown()
    thread.join()
    made.http.server_close()


def test_logs_are_sent_as_a_form(server: Server) -> None:
    RemoteMonitor(server.root, field="log").on_epoch_end(3, {"loss": np.float32(0.5), "a": [1]})
    ((path, kind, body, _),) = server.got
    assert (path, kind) == ("/publish/epoch/end/", "application/x-www-form-urlencoded")
    assert json.loads(parse_qs(body)["log"][0]) == {"epoch": 3, "loss": 0.5, "a": [1]}


def test_logs_are_sent_as_json(server: Server) -> None:
    monitor = RemoteMonitor(server.root, "/to", headers={"X-Key": "k"}, send_as_json=True)
    monitor.on_epoch_end(0)
    ((path, kind, body, key),) = server.got
    assert (path, kind, json.loads(body), key) == ("/to", "application/json", {"epoch": 0}, "k")


def test_an_answer_that_is_an_error_is_an_answer(server: Server) -> None:
    server.status = 500
    RemoteMonitor(server.root).on_epoch_end(0)
    assert len(server.got) == 1


def test_a_server_that_is_not_there_is_warned_about(server: Server) -> None:
    free = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    root = f"http://127.0.0.1:{free.server_port}"
    free.server_close()
    with pytest.warns(UserWarning, match=f"Could not reach .*{root}"):
        RemoteMonitor(root).on_epoch_end(0)


class Writer:
    """In place of tensorboardX's."""

    calls: list[tuple[Any, ...]] = []  # noqa: RUF012

    def __init__(self, folder: str) -> None:
        self.name = Path(folder).name

    def __getattr__(self, method: str) -> Any:
        def record(*arguments: Any, **more: Any) -> None:
            Writer.calls.append((self.name, method, *arguments, *more.values()))

        return record


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    module = ModuleType("tensorboardX")
    module.SummaryWriter = Writer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tensorboardX", module)
    monkeypatch.setattr(Writer, "calls", [])
    return Writer.calls


def fit(callback: Any) -> Any:
    x = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, name="d")])
    model.compile(keras.optimizers.RMSprop(0.25), "mse")
    model.fit(
        x, x[:, :1], validation_data=(x, x[:, :1]), batch_size=4, epochs=2, verbose=0,
        callbacks=[callback],
    )  # fmt: skip
    return model


def test_figures_of_epochs(written: list[tuple[Any, ...]]) -> None:
    history = fit(TensorBoard("logs")).history.history
    scalars = {(w, *rest): value for w, kind, *rest0 in written if kind == "add_scalar"
               for rest, value in [((rest0[0], rest0[2]), rest0[1])]}  # fmt: skip
    for epoch in (0, 1):
        assert scalars["train", "epoch_loss", epoch] == history["loss"][epoch]
        assert scalars["train", "epoch_learning_rate", epoch] == 0.25
        assert scalars["validation", "epoch_loss", epoch] == history["val_loss"][epoch]
        steps = 3 * (epoch + 1)
        name = "evaluation_loss_vs_iterations"
        assert scalars["validation", name, steps] == history["val_loss"][epoch]
    assert len(scalars) == 8
    assert {w for w, kind, *_ in written if kind == "close"} == {"train", "validation"}


@pytest.mark.parametrize(("frequency", "batches"), [("batch", [1, 2, 3, 4, 5, 6]), (4, [4])])
def test_figures_of_batches(
    written: list[tuple[Any, ...]], frequency: Any, batches: list[int]
) -> None:
    fit(TensorBoard(update_freq=frequency))
    assert [c[4] for c in written if c[2:3] == ("batch_loss",)] == batches


def test_weights(written: list[tuple[Any, ...]]) -> None:
    model = fit(TensorBoard(histogram_freq=1, write_images=True, write_steps_per_second=True))
    last = [c for c in written if c[1] == "add_histogram"][-2:]
    assert [c[2] for c in last] == ["d/kernel/histogram", "d/bias/histogram"]
    np.testing.assert_array_equal(last[0][3], model.layers[0].kernel.numpy())
    images = [c for c in written if c[1] == "add_image"]
    assert [(c[2], c[3].shape, c[5]) for c in images[:2]] == [
        ("d/kernel/image", (1, 3), "HW"),
        ("d/bias/image", (1, 1), "HW"),
    ]
    assert any(c[2] == "epoch_steps_per_second" and c[3] > 0 for c in written)


def test_batches_cost_only_where_they_are_wanted(written: list[tuple[Any, ...]]) -> None:
    assert not CallbackList([TensorBoard()]).train_batch_hooks
    assert CallbackList([TensorBoard(update_freq=5)]).train_batch_hooks


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"update_freq": "day"}, "update_freq='day'"),
        ({"update_freq": 0}, "update_freq=0"),
        ({"profile_batch": 2}, "profile_batch=2"),
        ({"embeddings_freq": 1}, "embeddings_freq=1"),
    ],
)
def test_what_is_refused(
    written: list[tuple[Any, ...]], arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        TensorBoard(**arguments)


def test_without_tensorboardx_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"pip install lamina\[tensorboard\]"):
        TensorBoard()


def test_real_event_files(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    fit(TensorBoard(tmp_path, histogram_freq=1, write_images=True))
    for name in ("train", "validation"):
        (file,) = (tmp_path / name).iterdir()
        assert b"epoch_loss" in file.read_bytes()
