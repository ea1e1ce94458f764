"""Clients whose network has no UDP, and strangers on the same port: a real server, real packets."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import socket
import struct

import psutil
import pytest

from tests.unit.test_hostile_datagrams import datagrams, in_full, works
from tests.unit.test_live_talk import Counter, counter, until
from vcs import messages as m
from vcs.plane import MAX_PATHLESS


def tcp_sockets(desk: Counter) -> int:
    return sum(1 for number in desk.rig.media.plane._paths.sockets if number > 1)


async def test_talk_goes_over_tcp_alone() -> None:
    async with counter((1, 2), tcp=True) as desk:
        for slot in (1, 2, 1):
            await works(desk, slot)
        assert tcp_sockets(desk) == 3
        numbers = desk.rig.media.counters()
        assert (numbers["connections_in"], numbers["connections_ended"]) == (3, 0)
        await desk.command(lambda n: m.Hold(n))
        await asyncio.sleep(0.2)
        desk.forget()
        await asyncio.sleep(0.2)
        assert all(talker.voices() == set() for talker in desk.everybody())
        await desk.close()
        await until(lambda: tcp_sockets(desk) == 0)
        assert len(desk.rig.media.plane._paths.by_id) == 0


async def test_a_connection_that_ends_is_followed_by_another() -> None:
    async with counter((1, 2), tcp=True) as desk:
        await works(desk, 1)
        before = desk.rig.media.counters()["connections_in"]
        desk.booths[1].connection.rebind()
        desk.officer.connection.rebind()
        await until(lambda: desk.rig.media.counters()["connections_in"] == before + 2)
        await until(lambda: tcp_sockets(desk) == 3)
        await works(desk, 1)
        await works(desk, 2)


def strange(seed: int, ufrag: str) -> list[bytes]:
    """What strangers send: frames of everything hostile, frames that are none, other protocols."""
    rng = random.Random(seed)
    frames = [struct.pack("!H", len(data)) + data for data in datagrams(seed, ufrag)]
    return [
        *frames,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + rng.randbytes(500),
        bytes(3000),
        b"\0",
        b"\x08\x01" + bytes(2049),
        b"\xff\xff" + rng.randbytes(5000),
        rng.randbytes(3000),
        b"",
    ]


class Strangers:
    """Connections to the media port that nobody asked for."""

    def __init__(self, desk: Counter) -> None:
        self._port = desk.rig.media.port
        self.open: list[socket.socket] = []

    async def connect(self) -> socket.socket:
        made = socket.socket()
        made.setblocking(False)
        self.open.append(made)
        await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", self._port))
        return made

    def close(self) -> None:
        for made in self.open:
            made.close()

    def __enter__(self) -> Strangers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.mark.parametrize("tcp", [False, True], ids=["calls over UDP", "calls over TCP"])
async def test_strangers_change_nothing_for_calls(tcp: bool) -> None:
    async with counter((1, 2), tcp=tcp) as desk, contextlib.AsyncExitStack() as afterwards:
        await works(desk, 1)
        gc.collect()
        memory = psutil.Process().memory_info().rss
        paths = len(desk.rig.media.plane._paths.by_id)
        desk.forget()
        strangers = afterwards.enter_context(Strangers(desk))
        # Idle ones, and half of them say something and then stall, or vanish without a word.
        for number in range(1000):
            stranger = await strangers.connect()
            await asyncio.sleep(0)
            hostile = strange(number // 64, desk.officer.server_ufrag)
            if number % 2:
                stranger.setblocking(True)
                stranger.settimeout(5)
                with contextlib.suppress(ConnectionError):
                    stranger.sendall(hostile[-1 - number // 2 % 20])
            if number % 5 == 0:
                stranger.close()
        await asyncio.sleep(0.3)
        assert in_full(desk)
        assert desk.officer.voices() == {b"booth 1"}
        assert desk.booths[1].voices() == {b"officer"}
        assert not desk.booths[2].voices()
        assert tcp_sockets(desk) <= MAX_PATHLESS + (3 if tcp else 0)
        assert len(desk.rig.media.plane._paths.by_id) == paths
        assert psutil.Process().memory_info().rss - memory < 8 << 20
        numbers = desk.rig.media.counters()
        assert numbers["connections_in"] >= 1000
        assert numbers["drop_connection_oversized"] > 10
        await works(desk, 2)
        strangers.close()
        await until(lambda: tcp_sockets(desk) == (3 if tcp else 0))


async def test_nothing_is_answered_that_proves_nothing() -> None:
    async with counter((1,), tcp=True) as desk:
        strangers = Strangers(desk)
        stranger = await strangers.connect()
        for data in datagrams(7, "t1forged"):
            stranger.setblocking(True)
            stranger.sendall(struct.pack("!H", len(data)) + data)
        await asyncio.sleep(0.3)
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(2048)
        strangers.close()


async def test_a_client_that_stalls_costs_the_others_nothing() -> None:
    async with counter((1, 2), tcp=True) as desk:
        await works(desk, 1)
        await desk.command(lambda n: m.Announce(n, True, desk.revision))
        await until(lambda: desk.booths[2].voices() == {b"officer"})
        gc.collect()
        memory = psutil.Process().memory_info().rss
        stalled = desk.booths[2].connection._streams
        assert stalled is not None
        for stream in stalled._open.values():
            asyncio.get_running_loop().remove_reader(stream._socket.fileno())
        desk.forget()
        await asyncio.sleep(3)
        assert in_full(desk)
        assert desk.booths[1].voices() == {b"officer"}
        assert len(desk.booths[1].heard) > 100
        assert psutil.Process().memory_info().rss - memory < 4 << 20
