"""The hostile network: what is sorted out, counted, and harms nobody."""

from __future__ import annotations

import asyncio
import random
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcs.media.description import Extensions
from vcs.plane import EVENT_RING, Forward, SocketId, Stop

from .implementations import IMPLEMENTATIONS
from .loopback import EXTENSIONS, SILENCE, V4, Bench, vp8


async def test_datagrams_are_sorted_by_their_first_byte(bench: Bench) -> None:
    booth, stranger = bench.client(), bench.stranger()
    loose = bench.stranger()
    path = bench.plane.add_path(V4, loose.getsockname())
    for sock in (stranger, loose):
        for first in (0, 3, 4, 19, 20, 63, 64, 79, 127, 128, 191, 192, 255):
            sock.send(bytes([first, 0]) + bytes(30))
        sock.send(b"")
    await bench.settle()
    events = bench.plane.pull_events()
    assert [(e.socket, e.address, e.path, e.data[0]) for e in events.stun] == [
        (V4, stranger.getsockname(), None, 0),
        (V4, stranger.getsockname(), None, 3),
        (V4, loose.getsockname(), path, 0),
        (V4, loose.getsockname(), path, 3),
    ]
    assert [(e.path, e.data) for e in events.dtls] == [
        (path, b"\x14" + bytes(31)),
        (path, b"\x3f" + bytes(31)),
    ]
    counters = bench.plane.counters()
    assert counters["packets_in"] == 28
    assert counters["drop_empty"] == 2
    assert counters["drop_class"] == 14
    assert counters["drop_no_path"] == 4  # DTLS and RTP from a stranger
    assert counters["drop_no_peer"] == 2
    booth.sock.sendto(b"\x80\0", booth.server)
    booth.sock.sendto(bytes([128]) + bytes(3000), booth.server)
    await bench.settle()
    counters = bench.plane.counters()
    assert (counters["drop_malformed"], counters["drop_oversized"]) == (1, 1)


async def test_garbage_before_during_and_after_a_call(bench: Bench) -> None:
    chance = random.Random(7)
    stranger = bench.stranger()
    officer, booth = bench.client(), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)

    async def garbage() -> None:
        for sender in (stranger, officer.sock):
            for _ in range(60):
                data = chance.randbytes(chance.choice([0, 1, 2, 11, 12, 40, 200, 1400]))
                if data and chance.random() < 0.6:
                    # Looks like RTP or RTCP of the call.
                    head = bytes([chance.randrange(128, 192), chance.randrange(256)])
                    data = head + data[2:8] + ssrc.to_bytes(4, "big") + data[12:]
                sender.sendto(data, officer.server)
            await bench.settle()

    await garbage()
    bench.plane.apply([Forward(route, stream)])
    for n in range(20):
        officer.sound(ssrc, n)
        await garbage()
    assert [p.payload for p in booth.got] == [b"voice %d" % n for n in range(20)]
    bench.plane.apply([Stop(route)])
    await garbage()
    await bench.until(lambda: len(booth.got) == 25)
    assert {p.payload for p in booth.got[20:]} == {SILENCE}
    events = bench.plane.pull_events()
    assert events.rtcp == [] and events.unknown == []


async def test_a_flood_of_one_kind_leaves_the_others_room(bench: Bench) -> None:
    booth, stranger = bench.client(), bench.stranger()
    for round_ in range(12):
        for n in range(100):
            stranger.send(bytes([0, round_, n]))
        await bench.settle()
    booth.sock.sendto(b"\x16dtls", booth.server)
    await bench.settle()
    events = bench.plane.pull_events()
    assert len(events.stun) == EVENT_RING
    assert events.stun[0].data == b"\0\0\0"
    assert events.dropped == {"stun": 1200 - EVENT_RING}
    assert len(events.dtls) == 1
    assert bench.plane.pull_events().dropped == {}


async def test_events_wake_once_for_a_drain(bench: Bench) -> None:
    stranger = bench.stranger()
    for _ in range(20):
        stranger.send(b"\0")
    await bench.settle()
    assert bench.wakes == 1
    assert len(bench.plane.pull_events().stun) == 20
    stranger.send(b"\x50")
    await bench.settle()
    assert bench.wakes == 1


async def test_authentic_nonsense_is_counted_and_the_call_goes_on(bench: Bench) -> None:
    """Header extensions and payloads of every shape, from a peer who has the keys."""
    booth, officer = bench.client(), bench.client()
    stream, ssrc, _ = bench.camera(booth)
    route, _, _ = bench.eye(officer)
    bench.plane.apply([Forward(route, stream)])
    booth.picture(ssrc, 0, vp8(b"key", key=True), 0)
    n = 1
    for element in range(256):
        for size in (0, 1, 2, 3):
            block = b"\xbe\xde\0" + bytes([size]) + (bytes([element]) * 4 * size)
            header = b"\x90\x60" + (2000 + n).to_bytes(2, "big") + bytes(4)
            booth.send(header + ssrc.to_bytes(4, "big") + block + b"\x90\x80")
            n += 1
        if element % 32 == 0:
            await bench.settle()
    booth.picture(ssrc, n, vp8(b"end", picture=101), 3000)
    await bench.settle()
    assert [p.payload[7:] for p in officer.got] == [b"key", b"end"]
    assert officer.got[1].sequence - officer.got[0].sequence in range(1, 600)
    assert bench.plane.counters()["drop_malformed"] == n - 1


async def test_level_needs_its_own_size_and_negotiation(bench: Bench) -> None:
    booth, plain = bench.client(), bench.client(extensions=Extensions())
    stream, ssrc = bench.voice(booth)
    other, other_ssrc = bench.voice(plain)
    booth.send(booth.packet(ssrc, 1, 0, b"x", elements={EXTENSIONS.audio_level: b"\xff\xff"}))
    plain.sound(other_ssrc, 0, level=5)
    await bench.settle()
    assert bench.plane.stream_log(stream).level is None
    assert bench.plane.stream_log(other).level is None
    booth.sound(ssrc, 5, level=0x80 | 42)
    await bench.settle()
    assert bench.plane.stream_log(stream).level == 42


async def test_an_ipv6_socket_sees_ipv4_addresses_as_such(bench: Bench) -> None:
    six = SocketId(1)
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind(("::", 0))
    sock.setblocking(False)
    plane = bench.make_plane(bench.loop, {six: sock}, lambda: None, time.monotonic)
    port = plane.local_port(six)
    mapped = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    mapped.bind(("127.0.0.1", 0))
    mapped.settimeout(5)
    native = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    native.bind(("::1", 0))
    native.settimeout(5)
    async with asyncio.timeout(5):
        for client, host in ((mapped, "127.0.0.1"), (native, "::1")):
            address = client.getsockname()[:2]
            client.sendto(b"\0a", (host, port))
            while not (found := plane.pull_events().stun):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            (event,) = found
            assert (event.socket, event.address, event.path) == (six, address, None)
            written = "::FFFF:127.0.0.1" if host != "::1" else "0::1"
            path = plane.add_path(six, (written, address[1]))
            client.sendto(b"\x16b", (host, port))
            while not (heard := plane.pull_events().dtls):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            assert [(dtls.path, dtls.data) for dtls in heard] == [(path, b"\x16b")]
            plane.send_to(path, b"answer")
            assert client.recv(100) == b"answer"
            plane.send_unbound(six, event.address, b"error")
            assert client.recv(100) == b"error"
            client.close()
    plane.close()
    sock.close()


@settings(max_examples=60, deadline=None)
@given(datagrams=st.lists(st.binary(max_size=80), max_size=20))
@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_no_datagram_raises(name: str, datagrams: list[bytes]) -> None:
    async def run() -> None:
        bench = Bench(IMPLEMENTATIONS[name])
        booth = bench.client()
        _, ssrc = bench.voice(booth)
        try:
            for n, data in enumerate(datagrams):
                booth.sock.sendto(data, booth.server)
                # The same as the extension and the payload of an authentic packet.
                body = (len(data) // 4).to_bytes(2, "big") + data
                header = b"\x90\x6f" + n.to_bytes(2, "big") + bytes(4)
                booth.send(header + ssrc.to_bytes(4, "big") + b"\xbe\xde" + body)
                await bench.settle()
        finally:
            bench.close()

    asyncio.run(run())
