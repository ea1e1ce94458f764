"""The contract's tables, and the ways of sound: fence, tail, resume, switch."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from itertools import pairwise

import pytest

from vcs.media import rtcp
from vcs.media.description import Codec, Extensions, Kind, SrtpKeys, SrtpProfile
from vcs.media.red import split
from vcs.plane import (
    MAX_SSRCS_PER_PEER,
    Forward,
    RouteId,
    RouteSpec,
    Stop,
    StreamId,
    StreamSpec,
)

from .loopback import AUDIO_TYPE, EXTENSIONS, SILENCE, V4, Bench, Client, Received

PROFILES = [SrtpProfile.AEAD_AES_128_GCM, SrtpProfile.AES128_CM_SHA1_80]


def consecutive(packets: Sequence[Received]) -> bool:
    pairs = pairwise(packets)
    return all((b.sequence - a.sequence) & 0xFFFF == 1 for a, b in pairs)


async def say(bench: Bench, speaker: Client, ssrc: int, numbers: range) -> None:
    for n in numbers:
        speaker.sound(ssrc, n)
    await bench.settle()


@pytest.mark.parametrize("profile", PROFILES)
async def test_sound_arrives_rewritten_and_whole(bench: Bench, profile: SrtpProfile) -> None:
    officer, booth = bench.client(profile), bench.client(profile)
    stream, ssrc = bench.voice(officer)
    route, out = bench.ear(booth, "a7")
    bench.plane.apply([Forward(route, stream)])
    officer.send(
        officer.packet(
            ssrc,
            65534,
            2**32 - 960,
            b"one",
            elements={
                EXTENSIONS.audio_level: b"\x9e",
                EXTENSIONS.mid: b"secret",
                EXTENSIONS.rid: b"h",
                EXTENSIONS.transport_cc: b"\x12\x34",
            },
        )
    )
    officer.send(officer.packet(ssrc, 65535, 0, b"two", padding=8))
    officer.send(officer.packet(ssrc, 65536, 960, b"x"))
    await bench.settle()
    got = booth.got
    assert [p.payload for p in got] == [b"one", b"two", b"x"]
    assert [p.marker for p in got] == [True, False, False]
    assert {(p.ssrc, p.payload_type) for p in got} == {(out, 109)}
    assert [(p.sequence - got[0].sequence) & 0xFFFF for p in got] == [0, 1, 2]
    assert [(p.timestamp - got[0].timestamp) & 0xFFFFFFFF for p in got] == [0, 960, 1920]
    # What the receiver negotiated and nothing of the publisher's.
    assert [p.mid() for p in got] == ["a7"] * 3
    assert [p.extension(EXTENSIONS.audio_level) for p in got] == [b"\x1e"] * 3
    assert [p.extension(EXTENSIONS.transport_cc) for p in got] == [b"\0\0", b"\0\1", b"\0\2"]
    assert got[0].extension(EXTENSIONS.rid) is None
    assert b"secret" not in got[0].raw
    log = bench.plane.route_log(route)
    assert (log.packets, log.octets, log.stream) == (3, 7, stream)
    assert log.timestamp == got[2].timestamp
    assert log.timestamp_offset == (got[2].timestamp - 960) & 0xFFFFFFFF
    heard = bench.plane.stream_log(stream)
    assert (heard.packets, heard.base, heard.highest) == (3, 65534, 65536)
    assert (heard.level, list(bench.plane.missing(stream))) == (30, [])
    (switched,) = bench.plane.pull_events().switched
    assert (switched.route, switched.stream) == (route, stream)


async def test_without_negotiated_extensions_none_are_sent(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client(extensions=Extensions())
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    await say(bench, officer, ssrc, range(1))
    assert booth.got[0].raw[0] == 0x80
    bench.plane.set_extensions(booth.id, Extensions(mid=5))
    await say(bench, officer, ssrc, range(1, 2))
    assert booth.got[1].raw[12:20] == b"\xbe\xde\0\1\x51a0\0"


async def test_a_route_is_made_stopped(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    _, ssrc = bench.voice(officer)
    bench.ear(booth)
    await say(bench, officer, ssrc, range(3))
    assert booth.got == []
    assert bench.plane.forwarding() == frozenset()
    assert bench.plane.counters()["drop_no_route"] == 3


async def test_nothing_but_the_tail_after_stop(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    await say(bench, officer, ssrc, range(4))
    assert bench.plane.forwarding() == {(stream, route)}
    # What is in the socket already but not yet taken must not go out either.
    officer.sound(ssrc, 4)
    bench.plane.apply([Stop(route)])
    assert bench.plane.forwarding() == frozenset()
    assert bench.plane.route_log(route).stream is None
    booth.receive()
    assert len(booth.got) == 4, "silence begins when the next frame of the voice was due"
    for n in range(5, 15):
        officer.sound(ssrc, n)
        await asyncio.sleep(0.012)
        booth.receive()
    await bench.until(lambda: len(booth.got) >= 9)
    await bench.settle()
    assert len(booth.got) == 9
    last, tail = booth.got[3], booth.got[4:]
    assert last.payload == b"voice 3"
    for step, packet in enumerate(tail, 1):
        assert packet.payload == SILENCE
        assert packet.sequence == (last.sequence + step) & 0xFFFF
        assert packet.timestamp == (last.timestamp + 960 * step) & 0xFFFFFFFF
        assert packet.extension(EXTENSIONS.audio_level) == b"\x7f"
        assert not packet.marker
    # In step with the voice, not in a burst. The loop's clock may round a timer by its resolution.
    assert tail[0].at - last.at > 0.015
    assert tail[-1].at - tail[0].at > 0.07
    bench.plane.apply([Stop(route)])
    await asyncio.sleep(0.05)
    booth.receive()
    assert len(booth.got) == 9, "a stopped route stays silent when it is stopped again"


async def test_stop_before_any_sound_sends_nothing(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, _ = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    bench.plane.apply([Stop(route)])
    booth.receive()
    assert booth.got == []
    assert bench.plane.counters()["packets_out"] == 0


async def test_redundant_frames_are_of_this_talk_and_of_nothing_before(bench: Bench) -> None:
    officer, other, booth = bench.client(), bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    second, second_ssrc = bench.voice(other)
    route, _ = bench.ear(booth, red=63)
    bench.plane.set_redundancy(route, 2)
    bench.plane.apply([Forward(route, stream)])
    await say(bench, officer, ssrc, range(3))
    assert [p.payload_type for p in booth.got] == [63] * 3
    assert split(booth.got[2].payload) == [
        (109, 1920, b"voice 0"),
        (109, 960, b"voice 1"),
        (109, 0, b"voice 2"),
    ]
    bench.plane.apply([Stop(route)])
    await bench.until(lambda: len(booth.got) == 8)
    assert [(p.payload_type, p.payload) for p in booth.got[3:]] == [(109, SILENCE)] * 5
    await say(bench, officer, ssrc, range(3, 6))
    bench.plane.apply([Forward(route, stream)])
    await say(bench, officer, ssrc, range(6, 8))
    assert split(booth.got[8].payload) == [(109, 0, b"voice 6")]
    assert split(booth.got[9].payload) == [(109, 960, b"voice 6"), (109, 0, b"voice 7")]
    bench.plane.apply([Forward(route, second)])
    await say(bench, other, second_ssrc, range(1))
    assert split(booth.got[10].payload) == [(109, 0, b"voice 0")]
    bench.plane.set_redundancy(route, 0)
    await say(bench, other, second_ssrc, range(1, 2))
    assert (booth.got[11].payload_type, booth.got[11].payload) == (109, b"voice 1")
    assert consecutive(booth.got)


async def test_redundancy_needs_a_receiver_that_takes_it(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.set_redundancy(route, 2)
    bench.plane.apply([Forward(route, stream)])
    await say(bench, officer, ssrc, range(2))
    assert [(p.payload_type, p.payload) for p in booth.got] == [
        (109, b"voice 0"),
        (109, b"voice 1"),
    ]


async def test_forward_cancels_the_tail_and_time_goes_on(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    await say(bench, officer, ssrc, range(3))
    bench.plane.apply([Stop(route)])
    await bench.until(lambda: len(booth.got) == 4)
    bench.plane.apply([Forward(route, stream)])
    # The speaker's own time has not moved: the tail has overtaken it.
    await say(bench, officer, ssrc, range(3, 6))
    await asyncio.sleep(0.05)
    await bench.settle()
    assert [p.payload for p in booth.got[3:]] == [SILENCE, b"voice 3", b"voice 4", b"voice 5"]
    assert [p.marker for p in booth.got[3:]] == [False, True, False, False]
    for earlier, later in pairwise(booth.got):
        assert later.sequence == (earlier.sequence + 1) & 0xFFFF
        assert 0 < (later.timestamp - earlier.timestamp) & 0xFFFFFFFF < 2**31


async def test_a_pause_shows_as_a_pause(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    await say(bench, officer, ssrc, range(2))
    bench.plane.apply([Stop(route)])
    await bench.until(lambda: len(booth.got) == 7)
    await say(bench, officer, ssrc, range(2, 12))
    bench.plane.apply([Forward(route, stream)])
    await say(bench, officer, ssrc, range(12, 13))
    resumed = booth.got[-1]
    assert resumed.payload == b"voice 12"
    assert (resumed.timestamp - booth.got[0].timestamp) & 0xFFFFFFFF == 12 * 960
    assert resumed.sequence == (booth.got[-2].sequence + 1) & 0xFFFF


async def test_what_was_said_before_the_resume_point_stays_unsaid(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    late = officer.packet(ssrc, 1001, 960, b"before")
    officer.sound(ssrc, 0)
    officer.sound(ssrc, 2)
    await bench.settle()
    bench.plane.apply([Forward(route, stream)])
    officer.send(late)
    officer.sound(ssrc, 3)
    await bench.settle()
    assert [p.payload for p in booth.got] == [b"voice 3"]
    assert bench.plane.counters()["drop_route_late"] == 1


async def test_late_packets_keep_their_number_and_none_comes_twice(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    wire = {n: officer.packet(ssrc, 1000 + n, 960 * n, b"%d" % n) for n in range(8)}
    for n in (0, 3, 1, 5, 2, 4, 7, 6):
        protected = officer.send(wire[n])
        officer.sock.sendto(protected, officer.server)
    await bench.settle()
    first = booth.got[0]
    assert len(booth.got) == 8
    for packet in booth.got:
        n = int(packet.payload)
        assert (packet.sequence - first.sequence) & 0xFFFF == n
        assert (packet.timestamp - first.timestamp) & 0xFFFFFFFF == 960 * n
    assert bench.plane.counters()["drop_srtp_replay"] == 8


async def test_padding_closes_up_and_silence_by_dtx_passes(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    officer.sound(ssrc, 0)
    officer.send(officer.packet(ssrc, 1001, 960, b"", padding=200))
    officer.send(officer.packet(ssrc, 1002, 1920, b"noise", payload_type=13))
    officer.sound(ssrc, 3, b"\xf8")
    await bench.settle()
    assert [p.payload for p in booth.got] == [b"voice 0", b"\xf8"]
    assert booth.got[1].sequence == (booth.got[0].sequence + 1) & 0xFFFF
    counters = bench.plane.counters()
    assert (counters["drop_padding"], counters["drop_payload_type"]) == (1, 1)


async def test_another_speaker_takes_over_at_once(bench: Bench) -> None:
    one, two, officer = bench.client(), bench.client(), bench.client()
    first, first_ssrc = bench.voice(one)
    second, second_ssrc = bench.voice(two)
    route, _ = bench.ear(officer)
    bench.plane.apply([Forward(route, first)])
    await say(bench, one, first_ssrc, range(3))
    bench.plane.apply([Forward(route, second)])
    assert bench.plane.forwarding() == {(second, route)}
    await say(bench, one, first_ssrc, range(3, 6))
    await say(bench, two, second_ssrc, range(90, 93))
    assert [p.payload for p in officer.got] == [
        *(b"voice %d" % n for n in range(3)),
        *(b"voice %d" % n for n in range(90, 93)),
    ]
    assert officer.got[3].marker
    for earlier, later in pairwise(officer.got):
        assert later.sequence == (earlier.sequence + 1) & 0xFFFF
        assert 0 < (later.timestamp - earlier.timestamp) & 0xFFFFFFFF < 96000


async def test_apply_is_all_or_nothing(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    voice, _ = bench.voice(officer)
    camera, _, _ = bench.camera(officer)
    h264, _, _ = bench.camera(officer, Codec.H264)
    ear, _ = bench.ear(booth)
    eye, _, _ = bench.eye(booth)
    for bad in (
        Forward(ear, camera),
        Forward(eye, h264),
        Forward(ear, StreamId(999)),
        Forward(RouteId(999), voice),
        Stop(RouteId(999)),
    ):
        with pytest.raises(ValueError):
            bench.plane.apply([Forward(ear, voice), Forward(eye, camera), bad])
        assert bench.plane.forwarding() == frozenset()
    bench.plane.apply([Forward(ear, voice), Forward(eye, camera)])
    assert bench.plane.forwarding() == {(voice, ear), (camera, eye)}


async def test_dropping_a_speaker_ends_his_routes_with_a_tail(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    await say(bench, officer, ssrc, range(2))
    bench.plane.drop_peer(officer.id)
    assert bench.plane.forwarding() == frozenset()
    await say(bench, officer, ssrc, range(2, 5))
    await bench.until(lambda: len(booth.got) == 7)
    assert [p.payload for p in booth.got[2:]] == [SILENCE] * 5
    assert bench.plane.counters()["drop_no_peer"] == 3
    for call in (
        lambda: bench.plane.last_heard(officer.id),
        lambda: bench.plane.stream_log(stream),
        lambda: bench.plane.drop_stream(stream),
        lambda: bench.plane.drop_peer(officer.id),
    ):
        with pytest.raises(KeyError):
            call()


async def test_dropping_the_listener_ends_all_at_once(bench: Bench) -> None:
    officer, booth, other = bench.client(), bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    kept, _ = bench.ear(other)
    bench.plane.apply([Forward(route, stream), Forward(kept, stream)])
    await say(bench, officer, ssrc, range(2))
    bench.plane.apply([Stop(route)])
    bench.plane.drop_peer(booth.id)
    assert bench.plane.forwarding() == {(stream, kept)}
    await asyncio.sleep(0.05)
    await say(bench, officer, ssrc, range(2, 3))
    assert [p.payload for p in booth.got] == [b"voice 0", b"voice 1"]
    assert len(other.got) == 3


async def test_an_ssrc_is_never_given_out_twice(bench: Bench) -> None:
    booth = bench.client()
    route, ssrc = bench.ear(booth)
    bench.plane.drop_route(route)
    spec = RouteSpec(booth.id, ssrc, Kind.AUDIO, Codec.OPUS, 109, 48000, "a0")
    with pytest.raises(ValueError, match="used before"):
        bench.plane.add_route(spec)
    with pytest.raises(KeyError):
        bench.plane.route_log(route)


async def test_streams_that_make_no_sense_are_refused(bench: Bench) -> None:
    booth = bench.client()
    for spec in (
        StreamSpec(booth.id, 1, Kind.AUDIO, Codec.VP8, 96, 90000),
        StreamSpec(booth.id, 1, Kind.VIDEO, Codec.VP8, 96, 90000, 1, 97),
        StreamSpec(booth.id, 1, Kind.VIDEO, Codec.VP8, 96, 90000, 2),
    ):
        with pytest.raises(ValueError):
            bench.plane.add_stream(spec)
    stream, ssrc = bench.voice(booth)
    again = StreamSpec(booth.id, ssrc, Kind.AUDIO, Codec.OPUS, AUDIO_TYPE, 48000)
    with pytest.raises(ValueError, match="in use"):
        bench.plane.add_stream(again)
    bench.plane.drop_stream(stream)
    assert bench.plane.add_stream(again) != stream


async def test_keys_must_fit_their_profile(bench: Bench) -> None:
    with pytest.raises(ValueError):
        bench.plane.add_peer(
            SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, b"short", b"short"), Extensions()
        )


async def test_ssrcs_are_limited_before_they_cost_anything(bench: Bench) -> None:
    booth = bench.client()
    _, known, _ = bench.camera(booth)
    for n in range(30):
        booth.send(booth.packet(0x9000 + n, 1, 1, b"new", elements={EXTENSIONS.mid: b"1"}))
    booth.send_rtcp(rtcp.compose([rtcp.ReceiverReport(0xABCDEF)]))
    await bench.settle()
    events = bench.plane.pull_events()
    assert [e.ssrc for e in events.unknown] == [0x9000 + n for n in range(MAX_SSRCS_PER_PEER - 2)]
    assert events.rtcp == []
    assert bench.plane.counters()["drop_ssrc_limit"] == 30 - (MAX_SSRCS_PER_PEER - 2) + 1
    # The known one still passes, one under consideration can become a stream, a new one cannot.
    booth.send_rtcp(rtcp.compose([rtcp.ReceiverReport(known)]))
    await bench.settle()
    assert len(bench.plane.pull_events().rtcp) == 1
    spec = StreamSpec(booth.id, 0x9003, Kind.AUDIO, Codec.OPUS, AUDIO_TYPE, 48000)
    stream = bench.plane.add_stream(spec)
    with pytest.raises(ValueError, match="more than"):
        bench.voice(booth)
    # A dropped stream keeps its place: libsrtp still guards it against replay.
    bench.plane.drop_stream(stream)
    with pytest.raises(ValueError, match="more than"):
        bench.voice(booth)


async def test_forged_ssrcs_take_no_place(bench: Bench) -> None:
    booth = bench.client()
    for n in range(40):
        forged = booth.packet(0x9000 + n, 1, 1, bytes(40))
        booth.sock.sendto(forged, booth.server)
    await bench.settle()
    assert bench.plane.counters()["drop_srtp_auth"] == 40
    assert bench.plane.pull_events().unknown == []
    bench.voice(booth)


async def test_an_unknown_ssrc_tells_who_it_is_now_and_then(bench: Bench) -> None:
    booth = bench.client()
    elements = {
        EXTENSIONS.mid: b"1",
        EXTENSIONS.rid: b"h",
        EXTENSIONS.repaired_rid: b"m",
    }
    for n in range(5):
        booth.send(booth.packet(7, n, n, b"x", payload_type=96, elements=elements))
    await bench.settle()
    (event,) = bench.plane.pull_events().unknown
    assert (event.peer, event.ssrc, event.payload_type) == (booth.id, 7, 96)
    assert (event.mid, event.rid, event.repaired_rid) == ("1", "h", "m")
    await asyncio.sleep(0.11)
    booth.send(booth.packet(7, 5, 5, b"x", payload_type=96))
    await bench.settle()
    (event,) = bench.plane.pull_events().unknown
    assert (event.mid, event.rid, event.repaired_rid) == (None, None, None)
    assert bench.plane.counters()["drop_unknown_ssrc"] == 6


async def test_rtcp_passes_both_ways(bench: Bench) -> None:
    booth = bench.client()
    report = rtcp.compose([rtcp.ReceiverReport(1), rtcp.SourceDescription(1, "x")])
    before = bench.plane.last_heard(booth.id)
    booth.send_rtcp(report)
    await bench.settle()
    (event,) = bench.plane.pull_events().rtcp
    assert (event.peer, event.data) == (booth.id, report)
    assert bench.plane.last_heard(booth.id) > before
    bench.plane.send_rtcp(booth.id, report)
    bench.plane.send_rtcp(booth.id, report)
    booth.receive()
    assert booth.got_rtcp == [report, report]


async def test_transport_wide_arrivals(bench: Bench) -> None:
    booth = bench.client()
    _, ssrc = bench.voice(booth)
    for n in (65535, 0, 2, 1):
        element = {EXTENSIONS.transport_cc: n.to_bytes(2, "big")}
        booth.send(booth.packet(ssrc, n + 5, 0, b"x", elements=element))
    booth.send(booth.packet(ssrc, 9, 0, b"x", elements={EXTENSIONS.transport_cc: b"\1"}))
    await bench.settle()
    arrivals = bench.plane.pull_arrivals(booth.id)
    assert list(arrivals.sequence) == [65535, 0, 2, 1]
    assert list(arrivals.arrival_us) == sorted(arrivals.arrival_us)
    assert len(bench.plane.pull_arrivals(booth.id).sequence) == 0


async def test_a_peer_moves_to_another_path(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    stranger = bench.stranger()
    moved = bench.plane.add_path(V4, stranger.getsockname())
    assert bench.plane.add_path(V4, stranger.getsockname()) == moved
    bench.plane.bind(booth.id, moved)
    await say(bench, officer, ssrc, range(1))
    assert booth.got == []
    assert len(stranger.recv(2000)) > 20
    bench.plane.drop_path(moved)
    await say(bench, officer, ssrc, range(1, 2))
    assert bench.plane.counters()["drop_send_no_path"] == 1
    bench.plane.bind(booth.id, booth.path)
    await say(bench, officer, ssrc, range(2, 3))
    assert [p.payload for p in booth.got] == [b"voice 2"]
    with pytest.raises(KeyError):
        bench.plane.send_to(moved, b"x")


async def test_a_path_belongs_to_one_peer(bench: Bench) -> None:
    """The same address again after a reload of the page: its old peer hears and says nothing."""
    old, officer = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(old)
    bench.plane.apply([Forward(route, stream)])
    fresh = bench.client()
    bench.plane.bind(fresh.id, old.path)
    await say(bench, officer, ssrc, range(2))
    assert old.got == []
    old.send(old.packet(1, 1, 1, b"x"))
    await bench.settle()
    assert bench.plane.counters()["drop_srtp_auth"] == 1
    assert bench.plane.pull_events().unknown == []


async def test_close_ends_everything_and_leaves_the_socket_open(bench: Bench) -> None:
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    camera, _, _ = bench.camera(officer)
    route, _ = bench.ear(booth)
    eye, _, _ = bench.eye(booth)
    bench.plane.apply([Forward(route, stream), Forward(eye, camera)])
    await say(bench, officer, ssrc, range(1))
    bench.plane.apply([Stop(route)])
    bench.plane.close()
    woken = bench.wakes
    officer.sound(ssrc, 2)
    await asyncio.sleep(0.35)
    booth.receive()
    assert [p.payload for p in booth.got] == [b"voice 0"]
    assert bench.wakes == woken
    assert bench.sock.recv(2000)


@pytest.mark.parametrize("seed", range(6))
async def test_no_number_twice_and_no_stranger_over_any_script(bench: Bench, seed: int) -> None:
    """Random switches, pauses, losses, reorderings and repeats. The client's session and its set of
    (SSRC, sequence) refuse a second use of any number; each listener hears only who feeds it."""
    chance = random.Random(seed)
    profile = PROFILES[seed % 2]
    speakers = [bench.client(profile) for _ in range(3)]
    voices = [bench.voice(speaker) for speaker in speakers]
    listeners = [bench.client(profile) for _ in range(2)]
    routes = [bench.ear(listener)[0] for listener in listeners]
    said = [0, 0, 0]
    fed: list[int | None] = [None, None]
    held: list[tuple[Client, bytes]] = []
    checked = [0, 0]

    def heard_only_whom_they_may() -> None:
        for place, listener in enumerate(listeners):
            listener.receive()
            for packet in listener.got[checked[place] :]:
                if packet.payload != SILENCE:
                    assert packet.payload.startswith(b"%d " % fed[place])
            checked[place] = len(listener.got)

    for _ in range(200):
        for _ in range(chance.randrange(4)):
            who = chance.randrange(3)
            speaker, (_, ssrc) = speakers[who], voices[who]
            body = b"%d says %d" % (who, said[who])
            packet = speaker.packet(ssrc, 60000 + said[who], 960 * said[who], body)
            said[who] += 1
            if chance.random() < 0.2:
                held.append((speaker, packet))
                continue
            wire = speaker.send(packet)
            if chance.random() < 0.2:
                speaker.sock.sendto(wire, speaker.server)
        if held and chance.random() < 0.3:
            speaker, packet = held.pop(chance.randrange(len(held)))
            speaker.send(packet)
        await bench.settle()
        heard_only_whom_they_may()
        if chance.random() < 0.3:
            place = chance.randrange(2)
            if chance.random() < 0.4:
                fed[place] = None
                bench.plane.apply([Stop(routes[place])])
            else:
                fed[place] = chance.randrange(3)
                bench.plane.apply([Forward(routes[place], voices[fed[place]][0])])
            assert bench.plane.forwarding() == {
                (voices[source][0], routes[at])
                for at, source in enumerate(fed)
                if source is not None
            }
    for listener in listeners:
        assert len(listener.got) == len(listener.numbers)
        speech = [p.payload for p in listener.got if p.payload != SILENCE]
        assert len(set(speech)) == len(speech) > 20
    assert bench.plane.counters()["drop_protect"] == 0


async def test_numbers_go_on_over_their_wrap(bench: Bench) -> None:
    """The receiver's SRTP must count the turns as ours does. Packets are lost on the way, so that
    not all 65,536 have to be sent."""
    booth, officer = bench.client(), bench.client()
    stream, ssrc = bench.voice(booth)
    route, _ = bench.ear(officer)
    bench.plane.apply([Forward(route, stream)])
    await say(bench, booth, ssrc, range(0, 70_000, 500))
    assert len(officer.got) == 140
    bench.plane.apply([Stop(route)])
    await bench.until(lambda: len(officer.got) == 145)
    bench.plane.apply([Forward(route, stream)])
    await say(bench, booth, ssrc, range(70_000, 70_003))
    numbers = [packet.sequence for packet in officer.got]
    assert [(later - earlier) & 0xFFFF for earlier, later in pairwise(numbers)] == [
        *[500] * 139,
        *[1] * 8,
    ]


@pytest.mark.parametrize("profile", PROFILES)
async def test_departures_are_logged_for_who_wants_them(bench: Bench, profile: SrtpProfile) -> None:
    officer, booth = bench.client(profile), bench.client(profile)
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    await say(bench, officer, ssrc, range(2))
    assert len(bench.plane.pull_departures(booth.id).sent_us) == 0
    bench.plane.log_departures(booth.id, True)
    before = time.monotonic()
    await say(bench, officer, ssrc, range(2, 6))
    gone = bench.plane.pull_departures(booth.id)
    numbers = [
        int.from_bytes(packet.extension(EXTENSIONS.transport_cc) or b"", "big")
        for packet in booth.got[2:]
    ]
    assert [(gone.first + n) & 0xFFFF for n in range(len(gone.sent_us))] == numbers
    assert list(gone.octets) == booth.sizes[2:]
    assert before - 0.01 <= gone.sent_us[0] / 1e6 <= gone.sent_us[-1] / 1e6 <= time.monotonic()
    assert len(bench.plane.pull_departures(booth.id).sent_us) == 0
    bench.plane.log_departures(booth.id, False)
    await say(bench, officer, ssrc, range(6, 7))
    assert len(bench.plane.pull_departures(booth.id).sent_us) == 0
