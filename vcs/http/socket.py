"""One signalling WebSocket: JSON messages in, JSON messages out, and what it takes to be neither
flooded nor held up by the other side."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final, Generic, TypeVar

from aiohttp import WSCloseCode, WSMsgType, web

from vcs.messages import (
    CLOSE_MALFORMED,
    CLOSE_TOO_FAST,
    MAX_MESSAGE_BYTES,
    Error,
    Malformed,
    Message,
    encode,
)

CLOSED_WITHIN_S: Final = 2.0
"""A client that does not read its last messages is cut off after so long."""

DOUBT_S: Final = 5.0
"""A client pings each second. Of one that says nothing for so long nobody knows what he wants."""
SILENCE_S: Final = 10.0
"""One that says nothing for so long is gone."""
PATIENCE_S: Final = 30.0
"""The same of one whose media come: his words are on their way, on a path that loses much."""
RATE_PER_S: Final = 20.0
BURST: Final = 60.0
MAX_FAULTS: Final = 10
MAX_QUEUED: Final = 256
MAX_QUEUED_FOR_LEVELS: Final = 8
MAX_IN_FLIGHT: Final = 3
"""Segments that figures may add to: of four and more the system waits ever longer before it sends
what was lost again (tcp(7), tcp_thin_linear_timeouts)."""
TCP_THIN_LINEAR_TIMEOUTS: Final = 16
TCP_RTO_MAX_MS: Final = 44
"""Of Linux (linux/tcp.h), which Python has no name for; the second since 6.15."""
LONGEST_PAUSE_MS: Final = 1000
"""Before what was lost is sent again: the least that the system takes."""
_TCP_INFO: Final = struct.Struct("=24xI116xI")
"""tcpi_unacked, segments, and tcpi_notsent_bytes of `struct tcp_info` (linux/tcp.h)."""

T = TypeVar("T")


class SignalSocket(Generic[T]):
    """A connected client. `T` is the union of messages that it may send."""

    def __init__(
        self, request: web.Request, decode: Callable[[str | bytes], T], clock: Callable[[], float]
    ) -> None:
        self._request = request
        self._decode = decode
        self._clock = clock
        # No compression: nothing that is sent here is large, and a compressed bomb cannot be sent.
        self._ws = web.WebSocketResponse(max_msg_size=MAX_MESSAGE_BYTES, compress=False, timeout=2)
        self._queue: deque[str] = deque()
        self._queued = asyncio.Event()
        self._close: tuple[int, str] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._allowance = BURST
        self._allowance_at = clock()
        self.faults = 0

    async def open(self) -> web.WebSocketResponse:
        """Answer the upgrade. The response is what the handler returns in the end."""
        await self._ws.prepare(self._request)
        _retry_evenly(self._request)
        self._writer = asyncio.create_task(self._write())
        return self._ws

    # --- out ------------------------------------------------------------------------------------

    def send(self, message: Message) -> None:
        """Queue a message; a client that reads too slowly is cut off, nobody waits for it."""
        if self._close is not None:
            return
        if len(self._queue) >= MAX_QUEUED:
            self.abort()
            return
        self._queue.append(encode(message))
        self._queued.set()

    def send_if_idle(self, message: Message) -> None:
        """For figures that the next ones replace: left out while the client, or the path to it, is
        behind."""
        if len(self._queue) < MAX_QUEUED_FOR_LEVELS and not _path_is_behind(self._request):
            self.send(message)

    def close(self, code: int, reason: str) -> None:
        """Send what is queued, then close with this code."""
        if self._close is None:
            self._close = (code, reason[:100])
            self._queued.set()
            asyncio.get_running_loop().call_later(CLOSED_WITHIN_S, self._cut)

    def abort(self) -> None:
        """Cut the connection without a word."""
        self._close = (WSCloseCode.POLICY_VIOLATION, "")
        self._queue.clear()
        self._cut()
        self._queued.set()

    @property
    def gone(self) -> bool:
        """True once nothing can be sent any more: closed by us, or the connection is lost."""
        transport = self._request.transport
        return self._close is not None or transport is None or transport.is_closing()

    def _cut(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _write(self) -> None:
        try:
            while True:
                await self._queued.wait()
                self._queued.clear()
                while self._queue:
                    await self._ws.send_str(self._queue.popleft())
                if self._close is not None:
                    code, reason = self._close
                    await self._ws.close(code=code, message=reason.encode())
                    return
        except (ConnectionError, RuntimeError):
            return  # the reading side notices the same and ends the connection

    # --- in -------------------------------------------------------------------------------------

    async def receive(self, within: float) -> T | None:
        """The next message; None when the connection has ended. Raises `TimeoutError`."""
        async with asyncio.timeout(within):
            while True:
                message = await self._ws.receive()
                if self._close is not None:
                    return None  # closed by us: a client that reads no more is not heard either
                if message.type is WSMsgType.TEXT:
                    if not self._within_rate():
                        self.close(CLOSE_TOO_FAST, "too many messages")
                        return None
                    try:
                        return self._decode(message.data)
                    except Malformed as fault:
                        if not self._forgive(str(fault)):
                            return None
                elif message.type is WSMsgType.BINARY:
                    self.close(CLOSE_MALFORMED, "text frames only")
                    return None
                elif message.type is WSMsgType.ERROR or message.type in (
                    WSMsgType.CLOSE,
                    WSMsgType.CLOSING,
                    WSMsgType.CLOSED,
                ):
                    return None

    async def messages(
        self,
        doubt: Callable[[], None] = lambda: None,
        alive: Callable[[], bool] = lambda: False,
    ) -> AsyncIterator[T]:
        """Messages until the connection ends, or says nothing for SILENCE_S: for PATIENCE_S while
        its client is `alive` by other signs. `doubt` is called once in each silence of DOUBT_S."""
        silent = 0.0
        while True:
            try:
                message = await self.receive(DOUBT_S)
            except TimeoutError:
                if silent == 0:
                    doubt()
                silent += DOUBT_S
                if silent >= (PATIENCE_S if alive() else SILENCE_S):
                    self.abort()
                    return
                continue
            if message is None:
                return
            silent = 0.0
            yield message

    async def finish(self) -> None:
        """Let the writer send what is left, briefly, and end."""
        if self._writer is None:
            return
        self.close(WSCloseCode.OK, "")
        try:
            async with asyncio.timeout(2):
                await self._writer
        except TimeoutError:
            self.abort()
            self._writer.cancel()

    def _within_rate(self) -> bool:
        now = self._clock()
        earned = (now - self._allowance_at) * RATE_PER_S
        self._allowance = min(BURST, self._allowance + earned) - 1
        self._allowance_at = now
        return self._allowance >= 0

    def _forgive(self, fault: str) -> bool:
        self.faults += 1
        self.send(Error("malformed", fault))
        if self.faults >= MAX_FAULTS:
            self.close(CLOSE_MALFORMED, "not the protocol")
            return False
        return True


def _retry_evenly(request: web.Request) -> None:
    """Few and small segments, as ours are, are sent again after even pauses, six times, and not
    after ever longer ones: on a bad path the difference is seconds. Where the system has no such
    thing it stays as it is."""
    sock = _sock(request)
    if sock is None:
        return
    for option, value in ((TCP_THIN_LINEAR_TIMEOUTS, 1), (TCP_RTO_MAX_MS, LONGEST_PAUSE_MS)):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _path_is_behind(request: web.Request) -> bool:
    """Whether much of what was sent is not acknowledged; False where the system does not say."""
    sock = _sock(request)
    if sock is None:
        return False
    try:
        found = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    except OSError:
        return False
    if len(found) < _TCP_INFO.size:
        return False
    unacknowledged, unsent = _TCP_INFO.unpack(found)
    return bool(unacknowledged >= MAX_IN_FLIGHT or unsent)


def _sock(request: web.Request) -> socket.socket | None:
    transport = request.transport
    return None if transport is None else transport.get_extra_info("socket")
