"""`vcs serve` whose media port can be cut off: while a file named `deaf` lies in the working
directory, every datagram that comes is lost, and every one that goes. Signalling goes on."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import vcs.plane.paths
import vcs.transport.sockets
from vcs.cli import main
from vcs.plane.datagrams import ReceiveBatch, SendBatch
from vcs.transport.sockets import open_sockets

DEAF = Path("deaf").absolute()


class CutSocket(socket.socket):
    """A UDP socket that loses all of its datagrams while the file is there."""

    def sendto(self, data: Any, address: Any) -> int:  # type: ignore[override]
        return len(data) if DEAF.exists() else super().sendto(data, address)


class CutReceiveBatch(ReceiveBatch):
    def receive(self) -> int:
        count = super().receive()
        return 0 if DEAF.exists() else count


class CutSendBatch(SendBatch):
    def flush(self, counts: dict[str, int]) -> None:
        if DEAF.exists():
            self.waiting = 0
        super().flush(counts)


def cut_sockets(*args: Any) -> dict[Any, socket.socket]:
    """As `open_sockets`, with sockets that can be cut off."""
    return {
        number: CutSocket(fileno=opened.detach()) for number, opened in open_sockets(*args).items()
    }


vcs.transport.sockets.open_sockets = cut_sockets  # type: ignore[assignment]
vcs.plane.paths.ReceiveBatch = CutReceiveBatch  # type: ignore[misc]
vcs.plane.paths.SendBatch = CutSendBatch  # type: ignore[misc]
main()
