"""All TCP connections of the plane: how many there may be, what is read from them, how they end."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from typing import Final

from vcs.plane import (
    MAX_CONNECTIONS,
    MAX_PATHLESS,
    PATHLESS_S,
    ConnectionEnded,
    SocketId,
)
from vcs.plane.hold import VideoHold
from vcs.plane.inlet import Inlet
from vcs.plane.paths import PathTable
from vcs.plane.rings import Rings
from vcs.plane.sender import Sender
from vcs.plane.tcp import TcpConnection

READ_OCTETS: Final = 4096
READS: Final = 8
ENOUGH_FRAMES: Final = 64
"""At one wake-up a connection is read so often at most, and no further once so many frames came:
the longest that 4096 octets of nothing but tiny frames can hold up the others is 3 ms."""

KEY_FRAMES_APART_S: Final = 1.0
"""A connection that is too slow for its pictures has the publisher, and with him everybody else who
sees him, send a key frame no more often than this."""

_SWEEP_S: Final = 1.0
_FIRST: Final = 2
"""0 and 1 are the datagram sockets."""


class Connections:
    """The table of connections that are open. One that has ended stays in the `PathTable` until it
    is dropped, so that its id means something as long as events may name it."""

    __slots__ = (
        "_buffer",
        "_clock",
        "_counts",
        "_hold",
        "_inlet",
        "_known",
        "_loop",
        "_next",
        "_open",
        "_pathless",
        "_paths",
        "_rings",
        "_sender",
        "_sweeping",
        "_view",
        "_wake",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], float],
        paths: PathTable,
        inlet: Inlet,
        sender: Sender,
        hold: VideoHold,
        rings: Rings,
        counts: dict[str, int],
        wake: Callable[[], None],
    ) -> None:
        """`wake` is called when an event was made."""
        self._loop = loop
        self._clock = clock
        self._paths = paths
        self._inlet = inlet
        self._sender = sender
        self._hold = hold
        self._rings = rings
        self._counts = counts
        self._wake = wake
        self._next = max((_FIRST - 1, *paths.sockets)) + 1
        self._known: dict[SocketId, TcpConnection] = {}
        """Until they are dropped."""
        self._open: dict[SocketId, TcpConnection] = {}
        self._pathless: dict[SocketId, TcpConnection] = {}
        """Those that had no path when last looked at, longest so first."""
        # One for all: what is read is dealt with at once, but for an incomplete frame.
        self._buffer = bytearray(READ_OCTETS)
        self._view = memoryview(self._buffer)
        self._sweeping: asyncio.TimerHandle | None = None

    def add(self, sock: socket.socket) -> SocketId:
        """Raises `ValueError` when there is no room, `OSError` when it has ended already."""
        if len(self._pathless) >= MAX_PATHLESS or len(self._open) >= MAX_CONNECTIONS:
            self._make_room()
        on = TcpConnection(SocketId(self._next), sock, self._loop, self._clock, self)
        self._next += 1
        self._known[on.id] = self._open[on.id] = self._pathless[on.id] = on
        self._paths.attach(on.socket)
        self._counts["connections_in"] += 1
        self._loop.add_reader(sock.fileno(), self._readable, on)
        if self._sweeping is None:
            self._sweeping = self._loop.call_later(_SWEEP_S, self._sweep)
        return on.id

    def drop(self, identifier: SocketId) -> None:
        """Forget it; closes it when it is open. Raises `KeyError`."""
        on = self._known.pop(identifier)
        self._forget(on)
        on.close()
        self._paths.detach(identifier)

    def close(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        for on in self._open.values():
            on.close()
        self._open.clear()
        self._pathless.clear()

    # --- what connections tell ------------------------------------------------------------------

    def held(self, on: TcpConnection) -> None:
        self._counts["connections_held"] += 1
        self._follow(on)

    def drained(self, on: TcpConnection) -> None:
        wait = on.released_at + KEY_FRAMES_APART_S - self._clock()
        if wait > 0:
            self._loop.call_later(wait, self._release, on)
        else:
            self._release(on)

    def end(self, on: TcpConnection, reason: str) -> None:
        if on.ended:
            return
        self._counts[reason] += 1
        self._forget(on)
        on.close()
        self._rings.ended.push(ConnectionEnded(on.id, on.address, self._clock()))
        self._wake()

    # --------------------------------------------------------------------------------------------

    def _release(self, on: TcpConnection) -> None:
        # What came to wait meanwhile drains too, and then this is called again.
        if on.socket.held and not on.ended and not on.queued_octets:
            on.socket.held = False
            on.released_at = self._clock()
            self._follow(on)

    def _follow(self, on: TcpConnection) -> None:
        for path in on.socket.paths.values():
            if path.peer is not None:
                self._hold.follow(path.peer)

    def _forget(self, on: TcpConnection) -> None:
        self._open.pop(on.id, None)
        self._pathless.pop(on.id, None)

    def _readable(self, on: TcpConnection) -> None:
        reader, take = on.reader, self._inlet.take
        frames = 0
        try:
            for _ in range(READS):
                size = on.sock.recv_into(self._buffer)
                if size == 0:
                    self.end(on, "connections_ended")
                    break
                now = self._clock()
                for packet in reader.feed(self._view[:size]):
                    frames += 1
                    take(on.socket, on.address, packet, now)
                if reader.empty:
                    self._counts["drop_empty"] += reader.empty
                    reader.empty = 0
                if reader.oversized:
                    self.end(on, "drop_connection_oversized")
                if on.ended or size < READ_OCTETS or frames >= ENOUGH_FRAMES:
                    break
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self.end(on, "connections_ended")
        self._sender.flush()
        if self._rings:
            self._wake()

    def _make_room(self) -> None:
        """By ending one without a path: of the host that has most of these, the oldest. An honest
        client proves itself within a round trip, and strangers crowd out each other. Raises
        `ValueError`."""
        self._look_for_paths()
        if len(self._pathless) < MAX_PATHLESS and len(self._open) < MAX_CONNECTIONS:
            return
        if not self._pathless:
            self._counts["drop_connection_limit"] += 1
            raise ValueError(f"more than {MAX_CONNECTIONS} connections")
        hosts = Counter(on.address[0] for on in self._pathless.values())
        ((crowding, _),) = hosts.most_common(1)
        oldest = next(on for on in self._pathless.values() if on.address[0] == crowding)
        self.end(oldest, "drop_connection_limit")

    def _look_for_paths(self) -> None:
        for on in list(self._pathless.values()):
            if on.socket.paths:
                del self._pathless[on.id]

    def _sweep(self) -> None:
        now = self._clock()
        self._look_for_paths()
        for on in list(self._open.values()):
            if on.socket.paths:
                on.pathless_since = now
            elif now - on.pathless_since >= PATHLESS_S:
                self.end(on, "drop_connection_silent")
            else:
                self._pathless.setdefault(on.id, on)
        again = bool(self._open)
        self._sweeping = self._loop.call_later(_SWEEP_S, self._sweep) if again else None
