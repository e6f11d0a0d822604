from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import numpy as np

from lamina.callbacks.callback import Callback, Logs

_TIMEOUT = 5.0  # seconds; training waits


class RemoteMonitor(Callback):
    """Sends the epoch and its logs to a server, by an HTTP POST to root + path.

    Args:
        root: "http://..." or "https://...".
        path: after the root.
        field: the name of the form's field that holds the JSON.
        headers: further headers of the request.
        send_as_json: the body is the JSON itself.

    A server that cannot be reached within 5 seconds is warned about, and training goes on.
    ValueError for another kind of root.
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if not root.startswith(("http://", "https://")):
            raise ValueError(f"`root` must begin with http:// or https://. Received: root={root!r}")
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        text = json.dumps({"epoch": epoch, **{k: _plain(v) for k, v in (logs or {}).items()}})
        kind = "json" if self.send_as_json else "x-www-form-urlencoded"
        body = text if self.send_as_json else urlencode({self.field: text})
        headers = {"Content-Type": f"application/{kind}", **(self.headers or {})}
        request = Request(self.root + self.path, body.encode(), headers, method="POST")
        try:
            urlopen(request, timeout=_TIMEOUT).close()
        except HTTPError as error:
            error.close()  # it was reached, and does not like it: as in Keras
        except (OSError, HTTPException) as error:
            warnings.warn(
                f"Could not reach RemoteMonitor's server at {self.root}: {error}", stacklevel=2
            )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, (np.ndarray, np.generic)) else value
