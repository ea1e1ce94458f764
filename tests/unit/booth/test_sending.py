from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcs.booth.packetise import MAX_PAYLOAD
from vcs.booth.sending import MediaSender
from vcs.media import rtcp
from vcs.media.history import MAX_RESENDS
from vcs.media.level import read_level
from vcs.media.packet import HEADER, extension_text, find_extension, layout
from vcs.media.vp8 import read_descriptor

from .material import EXTENSIONS, FRAME_RATE, PICTURE, SOUND, SOUND_SSRC, Outbox, media

TICK = 0.010
NOW = 1_000.0
L, M = 0x2001, 0x2002


class Sent:
    """One RTP packet, read again."""

    def __init__(self, packet: bytes) -> None:
        extension, start, end = layout(packet, len(packet))
        _, second, self.sequence, self.timestamp, self.ssrc = HEADER.unpack_from(packet)
        self.marker, self.payload_type = second >> 7, second & 0x7F
        self.payload = packet[start:end]
        self.mid = extension_text(packet, extension, EXTENSIONS.mid)
        self.rid = extension_text(packet, extension, EXTENSIONS.rid)
        self.repaired_rid = extension_text(packet, extension, EXTENSIONS.repaired_rid)
        at, size = find_extension(packet, extension, EXTENSIONS.transport_cc)
        self.transport_number = int.from_bytes(packet[at : at + size], "big")
        at, _ = find_extension(packet, extension, EXTENSIONS.audio_level)
        self.level = read_level(packet[at]) if at >= 0 else None
        at, size = find_extension(packet, extension, EXTENSIONS.abs_send_time)
        self.sent_at = int.from_bytes(packet[at : at + size], "big") / 2**18


class Stage:
    """A sender on a clock of its own."""

    def __init__(self) -> None:
        self.out = Outbox()
        self.now = NOW
        self.sender = MediaSender(
            self.out, [SOUND, PICTURE], media(), wall_clock=lambda: self.now, now=NOW
        )

    def pass_time(self, seconds: float, tick: float = TICK) -> None:
        for _ in range(round(seconds / tick)):
            self.now += tick
            self.sender.tick(self.now)

    def packets(self, ssrc: int | None = None) -> list[Sent]:
        sent = [Sent(packet) for packet in self.out.rtp]
        return [packet for packet in sent if ssrc in (None, packet.ssrc)]


def started() -> Stage:
    stage = Stage()
    stage.sender.start(NOW)
    return stage


def frames_of(packets: list[Sent]) -> list[list[Sent]]:
    """By timestamp, in the order sent."""
    frames: list[list[Sent]] = []
    for packet in packets:
        if not frames or frames[-1][0].timestamp != packet.timestamp:
            frames.append([])
        frames[-1].append(packet)
    return frames


def is_key(frame: list[Sent]) -> bool:
    payload = frame[0].payload
    return read_descriptor(payload, 0, len(payload))[1]


def test_nothing_is_sent_before_start_and_after_stop() -> None:
    stage = Stage()
    stage.pass_time(0.5)
    assert stage.out.rtp == stage.out.rtcp == []
    stage.sender.start(stage.now)
    stage.pass_time(0.5)
    count, reports = len(stage.out.rtp), len(stage.out.rtcp)
    assert count > 25
    stage.sender.stop()
    stage.pass_time(2.0)
    nacked = stage.packets(L)[-1].sequence
    stage.sender.feedback([rtcp.Nack(1, L, (nacked,))], stage.now)
    assert (len(stage.out.rtp), len(stage.out.rtcp)) == (count, reports)


def test_packets_are_as_negotiated() -> None:
    stage = started()
    stage.pass_time(1.0)
    for packet in stage.packets():
        assert packet.mid == ("0" if packet.ssrc == SOUND_SSRC else "1")
        assert packet.payload_type == (111 if packet.ssrc == SOUND_SSRC else 96)
        assert packet.rid == {SOUND_SSRC: None, L: "l", M: "m"}[packet.ssrc]
        assert len(packet.payload) <= MAX_PAYLOAD
        assert NOW % 64 <= packet.sent_at <= NOW % 64 + 1.1
    numbers = [packet.transport_number for packet in stage.packets()]
    assert all((after - before) & 0xFFFF == 1 for before, after in pairwise(numbers))


def test_sound_is_even_and_says_its_true_level() -> None:
    stage = started()
    stage.pass_time(1.5)
    sound = stage.packets(SOUND_SSRC)
    assert abs(len(sound) - 76) <= 1
    assert [packet.marker for packet in sound] == [1] + [0] * (len(sound) - 1)
    assert {packet.level for packet in sound} == {(True, 23)}
    assert all((b.timestamp - a.timestamp) & 0xFFFFFFFF == 960 for a, b in pairwise(sound))
    assert all(packet.level is None for packet in stage.packets(L))


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["play", "key", "pause", "stall", "nack"]),
            st.floats(0.02, 1.2),
        ),
        max_size=8,
    )
)
def test_numbers_go_on_whatever_happens(script: list[tuple[str, float]]) -> None:
    stage = started()
    for what, seconds in script:
        if what == "key":
            stage.sender.feedback([rtcp.PictureLoss(1, L)], stage.now)
        elif what == "pause":
            stage.sender.stop()
            stage.now += seconds
            stage.sender.start(stage.now)
        elif what == "stall":
            stage.now += seconds
        elif what == "nack":
            stage.sender.feedback([rtcp.Nack(1, L, tuple(range(0, 65_536, 7)))], stage.now)
        stage.pass_time(seconds)
    for ssrc in (SOUND_SSRC, L, M):
        sent = stage.packets(ssrc)
        assert all((b.sequence - a.sequence) & 0xFFFF == 1 for a, b in pairwise(sent))
        assert all((b.timestamp - a.timestamp) & 0xFFFFFFFF < 2**31 for a, b in pairwise(sent))
    for ssrc in (L, M):
        frames = frames_of(stage.packets(ssrc))
        read = [read_descriptor(f[0].payload, 0, len(f[0].payload)) for f in frames]
        assert all((b[3] - a[3]) & 0x7FFF == 1 for a, b in pairwise(read)), "PictureID"
        for before, after in pairwise(read):
            assert (after[6] - before[6]) & 0xFF == (1 if after[7] == 0 else 0), "TL0PICIDX"
    seen = [(packet.ssrc, packet.sequence) for packet in stage.packets()]
    assert len(seen) == len(set(seen)), "no number twice"


def test_a_loop_wraps_with_a_key_frame() -> None:
    stage = started()
    length = len(media().layers[0].frames)
    stage.pass_time(3.3 * length / FRAME_RATE)
    frames = frames_of(stage.packets(L))
    assert len(frames) > 3 * length
    assert all(is_key(frames[turn * length]) for turn in range(4))
    sizes = [[len(packet.payload) for packet in frame] for frame in frames]
    assert sizes[:length] == sizes[length : 2 * length]


@pytest.mark.parametrize("request_class", ["pli", "fir"])
@pytest.mark.parametrize("after", [0.1, 0.3, 0.55, 0.7])
def test_a_request_makes_the_next_frame_of_that_layer_a_key_frame(
    request_class: str, after: float
) -> None:
    stage = started()
    stage.pass_time(after)
    before = {ssrc: len(frames_of(stage.packets(ssrc))) for ssrc in (L, M)}
    wanted: rtcp.Packet = rtcp.PictureLoss(9, M)
    if request_class == "fir":
        wanted = rtcp.FullIntraRequest(9, M, 1)
    stage.sender.feedback([wanted], stage.now)
    stage.pass_time(2.5 / FRAME_RATE)
    asked, other = (frames_of(stage.packets(ssrc)) for ssrc in (M, L))
    assert is_key(asked[before[M]])
    assert not is_key(other[before[L]])


def test_what_is_shown_stays_near_the_clock_after_many_requests() -> None:
    stage = started()
    layer = media().layers[0]
    for _ in range(40):
        stage.sender.feedback([rtcp.PictureLoss(9, L)], stage.now)
        stage.pass_time(0.13)
    stage.pass_time(len(layer.frames) / FRAME_RATE)
    frames = frames_of(stage.packets(L))
    sizes = [sum(len(payload) for payload in frame.payloads) for frame in layer.frames]
    group = layer.keys[1]
    last_key = max(index for index, frame in enumerate(frames) if is_key(frame))
    shown = [
        key for key in layer.keys if sizes[key] == sum(len(p.payload) for p in frames[last_key])
    ]
    distance = min((key - last_key) % len(layer.frames) for key in shown)
    assert min(distance, len(layer.frames) - distance) <= group // 2 + 1


def test_nacked_packets_come_again_as_rtx_and_not_for_ever() -> None:
    stage = started()
    stage.pass_time(0.2)
    lost = stage.packets(M)[2]
    count = len(stage.out.rtp)
    for _ in range(MAX_RESENDS + 5):
        stage.sender.feedback([rtcp.Nack(9, M, (lost.sequence,))], stage.now)
    repairs = stage.packets()[count:]
    assert 1 <= len(repairs) <= MAX_RESENDS
    for repair in repairs:
        assert (repair.ssrc, repair.payload_type) == (0x3002, 97)
        assert repair.payload == lost.sequence.to_bytes(2, "big") + lost.payload
        assert (repair.timestamp, repair.marker) == (lost.timestamp, lost.marker)
        assert (repair.mid, repair.repaired_rid, repair.rid) == ("1", "m", None)


def test_sender_reports_put_sound_and_picture_on_one_clock() -> None:
    stage = started()
    stage.pass_time(3.0)
    by_ssrc: dict[int, rtcp.SenderReport] = {r.ssrc: r for r in stage.out.reports()}
    assert set(by_ssrc) == {SOUND_SSRC, L, M}
    assert len(stage.out.reports()) in (9, 12)
    for ssrc, rate in ((SOUND_SSRC, 48_000), (L, 90_000), (M, 90_000)):
        report, first = by_ssrc[ssrc], stage.packets(ssrc)[0]
        since_start = report.ntp / 2**32 - 2_208_988_800 - NOW
        elapsed = ((report.rtp_timestamp - first.timestamp) & 0xFFFFFFFF) / rate
        assert abs(elapsed - since_start) < 0.002
        assert 0 < report.packets <= len(stage.packets(ssrc))


def test_a_late_loop_leaves_out_and_does_not_burst() -> None:
    stage = started()
    stage.pass_time(0.5)
    count = len(stage.packets(SOUND_SSRC))
    frames = len(frames_of(stage.packets(L)))
    stage.now += 3.0
    stage.sender.tick(stage.now)
    assert len(stage.packets(SOUND_SSRC)) - count == 1
    assert len(frames_of(stage.packets(L))) - frames <= 2
    sound = stage.packets(SOUND_SSRC)
    jump = (sound[-1].timestamp - sound[-2].timestamp) & 0xFFFFFFFF
    assert abs(jump / 48_000 - 3.0) < 0.1


def test_a_large_frame_is_spread_over_ticks() -> None:
    stage = started()
    first = stage.packets(M)
    whole = len(media().layers[1].frames[0].payloads)
    assert whole > 4
    assert len(first) < whole
    stage.pass_time(0.05)
    assert len([p for p in stage.packets(M) if p.timestamp == first[0].timestamp]) == whole


def test_the_receivers_estimate_is_kept() -> None:
    stage = started()
    stage.sender.feedback([rtcp.Remb(9, 640_000, (L,))], stage.now)
    assert stage.sender.estimated_bits_per_s == 640_000
