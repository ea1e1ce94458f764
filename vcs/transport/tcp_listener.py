"""Takes the TCP connections of the media port (RFC 6544, passive candidates)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import Final

from vcs.transport.ice import SocketId

ACCEPTS: Final = 16
"""Connections taken at one wake-up, so that timers and packets have their turn."""

PAUSE_S: Final = 1.0
"""Out of descriptors or memory: what waits stays in the kernel for so long."""


class TcpListener:
    """Accepts on listening sockets, which stay their owner's, and gives each connection to `take`,
    which owns it unless it raises `ValueError` (no room) or `OSError` (it has ended already)."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listening: Mapping[SocketId, socket.socket],
        take: Callable[[socket.socket], object],
    ) -> None:
        self._loop = loop
        self._take = take
        self._listening = tuple(listening.values())
        self._paused: dict[socket.socket, asyncio.TimerHandle] = {}
        for listener in self._listening:
            self._listen(listener)

    def close(self) -> None:
        """Take no more."""
        for listener in self._listening:
            paused = self._paused.pop(listener, None)
            if paused is None:
                self._loop.remove_reader(listener.fileno())
            else:
                paused.cancel()
        self._listening = ()

    def _listen(self, listener: socket.socket) -> None:
        self._paused.pop(listener, None)
        self._loop.add_reader(listener.fileno(), self._readable, listener)

    def _readable(self, listener: socket.socket) -> None:
        for _ in range(ACCEPTS):
            try:
                accepted, _ = listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionError:  # gone before it was taken
                continue
            except OSError:
                # Else the loop would be woken by the same connection for ever.
                self._loop.remove_reader(listener.fileno())
                self._paused[listener] = self._loop.call_later(PAUSE_S, self._listen, listener)
                return
            try:
                self._take(accepted)
            except (OSError, ValueError):
                accepted.close()
