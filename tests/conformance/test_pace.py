"""Pictures leave no faster than the path bears, and sound does not wait for them."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from vcs.plane import Forward, PeerId, RouteId, StreamId
from vcs.plane import Stop as End

from .loopback import EXTENSIONS, Bench, Client, vp8

OCTETS = 1000
PACE = 800_000
"""Bit/s: a packet every 10 ms."""


class Shown:
    """A booth whose picture the officer is sent, with his voice going there too."""

    def __init__(self, bench: Bench, booth: Client, officer: Client) -> None:
        self.bench, self.booth, self.officer = bench, booth, officer
        self.stream: StreamId
        self.route: RouteId
        self.stream, self.ssrc, _ = bench.camera(booth)
        self.route, self.out, _ = bench.eye(officer)
        self.voice, self.voice_ssrc = bench.voice(booth)
        self.ear, self.ear_out = bench.ear(officer)
        bench.plane.apply([Forward(self.route, self.stream), Forward(self.ear, self.voice)])
        self.number = 0

    def key_frame(self, packets: int) -> None:
        """One of so many packets, all at once."""
        for place in range(packets):
            body = vp8(bytes(OCTETS - 7), key=place == 0, starts=place == 0)
            last = place == packets - 1
            self.booth.picture(self.ssrc, self.number, body, 3000, marker=last)
            self.number += 1

    def pictures(self) -> list[int]:
        """Sequence numbers of what has come."""
        return [p.sequence for p in self.officer.got if p.ssrc == self.out]

    def heard(self) -> int:
        return sum(p.ssrc == self.ear_out for p in self.officer.got)


def shown(bench: Bench) -> Shown:
    return Shown(bench, bench.client(), bench.client())


def in_order(numbers: list[int]) -> bool:
    return all(after == (before + 1) & 0xFFFF for before, after in pairwise(numbers))


async def test_without_a_pace_nothing_waits(bench: Bench) -> None:
    seen = shown(bench)
    seen.key_frame(40)
    await bench.settle()
    assert len(seen.pictures()) == 40


async def test_a_key_frame_takes_its_time_and_keeps_its_order(bench: Bench) -> None:
    seen = shown(bench)
    bench.plane.log_departures(seen.officer.id, True)
    bench.plane.set_pace(seen.officer.id, PACE)
    seen.key_frame(30)
    await bench.until(lambda: len(seen.pictures()) == 30)
    assert in_order(seen.pictures())
    left = bench.plane.pull_departures(seen.officer.id)
    took_s = (left.sent_us[-1] - left.sent_us[0]) / 1e6
    assert took_s >= 0.9 * 29 * OCTETS * 8 / PACE, "no faster, whatever the machine does"
    numbers = [p.extension(EXTENSIONS.transport_cc) for p in seen.officer.got]
    assert numbers == [n.to_bytes(2, "big") for n in range(30)], "numbered as they leave"


async def test_sound_goes_first(bench: Bench) -> None:
    seen = shown(bench)
    bench.plane.set_pace(seen.officer.id, PACE)
    seen.key_frame(30)
    seen.booth.sound(seen.voice_ssrc, 0)
    await bench.settle()
    assert seen.heard() == 1
    assert len(seen.pictures()) < 30
    await bench.until(lambda: len(seen.pictures()) == 30)


async def test_others_are_not_held_up(bench: Bench) -> None:
    seen = shown(bench)
    second = bench.client()
    route, out, _ = bench.eye(second)
    bench.plane.apply([Forward(route, seen.stream)])
    bench.plane.set_pace(seen.officer.id, PACE)
    seen.key_frame(30)
    await bench.settle()
    assert sum(p.ssrc == out for p in second.got) == 30
    assert len(seen.pictures()) < 30


async def test_what_waits_when_a_route_ends_never_leaves(bench: Bench) -> None:
    """The fence. The receiver sees no gap when it goes on."""
    seen = shown(bench)
    bench.plane.set_pace(seen.officer.id, PACE)
    seen.key_frame(30)
    await bench.settle()
    bench.plane.apply([End(seen.route)])
    seen.officer.receive()
    came = len(seen.pictures())
    assert 0 < came < 30
    seen.key_frame(5)
    await bench.settle()
    assert len(seen.pictures()) == came
    bench.plane.apply([Forward(seen.route, seen.stream)])
    seen.key_frame(5)
    await bench.until(lambda: len(seen.pictures()) == came + 5)
    assert in_order(seen.pictures())


async def test_nothing_of_a_peer_comes_after_the_change_to_another(bench: Bench) -> None:
    seen = shown(bench)
    other = bench.client()
    stream, ssrc, _ = bench.camera(other)
    bench.plane.set_pace(seen.officer.id, PACE)
    seen.key_frame(20)
    await bench.settle()
    bench.plane.apply([Forward(seen.route, stream)])
    seen.officer.receive()
    came = len(seen.pictures())
    assert 0 < came < 20
    other.picture(ssrc, 0, vp8(b"hers", key=True), 9000, marker=True)
    await bench.until(lambda: len(seen.pictures()) == came + 1)
    assert in_order(seen.pictures())
    assert seen.officer.got[-1].payload.endswith(b"hers")
    assert bench.plane.retransmit(seen.route, [seen.pictures()[0]]) == 0


@pytest.mark.parametrize(("waits", "leaves"), [(30, False), (6, True)])
async def test_a_key_frame_of_another_layer_does_not_wait_behind_the_old_one(
    bench: Bench, waits: int, leaves: bool
) -> None:
    """Less than a tenth of a second of it leaves all the same."""
    seen = shown(bench)
    small, small_ssrc, _ = bench.camera(seen.booth)
    bench.plane.set_pace(seen.officer.id, PACE)
    seen.key_frame(waits)
    await bench.settle()
    came = len(seen.pictures())
    assert 0 < came < waits
    bench.plane.apply([Forward(seen.route, small)])
    seen.booth.picture(small_ssrc, 0, vp8(b"small", key=True), 3000, marker=True)
    await bench.until(lambda: seen.officer.got[-1].payload.endswith(b"small"))
    assert in_order(seen.pictures())
    assert (len(seen.pictures()) == waits + 1) == leaves
    lost = (seen.pictures()[-1] + 1) & 0xFFFF
    assert bench.plane.retransmit(seen.route, [lost]) == 0, "a number that waits for its packet"


async def test_repairs_go_first_and_few_at_once(bench: Bench) -> None:
    """A thin link that has lost a key frame would lose it again, and sound with it."""
    seen = shown(bench)
    bench.plane.set_pace(seen.officer.id, PACE)
    seen.key_frame(30)
    await bench.until(lambda: len(seen.pictures()) == 30)
    lost = seen.pictures()
    first = bench.plane.retransmit(seen.route, lost, within_pace=True)
    assert 4 <= first <= 7, "50 ms"
    assert bench.plane.retransmit(seen.route, lost[first:], within_pace=True) == 0
    await asyncio.sleep(0.06)
    assert 4 <= bench.plane.retransmit(seen.route, lost[first:], within_pace=True) <= 15
    assert bench.plane.retransmit(seen.route, lost) == 30, "and all where that is not asked"


async def test_without_a_pace_again_what_waits_leaves(bench: Bench) -> None:
    seen = shown(bench)
    bench.plane.set_pace(seen.officer.id, PACE)
    seen.key_frame(30)
    await bench.settle()
    bench.plane.set_pace(seen.officer.id, None)
    seen.officer.receive()
    assert len(seen.pictures()) == 30


async def test_a_slow_pace_holds_nothing_back_for_longer_than_a_second(bench: Bench) -> None:
    seen = shown(bench)
    bench.plane.set_pace(seen.officer.id, 1000)
    seen.key_frame(30)
    await bench.until(lambda: len(seen.pictures()) == 30, seconds=15)


async def test_what_has_waited_long_can_be_repaired(bench: Bench) -> None:
    seen = shown(bench)
    bench.plane.set_pace(seen.officer.id, 1000)
    seen.key_frame(8)
    await bench.until(lambda: len(seen.pictures()) == 8, seconds=15)
    assert bench.plane.retransmit(seen.route, seen.pictures()[-3:]) == 3


async def test_who_goes_takes_along_what_waits(bench: Bench) -> None:
    seen, gone = shown(bench), shown(bench)
    for each in (seen, gone):
        bench.plane.set_pace(each.officer.id, PACE)
        each.key_frame(30)
    await bench.settle()
    bench.plane.drop_route(seen.route)
    came = len(seen.pictures())
    bench.plane.drop_peer(PeerId(gone.officer.id))
    seen.booth.sound(seen.voice_ssrc, 0)
    await bench.until(lambda: seen.heard() == 1)
    assert len(seen.pictures()) == came
