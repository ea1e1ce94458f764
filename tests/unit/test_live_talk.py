"""Talk in packets: real signalling, real ICE, DTLS and SRTP, clients without a browser.

Every sound packet says who made it, so that what arrives can be judged one by one.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.unit.http.rig import Rig, Wire, running
from vcs import messages as m
from vcs.live_desks import Patience
from vcs.media.description import Kind, SrtpProfile
from vcs.transport.client import ClientConnection, ClientSection

SILENCE = b"\xf8\xff\xfe"
FRAME_S = 0.02


class Talker:
    """A client with a voice: an Opus packet each 20 ms whose payload is its name."""

    def __init__(self, name: str, wire: Wire, slots: int, *, tcp: bool = False) -> None:
        self.name = name
        self.wire = wire
        self.server_ufrag = ""
        self.level = 127
        self.heard: list[tuple[int, bytes]] = []
        self.sequences: dict[int, list[int]] = {}
        """Of every packet, by its SSRC, as they came."""
        sections = [ClientSection(Kind.AUDIO, "sendonly"), ClientSection(Kind.VIDEO, "sendonly")]
        for _ in range(slots):
            sections += [
                ClientSection(Kind.AUDIO, "recvonly"),
                ClientSection(Kind.VIDEO, "recvonly"),
            ]
        self.connection = ClientConnection(
            sections,
            on_rtp=self._received,
            on_rtcp=lambda p, t: None,
            on_lost=lambda: None,
            tcp=tcp,
        )
        self._voice: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        await self.wire.say(m.Offer(1, self.connection.offer()))
        answer = await self.wire.hear(m.Answer)
        assert isinstance(answer, m.Answer)
        self.server_ufrag = answer.sdp.split("a=ice-ufrag:")[1].split()[0]
        await self.connection.connect(answer.sdp)
        self._voice = asyncio.create_task(self._speak())

    def fall_silent(self) -> None:
        assert self._voice is not None
        self._voice.cancel()

    async def close(self) -> None:
        if self._voice is not None:
            self._voice.cancel()
        await self.connection.close()

    def _received(self, packet: bytes, now: float) -> None:
        sequence, ssrc = struct.unpack_from("!H4xI", packet, 2)
        self.sequences.setdefault(ssrc, []).append(sequence)
        extended = packet[0] & 0x10
        at = 12
        if extended:
            at += 4 + 4 * struct.unpack_from("!H", packet, 14)[0]
        self.heard.append((ssrc, bytes(packet[at:])))

    def voices(self) -> set[bytes]:
        """Whose sound has arrived since the last `forget`, the plane's silence left out."""
        return {payload for _, payload in self.heard if payload != SILENCE}

    def forget(self) -> None:
        self.heard.clear()
        self.sequences.clear()

    async def _speak(self) -> None:
        section = self.connection.section("0")
        sequence = timestamp = 0
        while True:
            header = struct.pack(
                "!BBHIIHHBBBB",
                0x90,
                section.payload_type,
                sequence & 0xFFFF,
                timestamp & 0xFFFFFFFF,
                section.ssrc,
                0xBEDE,
                1,
                section.extensions.mid << 4,
                ord(section.mid),
                section.extensions.audio_level << 4,
                self.level,
            )
            self.connection.send_rtp(header + self.name.encode())
            sequence += 1
            timestamp += 960
            await asyncio.sleep(FRAME_S)


class Counter:
    """Six booths, an officer, and their states by the server's word."""

    def __init__(self, rig: Rig, *, tcp: bool = False) -> None:
        self.rig = rig
        self.tcp = tcp
        self.booths: dict[int, Talker] = {}
        self.occupants: dict[int, int] = {}
        self.officer: Talker
        self.revision = 0
        self._requests = 0

    async def seat(self, slot: int) -> None:
        wire = await self.rig.booth(slot)
        await wire.hear(m.BoothState)
        talker = Talker(f"booth {slot}", wire, 1, tcp=self.tcp)
        await talker.connect()
        await wire.say(m.Start())
        state = await wire.hear_until(m.BoothState, lambda s: s.visit == "consent")
        assert isinstance(state, m.BoothState)
        assert state.occupant is not None
        self.occupants[slot] = state.occupant
        await wire.say(m.Consent(state.occupant, True, "id", "1"))
        await wire.hear_until(m.BoothState, lambda s: s.visit == "running")
        self.booths[slot] = talker

    async def open(self) -> None:
        wire = await self.rig.console()
        await wire.hear(m.DeskView)
        self.officer = Talker("officer", wire, 6, tcp=self.tcp)
        await self.officer.connect()
        await wire.say(m.Microphone(True))
        await self.desk_is(lambda d: d.media)
        await self.command(lambda n: m.Hold(n))

    async def desk_is(self, holds: Callable[[m.DeskView], bool]) -> m.DeskView:
        desk = await self.officer.wire.hear_until(m.DeskView, holds)
        assert isinstance(desk, m.DeskView)
        self.revision = desk.revision
        return desk

    async def command(self, make: Callable[[int], m.Message]) -> m.Message:
        self._requests += 1
        await self.officer.wire.say(make(self._requests))
        while True:
            answer = await self.officer.wire.hear((m.Ack, m.Refused))
            assert isinstance(answer, m.Ack | m.Refused)
            if answer.id == self._requests:
                self.revision = answer.revision
                return answer

    async def talk(self, slot: int) -> None:
        answer = await self.command(lambda n: m.Talk(n, slot, self.occupants[slot], self.revision))
        assert isinstance(answer, m.Ack), answer

    def everybody(self) -> list[Talker]:
        return [*self.booths.values(), self.officer]

    def forget(self) -> None:
        for talker in self.everybody():
            talker.forget()

    async def close(self) -> None:
        for talker in self.everybody():
            await talker.close()


@contextlib.asynccontextmanager
async def counter(
    slots: tuple[int, ...] = (1, 2, 3),
    patience: Patience | None = None,
    *,
    tcp: bool = False,
    **how: Any,
) -> AsyncIterator[Counter]:
    """`tcp`: everybody's media goes over TCP."""
    async with running(patience, **how) as rig:
        made = Counter(rig, tcp=tcp)
        for slot in slots:
            await made.seat(slot)
        await made.open()
        try:
            yield made
        finally:
            await made.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 (packets have no event to wait for)
            await asyncio.sleep(0.01)


async def test_only_the_booth_on_air_hears_and_is_heard() -> None:
    async with counter() as desk:
        for slot in (1, 3, 2, 3):
            await desk.talk(slot)
            desk.forget()
            name = f"booth {slot}".encode()
            await until(lambda name=name: desk.officer.voices() == {name})
            await until(lambda slot=slot: desk.booths[slot].voices() == {b"officer"})
            await asyncio.sleep(0.2)
            assert desk.officer.voices() == {name}
            for other, booth in desk.booths.items():
                assert booth.voices() == ({b"officer"} if other == slot else set()), other
        await desk.command(lambda n: m.Hold(n))
        desk.forget()
        await asyncio.sleep(0.2)
        assert all(talker.voices() == set() for talker in desk.everybody())


async def test_the_old_booth_gets_a_tail_of_silence() -> None:
    async with counter((1, 2)) as desk:
        await desk.talk(1)
        await until(lambda: b"officer" in desk.booths[1].voices())
        desk.forget()
        await desk.talk(2)
        await until(lambda: len(desk.booths[1].heard) >= 5)
        tail = [payload for _, payload in desk.booths[1].heard][-5:]
        assert tail == [SILENCE] * 5


async def test_announce_is_heard_by_all_and_hears_nobody() -> None:
    async with counter() as desk:
        await desk.talk(2)
        answer = await desk.command(lambda n: m.Announce(n, True, desk.revision))
        assert isinstance(answer, m.Ack)
        desk.forget()
        await until(lambda: all(b.voices() == {b"officer"} for b in desk.booths.values()))
        assert desk.officer.voices() == set()
        await desk.command(lambda n: m.Announce(n, False, 0))
        desk.forget()
        await asyncio.sleep(0.2)
        assert all(talker.voices() == set() for talker in desk.everybody())


async def test_an_officer_who_falls_silent_is_lost() -> None:
    async with counter((1, 2), Patience(officer_on_air=0.3)) as desk:
        await desk.talk(1)
        await until(lambda: b"officer" in desk.booths[1].voices())
        desk.officer.fall_silent()
        held = await desk.desk_is(lambda d: d.on_air is None)
        assert held.hold_reason == "officer_lost"
        state = await desk.booths[1].wire.hear_until(
            m.BoothState, lambda s: s.phase == "hold" and not s.heard
        )
        assert isinstance(state, m.BoothState)
        desk.forget()
        await asyncio.sleep(0.2)
        assert desk.officer.voices() == set()


async def test_a_console_that_goes_takes_the_talk_with_it() -> None:
    async with counter((1, 2)) as desk:
        await desk.talk(1)
        await until(lambda: b"officer" in desk.booths[1].voices())
        await desk.officer.wire.socket.close()
        await desk.booths[1].wire.hear_until(m.BoothState, lambda s: s.phase == "hold")
        desk.forget()
        await asyncio.sleep(0.2)
        assert desk.booths[1].voices() == set()


async def test_who_ends_the_visit_is_not_heard_any_more() -> None:
    async with counter((1, 2)) as desk:
        await desk.talk(1)
        await until(lambda: b"booth 1" in desk.officer.voices())
        await desk.booths[1].wire.say(m.End(desk.occupants[1]))
        await desk.desk_is(lambda d: d.on_air is None and d.tiles[0].state == "empty")
        desk.forget()
        await asyncio.sleep(0.2)
        assert desk.officer.voices() == set()
        assert desk.booths[1].voices() == set()


@pytest.mark.parametrize("moves", [1, 2])
async def test_a_client_that_moves_goes_on(moves: int) -> None:
    async with counter((1,)) as desk:
        await desk.talk(1)
        for _ in range(moves):
            desk.booths[1].connection.rebind()
            desk.forget()
            await until(lambda: desk.booths[1].voices() == {b"officer"})
            await until(lambda: desk.officer.voices() == {b"booth 1"})


@pytest.mark.parametrize(
    "how",
    [
        {"ipv4": None, "ipv6": "::1"},
        {"profiles": [SrtpProfile.AES128_CM_SHA1_80]},
    ],
    ids=["IPv6", "AES-CM"],
)
async def test_other_roads(how: dict[str, Any]) -> None:
    async with counter((1, 2), **how) as desk:
        await desk.talk(2)
        desk.forget()
        await until(lambda: desk.booths[2].voices() == {b"officer"})
        await until(lambda: desk.officer.voices() == {b"booth 2"})
        assert desk.booths[1].voices() == set()


async def test_levels_are_told_of_those_who_agreed_and_of_nobody_else() -> None:
    async with counter((1, 2)) as desk:
        desk.booths[1].level = 12
        told = await desk.officer.wire.hear_until(
            m.Levels, lambda n: n.levels[0] is not None and n.levels[0] > 0.5
        )
        assert isinstance(told, m.Levels)
        assert told.levels[1] == 0.0
        assert told.levels[2:] == [None] * 4
        await desk.booths[1].wire.say(m.End(desk.occupants[1]))
        await desk.officer.wire.hear_until(m.Levels, lambda n: n.levels[0] is None)
        desk.booths[2].level = 12
        await desk.officer.wire.hear_until(m.Levels, lambda n: (n.levels[1] or 0) > 0.5)
        desk.booths[2].fall_silent()
        await desk.officer.wire.hear_until(m.Levels, lambda n: n.levels[1] == 0.0)


async def test_talk_is_written_down() -> None:
    async with counter((1, 2)) as desk:
        await desk.talk(2)
        await desk.command(lambda n: m.Hold(n))
        assert list(desk.rig.journal.intervals.values()) == [("talk", 102, False)]
