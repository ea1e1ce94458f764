"""A live server without pages and store: real sockets, real media; who is who is in memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

from vcs import messages as m
from vcs.http.booth_socket import booth_socket
from vcs.http.doors import Doors
from vcs.http.officer_socket import officer_socket
from vcs.live_desk import DeskIdentity, OfficerIdentity
from vcs.live_desks import LiveDesks, Patience
from vcs.media.description import SrtpProfile
from vcs.media_server import MediaServer
from vcs.messages import Language
from vcs.officer.desk import DeskRules
from vcs.transport.sections import DEFAULT_PROFILES
from vcs.turn import IceServers


@dataclass(frozen=True)
class Enrolled:
    """A booth of the directory."""

    id: int
    desk_id: int
    slot: int
    name: str
    language: Language = "id"
    in_service: bool = True
    branch_id: int = 0
    branch: str = "Salemba"

    @property
    def now_desk_id(self) -> int:
        return self.desk_id

    @property
    def now_slot(self) -> int:
        return self.slot


@dataclass
class MemoryDirectory:
    """Stands for the store: desk 1 with six booths, officers andi and maya."""

    booths: dict[str, Enrolled] = field(
        default_factory=lambda: {
            f"booth-token-{n:04}-xxxxxxxx": Enrolled(100 + n, 1, n, f"Bilik {n}")
            for n in range(1, 7)
        }
    )
    officers: dict[str, OfficerIdentity] = field(
        default_factory=lambda: {
            "andi-session": OfficerIdentity(1, "Andi Pratama"),
            "maya-session": OfficerIdentity(2, "Maya Putri"),
        }
    )
    answering: Callable[[], None] = lambda: None
    """Called before each answer about those who are connected; what it raises, the store does."""
    identity: DeskIdentity = field(default_factory=lambda: DeskIdentity(1, "Meja 1", "Salemba"))

    async def booth_by_token(self, token: str) -> Enrolled | None:
        return self.booths.get(token)

    async def booths_by_token(self, tokens: Collection[str]) -> dict[str, Enrolled]:
        self.answering()
        return {token: self.booths[token] for token in tokens if token in self.booths}

    async def booths_of(self, desk_id: int) -> Sequence[Enrolled]:
        return list(self.booths.values())

    async def desk(self, desk_id: int) -> DeskIdentity | None:
        return self.identity

    async def officer_by_session(self, token: str) -> OfficerIdentity | None:
        return self.officers.get(token)

    async def officers_by_session(self, tokens: Collection[str]) -> dict[str, OfficerIdentity]:
        self.answering()
        return {token: self.officers[token] for token in tokens if token in self.officers}

    async def desks_of(self, officer: OfficerIdentity) -> Sequence[DeskIdentity]:
        return [self.identity]


class NoLimits:
    @contextlib.contextmanager
    def place(self, address: str) -> Iterator[bool]:
        yield True


class MemoryJournal:
    """Talk intervals as they were opened and closed."""

    def __init__(self) -> None:
        self.intervals: dict[int, tuple[str, int, bool]] = {}

    def opened(
        self,
        *,
        desk_id: int,
        booth_id: int,
        officer_id: int,
        occupant: int,
        kind: Literal["talk", "announce"],
    ) -> int:
        number = len(self.intervals) + 1
        self.intervals[number] = (kind, booth_id, True)
        return number

    def closed(self, interval: int) -> None:
        kind, booth, _ = self.intervals[interval]
        self.intervals[interval] = (kind, booth, False)


class Wire:
    """A client's end of a signalling socket, message by message."""

    def __init__(self, socket: ClientWebSocketResponse, decode: object) -> None:
        self.socket = socket
        self._decode = decode
        self.close_code: int | None = None

    async def say(self, message: m.Message) -> None:
        await self.socket.send_str(m.encode(message))

    async def hear(self, wanted: type[m.Message] | tuple[type[m.Message], ...]) -> m.Message:
        """The next message of this type; others are passed over."""
        async with asyncio.timeout(10):
            while True:
                frame = await self.socket.receive()
                assert frame.type is WSMsgType.TEXT, (frame.type, self.socket.close_code)
                message: m.Message = self._decode(frame.data)  # type: ignore[operator]
                if isinstance(message, wanted):
                    return message

    async def hear_until(self, wanted: type[m.Message], holds: object) -> m.Message:
        """The next message of this type for which `holds(message)`."""
        while True:
            message = await self.hear(wanted)
            if holds(message):  # type: ignore[operator]
                return message

    async def closed(self) -> int | None:
        """The close code, when the server has closed."""
        async with asyncio.timeout(10):
            while True:
                frame = await self.socket.receive()
                if frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
                    return self.socket.close_code
                if frame.type is WSMsgType.ERROR:
                    return self.socket.close_code


class Rig:
    """A running server and clients of it."""

    def __init__(self, media: MediaServer, desks: LiveDesks, directory: MemoryDirectory) -> None:
        self.media = media
        self.desks = desks
        self.directory = directory
        self.journal = MemoryJournal()
        self.url = ""
        self.http: ClientSession
        self._wires: list[Wire] = []

    async def wire(self, path: str, decode: object, **how: object) -> Wire:
        """A connected socket that has said nothing yet; closed with the rig."""
        socket = await self.http.ws_connect(self.url + path, **how)  # type: ignore[arg-type]
        wire = Wire(socket, decode)
        self._wires.append(wire)
        return wire

    def forget(self, wire: Wire) -> None:
        """One that is closed already."""
        self._wires.remove(wire)

    async def close(self) -> None:
        for wire in self._wires:
            await wire.socket.close()
        await self.http.close()

    async def booth(self, slot: int) -> Wire:
        """A booth that has said hello."""
        wire = await self.wire("/ws/booth", m.decode_to_booth)
        await wire.say(m.BoothHello(token=f"booth-token-{slot:04}-xxxxxxxx"))
        return wire

    async def console(self, session: str = "andi-session", take_over: bool = False) -> Wire:
        """A console that has said hello."""
        wire = await self.wire(
            "/ws/officer", m.decode_to_officer, headers={"Cookie": f"vcs_session={session}"}
        )
        await wire.say(m.OfficerHello(take_over=take_over))
        return wire


@contextlib.asynccontextmanager
async def running(
    patience: Patience | None = None,
    ipv4: str | None = "127.0.0.1",
    ipv6: str | None = None,
    profiles: Sequence[SrtpProfile] = DEFAULT_PROFILES,
    ice_servers: IceServers | None = None,
) -> AsyncIterator[Rig]:
    """A rig, stopped at the end."""
    media = MediaServer(port=0, ipv4=ipv4, ipv6=ipv6, server_id="t1", profiles=profiles)
    directory = MemoryDirectory()
    journal = MemoryJournal()
    desks = LiveDesks(
        media.hub,
        media.plane,
        media.associations,
        journal,
        DeskRules(),
        patience or Patience(),
    )
    doors = Doors(desks, directory, NoLimits(), ice_servers or IceServers(), 60_000)
    app = web.Application()

    async def booth(request: web.Request) -> web.StreamResponse:
        return await booth_socket(request, doors)

    async def officer(request: web.Request) -> web.StreamResponse:
        return await officer_socket(request, doors, request.cookies.get("vcs_session"))

    app.router.add_get("/ws/booth", booth)
    app.router.add_get("/ws/officer", officer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    rig = Rig(media, desks, directory)
    rig.journal = journal
    rig.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    rig.http = ClientSession()
    desks.start()
    try:
        yield rig
    finally:
        await rig.close()
        await runner.cleanup()
        await desks.stop()
        media.close()
