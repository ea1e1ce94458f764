"""A network of our own: Janus gathers no candidates on loopback, and nothing of the machine's own
network is to be in the way. Everything that is measured lives in one namespace with a veth pair."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from typing import Final

ADDRESS: Final = "10.77.0.1"
"""Of the servers and of the load."""

_INSIDE: Final = "VCS_BENCHMARK_NAMESPACE"
_PR_SET_PDEATHSIG: Final = 1
_SIGKILL: Final = 9
_MAKE: Final = (
    ("link", "set", "lo", "up"),
    ("link", "add", "vcs0", "type", "veth", "peer", "name", "vcs1"),
    ("addr", "add", f"{ADDRESS}/24", "dev", "vcs0"),
    ("link", "set", "vcs0", "up"),
    ("link", "set", "vcs1", "up"),
)


class NoNamespace(Exception):
    """There can be none here. The text says what is missing."""


def enter() -> None:
    """Return inside a fresh namespace: this program is started again in one, where needed. It goes
    with its last process. Raises `NoNamespace`."""
    if os.environ.get(_INSIDE):
        _furnish()
        return
    for program in ("unshare", "ip"):
        if shutil.which(program) is None:
            raise NoNamespace(f"{program} is missing: apt-get install util-linux iproute2")
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    if subprocess.run(("unshare", *user, "--net", "true"), capture_output=True).returncode:
        raise NoNamespace("this machine allows no network namespaces: run it as root")
    command = ("unshare", *user, "--net", sys.executable, "-m", *_module(), *sys.argv[1:])
    os.execvpe("unshare", command, {**os.environ, _INSIDE: "1"})


def ends_with_us() -> None:
    """For a child, before its program begins: it is killed when we are."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL)


def _furnish() -> None:
    for words in _MAKE:
        done = subprocess.run(("ip", *words), capture_output=True, text=True)
        if done.returncode:
            raise NoNamespace(f"ip {' '.join(words)}: {done.stderr.strip()}")


def _module() -> tuple[str, ...]:
    return ("benchmarks.forwarding",)
