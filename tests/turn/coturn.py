"""A real coturn on loopback, with the settings of docs/turn.md."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from vcs.turn import Turn

SECRET = "north-sea-lighthouse"
READY_WITHIN_S = 20.0
RELAY_PORTS = 200


class Coturn:
    """One TURN server for UDP and TCP, and its secret. `media_address` is all that it relays to."""

    def __init__(self, directory: Path, media_address: str = "127.0.0.1") -> None:
        self.port = _free_port()
        self.log_file = directory / "coturn.log"
        program = shutil.which("turnserver")
        assert program is not None, "coturn is not installed"
        config = directory / "turnserver.conf"
        # The relay's ports lie below those that the system gives out by itself.
        first = 20_000 + self.port % 10_000
        config.write_text(
            "\n".join(
                [
                    "listening-ip=127.0.0.1",
                    "relay-ip=127.0.0.1",
                    f"listening-port={self.port}",
                    f"min-port={first}",
                    f"max-port={first + RELAY_PORTS}",
                    "realm=vcs.example",
                    "use-auth-secret",
                    f"static-auth-secret={SECRET}",
                    "no-multicast-peers",
                    "denied-peer-ip=0.0.0.0-255.255.255.255",
                    "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                    f"allowed-peer-ip={media_address}",
                    "no-cli",
                    # Of the test alone: loopback, no certificate, files of its own.
                    "allow-loopback-peers",
                    "no-tls",
                    "no-dtls",
                    f"userdb={directory / 'turndb'}",
                    f"pidfile={directory / 'turnserver.pid'}",
                    f"log-file={self.log_file}",
                    "simple-log",
                    "verbose",
                    "",
                ]
            )
        )
        self._process = subprocess.Popen(
            [program, "-c", str(config)],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._await_ready()

    def turn(self, lifetime_s: float = 3600.0, *, transport: str = "udp") -> Turn:
        """This server as the settings would have it."""
        return Turn((self.url(transport),), SECRET, lifetime_s)

    def url(self, transport: str = "udp") -> str:
        return f"turn:127.0.0.1:{self.port}?transport={transport}"

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while True:
            assert self._process.poll() is None, f"coturn has ended:\n{self.log()}"
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    self.close()
                    raise AssertionError(f"coturn does not answer:\n{self.log()}") from None
                time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
