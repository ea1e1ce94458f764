from __future__ import annotations

import math
import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.links.channel import Channel
from benchmarks.links.shape import Shape


def packet(number: int = 0, size: int = 1000, protocol: int = 17, port: int = 9) -> bytes:
    """IPv4 without options; the number is in the payload."""
    head = bytearray(20)
    head[0], head[9] = 0x45, protocol
    body = bytes(head) + struct.pack("!HHI", 40000, port, number)
    return body + bytes(size - len(body))


def number_of(data: bytes) -> int:
    return int(struct.unpack_from("!I", data, 24)[0])


def arrivals(channel: Channel, until: float, step: float = 0.001) -> list[tuple[float, int]]:
    """(when, number) of what comes out, looked at every step."""
    found = []
    for tick in range(int(until / step) + 1):
        now = tick * step
        found += [(now, number_of(data)) for data in channel.take(now)]
    return found


def test_by_default_a_packet_is_there_at_once() -> None:
    channel = Channel(Shape())
    assert channel.next_at() == math.inf
    channel.put(packet(7), 1.0)
    assert channel.next_at() == 1.0
    assert [number_of(data) for data in channel.take(1.0)] == [7]
    assert channel.next_at() == math.inf


def test_rate_and_delay_add_up() -> None:
    channel = Channel(Shape(rate_kbps=800, delay_ms=50))  # 10 ms a packet
    for number in range(3):
        channel.put(packet(number), 0.0)
    assert arrivals(channel, 0.2) == [
        (pytest.approx(0.060, abs=0.0011), 0),
        (pytest.approx(0.070, abs=0.0011), 1),
        (pytest.approx(0.080, abs=0.0011), 2),
    ]
    assert channel.report(reset=True)["queue_ms"]["max"] == pytest.approx(20)


def test_the_tail_is_dropped() -> None:
    channel = Channel(Shape(rate_kbps=800, queue_ms=50))
    for number in range(20):
        channel.put(packet(number), 0.0)
    told = channel.report(reset=False)
    assert (
        told["overflowed"] == 14
    )  # six: one more than just fits, which is what tells that it is full
    assert [number for _, number in arrivals(channel, 1.0)] == list(range(6))


def test_what_waits_goes_on_at_a_new_rate() -> None:
    channel = Channel(Shape(rate_kbps=800, queue_ms=500))
    for number in range(4):
        channel.put(packet(number), 0.0)
    channel.reshape(Shape(rate_kbps=80, queue_ms=500), 0.005)  # half of the first is sent
    assert [at for at, _ in arrivals(channel, 1.0, 0.005)] == [
        pytest.approx(at) for at in (0.055, 0.155, 0.255, 0.355)
    ]
    channel.put(packet(9), 1.0)
    channel.reshape(Shape(), 1.01)
    assert [number_of(data) for data in channel.take(1.01)] == [9]


def test_an_outage_loses_what_is_under_way() -> None:
    channel = Channel(Shape(rate_kbps=800, delay_ms=100))
    for number in range(3):
        channel.put(packet(number), 0.0)
    channel.reshape(Shape(outage=True), 0.015)
    channel.put(packet(3), 0.02)
    assert channel.take(10.0) == []
    assert channel.next_at() == math.inf
    assert channel.report(reset=True)["lost_in_outage"] == 4
    channel.reshape(Shape(), 10.0)
    channel.put(packet(4), 10.0)
    assert [number_of(data) for data in channel.take(10.0)] == [4]


def test_what_is_lost_has_used_the_link() -> None:
    channel = Channel(Shape(rate_kbps=800, loss_percent=100))
    channel.put(packet(), 0.0)
    assert channel.take(1.0) == []
    told = channel.report(reset=True)
    assert (told["lost"], told["carried_octets"], told["delivered_octets"]) == (1, 1000, 0)
    assert channel.report(reset=True)["lost"] == 0


def test_blocked_is_by_protocol_and_port() -> None:
    channel = Channel(Shape(blocked=("udp", "tcp:443")))
    channel.put(packet(1, protocol=17), 0.0)
    channel.put(packet(2, protocol=6, port=443), 0.0)
    channel.put(packet(3, protocol=6, port=80), 0.0)
    channel.put(packet(4, protocol=1), 0.0)
    assert [number_of(data) for data in channel.take(0.0)] == [3, 4]
    assert channel.report(reset=True)["blocked"] == 2


@pytest.mark.parametrize("burst", [0, 4])
def test_loss_is_as_much_as_asked_for(burst: float) -> None:
    channel = Channel(Shape(loss_percent=20, burst_packets=burst))
    for number in range(20_000):
        channel.put(packet(number, 40), 0.0)
    kept = [number_of(data) for data in channel.take(0.0)]
    assert 1 - len(kept) / 20_000 == pytest.approx(0.2, abs=0.02)
    holes = [b - a - 1 for a, b in pairwise(kept) if b - a > 1]
    assert sum(holes) / len(holes) == pytest.approx(burst or 1.25, rel=0.15)


@given(
    st.lists(st.tuples(st.floats(0, 0.02), st.integers(40, 1500)), max_size=60),
    st.floats(50, 5000),
    st.floats(0, 100),
    st.floats(0, 1),
)
def test_every_packet_comes_out_once_in_order_or_is_counted(
    sent: list[tuple[float, int]], rate: float, delay: float, share: float
) -> None:
    channel = Channel(Shape(rate_kbps=rate, delay_ms=delay, jitter_ms=delay * share))
    now = 0.0
    out: list[int] = []
    for number, (pause, size) in enumerate(sent):
        now += pause
        channel.put(packet(number, size), now)
        out += [number_of(data) for data in channel.take(now)]
    while (at := channel.next_at()) < math.inf:
        assert at < now + 60
        out += [number_of(data) for data in channel.take(at)]
    assert out == sorted(set(out))
    told = channel.report(reset=True)
    assert told["packets"] == len(sent) == len(out) + told["overflowed"]
    assert told["delivered"] == len(out)
