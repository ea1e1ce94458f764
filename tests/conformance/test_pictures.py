"""Pictures: key frames, layers, VP8 numbers, repairs."""

from __future__ import annotations

import asyncio
import random
import struct
from itertools import pairwise

import pytest

from vcs.media.description import Codec
from vcs.media.history import MAX_RESENDS
from vcs.plane import Forward, KeyFrameWanted, StreamId
from vcs.plane import Stop as End

from .loopback import RTX_TYPE, VIDEO_TYPE, Bench, Client, Received, vp8, vp8_numbers


def frame(
    client: Client, ssrc: int, n: int, payloads: list[bytes], timestamp: int | None = None
) -> int:
    """Sends a frame whose first packet is number `n`; returns the number after it."""
    at = 3000 * n if timestamp is None else timestamp
    for index, payload in enumerate(payloads):
        last = index == len(payloads) - 1
        client.picture(ssrc, n + index, payload, at, marker=last)
    return n + len(payloads)


def consecutive(got: list[Received]) -> bool:
    return all(
        later.sequence == (earlier.sequence + 1) & 0xFFFF for earlier, later in pairwise(got)
    )


async def test_a_picture_begins_with_a_key_frame(bench: Bench) -> None:
    booth, officer = bench.client(), bench.client()
    stream, ssrc, _ = bench.camera(booth)
    route, out, _ = bench.eye(officer)
    bench.plane.apply([Forward(route, stream)])
    assert bench.plane.pull_events().key_frames == [KeyFrameWanted(stream, urgent=True)]
    assert bench.plane.route_log(route).stream is None
    assert bench.plane.forwarding() == {(stream, route)}
    n = frame(booth, ssrc, 0, [vp8(b"delta", picture=5)])
    key = [vp8(b"K1", key=True, picture=6), vp8(b"K2", starts=False, picture=6)]
    n = frame(booth, ssrc, n, key)
    n = frame(booth, ssrc, n, [vp8(b"after", picture=7, tl0=8)])
    await bench.settle()
    assert bench.plane.counters()["drop_key_frame_awaited"] == 1
    got = officer.got
    assert [p.payload[7:] for p in got] == [b"K1", b"K2", b"after"]
    assert [p.marker for p in got] == [False, True, True]
    assert consecutive(got)
    assert {(p.ssrc, p.payload_type) for p in got} == {(out, 100)}
    assert (got[2].timestamp - got[0].timestamp) & 0xFFFFFFFF == 6000
    (first, tl0), (same, _), (following, tl0_following) = (vp8_numbers(p.payload) for p in got)
    assert (same, following) == (first, (first + 1) & 0x7FFF)
    assert tl0_following == (tl0 + 1) & 0xFF
    (switched,) = bench.plane.pull_events().switched
    assert (switched.route, switched.stream) == (route, stream)
    assert bench.plane.route_log(route).stream == stream


async def test_all_packets_of_a_picture_carry_its_numbers(bench: Bench) -> None:
    """Pictures of many packets, layers of frames, and one packet that comes behind the next
    picture: each keeps the numbers of its own."""
    booth, officer = bench.client(), bench.client()
    stream, ssrc, _ = bench.camera(booth)
    route, _, _ = bench.eye(officer)
    bench.plane.apply([Forward(route, stream)])
    payloads: list[bytes] = []
    for picture in range(32_760, 32_775):
        tid = (0, 2, 1, 2)[picture % 4]
        numbers = {"picture": picture & 0x7FFF, "tl0": picture // 4 & 0xFF, "tid": tid}
        key = picture == 32_760
        payloads += [
            vp8(b"%d %d" % (picture, place), key=key and place == 0, starts=place == 0, **numbers)
            for place in range(4)
        ]
    order = list(range(len(payloads)))
    order[19], order[20] = order[20], order[19]
    for number in order:
        timestamp = 3_000 * (number // 4)
        booth.send(booth.packet(ssrc, number, timestamp, payloads[number], payload_type=VIDEO_TYPE))
    await bench.settle()
    got = {p.sequence: p for p in officer.got}
    assert len(got) == len(payloads)
    first = min(got) if max(got) - min(got) < 1000 else next(iter(got))
    picture_before, tl0_before = vp8_numbers(got[first].payload)
    for place, sent in enumerate(payloads):
        packet = got[(first + place) & 0xFFFF]
        assert packet.payload[6:] == sent[6:]
        picture, tl0 = vp8_numbers(packet.payload)
        sent_picture, sent_tl0 = vp8_numbers(sent)
        assert (picture - picture_before) & 0x7FFF == (sent_picture - 32_760) & 0x7FFF
        assert (tl0 - tl0_before) & 0xFF == (sent_tl0 - (32_760 // 4 & 0xFF)) & 0xFF


async def test_a_waiting_route_asks_again_until_the_key_frame_comes(bench: Bench) -> None:
    booth, officer = bench.client(), bench.client()
    stream, ssrc, _ = bench.camera(booth)
    route, _, _ = bench.eye(officer)
    asked: list[KeyFrameWanted] = []
    # Whoever makes the events wakes the owner: at the change, and by the timer.
    bench.listener = lambda: asked.extend(bench.plane.pull_events().key_frames)
    bench.plane.apply([Forward(route, stream)])
    await bench.until(lambda: len(asked) >= 3)
    assert all(wanted == KeyFrameWanted(stream, True) for wanted in asked)
    frame(booth, ssrc, 0, [vp8(b"key", key=True)])
    await bench.settle()
    before = len(asked)
    await asyncio.sleep(0.35)
    assert len(asked) == before


async def test_key_frame_requests_are_coalesced(bench: Bench) -> None:
    booth = bench.client()
    viewers = [bench.client() for _ in range(3)]
    stream, ssrc, _ = bench.camera(booth)
    routes = [bench.eye(viewer)[0] for viewer in viewers]
    bench.plane.apply([Forward(route, stream) for route in routes])
    frame(booth, ssrc, 0, [vp8(b"key", key=True)])
    await bench.settle()
    assert bench.plane.pull_events().key_frames == [KeyFrameWanted(stream, True)]
    for _ in range(50):
        for route in routes:
            bench.plane.request_key_frame(route)
    assert bench.plane.pull_events().key_frames == []
    asked: list[KeyFrameWanted] = []

    def one_came() -> bool:
        asked.extend(bench.plane.pull_events().key_frames)
        return bool(asked)

    await bench.until(one_came)
    assert asked == [KeyFrameWanted(stream, urgent=False)]


async def test_nothing_old_after_a_switch_to_another_peer(bench: Bench) -> None:
    one, two, officer = bench.client(), bench.client(), bench.client()
    first, first_ssrc, first_rtx = bench.camera(one)
    second, second_ssrc, _ = bench.camera(two)
    route, _, rtx = bench.eye(officer)
    bench.plane.apply([Forward(route, first)])
    frame(one, first_ssrc, 0, [vp8(b"one", key=True), vp8(b"one", starts=False)])
    frame(one, first_ssrc, 3, [vp8(b"one")])
    await bench.settle()
    seen = [p.sequence for p in officer.got]
    assert len(seen) == 3
    bench.plane.apply([Forward(route, second)])
    assert bench.plane.forwarding() == {(second, route)}
    # The old one goes on sending, repairs what was lost, and the receiver asks for what it had.
    frame(one, first_ssrc, 4, [vp8(b"one", key=True)])
    repair(one, first_rtx, 1, 2002, 0, vp8(b"one", starts=False))
    await bench.settle()
    assert bench.plane.retransmit(route, seen) == 0
    frame(two, second_ssrc, 50, [vp8(b"early")])
    frame(two, second_ssrc, 51, [vp8(b"two", key=True, picture=9000, tl0=200)])
    await bench.settle()
    assert [p.payload[7:] for p in officer.got] == [b"one"] * 3 + [b"two"]
    assert officer.got[3].sequence == (max(seen) + 1) & 0xFFFF
    before, after = (vp8_numbers(p.payload) for p in officer.got[2:])
    assert after == ((before[0] + 1) & 0x7FFF, (before[1] + 1) & 0xFF)
    assert 0 < (officer.got[3].timestamp - officer.got[2].timestamp) & 0xFFFFFFFF < 90000
    # What was sent since may be asked for, under its own SSRC.
    assert bench.plane.retransmit(route, [officer.got[3].sequence]) == 1
    await bench.settle()
    assert officer.got[4].ssrc == rtx
    assert officer.got[4].payload[2:] == officer.got[3].payload


async def test_stop_forgets_what_was_sent(bench: Bench) -> None:
    booth, officer = bench.client(), bench.client()
    stream, ssrc, rtx = bench.camera(booth)
    route, _, _ = bench.eye(officer)
    bench.plane.apply([Forward(route, stream)])
    frame(booth, ssrc, 0, [vp8(b"1", key=True), vp8(b"2", starts=False)])
    frame(booth, ssrc, 3, [vp8(b"4")])
    await bench.settle()
    bench.plane.apply([End(route)])
    repair(booth, rtx, 1, 2002, 0, vp8(b"3", starts=False))
    frame(booth, ssrc, 4, [vp8(b"5", key=True)])
    await bench.settle()
    assert bench.plane.retransmit(route, [p.sequence for p in officer.got]) == 0
    assert bench.plane.counters()["repairs_in"] == 1
    assert [p.payload[7:] for p in officer.got] == [b"1", b"2", b"4"]


def repair(
    client: Client, rtx: int, number: int, original: int, timestamp: int, payload: bytes
) -> None:
    body = struct.pack("!H", original) + payload
    client.send(client.packet(rtx, number, timestamp, body, payload_type=RTX_TYPE, marker=True))


async def test_repairs_of_the_publisher_take_their_place(bench: Bench) -> None:
    booth, officer = bench.client(), bench.client()
    stream, ssrc, rtx = bench.camera(booth)
    route, _, _ = bench.eye(officer)
    bench.plane.apply([Forward(route, stream)])
    frame(booth, ssrc, 0, [vp8(b"1", key=True)], timestamp=90)
    # 2001 is lost.
    frame(booth, ssrc, 2, [vp8(b"3", picture=102)], timestamp=270)
    await bench.settle()
    assert list(bench.plane.missing(stream)) == [2001]
    for number in (1, 2):
        repair(booth, rtx, number, 2001, 180, vp8(b"2", picture=101))
    late = booth.packet(ssrc, 2001, 180, vp8(b"2", picture=101), payload_type=VIDEO_TYPE)
    booth.send(late)
    repair(booth, rtx, 3, 2002, 180, b"")
    await bench.settle()
    one, three, two = officer.got
    assert [p.payload[7:] for p in (one, two, three)] == [b"1", b"2", b"3"]
    assert consecutive([one, two, three])
    assert two.marker
    assert (two.timestamp - one.timestamp) & 0xFFFFFFFF == 90
    pictures = [vp8_numbers(p.payload)[0] for p in (one, two, three)]
    assert [(p - pictures[0]) & 0x7FFF for p in pictures] == [0, 1, 2]
    counters = bench.plane.counters()
    assert (counters["repairs_in"], counters["drop_repair_late"]) == (1, 1)
    assert (counters["drop_duplicate"], counters["drop_padding"]) == (1, 1)
    assert list(bench.plane.missing(stream)) == []
    log = bench.plane.stream_log(stream)
    original_number = struct.calcsize("!H")
    repairs = 2 * (original_number + len(vp8(b"2", picture=101))) + original_number
    assert (log.repair_packets, log.repair_octets) == (3, repairs)


async def test_repairs_to_the_receiver(bench: Bench) -> None:
    booth, officer = bench.client(), bench.client()
    stream, ssrc, _ = bench.camera(booth)
    route, out, rtx = bench.eye(officer)
    bench.plane.apply([Forward(route, stream)])
    frame(booth, ssrc, 0, [vp8(b"1", key=True), vp8(b"2", starts=False)])
    await bench.settle()
    sent = list(officer.got)
    asked = [sent[0].sequence, sent[1].sequence, (sent[0].sequence + 500) & 0xFFFF]
    assert bench.plane.retransmit(route, asked) == 2
    await bench.settle()
    for original, again in zip(sent, officer.got[2:], strict=True):
        assert (again.ssrc, again.payload_type) == (rtx, 101)
        assert again.payload == struct.pack("!H", original.sequence) + original.payload
        assert (again.marker, again.timestamp) == (original.marker, original.timestamp)
    assert consecutive(officer.got[2:])
    further = [bench.plane.retransmit(route, asked) for _ in range(MAX_RESENDS + 1)]
    assert further == [2] * (MAX_RESENDS - 1) + [0, 0]
    await bench.settle()
    assert [p.ssrc for p in officer.got].count(out) == 2
    assert bench.plane.route_log(route).packets == 2


async def test_padding_is_nothing_and_is_counted_like_everything_else(bench: Bench) -> None:
    booth, officer = bench.client(), bench.client()
    stream, ssrc, _ = bench.camera(booth)
    route, _, rtx = bench.eye(officer)
    bench.plane.log_departures(officer.id, True)
    bench.plane.apply([Forward(route, stream)])
    frame(booth, ssrc, 0, [vp8(b"1", key=True), vp8(b"2", starts=False)])
    await bench.settle()
    assert bench.plane.retransmit(route, [officer.got[1].sequence]) == 1
    sent = bench.plane.send_padding(route, 1000)
    assert 1000 <= sent < 1300
    await bench.settle()
    beside = [p for p in officer.got if p.ssrc == rtx]
    assert consecutive(beside)
    padding = beside[1:]
    assert padding
    for packet in padding:
        assert packet.payload == b""
        assert packet.raw[0] & 0x20
        start, filling = packet.raw[-1], packet.raw[-packet.raw[-1] : -1]
        assert start > 100
        assert not any(filling)
    assert sum(officer.sizes[-len(padding) :]) == sent
    gone = bench.plane.pull_departures(officer.id)
    assert list(gone.octets) == officer.sizes
    assert bench.plane.send_padding(bench.ear(officer)[0], 1000) == 0
    assert bench.plane.route_log(route).packets == 2


@pytest.mark.parametrize("aligned", [False, True])
async def test_layers_of_one_peer_are_switched_at_the_key_frame(
    bench: Bench, aligned: bool
) -> None:
    booth, officer = bench.client(), bench.client()
    low, low_ssrc, _ = bench.camera(booth)
    high, high_ssrc, _ = bench.camera(booth)
    route, _, _ = bench.eye(officer)
    if aligned:
        # The high layer's timestamps are 1,000,000 ahead of the low one's.
        bench.plane.align(low, 4000.0, 90_000)
        bench.plane.align(high, 4001.0, 180_000 + 1_000_000)
    bench.plane.apply([Forward(route, low)])
    frame(booth, low_ssrc, 0, [vp8(b"low", key=True)], timestamp=100_000)
    await bench.settle()
    bench.plane.apply([Forward(route, high)])
    assert bench.plane.forwarding() == {(low, route), (high, route)}
    frame(booth, high_ssrc, 700, [vp8(b"high", picture=40)], timestamp=1_103_000)
    frame(booth, low_ssrc, 1, [vp8(b"low", picture=101, tl0=8)], timestamp=103_000)
    key = vp8(b"high", key=True, picture=41, tl0=90)
    frame(booth, high_ssrc, 701, [key], timestamp=1_106_000)
    frame(booth, low_ssrc, 2, [vp8(b"low", picture=102, tl0=9)], timestamp=106_000)
    frame(booth, high_ssrc, 702, [vp8(b"high", picture=42, tl0=91)], timestamp=1_109_000)
    await bench.settle()
    got = officer.got
    assert [p.payload[7:] for p in got] == [b"low", b"low", b"high", b"high"]
    assert consecutive(got)
    numbers = [vp8_numbers(p.payload) for p in got]
    assert [(p - numbers[0][0]) & 0x7FFF for p, _ in numbers] == [0, 1, 2, 3]
    assert [(t - numbers[0][1]) & 0xFF for _, t in numbers] == [0, 1, 2, 3]
    steps = [(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(got)]
    assert steps[0] == steps[2] == 3000
    if aligned:
        assert steps[1] == 3000
    else:
        assert 0 < steps[1] < 90_000
    assert bench.plane.forwarding() == {(high, route)}


async def test_a_switch_is_called_off(bench: Bench) -> None:
    booth, officer = bench.client(), bench.client()
    low, low_ssrc, _ = bench.camera(booth)
    high, high_ssrc, _ = bench.camera(booth)
    route, _, _ = bench.eye(officer)
    bench.plane.apply([Forward(route, low)])
    frame(booth, low_ssrc, 0, [vp8(b"low", key=True)])
    await bench.settle()
    bench.plane.apply([Forward(route, high)])
    bench.plane.apply([Forward(route, low)])
    assert bench.plane.forwarding() == {(low, route)}
    frame(booth, high_ssrc, 0, [vp8(b"high", key=True)])
    frame(booth, low_ssrc, 1, [vp8(b"low")])
    await bench.settle()
    assert [p.payload[7:] for p in officer.got] == [b"low", b"low"]


async def test_dropping_a_layer_leaves_the_other(bench: Bench) -> None:
    booth, officer = bench.client(), bench.client()
    low, low_ssrc, _ = bench.camera(booth)
    high, high_ssrc, _ = bench.camera(booth)
    other, other_ssrc, _ = bench.camera(booth)
    route, _, _ = bench.eye(officer)
    bench.plane.apply([Forward(route, low)])
    frame(booth, low_ssrc, 0, [vp8(b"low", key=True)])
    await bench.settle()
    bench.plane.apply([Forward(route, high)])
    bench.plane.drop_stream(high)
    assert bench.plane.forwarding() == {(low, route)}
    frame(booth, low_ssrc, 1, [vp8(b"low")])
    bench.plane.apply([Forward(route, other)])
    bench.plane.drop_stream(low)
    assert bench.plane.forwarding() == {(other, route)}
    frame(booth, low_ssrc, 2, [vp8(b"gone")])
    frame(booth, high_ssrc, 0, [vp8(b"gone", key=True)])
    frame(booth, other_ssrc, 0, [vp8(b"other", key=True)])
    await bench.settle()
    assert [p.payload[7:] for p in officer.got] == [b"low", b"other"]
    assert consecutive(officer.got)
    bench.plane.drop_stream(other)
    assert bench.plane.forwarding() == frozenset()


TIDS = (0, 2, 1, 2)


async def test_temporal_layers_are_thinned_and_closed_up(bench: Bench) -> None:
    booth, officer = bench.client(), bench.client()
    stream, ssrc, _ = bench.camera(booth)
    route, _, _ = bench.eye(officer)
    bench.plane.apply([Forward(route, stream, max_temporal_layer=0)])
    n, picture, tl0 = 0, 32760, 250

    def group(key: bool = False, sync: bool = False) -> None:
        nonlocal n, picture, tl0
        tl0 += 1
        for tid in TIDS:
            first = vp8(
                b"%d" % tid,
                key=key and tid == 0,
                picture=picture & 0x7FFF,
                tl0=tl0 & 0xFF,
                tid=tid,
                sync=sync and tid > 0,
            )
            second = vp8(
                b"%d" % tid, starts=False, picture=picture & 0x7FFF, tl0=tl0 & 0xFF, tid=tid
            )
            n = frame(booth, ssrc, n, [first, second])
            picture += 1

    group(key=True)
    group()
    await bench.settle()
    assert [p.payload[7:] for p in officer.got] == [b"0"] * 4
    bench.plane.apply([Forward(route, stream, max_temporal_layer=1)])
    group()  # nothing to climb on
    await bench.settle()
    assert [p.payload[7:] for p in officer.got[4:]] == [b"0"] * 2
    group(sync=True)
    group()
    await bench.settle()
    assert [p.payload[7:] for p in officer.got[6:]] == [b"0", b"0", b"1", b"1"] * 2
    bench.plane.apply([Forward(route, stream)])
    group(key=True)
    await bench.settle()
    assert [p.payload[7:] for p in officer.got[14:]] == [b"%d" % t for t in TIDS for _ in "ab"]
    assert consecutive(officer.got)
    pictures = [vp8_numbers(p.payload)[0] for p in officer.got]
    assert [(p - pictures[0]) & 0x7FFF for p in pictures] == [
        index // 2 for index in range(len(pictures))
    ]
    assert bench.plane.counters()["drop_temporal_layer"] == 6 + 6 + 6 + 4 + 4


async def test_an_encoder_that_begins_anew(bench: Bench) -> None:
    """PictureIDs jump back; what the receiver sees goes on."""
    booth, officer = bench.client(), bench.client()
    stream, ssrc, _ = bench.camera(booth)
    route, _, _ = bench.eye(officer)
    bench.plane.apply([Forward(route, stream)])
    for n, picture in enumerate((9000, 9001, 3, 4)):
        frame(booth, ssrc, n, [vp8(b"x", key=picture == 9000, picture=picture)])
    await bench.settle()
    pictures = [vp8_numbers(p.payload)[0] for p in officer.got]
    assert [(p - pictures[0]) & 0x7FFF for p in pictures] == [0, 1, 2, 3]


async def test_h264_begins_with_its_parameters(bench: Bench) -> None:
    booth, officer = bench.client(), bench.client()
    stream, ssrc, _ = bench.camera(booth, Codec.H264)
    route, _, _ = bench.eye(officer, Codec.H264)
    bench.plane.apply([Forward(route, stream)])
    packets = [b"\x41delta", b"\x78\0\4\x67sps\0\4\x68pps", b"\x65idr", b"\x41delta"]
    for n, payload in enumerate(packets):
        frame(booth, ssrc, n, [payload])
    booth.picture(ssrc, 4, b"\x7c", 0)
    frame(booth, ssrc, 5, [b"\x41last"])
    await bench.settle()
    assert [p.payload for p in officer.got] == [*packets[1:], b"\x41last"]
    assert consecutive(officer.got)
    assert bench.plane.counters()["drop_malformed"] == 1


async def test_one_stream_to_several_routes(bench: Bench) -> None:
    booth = bench.client()
    viewers = [bench.client() for _ in range(3)]
    stream, ssrc, _ = bench.camera(booth)
    routes = [bench.eye(viewer)[0] for viewer in viewers]
    bench.plane.apply([Forward(route, stream, n) for n, route in enumerate(routes)])
    n = frame(booth, ssrc, 0, [vp8(b"0", key=True, picture=1)])
    for picture, tid in enumerate((2, 1, 2, 0), 2):
        n = frame(booth, ssrc, n, [vp8(b"%d" % tid, picture=picture, tid=tid, tl0=8)])
    await bench.settle()
    seen = [b"".join(p.payload[7:] for p in viewer.got) for viewer in viewers]
    assert seen == [b"00", b"010", b"02120"]
    assert all(consecutive(viewer.got) for viewer in viewers)


@pytest.mark.parametrize("seed", range(5))
async def test_any_script_of_layers_losses_and_repairs(bench: Bench, seed: int) -> None:
    """No number twice under one key (the client checks), no foreign picture, each source's packets
    in their own order, repairs only of what is in force."""
    chance = random.Random(seed)
    booths = [bench.client() for _ in range(2)]
    layers = [[bench.camera(booth) for _ in range(2)] for booth in booths]
    officer = bench.client()
    route, out, _ = bench.eye(officer)
    counters = {layer[1]: [0, chance.randrange(1 << 15)] for pair in layers for layer in pair}
    lost: list[tuple[Client, int, int, int, bytes]] = []
    repairs = {layer[2]: 0 for pair in layers for layer in pair}
    fed: int | None = None
    checked = 0
    streams: dict[StreamId, int] = {}
    for which, pair in enumerate(layers):
        for stream, _, _ in pair:
            streams[stream] = which

    def only_what_is_in_force() -> None:
        nonlocal checked
        officer.receive()
        for packet in officer.got[checked:]:
            body = packet.payload if packet.ssrc == out else packet.payload[2:]
            assert body[7:].startswith(b"booth %d" % fed if fed is not None else b"nobody")
        checked = len(officer.got)

    for _ in range(500):
        which, layer = chance.randrange(2), chance.randrange(2)
        booth, (_, ssrc, rtx) = booths[which], layers[which][layer]
        state = counters[ssrc]
        tid = chance.choice(TIDS)
        key = chance.random() < 0.25
        state[1] += 1
        for part in range(chance.randrange(1, 3)):
            body = vp8(
                b"booth %d %d %d" % (which, layer, state[0]),
                key=key and part == 0,
                starts=part == 0,
                picture=state[1] & 0x7FFF,
                tid=0 if key else tid,
                sync=chance.random() < 0.3,
            )
            if chance.random() < 0.1:
                lost.append((booth, rtx, 2000 + state[0], 3000 * state[1], body))
            else:
                booth.picture(ssrc, state[0], body, 3000 * state[1])
            state[0] += 1
        if lost and chance.random() < 0.3:
            client, its_rtx, number, timestamp, body = lost.pop(0)
            repairs[its_rtx] += 1
            repair(client, its_rtx, repairs[its_rtx], number & 0xFFFF, timestamp, body)
        await bench.settle()
        only_what_is_in_force()
        if officer.got and chance.random() < 0.2:
            asked = [p.sequence for p in chance.choices(officer.got, k=4) if p.ssrc == out]
            bench.plane.retransmit(route, asked)
            only_what_is_in_force()
        if chance.random() < 0.03:
            if chance.random() < 0.3:
                fed = None
                bench.plane.apply([End(route)])
            else:
                fed = chance.randrange(2)
                stream = layers[fed][chance.randrange(2)][0]
                bench.plane.apply([Forward(route, stream, chance.randrange(3))])
            assert all(streams[stream] == fed for stream, _ in bench.plane.forwarding())
    sent = [p for p in officer.got if p.ssrc == out]
    assert len(sent) > 40
    first = sent[0].sequence
    sent.sort(key=lambda p: (p.sequence - first + 0x8000) & 0xFFFF)
    newest: dict[bytes, int] = {}
    for packet in sent:
        _, which_, layer_, number = packet.payload[7:].split()
        assert newest.get(which_ + layer_, -1) < int(number)
        newest[which_ + layer_] = int(number)
    assert bench.plane.counters()["drop_protect"] == 0
