"""Silence, and who comes back from it; and timers that fail aloud."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from tests.unit.http.rig import MemoryJournal
from tests.unit.test_sfu import EXTENSIONS, section, slot_section
from vcs import messages as m
from vcs.live_desk import DeskIdentity, LiveDesk, OfficerIdentity
from vcs.live_desks import ClientMedia, LiveDesks, Patience
from vcs.media.description import Kind, SrtpKeys, SrtpProfile
from vcs.media_server import MediaServer
from vcs.officer.desk import DeskRules
from vcs.officer.seat import Seat
from vcs.peer import MediaPeer, new_ssrcs
from vcs.privacy import OFFICER, Booth, Party

ANDI, MAYA = OfficerIdentity(1, "Andi"), OfficerIdentity(2, "Maya")
PATIENCE = Patience(officer_on_air=1.5, anybody=6.0)


class FarEnd:
    """A client that takes what it is sent."""

    def __init__(self) -> None:
        self.closed: int | None = None

    def send(self, message: m.Message) -> None:
        pass

    def send_if_idle(self, message: m.Message) -> None:
        pass

    def close(self, code: int, reason: str) -> None:
        self.closed = code


class Heard(ClientMedia):
    """Media of a client of whom the test says when it was last heard."""

    at: float

    def connect(self, peer: MediaPeer, at: float) -> None:
        self.at = at
        self.connection.peer = peer
        self.connection.last_heard = lambda: self.at  # type: ignore[method-assign]
        self.connected(peer)


class Site:
    """A server's desks over a real plane, and one desk whose booth 1 is in a visit."""

    def __init__(self, media: MediaServer) -> None:
        self.media = media
        self.desks = LiveDesks(
            media.hub, media.plane, media.associations, MemoryJournal(), DeskRules(), PATIENCE
        )
        self.live: LiveDesk = self.desks.desk(DeskIdentity(1, "Meja 1", "Salemba"))

    def peer(self) -> MediaPeer:
        keys = SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, os.urandom(28), os.urandom(28))
        voice, ear = new_ssrcs(2)
        return MediaPeer(
            self.media.plane,
            self.media.plane.add_peer(keys, EXTENSIONS),
            EXTENSIONS,
            {"a": section("a", Kind.AUDIO, {voice: None})},
            [slot_section("a1", Kind.AUDIO, ear, None)],
        )

    def connected(self, party: Party, client: FarEnd, at: float = 1_000.0) -> Heard:
        media = Heard(self.desks, self.live, party, client)
        media.connect(self.peer(), at)
        return media

    def talk(self) -> None:
        desk = self.live.desk
        desk.talk(1, desk.seats[1].occupant or 0, desk.revision, 1_000.0)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    media = MediaServer(port=0, ipv4="127.0.0.1", ipv6=None)
    made = Site(media)
    made.live.seat(Seat(slot=1, booth_id=101, name="Bilik 1"))
    booth = FarEnd()
    made.live.attach_booth(1, booth)
    made.connected(Booth(1), booth)
    made.live.desk.start_visit(1, 1_000.0)
    made.live.desk.consent(1, made.live.desk.seats[1].occupant or 0, True, 1_000.0)
    yield made
    await made.desks.stop()
    media.close()


def console(site: Site, officer: OfficerIdentity = ANDI) -> tuple[FarEnd, Heard]:
    client = FarEnd()
    assert site.live.attach_console(client, officer, take_over=True)
    media = site.connected(OFFICER, client)
    site.live.desk.microphone_changed(True, 1_000.0)
    return client, media


async def test_an_officer_lost_on_air_is_back_with_a_new_packet_alone(site: Site) -> None:
    _, media = console(site)
    site.talk()
    media.watch(1_001.4, PATIENCE)
    assert site.live.talking()
    media.watch(1_001.5, PATIENCE)
    assert not site.live.talking()
    assert site.live.desk.hold_reason == "officer_lost"
    # The talk is over and with it the short patience, but nothing has come since.
    for now in (1_001.6, 1_003.0, 1_005.9, 1_060.0):
        media.watch(now, PATIENCE)
        assert not media.up
        assert not site.live.desk.officer_media
    media.at = 1_061.0
    media.watch(1_061.1, PATIENCE)
    assert media.up
    assert site.live.desk.officer_media
    assert not site.live.talking()


async def test_an_officer_whose_words_do_not_come_is_not_on_air(site: Site) -> None:
    """He could not end the talk, however well he is heard."""
    client, media = console(site)
    site.talk()
    site.live.officer_silent(FarEnd())
    assert site.live.talking()
    site.live.officer_silent(client)
    assert not site.live.talking()
    assert site.live.desk.hold_reason == "officer_lost"
    assert media.up
    assert site.live.desk.officer_media


async def test_a_second_loss_is_one_as_well(site: Site) -> None:
    _, media = console(site)
    for moment in (1_000.0, 1_100.0):
        media.at = moment
        media.watch(moment + 0.1, PATIENCE)
        site.talk()
        media.watch(moment + 1.6, PATIENCE)
        assert not media.up
        assert not site.live.desk.officer_media


async def test_in_hold_an_officer_has_the_patience_of_anybody(site: Site) -> None:
    _, media = console(site)
    media.watch(1_005.9, PATIENCE)
    assert media.up
    media.watch(1_006.0, PATIENCE)
    assert not media.up


async def test_a_client_that_lost_its_place_is_left_alone(site: Site) -> None:
    old_client, old = console(site)
    association = site.desks.associations.new_association()
    old.connection._association = association
    del old.connection.last_heard  # the real one asks the plane for the peer
    _, new = console(site, MAYA)
    assert old_client.closed == m.CLOSE_REPLACED
    assert not site.live.has(OFFICER, old_client)
    for now in (1_000.1, 1_002.0, 1_100.0):
        new.at = now
        old.watch(now, PATIENCE)
        new.watch(now, PATIENCE)
    new.at = time.monotonic()
    site.desks._levels_and_silence()
    assert new.up
    assert site.live.desk.officer_media
    old.close()
    assert site.live.desk.officer_media


async def test_who_connects_after_losing_its_place_has_no_peer(site: Site) -> None:
    client = FarEnd()
    assert site.live.attach_console(client, ANDI, take_over=False)
    console(site, MAYA)
    peers = len(site.media.hub)
    late = site.connected(OFFICER, client)
    assert late.connection.peer is None
    assert not late.up
    assert len(site.media.hub) == peers
    assert site.live.desk.officer == "Maya"


async def test_a_timer_that_fails_is_told_aloud(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(site.media.hub, "tick", fail)
    with capture_logs() as lines:
        site.desks.start()
        async with asyncio.timeout(10):
            await site.desks.broken()
    assert [(line["log_level"], line["exc_info"]) for line in lines] == [("error", True)]


async def test_timers_that_do_their_work_are_not_broken(site: Site) -> None:
    ticked = asyncio.Event()
    tick = site.media.hub.tick
    site.media.hub.tick = lambda: (tick(), ticked.set())[0]  # type: ignore[func-returns-value,method-assign]
    site.desks.start()
    broken = asyncio.create_task(site.desks.broken())
    async with asyncio.timeout(10):
        await ticked.wait()
    assert not broken.done()
    broken.cancel()
