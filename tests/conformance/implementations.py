"""The packet planes that have to pass. A further one is a line here; no test knows which it has."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import Protocol

from vcs.plane import Plane, SocketId
from vcs.plane.python import PythonPlane


class MakePlane(Protocol):
    """A plane over bound, non-blocking sockets; `on_events` is called in the loop when events wait,
    `clock` is of monotonic seconds."""

    def __call__(
        self,
        loop: asyncio.AbstractEventLoop,
        sockets: Mapping[SocketId, socket.socket],
        on_events: Callable[[], None],
        clock: Callable[[], float],
    ) -> Plane: ...


IMPLEMENTATIONS: Mapping[str, MakePlane] = {"python": PythonPlane}
