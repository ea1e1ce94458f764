"""What both signalling doors share: whom they ask who somebody is, and the life of a connection
from the hello to the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from vcs import messages as m
from vcs.http.rights import Watch
from vcs.http.socket import SignalSocket
from vcs.live_desk import DeskIdentity, OfficerIdentity
from vcs.live_desks import ClientMedia, LiveDesks
from vcs.messages import ServiceOffered
from vcs.seating import KnownBooth
from vcs.transport.sdp import BadOffer
from vcs.turn import IceServers

HELLO_S: Final = 5.0
CONSENT_VERSION: Final = "2026-11"

T = TypeVar("T")
Hello = TypeVar("Hello", m.BoothHello, m.OfficerHello)


class Directory(Protocol):
    """Who is who, as the store has it now."""

    async def booth_by_token(self, token: str) -> KnownBooth | None: ...
    async def booths_by_token(self, tokens: Collection[str]) -> Mapping[str, KnownBooth]: ...
    async def booths_of(self, desk_id: int) -> Sequence[KnownBooth]: ...
    async def desk(self, desk_id: int) -> DeskIdentity | None: ...
    async def officer_by_session(self, token: str) -> OfficerIdentity | None: ...
    async def officers_by_session(
        self, tokens: Collection[str]
    ) -> Mapping[str, OfficerIdentity]: ...
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
    booths: Watch[KnownBooth] = field(init=False)
    officers: Watch[OfficerIdentity] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "booths", Watch(self.directory.booths_by_token))
        object.__setattr__(self, "officers", Watch(self.directory.officers_by_session))


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
