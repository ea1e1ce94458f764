"""The client's end of the signalling socket: messages out, messages in, and noticing its death.

Knows neither booth nor officer; `docs/signalling.md` is what it speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

from websockets.asyncio.client import ClientConnection as WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin

from vcs import messages as m

PING_S: Final = 1.0
PONG_WITHIN_S: Final = 4.0
OPEN_S: Final = 4.0
ANSWER_S: Final = 10.0
MAX_FROM_SERVER: Final = 262_144

T = TypeVar("T")


class NotConnected(Exception):
    """There is no server to tell this to now."""


class OfferRefused(Exception):
    """The server did not answer the offer, or said what is wrong with it."""


class Signalling(Generic[T]):
    """One connection at a time to one URL. `T` is the union of messages that the server sends."""

    def __init__(
        self,
        url: str,
        origin: str,
        decode: Callable[[str | bytes], T],
        *,
        tls: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`url` is ws:// or wss://, `tls` for the latter; `decode` raises `messages.Malformed`."""
        self._url = url
        self._origin = origin
        self._decode = decode
        self._tls = tls
        self._headers = headers or {}
        self._socket: WebSocket | None = None
        self._outgoing: asyncio.Queue[m.Message] = asyncio.Queue()
        self._answers: dict[int, asyncio.Future[str]] = {}
        self._requests = 0
        self._leaving = False
        self._pong_at = 0.0

    def next_id(self) -> int:
        """A request number that was not used yet."""
        self._requests += 1
        return self._requests

    def send(self, message: m.Message) -> None:
        """Queue a message; in order, without waiting. Raises `NotConnected`."""
        if self._socket is None:
            raise NotConnected("no server to tell")
        self._outgoing.put_nowait(message)

    async def offer(self, sdp: str) -> str:
        """Send an offer and return the answer's SDP. Raises `OfferRefused`, `NotConnected`."""
        number = self.next_id()
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            self.send(m.Offer(number, sdp))
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError:
            raise OfferRefused("no answer to the offer") from None
        finally:
            del self._answers[number]

    async def run(self, hello: m.Message, received: Callable[[T], None]) -> tuple[int | None, str]:
        """Connect, say hello, and hand on what comes until the connection ends.

        Returns the close code (None: it never was, or died without one) and the reason in words.
        Pongs and answers are not handed on. What `received` raises ends the connection and is
        raised here.
        """
        try:
            async with connect(
                self._url,
                origin=Origin(self._origin),
                additional_headers=dict(self._headers),
                ssl=self._tls,
                compression=None,
                max_size=MAX_FROM_SERVER,
                open_timeout=OPEN_S,
                close_timeout=1,
                ping_interval=None,
                proxy=None,  # media could not go through one either
            ) as socket:
                await self._serve(socket, hello, received)
                await socket.close()
                return socket.close_code, socket.close_reason or "closed"
        except (OSError, TimeoutError, WebSocketException) as error:
            return None, f"{type(error).__name__}: {error}"

    def leave(self) -> None:
        """To be called by `received`: end the connection after this message."""
        self._leaving = True

    async def close(self) -> None:
        """End the connection, if there is one; `run` returns."""
        if self._socket is not None:
            await self._socket.close()

    async def _serve(
        self, socket: WebSocket, hello: m.Message, received: Callable[[T], None]
    ) -> None:
        self._outgoing = asyncio.Queue()
        self._leaving = False
        self._socket = socket
        self.send(hello)
        helpers = [
            asyncio.create_task(self._write(socket)),
            asyncio.create_task(self._ping(socket)),
        ]
        try:
            async for data in socket:
                message = self._decode(data)
                if not self._answered(message):
                    received(message)
                if self._leaving:
                    break
        except (ConnectionClosed, m.Malformed):
            pass  # the close code tells; a server that speaks otherwise is no server of ours
        finally:
            self._socket = None
            for task in helpers:
                task.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    def _answered(self, message: T) -> bool:
        match message:
            case m.Pong():
                self._pong_at = time.monotonic()
                return True
            case m.Answer():
                waiting = self._answers.get(message.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message.sdp)
                return True
            case m.Error() if message.id in self._answers:
                waiting = self._answers[message.id]
                if not waiting.done():
                    waiting.set_exception(OfferRefused(message.message))
                return True
            case _:
                return False

    async def _write(self, socket: WebSocket) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.send(m.encode(await self._outgoing.get()))

    async def _ping(self, socket: WebSocket) -> None:
        self._pong_at = time.monotonic()
        while time.monotonic() - self._pong_at < PONG_WITHIN_S:
            self._outgoing.put_nowait(m.Ping(self.next_id()))
            await asyncio.sleep(PING_S)
        # A dead link answers no closing handshake either.
        socket.transport.abort()
