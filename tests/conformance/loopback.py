"""A client of the plane on a loopback socket, with real SRTP, and a bench that holds both."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pylibsrtp import Policy, Session

from vcs.media.description import Codec, Extensions, Kind, SrtpKeys, SrtpProfile
from vcs.media.packet import compose_extensions, extension_text, find_extension, layout
from vcs.plane import PeerId, Plane, RouteId, RouteSpec, SocketId, StreamId, StreamSpec

from .implementations import MakePlane

KEY_SIZES = {SrtpProfile.AES128_CM_SHA1_80: 30, SrtpProfile.AEAD_AES_128_GCM: 28}
EXTENSIONS = Extensions(
    mid=4, rid=10, repaired_rid=11, audio_level=1, transport_cc=3, abs_send_time=2
)
AUDIO_TYPE, VIDEO_TYPE, RTX_TYPE = 111, 96, 97
SILENCE = b"\xf8\xff\xfe"
V4 = SocketId(0)


@dataclass(frozen=True)
class Received:
    """An RTP packet as a client decrypted it."""

    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    raw: bytes = field(repr=False)
    at: float = field(repr=False, compare=False)

    def extension(self, identifier: int) -> bytes | None:
        block, _, _ = layout(self.raw, len(self.raw))
        at, size = find_extension(self.raw, block, identifier)
        return None if at < 0 else self.raw[at : at + size]

    def mid(self) -> str | None:
        block, _, _ = layout(self.raw, len(self.raw))
        return extension_text(self.raw, block, EXTENSIONS.mid)


def session(key: bytes, profile: SrtpProfile, kind: int) -> Session:
    policy = Policy(key=key, ssrc_type=kind, srtp_profile=profile)
    policy.window_size = 1024
    return Session(policy)


def vp8(
    frame: bytes,
    *,
    key: bool = False,
    starts: bool = True,
    picture: int = 100,
    tl0: int = 7,
    tid: int = 0,
    sync: bool = False,
) -> bytes:
    """A payload with a 15-bit PictureID, TL0PICIDX and TID; `frame` follows its first byte."""
    head = struct.pack(
        "!BBHBB",
        0x80 | (0x10 if starts else 0),
        0xE0,
        0x8000 | picture,
        tl0,
        tid << 6 | (0x20 if sync else 0),
    )
    return head + bytes([0 if key else 1]) + frame


def vp8_numbers(payload: bytes) -> tuple[int, int]:
    """PictureID and TL0PICIDX of a payload made by `vp8`."""
    picture, tl0 = struct.unpack_from("!HB", payload, 2)
    return picture & 0x7FFF, tl0


class Client:
    """One peer: its socket, its sessions, and what it received so far."""

    def __init__(
        self, plane: Plane, port: int, profile: SrtpProfile, extensions: Extensions
    ) -> None:
        size = KEY_SIZES[profile]
        up, down = os.urandom(size), os.urandom(size)
        self.plane = plane
        self.server = ("127.0.0.1", port)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        self.address = ("127.0.0.1", self.sock.getsockname()[1])
        self.tx = session(up, profile, Policy.SSRC_ANY_OUTBOUND)
        self.rx = session(down, profile, Policy.SSRC_ANY_INBOUND)
        self.extensions = extensions
        self.id: PeerId = plane.add_peer(SrtpKeys(profile, up, down), extensions)
        self.path = plane.add_path(V4, self.address)
        plane.bind(self.id, self.path)
        self.got: list[Received] = []
        self.got_rtcp: list[bytes] = []
        self.got_plain: list[bytes] = []
        self.sizes: list[int] = []
        """Of every packet of `got`, as it was on the wire."""
        self.numbers: set[tuple[int, int]] = set()

    def packet(
        self,
        ssrc: int,
        sequence: int,
        timestamp: int,
        payload: bytes,
        *,
        payload_type: int = AUDIO_TYPE,
        marker: bool = False,
        elements: dict[int, bytes] | None = None,
        padding: int = 0,
    ) -> bytes:
        block, _ = compose_extensions(list((elements or {}).items()))
        first = 0x80 | (0x10 if block else 0) | (0x20 if padding else 0)
        header = struct.pack(
            "!BBHII",
            first,
            (0x80 if marker else 0) | payload_type,
            sequence & 0xFFFF,
            timestamp & 0xFFFFFFFF,
            ssrc,
        )
        tail = bytes(padding - 1) + bytes([padding]) if padding else b""
        return header + block + payload + tail

    def send(self, plain: bytes) -> bytes:
        """Protects and sends; returns what went over the wire."""
        wire = self.tx.protect(plain)
        self.put(wire)
        return wire

    def send_rtcp(self, plain: bytes) -> None:
        self.put(self.tx.protect_rtcp(plain))

    def put(self, wire: bytes) -> None:
        self.sock.sendto(wire, self.server)

    def take(self) -> Iterator[bytes]:
        """The packets that are in the socket."""
        while True:
            try:
                yield self.sock.recv(4096)
            except BlockingIOError:
                return

    def sound(self, ssrc: int, n: int, payload: bytes | None = None, level: int = 30) -> None:
        """The nth 20 ms of a voice."""
        body = b"voice %d" % n if payload is None else payload
        self.send(self.packet(ssrc, 1000 + n, 960 * n, body, elements={1: bytes([level])}))

    def picture(self, ssrc: int, n: int, payload: bytes, timestamp: int, **more: bool) -> None:
        self.send(self.packet(ssrc, 2000 + n, timestamp, payload, payload_type=VIDEO_TYPE, **more))

    def receive(self) -> None:
        """Takes what is in the socket. No number may come twice under one key."""
        for data in self.take():
            if not 128 <= data[0] <= 191:
                self.got_plain.append(data)
            elif 192 <= data[1] <= 223:
                self.got_rtcp.append(self.rx.unprotect_rtcp(data))
            else:
                ssrc, sequence = struct.unpack("!I", data[8:12])[0], data[2] << 8 | data[3]
                assert (ssrc, sequence) not in self.numbers, "a sequence number came twice"
                self.numbers.add((ssrc, sequence))
                self.sizes.append(len(data))
                plain = self.rx.unprotect(data)
                _, start, end = layout(plain, len(plain))
                _, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", plain)
                self.got.append(
                    Received(
                        second >= 128,
                        second & 127,
                        sequence,
                        timestamp,
                        ssrc,
                        plain[start:end],
                        plain,
                        time.monotonic(),
                    )
                )


class Bench:
    """A plane on a loopback port and its clients."""

    def __init__(self, make_plane: MakePlane, clock: Callable[[], float] = time.monotonic) -> None:
        self.make_plane = make_plane
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        self.wakes = 0
        self.listener: Callable[[], None] | None = None
        loop = asyncio.get_running_loop()
        self.loop = loop
        loop.set_exception_handler(lambda _, context: self.errors.append(context))
        self.errors: list[dict[str, object]] = []
        self.plane = make_plane(loop, {V4: self.sock}, self._woken, clock)
        self.clients: list[Client] = []
        self.strangers: list[socket.socket] = []
        self.accepted: list[socket.socket] = []
        """The plane's ends of TCP connections."""
        self._ssrc = 0x1000

    def _woken(self) -> None:
        self.wakes += 1
        if self.listener is not None:
            self.listener()

    def client(
        self,
        profile: SrtpProfile = SrtpProfile.AEAD_AES_128_GCM,
        extensions: Extensions = EXTENSIONS,
    ) -> Client:
        client = Client(self.plane, self.plane.local_port(V4), profile, extensions)
        self.clients.append(client)
        return client

    def stranger(self) -> socket.socket:
        """A socket that no path leads to."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        sock.connect(("127.0.0.1", self.plane.local_port(V4)))
        self.strangers.append(sock)
        return sock

    def ssrc(self) -> int:
        self._ssrc += 1
        return self._ssrc

    def voice(self, client: Client) -> tuple[StreamId, int]:
        ssrc = self.ssrc()
        spec = StreamSpec(client.id, ssrc, Kind.AUDIO, Codec.OPUS, AUDIO_TYPE, 48000)
        return self.plane.add_stream(spec), ssrc

    def camera(self, client: Client, codec: Codec = Codec.VP8) -> tuple[StreamId, int, int]:
        ssrc, rtx = self.ssrc(), self.ssrc()
        spec = StreamSpec(client.id, ssrc, Kind.VIDEO, codec, VIDEO_TYPE, 90000, rtx, RTX_TYPE)
        return self.plane.add_stream(spec), ssrc, rtx

    def ear(self, client: Client, mid: str = "a0", red: int | None = None) -> tuple[RouteId, int]:
        ssrc = self.ssrc()
        spec = RouteSpec(
            client.id, ssrc, Kind.AUDIO, Codec.OPUS, 109, 48000, mid, red_payload_type=red
        )
        return self.plane.add_route(spec), ssrc

    def eye(self, client: Client, codec: Codec = Codec.VP8) -> tuple[RouteId, int, int]:
        ssrc, rtx = self.ssrc(), self.ssrc()
        spec = RouteSpec(client.id, ssrc, Kind.VIDEO, codec, 100, 90000, "v0", rtx, 101)
        return self.plane.add_route(spec), ssrc, rtx

    async def settle(self) -> None:
        """Returns when the plane has taken, and dealt with, all that was sent to it so far: its
        sockets are empty, where a datagram is when `sendto` on loopback returns, and its counters
        have stood still over two turns of the loop."""
        before: Mapping[str, int] = {}
        while self._waiting() or before != self.plane.counters():
            before = self.plane.counters()
            await asyncio.sleep(0)
        for client in self.clients:
            client.receive()

    def _waiting(self) -> bool:
        """Something is in the plane's sockets."""
        look = select.poll()
        for sock in (self.sock, *(sock for sock in self.accepted if sock.fileno() >= 0)):
            look.register(sock, select.POLLIN)
        return bool(look.poll(0))

    async def until(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Waits for timers of the plane to have their effect."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.002)
                for client in self.clients:
                    client.receive()

    def close(self) -> None:
        self.plane.close()
        self.sock.close()
        for sock in (*self.strangers, *self.accepted, *(client.sock for client in self.clients)):
            sock.close()
        assert self.errors == [], "nothing raises in the loop, whatever the network sends"
