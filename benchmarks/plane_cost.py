"""`python -m benchmarks.plane_cost`: where the microseconds of a packet go in the Python plane.

Real sockets on loopback, full batches: what a packet costs where there are many. CPU time, the
least of several rounds; libsrtp and the system calls also alone.
"""

from __future__ import annotations

import asyncio
import contextlib
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
from vcs.plane.datagrams import BATCH, Destination, ReceiveBatch, SendBatch, sockaddr
from vcs.plane.python import PythonPlane
from vcs.plane.srtp import PacketBuffer, SrtpContext

PACKETS: Final = 3_000
ROUNDS: Final = 5
EXTENSIONS: Final = Extensions(mid=4, audio_level=1, transport_cc=3)
KEY_OCTETS: Final = {SrtpProfile.AES128_CM_SHA1_80: 30, SrtpProfile.AEAD_AES_128_GCM: 28}
CODECS: Final = {Kind.AUDIO: Codec.OPUS, Kind.VIDEO: Codec.VP8}


class Ends:
    """The plane's socket, a client's and sinks: real ones, on loopback."""

    def __init__(self, sinks: int) -> None:
        self.ours, self.client, *self.sinks = self._all = [
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2 + sinks)
        ]
        for each in self._all:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            each.setblocking(False)
            each.bind(("127.0.0.1", 0))

    def empty_sinks(self) -> int:
        """How many packets were there."""
        taken = 0
        for sink in self.sinks:
            with contextlib.suppress(BlockingIOError):
                while sink.recv(2048):
                    taken += 1
        return taken

    def close(self) -> None:
        for each in self._all:
            each.close()


async def forwarding(profile: SrtpProfile, kind: Kind, routes: int) -> float:
    """Microseconds for one packet that comes in and goes out on so many routes, BATCH at a look."""
    ends = Ends(routes)
    server = ends.ours.getsockname()
    plane = PythonPlane(asyncio.get_running_loop(), {SocketId(0): ends.ours}, lambda: None)
    octets = KEY_OCTETS[profile]
    key = os.urandom(octets)
    try:
        publisher = plane.add_peer(SrtpKeys(profile, key, os.urandom(octets)), EXTENSIONS)
        plane.bind(publisher, plane.add_path(SocketId(0), ends.client.getsockname()))
        numbers = PAYLOAD_TYPES[kind], CLOCK_RATES[kind]
        stream = plane.add_stream(StreamSpec(publisher, 77, kind, CODECS[kind], *numbers))
        for place in range(routes):
            peer = plane.add_peer(
                SrtpKeys(profile, os.urandom(octets), os.urandom(octets)), EXTENSIONS
            )
            plane.bind(peer, plane.add_path(SocketId(0), ends.sinks[place].getsockname()))
            repairs = (1000 + place, 97) if kind is Kind.VIDEO else ()
            spec = RouteSpec(peer, 10 + place, kind, CODECS[kind], *numbers, "3", *repairs)
            plane.apply([Forward(plane.add_route(spec), stream)])
        track = Track(kind, 77, 1, EXTENSIONS.transport_cc)
        context, buffer = SrtpContext(profile, key, inbound=False), PacketBuffer(4096)
        best = float("inf")
        for _ in range(ROUNDS):
            taken_s, came = 0.0, 0
            for _ in range(PACKETS // BATCH):
                for _ in range(BATCH):
                    ends.client.sendto(_protected(track, context, buffer), server)
                began = time.process_time()
                plane._take_all()
                taken_s += time.process_time() - began
                came += ends.empty_sinks()
            if came < routes * (PACKETS // BATCH * BATCH - 1):  # the first waits for a key frame
                raise RuntimeError(f"{came} packets came out of {routes} routes")
            best = min(best, taken_s)
            plane.pull_arrivals(publisher)
        return best / (PACKETS // BATCH * BATCH) * 1e6
    finally:
        plane.close()
        ends.close()


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


async def system_calls(size: int) -> tuple[float, float]:
    """Microseconds of `sendmmsg` and of `recvmmsg` for one datagram of a full batch."""
    ends = Ends(1)
    plane = PythonPlane(asyncio.get_running_loop(), {SocketId(0): ends.client}, lambda: None)
    try:
        key = os.urandom(KEY_OCTETS[SrtpProfile.AEAD_AES_128_GCM])
        peer = plane.add_peer(SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, key, key), EXTENSIONS)
        spec = RouteSpec(peer, 10, Kind.AUDIO, Codec.OPUS, 111, 48000, "3")
        route = plane._routes[plane.add_route(spec)]
        sending, receiving = SendBatch(ends.client), ReceiveBatch(ends.sinks[0])
        to = Destination(sockaddr(ends.sinks[0].getsockname(), six=False))
        sent = received = float("inf")
        for _ in range(100):
            for _ in range(BATCH):
                sending.add(to.place, size, route, size)
            began = time.process_time()
            sending.flush({})
            between = time.process_time()
            receiving.receive()
            ended = time.process_time()
            sent, received = min(sent, between - began), min(received, ended - between)
        return sent / BATCH * 1e6, received / BATCH * 1e6
    finally:
        plane.close()
        ends.close()


async def main() -> None:
    print(f"Python {platform.python_version()}; microseconds of CPU time")
    print(f"{'':<26}{'sound':>8}{'picture':>9}{'sound':>8}{'picture':>9}")
    print(f"{'':<26}{'AES_CM':>8}{'AES_CM':>9}{'GCM':>8}{'GCM':>9}")
    cases = [(profile, kind) for profile in KEY_OCTETS for kind in (Kind.AUDIO, Kind.VIDEO)]
    rows: dict[str, list[float]] = {}
    for profile, kind in cases:
        none, one, six = [await forwarding(profile, kind, routes) for routes in (0, 1, 6)]
        size = 80 if kind is Kind.AUDIO else 1_100
        sending, receiving = await system_calls(size)
        for name, figure in (
            ("in, to nobody", none),
            ("  and to one", one - none),
            ("  and to each further one", (six - one) / 5),
            ("of it libsrtp, each way", protection(profile, size)),
            ("of it recvmmsg", receiving),
            ("of it sendmmsg, each", sending),
        ):
            rows.setdefault(name, []).append(figure)
    for name, figures in rows.items():
        shown = "".join(f"{figure:>{8 + place % 2}.1f}" for place, figure in enumerate(figures))
        print(f"{name:<26}{shown}")


if __name__ == "__main__":
    asyncio.run(main())
