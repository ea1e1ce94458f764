"""The core system that is told of decisions: a receiver that is down, comes up, and once fails
after it has accepted a message (docs/webhooks.md, Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = bytes(range(7, 39))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
PATH = "/decisions"
OLD_S = 300
"""A message whose time is further off is an old one that somebody sends again."""


@dataclass(frozen=True)
class Told:
    """A message that was accepted."""

    id: str
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]


@dataclass
class CoreSystem:
    """On a port that is its own from the beginning and refuses connections until `open`.

    `fails_at`: the so many-th accepted message is answered as a failure all the same.
    """

    fails_at: int
    accepted: list[Told] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """What was wrong with messages that were not accepted."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        # Bound and not listened on: connections are refused, and nobody else has it meanwhile.
        self._port = socket.socket()
        self._port.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._port.getsockname()[1]}{PATH}"
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """It is up."""
        core = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(core.take(self.path, self.headers, body))
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("", 0), Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = self._port
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._port.close()

    @property
    def ids(self) -> set[str]:
        """Of all that was accepted."""
        with self._lock:
            return {each.id for each in self.accepted}

    def take(self, path: str, head: Any, body: bytes) -> int:
        """The status to answer with."""
        wrong = _wrong(path, head, body)
        with self._lock:
            if wrong is not None:
                self.refused.append(wrong)
                return 400
            self.accepted.append(Told(head["webhook-id"], body))
            return 500 if len(self.accepted) == self.fails_at else 204


def _wrong(path: str, head: Any, body: bytes) -> str | None:
    """Why a message is none of ours; None: it is."""
    if path != PATH or head["Content-Type"] != "application/json":
        return f"{path}, {head['Content-Type']}"
    stamp = head["webhook-timestamp"]
    if abs(time.time() - int(stamp)) > OLD_S:
        return f"sent at {stamp}"
    signed = f"{head['webhook-id']}.{stamp}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
    if wanted not in head["webhook-signature"].split():
        return f"{head['webhook-id']} is not signed by the server"
    return None
