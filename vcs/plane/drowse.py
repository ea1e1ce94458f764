"""When to look into the sockets: woken by a packet when it is quiet, by the clock when it is not.

A wake-up costs more than a packet does. While packets come more than once a millisecond they are
taken together that often, which no ear and no eye notices; others are taken at once.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Final

NAP_S: Final = 0.001
"""The least that event loops count by."""

BUSY_S: Final = 0.0015
"""Wake-ups this close to each other are worth sharing."""


class Drowse:
    """Calls `take` when there is something to take; it returns whether anything was there."""

    __slots__ = ("_closed", "_loop", "_nap", "_sockets", "_take", "_woken_at")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sockets: Sequence[socket.socket],
        take: Callable[[], bool],
    ) -> None:
        self._loop = loop
        self._sockets = sockets
        self._take = take
        self._nap: asyncio.TimerHandle | None = None
        self._closed = False
        self._woken_at = 0.0
        self._wait()

    def close(self) -> None:
        """Look no more; the sockets stay open."""
        if not self._closed:
            self._closed = True
            if self._nap is None:
                self._unwait()
            else:
                self._nap.cancel()

    def _wait(self) -> None:
        self._nap = None
        for sock in self._sockets:
            self._loop.add_reader(sock.fileno(), self._woken)

    def _unwait(self) -> None:
        for sock in self._sockets:
            self._loop.remove_reader(sock.fileno())

    def _woken(self) -> None:
        self._take()
        before, self._woken_at = self._woken_at, self._loop.time()
        if self._woken_at - before < BUSY_S and not self._closed and self._nap is None:
            self._unwait()
            self._nap = self._loop.call_later(NAP_S, self._look)

    def _look(self) -> None:
        came = self._take()
        if self._closed:
            return
        if came:
            self._nap = self._loop.call_later(NAP_S, self._look)
        else:
            self._wait()
