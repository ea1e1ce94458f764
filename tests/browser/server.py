"""The server under test: a real `vcs serve` of its own, with its own ports and data."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from benchmarks.server_process import TALK_ALONE
from vcs.visits.flow_file import OWN_FLOWS

READY_WITHIN_S = 120.0
"""Of a start nothing is promised here: a machine that is shared may take a minute for it."""
STOPS_WITHIN_S = 15.0
HERE = Path(__file__).parent
BRANCH = "Salemba"
PASSWORD = "tujuh kursi kayu jati"
OFFICERS = {"andi": "Andi Pratama", "budi": "Budi Santoso"}
GUARD = "satpam"
BOTH_FLOWS = (("VCS_FLOWS_DIR", str(OWN_FLOWS)),)
"""Settings of a server with the services that come with the program."""


class ServerProcess:
    """One server and its data directory. `kill` and `start` again: same ports, same data."""

    def __init__(
        self,
        data_dir: Path,
        program: tuple[str, ...] = ("-m", "vcs"),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`settings` are variables of its environment."""
        self.data_dir = data_dir
        self._settings = dict(settings or {})
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._http_port = _free_port(socket.SOCK_STREAM)
        self._media_port = _free_port(socket.SOCK_DGRAM, socket.SOCK_STREAM)
        self.url = f"http://127.0.0.1:{self._http_port}"

    def prepare(self, booths: int) -> list[str]:
        """A branch with two desks and two officers. Returns a pairing code for each of so many
        booths of the first desk, and one for a booth of the second."""
        at_branch = ["--branch", BRANCH]
        commands = [(["branch", "add", BRANCH, "--desks", "2"], "")]
        for name, display in OFFICERS.items():
            options = ["--display-name", display, "--password-stdin"]
            commands.append((["user", "add", name, *at_branch, *options], PASSWORD))
        guard = ["--role", "guard", "--password-stdin"]
        commands.append((["user", "add", GUARD, *at_branch, *guard], PASSWORD))
        commands += [
            (["booth", "pair", *at_branch, "--slot", str(slot)], "")
            for slot in range(1, booths + 1)
        ]
        commands.append((["booth", "pair", *at_branch, "--desk", "2", "--slot", "1"], ""))
        told = self._commands(commands)
        return re.findall(r"pairing code\s+(\S+)", told)

    def start(self) -> None:
        """Returns when it answers."""
        with (self.data_dir / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._program, "serve"],
                cwd=self.data_dir,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the server did not start:\n{self.log()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut would: no goodbye to anybody."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """By SIGTERM."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._process = None

    def log(self) -> str:
        """Everything that it wrote."""
        return (self.data_dir / "server.log").read_text()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def run(self, *commands: list[str]) -> str:
        """`vcs` commands with this server's settings; what they print. None must fail."""
        return self._commands([(arguments, "") for arguments in commands])

    def _commands(self, commands: list[tuple[list[str], str]]) -> str:
        done = subprocess.run(
            [sys.executable, HERE / "several_commands.py"],
            cwd=self.data_dir,
            env=self._environment(),
            input=json.dumps(commands),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _environment(self) -> dict[str, str]:
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("VCS_")}
        return {
            **inherited,
            "VCS_DATA_DIR": str(self.data_dir),
            "VCS_HTTP_PORT": str(self._http_port),
            "VCS_MEDIA_PORT": str(self._media_port),
            "VCS_MEDIA_HOST": "127.0.0.1",
            # Seven pages on two busy cores fall silent now and then: none of them is lost.
            "VCS_OFFICER_LOST_S": "8",
            "VCS_PEER_LOST_S": "20",
            # One service without a step of the visitor's own: from the consent to waiting.
            "VCS_FLOWS_DIR": str(TALK_ALONE),
            **self._settings,
        }


def _free_port(kind: socket.SocketKind, also: socket.SocketKind | None = None) -> int:
    """A number that is free for this kind, and for the other one."""
    while True:
        with socket.socket(socket.AF_INET, kind) as taken:
            taken.bind(("127.0.0.1", 0))
            port = int(taken.getsockname()[1])
            if also is None:
                return port
            with contextlib.suppress(OSError), socket.socket(socket.AF_INET, also) as other:
                other.bind(("127.0.0.1", port))
                return port
