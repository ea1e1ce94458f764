"""A real coturn with the settings of docs/turn.md, for measurements and tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Final

from vcs.turn import Turn

SECRET: Final = "north-sea-lighthouse"
READY_WITHIN_S: Final = 20.0
RELAY_PORTS: Final = 200
LOOPBACK: Final = "127.0.0.1"


class NoTurnServer(Exception):
    """It is not installed or did not start. The text says which."""


class Coturn:
    """One TURN server for UDP and TCP, and its secret. It listens at `address`; `media_address` is
    all that it relays to, `address` where none is given."""

    def __init__(
        self, directory: Path, address: str = LOOPBACK, media_address: str | None = None
    ) -> None:
        """Returns when it answers. Raises `NoTurnServer`."""
        program = shutil.which("turnserver")
        if program is None:
            raise NoTurnServer("coturn is not installed (./run test installs it)")
        self.address = address
        self.port = _free_port(address)
        self.log_file = directory / "coturn.log"
        config = directory / "turnserver.conf"
        # The relay's ports lie below those that the system gives out by itself.
        first = 20_000 + self.port % 10_000
        config.write_text(
            "\n".join(
                [
                    f"listening-ip={address}",
                    f"relay-ip={address}",
                    f"listening-port={self.port}",
                    f"min-port={first}",
                    f"max-port={first + RELAY_PORTS}",
                    "realm=vcs.example",
                    "use-auth-secret",
                    f"static-auth-secret={SECRET}",
                    "no-multicast-peers",
                    "denied-peer-ip=0.0.0.0-255.255.255.255",
                    "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                    f"allowed-peer-ip={media_address or address}",
                    "no-cli",
                    # Of this one alone: loopback, no certificate, files of its own.
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
        return f"turn:{self.address}:{self.port}?transport={transport}"

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
            if self._process.poll() is not None:
                raise NoTurnServer(f"coturn has ended:\n{self.log()}")
            try:
                with socket.create_connection((self.address, self.port), timeout=1):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    self.close()
                    raise NoTurnServer(f"coturn does not answer:\n{self.log()}") from None
                time.sleep(0.05)


def _free_port(address: str) -> int:
    with socket.socket() as taken:
        taken.bind((address, 0))
        return int(taken.getsockname()[1])
