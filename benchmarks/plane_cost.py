"""`python -m benchmarks.plane_cost`: where the microseconds of a packet go in the Python plane.

The plane's own work for one packet, without a network: a socket that hands out prepared packets and
takes what is sent. CPU time, the least of several rounds; libsrtp and the system calls also alone.
"""

from __future__ import annotations

import asyncio
import os
import platform
import socket
import struct
import time
from collections.abc import Callable
from typing import Final

from benchmarks.forwarding.media import CLOCK_RATES, PAYLOAD_TYPES, Track
from vcs.media.description import Codec, Extensions, Kind, SrtpKeys, SrtpProfile
from vcs.plane import Forward, RouteSpec, SocketId, StreamSpec
from vcs.plane.python import PythonPlane
from vcs.plane.srtp import PacketBuffer, SrtpContext

PACKETS: Final = 3_000
ROUNDS: Final = 5
EXTENSIONS: Final = Extensions(mid=4, audio_level=1, transport_cc=3)
KEY_OCTETS: Final = {SrtpProfile.AES128_CM_SHA1_80: 30, SrtpProfile.AEAD_AES_128_GCM: 28}
SOURCE: Final = ("192.0.2.1", 5)
CODECS: Final = {Kind.AUDIO: Codec.OPUS, Kind.VIDEO: Codec.VP8}


class Hand:
    """Gives what it holds and drops what it is given."""

    family = socket.AF_INET

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.next = 0
        self._pipe = os.pipe()

    def fileno(self) -> int:
        return self._pipe[0]

    def recvfrom_into(self, into: bytearray) -> tuple[int, tuple[str, int]]:
        if self.next == len(self.packets):
            raise BlockingIOError
        packet = self.packets[self.next]
        self.next += 1
        into[: len(packet)] = packet
        return len(packet), SOURCE

    def sendto(self, data: memoryview, address: tuple[str, int]) -> int:
        return len(data)

    def close(self) -> None:
        for number in self._pipe:
            os.close(number)


async def forwarding(profile: SrtpProfile, kind: Kind, routes: int) -> float:
    """Microseconds for one packet that comes in and goes out on so many routes."""
    hand = Hand()
    plane = PythonPlane(asyncio.get_running_loop(), {SocketId(0): hand}, lambda: None)  # type: ignore[dict-item]
    octets = KEY_OCTETS[profile]
    key = os.urandom(octets)
    try:
        publisher = plane.add_peer(SrtpKeys(profile, key, os.urandom(octets)), EXTENSIONS)
        plane.bind(publisher, plane.add_path(SocketId(0), SOURCE))
        numbers = PAYLOAD_TYPES[kind], CLOCK_RATES[kind]
        stream = plane.add_stream(StreamSpec(publisher, 77, kind, CODECS[kind], *numbers))
        for place in range(routes):
            peer = plane.add_peer(
                SrtpKeys(profile, os.urandom(octets), os.urandom(octets)), EXTENSIONS
            )
            plane.bind(peer, plane.add_path(SocketId(0), ("192.0.2.2", 100 + place)))
            repairs = (1000 + place, 97) if kind is Kind.VIDEO else ()
            spec = RouteSpec(peer, 10 + place, kind, CODECS[kind], *numbers, "3", *repairs)
            plane.apply([Forward(plane.add_route(spec), stream)])
        track = Track(kind, 77, 1, EXTENSIONS.transport_cc)
        context, buffer = SrtpContext(profile, key, inbound=False), PacketBuffer(4096)
        best = float("inf")
        for _ in range(ROUNDS):
            hand.packets = [_protected(track, context, buffer) for _ in range(PACKETS)]
            hand.next = 0
            began = time.process_time()
            while hand.next < PACKETS:
                plane._take_all()
            best = min(best, time.process_time() - began)
            plane.pull_arrivals(publisher)
        return best / PACKETS * 1e6
    finally:
        plane.close()
        hand.close()


def _protected(track: Track, context: SrtpContext, buffer: PacketBuffer) -> bytes:
    packet = track.next(0)
    struct.pack_into("!H", packet, track.transport_at, track.sent & 0xFFFF)
    buffer.view[: len(packet)] = packet
    return bytes(buffer.view[: context.protect(buffer, len(packet))])


def alone(act: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(PACKETS):
            act()
        best = min(best, time.process_time() - began)
    return best / PACKETS * 1e6


def protection(profile: SrtpProfile, size: int) -> float:
    """Microseconds of libsrtp for one packet, called as the plane calls it."""
    context = SrtpContext(profile, os.urandom(KEY_OCTETS[profile]), inbound=False)
    buffer = PacketBuffer(4096)
    count = 0

    def act() -> None:
        nonlocal count
        count += 1
        struct.pack_into("!BBHII", buffer.data, 0, 0x80, 96, count & 0xFFFF, 0, 77)
        context.protect(buffer, size)

    return alone(act)


def system_calls(size: int) -> tuple[float, float]:
    """`sendto` to a socket on loopback whose owner does not wait for it, and `recvfrom_into`."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink,
    ):
        sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sink.bind(("127.0.0.1", 0))
        address, data, into = sink.getsockname(), bytes(size), bytearray(2048)
        sending = receiving = float("inf")
        for _ in range(20):
            began = time.process_time()
            for _ in range(100):
                source.sendto(data, address)
            between = time.process_time()
            for _ in range(100):
                sink.recvfrom_into(into)
            ended = time.process_time()
            sending = min(sending, between - began)
            receiving = min(receiving, ended - between)
        return sending * 1e4, receiving * 1e4


async def main() -> None:
    print(f"Python {platform.python_version()}; microseconds of CPU time")
    print(f"{'':<26}{'sound':>8}{'picture':>9}{'sound':>8}{'picture':>9}")
    print(f"{'':<26}{'AES_CM':>8}{'AES_CM':>9}{'GCM':>8}{'GCM':>9}")
    cases = [(profile, kind) for profile in KEY_OCTETS for kind in (Kind.AUDIO, Kind.VIDEO)]
    rows: dict[str, list[float]] = {}
    for profile, kind in cases:
        none, one, six = [await forwarding(profile, kind, routes) for routes in (0, 1, 6)]
        size = 80 if kind is Kind.AUDIO else 1_100
        sending, receiving = system_calls(size)
        for name, figure in (
            ("in, to nobody", none),
            ("  and to one", one - none),
            ("  and to each further one", (six - one) / 5),
            ("of it libsrtp, each way", protection(profile, size)),
            ("besides: recvfrom", receiving),
            ("besides: sendto, each", sending),
        ):
            rows.setdefault(name, []).append(figure)
    for name, figures in rows.items():
        shown = "".join(f"{figure:>{8 + place % 2}.1f}" for place, figure in enumerate(figures))
        print(f"{name:<26}{shown}")


if __name__ == "__main__":
    asyncio.run(main())
