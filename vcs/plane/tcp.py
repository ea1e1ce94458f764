"""One TCP connection as a socket of the plane (RFC 4571 framing), and what waits to be sent on it.

The kernel's queue is kept short, so that ours shows how late a packet would be. What is late is
picture that nobody wants any more; `Connections` stops the pictures, and nothing else.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from vcs.media.framing import LENGTH, FrameReader
from vcs.plane import MAX_QUEUE_OCTETS, MAX_QUEUE_S, Address, SocketId
from vcs.plane.paths import MediaSocket, canonical

KERNEL_UNSENT_OCTETS: Final = 16 << 10
"""What the kernel takes beyond what the network has (TCP_NOTSENT_LOWAT): 65 ms at 2 Mbit/s."""

KERNEL_BUFFER_OCTETS: Final = 128 << 10
"""Sent and not yet acknowledged; Linux doubles it. Enough for 7 Mbit/s at 300 ms."""

CONGESTION_CONTROLS: Final = (b"cubic", b"reno")
"""The first of them that this machine allows, whatever its default is: BBR stops nearly everything
for 200 ms every ten seconds, to see how short the path is (draft-ietf-ccwg-bbr section 5.3.4)."""

DEAD_AFTER_MS: Final = 15_000
"""Without an acknowledgement for so long the kernel gives the connection up (RFC 5482)."""


class ConnectionOwner(Protocol):
    """Whom a connection tells, from within a call of the plane."""

    def held(self, on: TcpConnection) -> None: ...
    def drained(self, on: TcpConnection) -> None: ...
    def end(self, on: TcpConnection, reason: str) -> None: ...


class TcpConnection:
    """One remote address and at most one path. `socket` is what the tables have of it.

    `socket.held`: the queue was older than MAX_QUEUE_S and has not been empty since.
    `pathless_since`: when it was last seen with a path, or was made.
    """

    __slots__ = (
        "_clock",
        "_loop",
        "_owner",
        "_queue",
        "_queued",
        "address",
        "ended",
        "pathless_since",
        "reader",
        "released_at",
        "sock",
        "socket",
    )

    def __init__(
        self,
        identifier: SocketId,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], float],
        owner: ConnectionOwner,
    ) -> None:
        """Raises `OSError` when the connection has ended already."""
        self.sock = sock
        self.socket = MediaSocket(identifier, sock)
        self.address: Address = canonical(self.socket.source(sock.getpeername()))
        self.socket.remote = self.address
        self.socket.send = self._send
        self.reader = FrameReader()
        self.ended = False
        self.pathless_since = clock()
        self.released_at = float("-inf")
        self._loop = loop
        self._clock = clock
        self._owner = owner
        self._queue: deque[tuple[float, bytes]] = deque()
        self._queued = 0
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_OCTETS)
        for name, value in (
            ("TCP_NOTSENT_LOWAT", KERNEL_UNSENT_OCTETS),
            ("TCP_USER_TIMEOUT", DEAD_AFTER_MS),
        ):
            option = getattr(socket, name, None)  # where the system has it
            if option is not None:
                sock.setsockopt(socket.IPPROTO_TCP, option, value)
        _choose_congestion_control(sock)

    @property
    def id(self) -> SocketId:
        return self.socket.id

    @property
    def queued_octets(self) -> int:
        """What waits for the kernel, with its framing."""
        return self._queued

    def _send(self, data: bytes | memoryview, destination: Address) -> int:
        """As `sendto` of a datagram socket, except that a full kernel makes it wait here. Raises
        `OSError` when the connection has ended, `BlockingIOError` when this ends it."""
        size = LENGTH.size + len(data)
        sent = 0
        if not self._queue:
            try:
                sent = self.sock.sendmsg((LENGTH.pack(len(data)), data))
            except (BlockingIOError, InterruptedError):
                sent = 0
            if sent == size:
                return size
        self._enqueue((LENGTH.pack(len(data)) + data)[sent:])
        return size

    def _enqueue(self, rest: bytes) -> None:
        if self._queued + len(rest) > MAX_QUEUE_OCTETS:
            self._owner.end(self, "drop_connection_stalled")
            raise BlockingIOError
        now = self._clock()
        if not self._queue:
            self._loop.add_writer(self.sock.fileno(), self._writable)
        self._queue.append((now, rest))
        self._queued += len(rest)
        if not self.socket.held and now - self._queue[0][0] > MAX_QUEUE_S:
            self.socket.held = True
            self._owner.held(self)

    def _writable(self) -> None:
        queue = self._queue
        while queue:
            at, data = queue[0]
            try:
                sent = self.sock.send(data)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._owner.end(self, "connections_ended")
                return
            self._queued -= sent
            if sent < len(data):
                queue[0] = at, data[sent:]
                return
            queue.popleft()
        self._loop.remove_writer(self.sock.fileno())
        if self.socket.held:
            self._owner.drained(self)

    def close(self) -> None:
        """What waits is lost. May be called again."""
        if self.ended:
            return
        self.ended = True
        self._loop.remove_reader(self.sock.fileno())
        self._loop.remove_writer(self.sock.fileno())
        self.sock.close()
        self._queue.clear()
        self._queued = 0


def _choose_congestion_control(sock: socket.socket) -> None:
    for name in CONGESTION_CONTROLS:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, name)
        except OSError:
            continue
        return
