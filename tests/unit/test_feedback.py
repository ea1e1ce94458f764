"""RTCP between real clients: what publishers are told, and what reaches them from receivers."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.unit.http.rig import running
from tests.unit.test_live_talk import Counter, Talker, until
from tests.unit.test_sfu import EXTENSIONS, section, slot_section
from vcs import messages as m
from vcs.downlink import FULL_S
from vcs.feedback import MAX_NACKED, MAX_RTCP_PER_S, Feedback
from vcs.media import rtcp
from vcs.media.description import Kind, SrtpKeys, SrtpProfile
from vcs.media.twcc import TransportFeedback
from vcs.peer import MediaPeer
from vcs.plane import RouteId, RtcpEvent, SocketId, StreamId
from vcs.plane.python import PythonPlane
from vcs.privacy import OFFICER

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


SENT, CAMERA, MICROPHONE = 7001, 7002, 7003
"""SSRCs: a picture that a peer is sent, and the picture and sound that it sends."""


class WatchedPlane(PythonPlane):
    """Notes what RTCP makes it do."""

    asked: list[RouteId]
    repairs: list[Sequence[int]]
    within_pace: bool
    aligned: list[tuple[StreamId, int]]

    def request_key_frame(self, route: RouteId) -> None:
        self.asked.append(route)
        super().request_key_frame(route)

    def retransmit(
        self, route: RouteId, sequences: Sequence[int], within_pace: bool = False
    ) -> int:
        self.repairs.append(sequences)
        self.within_pace = within_pace
        return super().retransmit(route, sequences, within_pace)

    def align(self, stream: StreamId, ntp: float, rtp_timestamp: int) -> None:
        self.aligned.append((stream, rtp_timestamp))
        super().align(stream, ntp, rtp_timestamp)


class Reader:
    """The RTCP of one peer, read without a network; the test says when."""

    def __init__(self, plane: WatchedPlane) -> None:
        self.plane = plane
        plane.asked, plane.repairs, plane.aligned = [], [], []
        keys = SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, os.urandom(28), os.urandom(28))
        self.peer = MediaPeer(
            plane,
            plane.add_peer(keys, EXTENSIONS),
            EXTENSIONS,
            {
                "a": section("a", Kind.AUDIO, {MICROPHONE: None}),
                "v": section("v", Kind.VIDEO, {CAMERA: None}),
            },
            [slot_section("v1", Kind.VIDEO, SENT, SENT + 1000)],
        )
        self.feedback = Feedback(plane, self.peer, 100.0)
        self.passed_on: list[StreamId] = []

    def read(self, packets: Sequence[rtcp.Packet], now: float = 100.0) -> None:
        self.feedback.received(RtcpEvent(self.peer.id, rtcp.compose(packets), now), self._fed_by)

    def _fed_by(self, stream: StreamId) -> list[MediaPeer]:
        self.passed_on.append(stream)
        return []


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(("127.0.0.1", 0))
    bound.setblocking(False)
    plane = WatchedPlane(asyncio.get_running_loop(), {SocketId(0): bound}, lambda: None)
    yield Reader(plane)
    plane.close()
    bound.close()


async def test_of_a_nack_so_many_numbers_are_looked_for_and_no_more(reader: Reader) -> None:
    numbers = tuple(range(17 * 480))
    reader.read([rtcp.Nack(1, SENT, numbers)])
    assert reader.plane.repairs == [numbers[:MAX_NACKED]]


async def test_nothing_is_repaired_while_the_path_is_full(reader: Reader) -> None:
    """What is sent then is lost too; the receiver asks again."""
    estimator = reader.feedback.downlink._estimator
    estimator.queue_ms = 200.0
    reader.read([rtcp.Nack(1, SENT, (7, 8))])
    assert reader.plane.repairs == []
    estimator.queue_ms = 10.0
    reader.read([rtcp.Nack(1, SENT, (7, 8))])
    assert reader.plane.repairs == [(7, 8)]
    assert not reader.plane.within_pace


async def test_what_a_full_path_has_lost_is_repaired_little_by_little(reader: Reader) -> None:
    """All at once would fill it again. A path that loses at random has it at once."""
    downlink = reader.feedback.downlink
    downlink._full_at = 100.0
    reader.read([rtcp.Nack(1, SENT, (7, 8))], 100.0 + FULL_S - 0.1)
    assert reader.plane.within_pace
    reader.read([rtcp.Nack(1, SENT, (7, 8))], 100.0 + FULL_S)
    assert not reader.plane.within_pace


async def test_a_number_is_looked_for_once_in_a_nack(reader: Reader) -> None:
    same = rtcp.compose([rtcp.Nack(1, SENT, tuple(range(17)))])[12:]
    raw = struct.pack("!BBHII", 0x81, 205, 2 + 480, 1, SENT) + same * 480
    reader.feedback.received(RtcpEvent(reader.peer.id, raw, 100.0), lambda _: ())
    assert reader.plane.repairs == [tuple(range(17))]


async def test_too_many_compound_packets_are_not_read(reader: Reader) -> None:
    for _ in range(1_000):
        reader.read([rtcp.PictureLoss(1, SENT)])
    assert len(reader.plane.asked) == MAX_RTCP_PER_S == 200
    assert reader.feedback.refused == 800
    for _ in range(300):
        reader.read([rtcp.PictureLoss(1, SENT)], 100.5)
    assert len(reader.plane.asked) == 300
    # However long it was quiet, no more than a second's worth is saved up.
    for _ in range(1_000):
        reader.read([rtcp.PictureLoss(1, SENT)], 500.0)
    assert len(reader.plane.asked) == 500


async def test_chromiums_own_rate_is_never_too_much(reader: Reader) -> None:
    for number in range(2_000):
        reader.read([rtcp.PictureLoss(1, SENT)], 100.0 + number / 40)
    assert reader.feedback.refused == 0


async def test_one_report_of_a_sender_in_a_compound_packet_is_passed_on(reader: Reader) -> None:
    reader.read(
        [
            rtcp.SenderReport(CAMERA, 5 << 32, 9_000, 1, 1),
            rtcp.SenderReport(CAMERA, 6 << 32, 99_000, 2, 2),
            rtcp.SenderReport(MICROPHONE, 5 << 32, 4_800, 1, 1),
        ]
    )
    picture = reader.peer.by_ssrc[CAMERA].stream
    sound = reader.peer.by_ssrc[MICROPHONE].stream
    assert reader.passed_on == [picture, sound]
    assert reader.plane.aligned == [(picture, 9_000), (sound, 4_800)]
    reader.read([rtcp.SenderReport(CAMERA, 7 << 32, 189_000, 3, 3)])
    assert reader.plane.aligned[-1] == (picture, 189_000)


async def test_refused_packets_are_among_the_servers_numbers() -> None:
    async with filming() as (desk, _, _):
        peer = desk.rig.media.hub.peer(1, OFFICER)
        assert peer is not None
        for _ in range(1_000):
            event = RtcpEvent(peer.id, rtcp.compose([rtcp.PictureLoss(1, 1)]), 0.0)
            desk.rig.media.hub.on_rtcp(event)
        assert desk.rig.media.counters()["drop_rtcp_rate"] >= 800
