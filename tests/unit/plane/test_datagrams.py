"""Batches over real sockets, of all three kinds of addresses."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest
from cffi import FFI

from tests.conformance.loopback import Bench
from vcs.plane import Forward
from vcs.plane.counts import fresh_counts
from vcs.plane.datagrams import (
    BATCH,
    Destination,
    ReceiveBatch,
    SendBatch,
    key_of,
    sockaddr,
)
from vcs.plane.route import Route
from vcs.plane.srtp import MAX_DATAGRAM

FOUR, SIX, DUAL = "127.0.0.1", "::1", "::"


class Ends:
    """Our socket, and somebody's who knows it."""

    def __init__(self, host: str) -> None:
        self.six = ":" in host
        family = socket.AF_INET6 if self.six else socket.AF_INET
        self.ours = socket.socket(family, socket.SOCK_DGRAM)
        if host == DUAL:
            self.ours.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.ours.setblocking(False)
        self.ours.bind((host, 0))
        self.host = FOUR if host == DUAL else host
        self.theirs = socket.socket(
            socket.AF_INET if self.host == FOUR else socket.AF_INET6, socket.SOCK_DGRAM
        )
        self.theirs.settimeout(5)
        self.theirs.bind((self.host, 0))
        self.server = (self.host, self.ours.getsockname()[1])
        self.client = (self.host, self.theirs.getsockname()[1])

    def destination(self) -> Destination:
        return Destination(sockaddr(self.client, six=self.six))


@pytest.fixture(params=[FOUR, SIX, DUAL], ids=["four", "six", "mapped"])
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    made = Ends(request.param)
    yield made
    made.ours.close()
    made.theirs.close()


@pytest.fixture
def route(bench: Bench) -> Route:
    return bench.plane._routes[bench.ear(bench.client())[0]]


def fill(batch: SendBatch, data: bytes, to: Destination, route: Route) -> bool:
    batch.following().view[: len(data)] = data
    return batch.add(to.place, len(data), route, len(data))


def test_what_came_with_its_length_and_its_source(ends: Ends) -> None:
    batch = ReceiveBatch(ends.ours)
    assert batch.receive() == 0
    for data in (b"one", b"", b"three!"):
        ends.theirs.sendto(data, ends.server)
    assert batch.receive() == 3
    came = [bytes(batch.buffers[n].view[: batch.length(n)]) for n in range(3)]
    assert came == [b"one", b"", b"three!"]
    for n in range(3):
        assert batch.address(n) == ends.client
        assert batch.source(n) == key_of(sockaddr(ends.client, six=ends.six))
    other = (ends.host, ends.client[1] ^ 1)
    assert batch.source(0) != key_of(sockaddr(other, six=ends.six))
    assert batch.receive() == 0


def test_more_than_one_call_takes_is_there_at_the_next(ends: Ends) -> None:
    batch = ReceiveBatch(ends.ours)
    for n in range(BATCH + 3):
        ends.theirs.sendto(bytes([n]), ends.server)
    assert batch.receive() == BATCH
    assert [batch.buffers[n].data[0] for n in range(BATCH)] == list(range(BATCH))
    assert batch.receive() == 3
    assert [batch.buffers[n].data[0] for n in range(3)] == [BATCH, BATCH + 1, BATCH + 2]


def test_too_long_a_datagram_harms_nobody(ends: Ends) -> None:
    batch = ReceiveBatch(ends.ours)
    ends.theirs.sendto(b"\xff" * 5000, ends.server)
    ends.theirs.sendto(b"after", ends.server)
    assert batch.receive() == 2
    assert batch.length(0) == MAX_DATAGRAM
    assert bytes(batch.buffers[1].view[:6]) == b"after\0"


def test_a_closed_socket_is_an_error_of_the_system(ends: Ends) -> None:
    batch = ReceiveBatch(ends.ours)
    ends.ours.close()
    with pytest.raises(OSError, match="recvmmsg"):
        batch.receive()


async def test_what_was_added_arrives_in_order(ends: Ends, route: Route) -> None:
    batch, counts, to = SendBatch(ends.ours), fresh_counts(), ends.destination()
    full = [fill(batch, bytes([n]) * (n + 1), to, route) for n in range(BATCH)]
    assert full == [False] * (BATCH - 1) + [True]
    batch.flush(counts)
    assert [ends.theirs.recv(100) for _ in range(BATCH)] == [
        bytes([n]) * (n + 1) for n in range(BATCH)
    ]
    batch.flush(counts)
    fill(batch, b"again", to, route)
    batch.flush(counts)
    assert ends.theirs.recv(100) == b"again"
    assert counts == fresh_counts()


async def test_one_that_cannot_be_sent_costs_the_others_nothing(bench: Bench) -> None:
    ends = Ends(FOUR)
    batch, counts, to = SendBatch(ends.ours), fresh_counts(), ends.destination()
    nowhere = Destination(sockaddr(("255.255.255.255", 9), six=False))
    client = bench.client()
    sent, failed = (bench.plane._routes[bench.ear(client)[0]] for _ in range(2))
    for each in (sent, failed):
        each.packets, each.octets = 100, 10_000
    for data, where, route in (
        (b"first", to, sent),
        (b"lost", nowhere, failed),
        (b"second", to, sent),
        (b"lost too", nowhere, failed),
    ):
        fill(batch, data, where, route)
    batch.flush(counts)
    assert [ends.theirs.recv(100) for _ in range(2)] == [b"first", b"second"]
    assert counts["drop_send_error"] == 2
    assert (sent.packets, sent.octets) == (100, 10_000)
    assert (failed.packets, failed.octets) == (98, 10_000 - len(b"lost") - len(b"lost too"))
    ends.ours.close()
    ends.theirs.close()


async def test_what_a_full_socket_does_not_take_is_lost_and_not_counted_as_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        """A socket on loopback is never full: the receiver's queue drops instead."""
        FFI().errno = errno.EAGAIN
        return -1

    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    officer.sound(ssrc, 0)
    await bench.settle()
    officer.sound(ssrc, 1)
    batch = bench.plane._paths.by_id[booth.path].socket.outgoing
    assert batch is not None
    with monkeypatch.context() as patch:
        patch.setattr(batch, "system", full)
        await bench.settle()
    officer.sound(ssrc, 2)
    await bench.settle()
    assert [p.payload for p in booth.got] == [b"voice 0", b"voice 2"]
    assert (booth.got[1].sequence - booth.got[0].sequence) & 0xFFFF == 2
    assert bench.plane.counters()["drop_send_full"] == 1
    assert bench.plane.route_log(route).packets == 2
