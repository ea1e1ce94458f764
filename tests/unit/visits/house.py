"""A whole server over a real database, with people at its doors: a booth, an officer."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.unit.http.rig import Wire
from tests.unit.test_live_talk import Talker
from vcs import messages as m
from vcs.app import RunningServer, start
from vcs.config import Settings
from vcs.store.records import BoothPlace, Desk

PASSWORD = "kata sandi andi"
BREATH_S = 0.06
"""A server closes on more than 20 messages a second."""
SITI = {
    "name": "Siti Rahmawati",
    "birth_date": "1989-07-12",
    "sex": "female",
    "nik": "3174055207890004",
    "mother_name": "Aminah",
    "membership": "11032214875",
    "phone": "081288412230",
    "employer": "PT Sinar Nusantara",
    "last_day": "2026-08-31",
    "leaving_reason": "resigned",
    "bank": "mandiri",
    "account_number": "1270009183",
    "account_holder": "Siti Rahmawati",
}


@dataclass
class Person:
    """At one end of a signalling socket; requests are numbered, answers waited for."""

    wire: Wire
    state: m.BoothState | None = None
    visit: m.VisitTold | None = None
    flow: m.Flow | None = None
    sheet: m.Sheet | None = None
    desk: m.DeskView | None = None
    numbers: int = 10
    heard: list[m.Message] = field(default_factory=list)

    async def next(self) -> m.Message:
        message = await self.wire.hear(m.Message)
        match message:
            case m.BoothState():
                self.state = message
            case m.VisitTold():
                self.visit = message
            case m.FlowTold():
                self.flow = message.flow
            case m.Sheet():
                self.sheet = message
            case m.DeskView():
                self.desk = message
        self.heard.append(message)
        return message

    async def until(self, holds: Any) -> None:
        """Until `holds()`; what comes meanwhile is taken in."""
        while not holds():
            await self.next()

    async def ask(self, kind: type[m.Message], **values: Any) -> m.Message:
        """Say it, and give the answer that names it; no faster than a client may."""
        self.numbers += 1
        await asyncio.sleep(BREATH_S)
        await self.wire.say(kind(id=self.numbers, **values))
        answers = (m.Done, m.Problem, m.Ack, m.Refused, m.SheetRefused)
        while True:
            message = await self.next()
            if isinstance(message, answers) and message.id == self.numbers:
                return message


@dataclass
class House:
    """A server with one desk of six booths; `tokens` by slot. With a second desk its tokens are
    `tokens` of 11 and so on, and maya is its officer."""

    server: RunningServer
    desk: Desk
    tokens: dict[int, str]
    http: ClientSession
    cookie: str
    data_dir: Path
    second: Desk | None = None
    people: list[Person] = field(default_factory=list)

    async def keep_alive(self) -> None:
        """As pages do: a socket without a ping counts as dead."""
        while True:
            await asyncio.sleep(1)
            for person in self.people:
                if not person.wire.socket.closed:
                    await person.wire.say(m.Ping(0))

    async def leave(self) -> None:
        """Everybody's socket is closed; one that only gets lost is complained of by its library."""
        for person in self.people:
            await person.wire.socket.close()

    async def enrol(self, place: BoothPlace, number: int = 0) -> None:
        """A device for this place of the desk of this number."""
        offer = await self.server.enrolment.pair(place.id)
        enrolled = await self.server.enrolment.enrol(offer.code, f"10.{number}.0.{place.slot}")
        self.tokens[10 * number + place.slot] = enrolled.token

    async def booth(self, slot: int) -> Person:
        """A booth that has joined."""
        wire = Wire(
            await self.http.ws_connect(f"{self.server.http_url}/ws/booth"), m.decode_to_booth
        )
        await wire.say(m.BoothHello(self.tokens[slot]))
        person = Person(wire)
        self.people.append(person)
        await person.until(lambda: person.state is not None)
        return person

    async def console(self, *, officer: str = "andi", desk: Desk | None = None) -> Person:
        """A console that has the desk, without media."""
        cookie = self.cookie
        if officer != "andi":
            signed_in = await self.server.accounts.sign_in(officer, PASSWORD, "10.0.0.10")
            cookie = signed_in.token
        socket = await self.http.ws_connect(
            f"{self.server.http_url}/ws/officer", headers={"Cookie": f"vcs_session={cookie}"}
        )
        person = Person(Wire(socket, m.decode_to_officer))
        self.people.append(person)
        await person.wire.say(m.OfficerHello(desk.id if desk else None))
        await person.until(lambda: person.desk is not None)
        return person

    async def second_console(self) -> Person:
        """Maya's, at the second desk."""
        assert self.second is not None
        return await self.console(officer="maya", desk=self.second)

    async def sit_down(self, slot: int, service: str = "jht") -> Person:
        """A visitor who has started and agreed."""
        booth = await self.booth(slot)
        await booth.wire.say(m.Start(service=service))
        await self.agree(booth)
        return booth

    async def agree(self, booth: Person) -> None:
        await booth.until(lambda: booth.state is not None and booth.state.visit == "consent")
        assert booth.state is not None
        assert booth.state.occupant is not None
        await booth.wire.say(m.Consent(booth.state.occupant, True, "id", "2026-11"))
        await booth.until(lambda: booth.visit is not None and booth.visit.flow is not None)

    async def send_picture(self, slot: int, booth: Person, capture: str, data: bytes) -> Any:
        """The answer to the last chunk, with its status."""
        assert booth.state is not None
        headers = {"Authorization": f"Bearer {self.tokens[slot]}"}
        async with self.http.post(
            f"{self.server.http_url}/api/booth/captures",
            json={
                "occupant": booth.state.occupant,
                "capture": capture,
                "octets": len(data),
                "digest": hashlib.sha256(data).hexdigest(),
            },
            headers=headers,
        ) as response:
            begun = await response.json()
            if response.status != 200:
                return response.status, begun
        offset = begun["offset"]
        while True:
            async with self.http.patch(
                f"{self.server.http_url}/api/booth/captures/{begun['id']}",
                data=data[offset : offset + 256 * 1024],
                headers={**headers, "Upload-Offset": str(offset)},
            ) as response:
                answer = await response.json()
                if response.status != 200 or answer["offset"] == len(data):
                    return response.status, answer
                offset = answer["offset"]


async def with_media(person: Person, slots: int) -> Talker:
    """The person's sound and picture are up."""
    talker = Talker("andi", person.wire, slots)
    await talker.connect()
    return talker


@contextlib.asynccontextmanager
async def opened(
    data_dir: Path,
    slots: Iterable[int] = range(1, 7),
    second: Sequence[int] | None = None,
    **further: Any,
) -> AsyncIterator[House]:
    """A server on this data directory, made with a desk at the first time. `second`: the slots of a
    second desk's booths; `further` settings."""
    settings = Settings(
        http_port=0,
        media_port=0,
        data_dir=data_dir,
        log_level="error",
        media_host=("127.0.0.1",),
        **further,
    )
    server = await start(settings)
    tokens: dict[int, str] = {}
    try:
        if not await server.store.branches.all():
            branch = await server.store.branches.add("Salemba", 1 if second is None else 2)
            desk, *others = await server.store.branches.desks(branch.id)
            for slot in slots:
                await server.store.booths.add(desk.id, slot)
            for other in others:
                for slot in second or ():
                    await server.store.booths.add(other.id, slot)
                await server.accounts.add("maya", PASSWORD, branch.id, display_name="Maya Putri")
            await server.accounts.add("andi", PASSWORD, branch.id, display_name="Andi Pratama")
        branch = await server.store.branches.named("Salemba")
        desk, *others = await server.store.branches.desks(branch.id)
        session = await server.accounts.sign_in("andi", PASSWORD, "10.0.0.9")
        async with asyncio.timeout(120), ClientSession(headers={"Origin": server.http_url}) as http:
            house = House(server, desk, tokens, http, session.token, data_dir)
            house.second = others[0] if others else None
            for number, each in enumerate((desk, *others)):
                for place in await server.store.booths.of_desk(each.id):
                    await house.enrol(place, number)
            pinging = asyncio.create_task(house.keep_alive())
            try:
                yield house
            finally:
                pinging.cancel()
                await asyncio.gather(pinging, return_exceptions=True)
                await house.leave()
    finally:
        await server.stop()
