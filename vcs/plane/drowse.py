"""When to look into the sockets: woken by a packet when it is quiet, by the clock when it is not.

A wake-up costs more than a packet does. While packets come more than once a millisecond they are
taken together NAP_S apart, which no ear and no eye notices; others are taken at once.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Final

from vcs.plane.ticks import Ticks

NAP_S: Final = 0.0007
BUSY_S: Final = 0.0015
"""Wake-ups this close to each other are worth sharing."""


class Drowse:
    """Calls `take` when there is something to take; it returns whether anything was there."""

    __slots__ = ("_closed", "_loop", "_napping", "_sockets", "_take", "_ticks", "_woken_at")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sockets: Sequence[socket.socket],
        take: Callable[[], bool],
    ) -> None:
        self._loop = loop
        self._sockets = sockets
        self._take = take
        self._ticks = Ticks(loop, NAP_S, self._look)
        self._napping = False
        self._closed = False
        self._woken_at = 0.0
        self._wait()

    def close(self) -> None:
        """Look no more; the sockets stay open."""
        if not self._closed:
            self._closed = True
            self._ticks.close()
            if not self._napping:
                self._unwait()

    def _wait(self) -> None:
        for sock in self._sockets:
            self._loop.add_reader(sock.fileno(), self._woken)

    def _unwait(self) -> None:
        for sock in self._sockets:
            self._loop.remove_reader(sock.fileno())

    def _woken(self) -> None:
        self._take()
        before, self._woken_at = self._woken_at, self._loop.time()
        if self._woken_at - before < BUSY_S and not self._closed and not self._napping:
            self._napping = True
            self._unwait()
            self._ticks.start()

    def _look(self) -> None:
        if not self._take() and not self._closed:
            self._napping = False
            self._ticks.stop()
            self._wait()
