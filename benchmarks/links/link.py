"""An emulated link between two network namespaces, and what runs at its ends.

    with Link() as link:
        link.shape(down=Shape(rate_kbps=1000, delay_ms=40), up=Shape(delay_ms=40))
        subprocess.run(link.at_client("ping", "-c1", link.server_address))
        print(link.report()["down"]["queue_ms"])

The link is a process of its own (`benchmarks.links.relay`); it ends with this object, and with this
process however that ends. Namespaces go with the last process in them.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.forwarding.namespace import NoNamespace, ends_with_us
from benchmarks.links.namespace import inside, unshare
from benchmarks.links.relay import CLIENT_ADDRESSES, DEVICE, DIRECTIONS, SERVER_ADDRESS
from benchmarks.links.shape import BadShape, Shape

ANSWERS_WITHIN_S: Final = 10.0
_ROOT: Final = Path(__file__).resolve().parents[2]


class Link:
    """Server on one side, client on the other. The server's side is the present namespace after
    `benchmarks.links.namespace.enter`, else a new one."""

    server_address: Final = SERVER_ADDRESS

    def __init__(self) -> None:
        """Returns when packets pass. Raises `NoNamespace`."""
        self.client_address = CLIENT_ADDRESSES[0]
        self._user = os.geteuid() != 0 and not inside()
        self._control, theirs = socket.socketpair()
        self._control.settimeout(ANSWERS_WITHIN_S)
        self._answers = self._control.makefile("rb")
        new = () if inside() else unshare()
        with theirs:
            # Killed with us: whoever inherits our end of the socket would keep it alive.
            self._relay = subprocess.Popen(
                (*new, sys.executable, "-m", "benchmarks.links.relay"),
                cwd=_ROOT,
                stdin=theirs.fileno(),
                preexec_fn=ends_with_us,
            )
        try:
            ready = self._answer()
        except NoNamespace:
            self.close()
            raise
        self._server_namespace = str(ready["server"])
        self.client_namespace = str(ready["client"])

    def shape(self, *, down: Shape | None = None, up: Shape | None = None) -> None:
        """From now on; None: that direction (`down`: to the client) stays as it is."""
        given = zip(DIRECTIONS, (down, up), strict=True)
        self._ask({"do": "shape", "shapes": {k: v.as_json() for k, v in given if v is not None}})

    def report(self, *, reset: bool = True) -> dict[str, Any]:
        """By direction, what passed since the last reset: see `channel.Channel.report`."""
        return self._ask({"do": "report", "reset": reset})

    def at_client(self, *command: str) -> tuple[str, ...]:
        """The command that runs `command` in the client's namespace."""
        return (*self._enter(self.client_namespace), *command)

    def at_server(self, *command: str) -> tuple[str, ...]:
        """The command that runs `command` in the server's namespace."""
        return (*self._enter(self._server_namespace), *command)

    def change_client_address(self) -> None:
        """The client gets its other address, and loses the one that it has."""
        old = self.client_address
        new = next(address for address in CLIENT_ADDRESSES if address != old)
        for words in (
            f"addr add {new}/24 dev {DEVICE}",
            f"route replace default dev {DEVICE} src {new}",
            f"addr del {old}/24 dev {DEVICE}",
        ):
            subprocess.run(self.at_client("ip", *words.split()), check=True)
        self.client_address = new

    def cpu_seconds(self) -> float:
        """What the link itself has taken until now."""
        text = Path(f"/proc/{self._relay.pid}/stat").read_text()
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self._answers.close()
        self._control.close()
        try:
            self._relay.wait(ANSWERS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._relay.kill()
            self._relay.wait()

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _enter(self, namespace: str) -> tuple[str, ...]:
        user = (f"--user=/proc/{self._relay.pid}/ns/user", "--preserve-credentials")
        return ("nsenter", *(user if self._user else ()), f"--net={namespace}", "--")

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        self._control.sendall(json.dumps(command).encode() + b"\n")
        answer = self._answer()
        if "error" in answer:
            raise BadShape(answer["error"])
        return answer

    def _answer(self) -> dict[str, Any]:
        line = self._answers.readline()
        if not line:
            raise NoNamespace("the link did not start, or has ended; its last words are above")
        answer: dict[str, Any] = json.loads(line)
        return answer
