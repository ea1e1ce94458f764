"""Network namespaces of our own: without them there is no bad network on one machine.

Nothing is ever named or kept: a namespace is there for as long as a process is in it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from benchmarks.forwarding.namespace import NoNamespace

__all__ = ["NoNamespace", "enter", "unshare", "why_none"]

_INSIDE: Final = "VCS_LINKS_NAMESPACE"


def unshare() -> tuple[str, ...]:
    """The command before a command that is to run in a new network namespace: root's own, else
    that of a user namespace."""
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    return ("unshare", *user, "--net", "--")


def why_none() -> str | None:
    """In words, why there can be no emulated link here; None when there can."""
    for program in ("unshare", "nsenter", "ip"):
        if shutil.which(program) is None:
            return f"{program} is missing: apt-get install util-linux iproute2"
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun: modprobe tun, or give the container that device"
    attempt = ("ip", "tuntap", "add", "dev", "link0", "mode", "tun")
    done = subprocess.run((*unshare(), *attempt), capture_output=True, text=True, check=False)
    if done.returncode:
        return (
            "this machine allows no network namespaces with TUN devices; run it as root "
            f"({done.stderr.strip()})"
        )
    return None


def enter(module: str) -> None:
    """Return inside a fresh namespace: `module` is started again in one, with the same arguments.
    Raises `NoNamespace`."""
    if os.environ.get(_INSIDE):
        subprocess.run(("ip", "link", "set", "lo", "up"), check=True)
        return
    reason = why_none()
    if reason is not None:
        raise NoNamespace(reason)
    command = (*unshare(), sys.executable, "-m", module, *sys.argv[1:])
    os.execvpe("unshare", command, {**os.environ, _INSIDE: "1"})


def inside() -> bool:
    """Whether `enter` has brought this process where it is."""
    return bool(os.environ.get(_INSIDE))
