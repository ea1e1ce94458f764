"""What both signalling doors share: whom they ask who somebody is, and the life of a connection
from the hello to the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from vcs import messages as m
from vcs.http.socket import SignalSocket
from vcs.live_desk import DeskIdentity, OfficerIdentity
from vcs.live_desks import ClientMedia, LiveDesks
from vcs.logs import rate_limited
from vcs.messages import ServiceOffered
from vcs.seating import KnownBooth
from vcs.transport.sdp import BadOffer
from vcs.turn import IceServers

HELLO_S: Final = 5.0
RECHECK_S: Final = 5.0
"""How soon a revoked token or an ended session ends a connection, at the latest."""
CONSENT_VERSION: Final = "2026-11"

_log = rate_limited("vcs.http.doors")

T = TypeVar("T")
Hello = TypeVar("Hello", m.BoothHello, m.OfficerHello)


class Directory(Protocol):
    """Who is who, as the store has it now."""

    async def booth_by_token(self, token: str) -> KnownBooth | None: ...
    async def booths_of(self, desk_id: int) -> Sequence[KnownBooth]: ...
    async def desk(self, desk_id: int) -> DeskIdentity | None: ...
    async def officer_by_session(self, token: str) -> OfficerIdentity | None: ...
    async def desks_of(self, officer: OfficerIdentity) -> Sequence[DeskIdentity]: ...


class Limits(Protocol):
    """How many connections that have not yet said who they are may exist."""

    def place(self, address: str) -> contextlib.AbstractContextManager[bool]: ...


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything that a door needs."""

    desks: LiveDesks
    directory: Directory
    limits: Limits
    ice_servers: IceServers
    announce_limit_ms: int
    services: Sequence[ServiceOffered] = ()


async def hello(socket: SignalSocket[T], wanted: type[Hello]) -> Hello | None:
    """The first message, or None when there was none in time; the client has been told."""
    try:
        message = await socket.receive(HELLO_S)
    except TimeoutError:
        socket.close(m.CLOSE_HELLO_TIMEOUT, "say hello first")
        return None
    if message is None:
        return None
    if not isinstance(message, wanted):
        socket.close(m.CLOSE_MALFORMED, "say hello first")
        return None
    if message.version != m.PROTOCOL_VERSION:
        socket.close(m.CLOSE_VERSION, f"this server speaks version {m.PROTOCOL_VERSION}")
        return None
    return message


async def answer_offer(socket: SignalSocket[T], media: ClientMedia, offer: m.Offer) -> None:
    """Answer an SDP offer, or say what is wrong with it."""
    try:
        socket.send(m.Answer(offer.id, await media.connection.answer(offer.sdp)))
    except BadOffer as fault:
        socket.send(m.Error("bad_offer", str(fault)[:200], offer.id))


@contextlib.asynccontextmanager
async def rechecked(
    socket: SignalSocket[T], still_valid: Callable[[], Awaitable[bool]]
) -> AsyncIterator[None]:
    """While inside, ask now and then whether the client's right still stands."""

    async def ask() -> None:
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                valid = await still_valid()
            except Exception as error:  # noqa: BLE001 (a full disk today is no reason to stop asking)
                _log.error("a right could not be asked again", reason=type(error).__name__)
                continue
            if not valid:
                socket.close(m.CLOSE_UNAUTHORISED, "no longer valid")
                return

    async with _beside(ask()):
        yield


@contextlib.asynccontextmanager
async def renewed(socket: SignalSocket[T], servers: IceServers, client: str) -> AsyncIterator[None]:
    """While inside, the client gets new TURN credentials before the former ones end."""
    every_s = servers.renew_every_s
    if every_s is None:
        yield
        return

    async def renew(every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            socket.send(m.IceServers(servers.of(client)))

    async with _beside(renew(every_s)):
        yield


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """While inside, the work goes on; it is ended with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
