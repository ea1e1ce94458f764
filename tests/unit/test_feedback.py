"""RTCP between real clients: what publishers are told, and what reaches them from receivers."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.unit.http.rig import running
from tests.unit.test_live_talk import Counter, Talker, until
from vcs import messages as m
from vcs.media import rtcp
from vcs.media.twcc import TransportFeedback

KEY_FRAME = b"\x10\x00\x9d\x01\x2a" + bytes(30)
"""VP8 payload descriptor (start of partition 0) and a payload header whose first bit says key."""
DELTA_FRAME = b"\x10\x01" + bytes(30)


class Camera:
    """Sends pictures for a talker, one packet each, and notes the RTCP that comes back."""

    def __init__(self, talker: Talker) -> None:
        self.talker = talker
        self.section = talker.connection.section("1")
        self.told: list[rtcp.Packet] = []
        self.sequence = 100
        self.transport_sequence = 0

    def shoot(self, payload: bytes, skip: int = 0) -> None:
        self.sequence += 1 + skip
        ids = self.section.extensions
        extensions = bytes([ids.mid << 4, ord(self.section.mid)])
        if ids.transport_cc:
            self.transport_sequence += 1 + skip
            extensions += bytes([ids.transport_cc << 4 | 1])
            extensions += struct.pack("!H", self.transport_sequence)
        extensions += bytes(-len(extensions) % 4)
        header = struct.pack(
            "!BBHIIHH",
            0x90,
            0x80 | self.section.payload_type,
            self.sequence & 0xFFFF,
            self.sequence * 3000 & 0xFFFFFFFF,
            self.section.ssrc,
            0xBEDE,
            len(extensions) // 4,
        )
        self.talker.connection.send_rtp(header + extensions + payload)

    def report(self, ntp: int, timestamp: int) -> None:
        self.talker.connection.send_rtcp(
            rtcp.compose([rtcp.SenderReport(self.section.ssrc, ntp, timestamp, 5, 500)])
        )


def notes(talker: Talker) -> list[rtcp.Packet]:
    """From now on, the RTCP that this talker receives."""
    told: list[rtcp.Packet] = []
    talker.connection._on_rtcp = lambda packet, now: told.extend(rtcp.parse(packet))
    return told


@asynccontextmanager
async def filming() -> AsyncIterator[tuple[Counter, Camera, list[rtcp.Packet]]]:
    """A desk whose booth 1 sends pictures, and what its camera is told."""
    async with running() as rig:
        desk = Counter(rig)
        await desk.seat(1)
        await desk.open()
        camera = Camera(desk.booths[1])
        told = notes(desk.booths[1])
        camera.shoot(DELTA_FRAME)
        try:
            yield desk, camera, told
        finally:
            await desk.close()


def pictures(desk: Counter) -> int:
    """How many picture packets of slot 1 the officer got."""
    ssrc = desk.officer.connection.section("3").ssrc
    return sum(1 for got, _ in desk.officer.heard if got == ssrc)


async def test_a_new_picture_begins_with_a_key_frame_that_was_asked_for() -> None:
    async with filming() as (desk, camera, told):
        await until(lambda: any(isinstance(p, rtcp.PictureLoss) for p in told))
        asked = next(p for p in told if isinstance(p, rtcp.PictureLoss))
        assert asked.media_ssrc == camera.section.ssrc
        for _ in range(5):
            camera.shoot(DELTA_FRAME)
        await asyncio.sleep(0.1)
        assert pictures(desk) == 0
        camera.shoot(KEY_FRAME)
        camera.shoot(DELTA_FRAME)
        await until(lambda: pictures(desk) == 2)


async def test_a_receiver_that_lost_its_picture_reaches_the_camera() -> None:
    async with filming() as (desk, camera, told):
        await until(lambda: any(isinstance(p, rtcp.PictureLoss) for p in told))
        camera.shoot(KEY_FRAME)
        await until(lambda: pictures(desk) == 1)
        await asyncio.sleep(1.1)  # requests are coalesced to one a second
        told.clear()
        ssrc = desk.officer.connection.section("3").ssrc
        desk.officer.connection.send_rtcp(rtcp.compose([rtcp.PictureLoss(1, ssrc)]))
        await until(lambda: any(isinstance(p, rtcp.PictureLoss) for p in told))


async def test_what_is_missing_is_asked_for() -> None:
    async with filming() as (_, camera, told):
        camera.shoot(KEY_FRAME)
        camera.shoot(DELTA_FRAME, skip=2)
        lost = {camera.sequence - 1, camera.sequence - 2}
        await until(
            lambda: any(isinstance(p, rtcp.Nack) and set(p.sequences) == lost for p in told)
        )


async def test_publishers_are_told_what_arrived() -> None:
    async with filming() as (_, camera, told):
        for _ in range(10):
            camera.shoot(DELTA_FRAME)
        await until(lambda: any(isinstance(p, TransportFeedback) for p in told))
        await until(
            lambda: any(
                isinstance(p, rtcp.ReceiverReport)
                and any(block.ssrc == camera.section.ssrc for block in p.blocks)
                for p in told
            )
        )


async def test_sender_reports_are_passed_on_in_the_routes_own_time() -> None:
    async with filming() as (desk, camera, told):
        await until(lambda: any(isinstance(p, rtcp.PictureLoss) for p in told))
        heard = notes(desk.officer)
        camera.shoot(KEY_FRAME)
        await until(lambda: pictures(desk) == 1)
        sent_at = camera.sequence * 3000
        camera.report(ntp=7 << 32, timestamp=sent_at + 4500)
        ssrc = desk.officer.connection.section("3").ssrc
        await until(lambda: any(isinstance(p, rtcp.SenderReport) and p.ssrc == ssrc for p in heard))
        report = next(p for p in heard if isinstance(p, rtcp.SenderReport) and p.ssrc == ssrc)
        assert report.ntp == 7 << 32
        assert report.packets == 1
        log = desk.rig.media.plane.route_log(
            next(
                peer.route_by_ssrc[ssrc]
                for _, peer, _ in desk.rig.media.hub._by_peer.values()
                if ssrc in peer.route_by_ssrc
            )
        )
        assert report.rtp_timestamp == (log.timestamp + 4500) & 0xFFFFFFFF


async def test_malformed_rtcp_is_counted_and_the_call_goes_on() -> None:
    async with filming() as (desk, camera, _):
        for body in (b"\x80\xcd\x00\xff", b"\x8f\xce\x00\x01\x00\x00\x00\x01", b"\x9f\xc8\x00\x00"):
            desk.booths[1].connection.send_rtcp(body + bytes(16))
        await until(lambda: desk.rig.media.counters()["malformed_rtcp"] > 0)
        await desk.talk(1)
        desk.forget()
        await until(lambda: desk.booths[1].voices() == {b"officer"})
        await desk.booths[1].wire.say(m.Ping(1))
        assert isinstance(await desk.booths[1].wire.hear(m.Pong), m.Pong)
        camera.shoot(KEY_FRAME)
        await until(lambda: pictures(desk) == 1)
