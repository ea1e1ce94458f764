"""Anyone can reach the media port: datagrams from nowhere leave calls as they are."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import socket
import struct
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sized
from itertools import pairwise

import psutil
import pytest

from tests.unit.test_live_talk import Counter, counter, until
from vcs import messages as m

CLIENT_HELLO = bytes.fromhex("16feff0000000000000000") + b"\x00\x40" + b"\x01" + bytes(63)
FATAL_ALERT = bytes.fromhex("15feff0000000000000000") + b"\x00\x02" + b"\x02\x28"
CLOSE_NOTIFY = bytes.fromhex("15feff0000000000000000") + b"\x00\x02" + b"\x01\x00"


def stun(attributes: bytes = b"", *, length: int | None = None) -> bytes:
    size = len(attributes) if length is None else length
    return struct.pack("!HHI", 1, size, 0x2112A442) + os.urandom(12) + attributes


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def datagrams(seed: int, ufrag: str) -> list[bytes]:
    """Every class of RFC 7983, broken and forged, and a real user name without its password."""
    rng = random.Random(seed)
    forged = attribute(6, f"{ufrag}:abcd".encode()) + attribute(8, rng.randbytes(20))
    made = [
        b"",
        b"\x00",
        CLIENT_HELLO,
        FATAL_ALERT,
        CLOSE_NOTIFY,
        stun(),
        stun(length=60_000),
        stun(forged),
        stun(attribute(6, b"\xff" * 500)),
        stun(attribute(8, b"")),
        b"\x80" + rng.randbytes(60),
        b"\x80\xc8" + rng.randbytes(60),
        rng.randbytes(1500),
    ]
    made += [bytes([first]) + rng.randbytes(rng.randrange(80)) for first in range(256)]
    rng.shuffle(made)
    return made


def throw(desk: Counter, count: int) -> None:
    """From an address that is no client's, with a user name that is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.connect(("127.0.0.1", desk.rig.media.port))
        for seed in range(count):
            for datagram in datagrams(seed, desk.officer.server_ufrag):
                stranger.send(datagram)


async def works(desk: Counter, slot: int) -> None:
    """A talk with this booth is heard both ways, and nobody else hears anything."""
    await desk.talk(slot)
    desk.forget()
    await until(lambda: desk.officer.voices() == {f"booth {slot}".encode()})
    await until(lambda: desk.booths[slot].voices() == {b"officer"})
    assert all(not booth.voices() for n, booth in desk.booths.items() if n != slot)


async def test_calls_go_on_before_during_and_after() -> None:
    async with counter((1, 2)) as desk:
        throw(desk, 2)
        await works(desk, 1)
        paths = len(desk.rig.media.plane._paths.by_id)
        peers = len(desk.rig.media.hub)
        before = sum(n for name, n in desk.rig.media.counters().items() if "drop" in name)
        for _ in range(10):
            throw(desk, 1)
            await asyncio.sleep(0.02)
        assert desk.officer.voices() == {b"booth 1"}
        await works(desk, 2)
        after = sum(n for name, n in desk.rig.media.counters().items() if "drop" in name)
        assert after > before + 1000
        assert len(desk.rig.media.plane._paths.by_id) == paths
        assert len(desk.rig.media.hub) == peers


async def test_nothing_is_answered_that_proves_nothing() -> None:
    async with counter((1,)) as desk:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.setblocking(False)
            stranger.connect(("127.0.0.1", desk.rig.media.port))
            for datagram in datagrams(7, "t1forged"):
                stranger.send(datagram)
            await asyncio.sleep(0.3)
            with pytest.raises(BlockingIOError):
                stranger.recv(2048)


def in_full(desk: Counter) -> bool:
    """No number is missing of any sound since the last `forget`."""
    heard = [desk.officer, *desk.booths.values()]
    runs = [numbers for talker in heard for numbers in talker.sequences.values()]
    return all(
        (later - earlier) & 0xFFFF == 1 for numbers in runs for earlier, later in pairwise(numbers)
    )


async def test_ten_thousand_a_second_for_ten_seconds_cost_no_call_a_packet() -> None:
    async with counter((1, 2)) as desk:
        await works(desk, 1)
        gc.collect()
        paths = len(desk.rig.media.plane._paths.by_id)
        memory = psutil.Process().memory_info().rss
        desk.forget()
        flood = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.unit.flood",
            str(desk.rig.media.port),
            "10000",
            "10",
            desk.officer.server_ufrag,
            stdout=PIPE,
        )
        alive = asyncio.create_task(stay(desk))
        sent = int((await flood.communicate())[0])
        alive.cancel()
        assert sent > 90_000
        assert in_full(desk)
        assert desk.officer.voices() == {b"booth 1"}
        assert desk.booths[1].voices() == {b"officer"}
        assert not desk.booths[2].voices()
        # What was heard meanwhile is kept too: a few hundred small packets each.
        assert psutil.Process().memory_info().rss - memory < 8 << 20
        assert len(desk.rig.media.plane._paths.by_id) == paths
        assert all(len(ring) == 0 for ring in rings(desk))
        await works(desk, 2)


async def stay(desk: Counter) -> None:
    """As pages do; who says nothing for ten seconds is gone."""
    while True:
        for talker in (desk.officer, *desk.booths.values()):
            await talker.wire.say(m.Ping(9))
        await asyncio.sleep(2)


def rings(desk: Counter) -> list[Sized]:
    plane = desk.rig.media.plane
    return [getattr(plane._rings, name) for name in ("stun", "dtls", "rtcp", "unknown")]
