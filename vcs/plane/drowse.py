"""When to look into the sockets: woken by a packet when it is quiet, by the clock when it is not.

A wake-up costs more than a packet does. While packets come more than once a millisecond they are
taken together NAP_S apart, which no ear and no eye notices (a frame of sound lasts 20 ms); others
are taken at once.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Final

from vcs.plane.ticks import Ticks

NAP_S: Final = 0.0016
BUSY_S: Final = 0.0015
"""Wake-ups this close to each other are worth sharing."""
EMPTY_LOOKS: Final = 3
"""So many in a row, and it is quiet: to change over costs more than to look once more in vain."""


class Drowse:
    """Calls `take` when there is something to take; it returns whether anything was there."""

    __slots__ = (
        "_closed",
        "_empty",
        "_loop",
        "_napping",
        "_sockets",
        "_take",
        "_ticks",
        "_woken_at",
    )

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
        self._empty = 0
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
            self._empty = 0
            self._unwait()
            self._ticks.start()

    def _look(self) -> None:
        if self._take():
            self._empty = 0
            return
        self._empty += 1
        if self._empty >= EMPTY_LOOKS and not self._closed:
            self._napping = False
            self._ticks.stop()
            self._wait()
