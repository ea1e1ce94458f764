"""The load's end of one connection: real ICE, DTLS and SRTP, and as little work per packet as will
do. Every packet that arrives is counted, every fourth opened and its origin looked at."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.forwarding.media import CLOCK_RATES, Track, origin_of
from vcs.media import rtcp
from vcs.media.description import SrtpKeys, SrtpProfile
from vcs.media.packet import NOT_FOUND, find_extension, layout
from vcs.media.twcc import FeedbackComposer
from vcs.plane.srtp import TRAILER, PacketBuffer, SrtpContext
from vcs.transport import stun
from vcs.transport.client_ice import ControllingAgent
from vcs.transport.dtls import Certificate, DtlsSession, Fingerprint
from vcs.transport.ice import Credentials, new_credentials
from vcs.transport.stun import Address

BUFFER_OCTETS: Final = 4 << 20
CONNECT_WITHIN_S: Final = 15.0
FEEDBACK_S: Final = 0.1
REPORT_S: Final = 1.0
OPENED_EACH: Final = 4
SAMPLED_LATENCIES: Final = 200_000
OUR_SSRC: Final = 7
_DRAIN: Final = 64
_MAX_DATAGRAM: Final = 2_048
_PADDED: Final = 0x20
_NUMBER: Final = struct.Struct("!H")
_RECEIVED: Final = struct.Struct("!H4xI")
_NTP_EPOCH: Final = 2_208_988_800
_SO_TIMESTAMPNS: Final = 35
_STAMP: Final = struct.Struct("@qq")
_ANCILLARY_OCTETS: Final = socket.CMSG_SPACE(_STAMP.size)


class Strays(Exception):
    """A packet of somebody who may not be heard there."""


class Heard:
    """One SSRC that arrives."""

    __slots__ = ("base", "highest", "packets", "transport_at")

    def __init__(self, sequence: int) -> None:
        self.base = self.highest = sequence
        self.packets = 0
        self.transport_at = -2

    @property
    def lost(self) -> int:
        return self.highest - self.base + 1 - self.packets


@dataclass(slots=True)
class Received:
    """What arrived since `clear`."""

    packets: int = 0
    lost: int = 0
    strays: int = 0
    latencies_us: array[float] | None = None


class Bare:
    """No protection, for the bare copy."""

    def protect(self, buffer: PacketBuffer, length: int) -> int:
        return length

    unprotect = protect_rtcp = unprotect_rtcp = protect


class Call:
    """One connection. `tracks` are what it sends, `allowed` the numbers of those who may be heard
    on it."""

    def __init__(self, profile: SrtpProfile | None, allowed: Iterable[int] = ()) -> None:
        """`profile`: None for the bare copy."""
        self.certificate = Certificate() if profile is not None else None
        self.credentials = new_credentials()
        self.allowed = frozenset(allowed)
        self.tracks: list[Track] = []
        self.transport_cc = 0
        self.strays = 0
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_OCTETS)
        self.sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._profile = profile
        self._server: Address | None = None
        self._agent: ControllingAgent | None = None
        self._dtls: DtlsSession | None = None
        self._found: asyncio.Future[None] | None = None
        self._receive: SrtpContext | Bare | None = None
        self._send: SrtpContext | Bare | None = None
        self._in = PacketBuffer(_MAX_DATAGRAM)
        self._out = PacketBuffer(_MAX_DATAGRAM + TRAILER)
        self._heard: dict[int, Heard] = {}
        self._latencies: array[float] = array("d")
        self._numbers: array[int] = array("H")
        self._times: array[int] = array("q")
        self._feedback = FeedbackComposer(OUR_SSRC)
        self._transport_number = 0
        self._timers: list[asyncio.TimerHandle] = []
        self._loop = asyncio.get_running_loop()

    def listen(self, address: str) -> Address:
        """Open the port; returns where it is."""
        self.sock.bind((address, 0))
        self._loop.add_reader(self.sock, self.take_all)
        host, port = self.sock.getsockname()
        return host, port

    async def connect(
        self,
        server: Address,
        remote: Credentials,
        fingerprints: Sequence[Fingerprint],
    ) -> None:
        """Checks, DTLS as its client, keys. Raises what these raise, or `TimeoutError`."""
        assert self.certificate is not None
        assert self._profile is not None
        self._server = server
        self._agent = ControllingAgent(self.credentials, remote, [server], time.monotonic())
        self._found = self._loop.create_future()
        self._dtls = DtlsSession(
            "client", self.certificate, [self._profile], self._transmit, lambda: None
        )
        self._check()
        async with asyncio.timeout(CONNECT_WITHIN_S):
            await self._found
            self._protect(await self._dtls.handshake(fingerprints, CONNECT_WITHIN_S))

    def connect_bare(self, server: Address) -> None:
        self._server = server
        self._receive = self._send = Bare()

    def begin_reports(self, share: float) -> None:
        """Reports and feedback from now on; `share` (0 to 1) spreads the calls over the time."""
        self._after(FEEDBACK_S * (1 + share), self._send_feedback)
        self._after(REPORT_S * (1 + share), self._send_reports)

    def clear(self) -> None:
        """Count anew from here."""
        self.strays = 0
        self._latencies = array("d")
        for heard in self._heard.values():
            heard.base = heard.highest + 1
            heard.packets = 0

    def received(self) -> Received:
        return Received(
            packets=sum(heard.packets for heard in self._heard.values()),
            lost=sum(max(0, heard.lost) for heard in self._heard.values()),
            strays=self.strays,
            latencies_us=self._latencies,
        )

    def send(self, track: Track, now_ns: int) -> None:
        """The track's next packet."""
        packet = track.next(now_ns)
        if track.transport_at >= 0:
            _NUMBER.pack_into(packet, track.transport_at, self._transport_number)
            self._transport_number = (self._transport_number + 1) & 0xFFFF
        size = len(packet)
        self._out.view[:size] = packet
        assert self._send is not None
        length = self._send.protect(self._out, size)
        if length > 0:
            self._transmit(self._out.view[:length])

    def look_only(self) -> None:
        """Wake nobody when something arrives: `take_all` is called often enough."""
        self._loop.remove_reader(self.sock)

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._dtls is not None:
            self._dtls.close()
        self._loop.remove_reader(self.sock)
        self.sock.close()

    # --- arriving ---------------------------------------------------------------------------------

    def take_all(self) -> None:
        """Deal with what has arrived."""
        buffer = self._in
        data = buffer.data
        receive = self.sock.recvmsg_into
        into = [data]
        for _ in range(_DRAIN):
            try:
                size, told, _, _ = receive(into, _ANCILLARY_OCTETS)
            except (BlockingIOError, ConnectionRefusedError):
                return
            first = data[0]
            if 128 <= first < 192 and size >= 12:
                if 192 <= data[1] <= 223:
                    self._take_rtcp(size)
                else:
                    self._take_rtp(size, told[0][2] if told else b"")
            elif self._agent is not None and self._server is not None:
                if first < 4:
                    self._take_stun(bytes(buffer.view[:size]))
                elif 20 <= first < 64 and self._dtls is not None:
                    self._dtls.receive(bytes(buffer.view[:size]))

    def _take_rtp(self, size: int, stamp: bytes) -> None:
        data = self._in.data
        padded = data[0] & _PADDED
        sequence, ssrc = _RECEIVED.unpack_from(data, 2)
        seconds, nanoseconds = _STAMP.unpack(stamp)
        heard = self._heard.get(ssrc)
        if heard is None:
            heard = self._heard[ssrc] = Heard(sequence)
        ahead = (sequence - heard.highest) & 0xFFFF
        if ahead < 0x8000:
            heard.highest += ahead
        if heard.transport_at == -2:
            heard.transport_at = self._transport_place(size)
        at = heard.transport_at
        if at >= 0:
            self._numbers.append(data[at] << 8 | data[at + 1])
            self._times.append(seconds * 1_000_000 + nanoseconds // 1000)
        if padded:
            heard.base += 1  # the server looks for room: nothing of anybody's
            return
        heard.packets += 1
        if heard.packets % OPENED_EACH == 0 and self._receive is not None:
            length = self._receive.unprotect(self._in, size)
            if length <= 0:
                self.strays += 1
                return
            number, sent_at = origin_of(bytes(self._in.view[:length]))
            if number not in self.allowed:
                self.strays += 1
            elif len(self._latencies) < SAMPLED_LATENCIES:
                arrived_at = seconds * 1_000_000_000 + nanoseconds
                self._latencies.append((arrived_at - sent_at) / 1000)

    def _transport_place(self, size: int) -> int:
        """Where this sender puts its transport-wide number: the same place in all packets."""
        if not self.transport_cc:
            return -1
        data = self._in.data
        data[0] &= ~_PADDED  # how much of it is encrypted
        extension, _, _ = layout(data, size)
        at, width = find_extension(self._in.data, extension, self.transport_cc)
        return at if (at, width) != NOT_FOUND and width == 2 else -1

    def _take_rtcp(self, size: int) -> None:
        if self._receive is None:  # sooner here than the end of our handshake
            return
        length = self._receive.unprotect_rtcp(self._in, size)
        if length <= 0:
            return
        try:
            packets = rtcp.parse(self._in.view[:length])
        except rtcp.MalformedRtcp:
            return
        for packet in packets:
            if isinstance(packet, rtcp.PictureLoss | rtcp.FullIntraRequest):
                for track in self.tracks:
                    if track.ssrc == packet.media_ssrc:
                        track.key_frame_wanted = True

    def _take_stun(self, data: bytes) -> None:
        assert self._agent is not None
        assert self._server is not None
        if data[0] == 0 and data[1] == 1:  # Janus checks too, lite as it may be
            password = self.credentials.password.encode()
            request = stun.parse(data)
            if request is not None and request.authentic(password):
                response = stun.binding_response(request.transaction, self._server, password)
                self._transmit(response)
            return
        if not self._agent.on_stun(self._server, data, time.monotonic()):
            return
        if self._found is not None and not self._found.done():
            self._found.set_result(None)
        self._check()

    # --- leaving ----------------------------------------------------------------------------------

    def _check(self) -> None:
        assert self._agent is not None
        now = time.monotonic()
        for _, data in self._agent.due(now):
            self._transmit(data)
        self._after(max(self._agent.next_at - now, 0.01), self._check)

    def _send_feedback(self) -> None:
        self._after(FEEDBACK_S, self._send_feedback)
        if not self._numbers:
            return
        numbers, times = self._numbers, self._times
        self._numbers, self._times = array("H"), array("q")
        media = next(iter(self._heard))
        for packet in self._feedback.compose(media, numbers, times):
            self._send_rtcp(packet)

    def _send_reports(self) -> None:
        self._after(REPORT_S, self._send_reports)
        wall = time.time() + _NTP_EPOCH
        packets: list[rtcp.Packet] = [
            rtcp.SenderReport(
                track.ssrc,
                int(wall * 2**32),
                track.timestamp + CLOCK_RATES[track.kind] // 100,
                track.sent & 0xFFFFFFFF,
                track.octets & 0xFFFFFFFF,
            )
            for track in self.tracks
        ]
        blocks = tuple(
            rtcp.ReportBlock(ssrc, 0, max(0, heard.lost), heard.highest & 0xFFFFFFFF, 0, 0, 0)
            for ssrc, heard in self._heard.items()
        )
        if blocks:
            packets.append(rtcp.ReceiverReport(OUR_SSRC, blocks[:31]))
        if packets:
            self._send_rtcp(rtcp.compose(packets))

    def _send_rtcp(self, plain: bytes) -> None:
        if self._send is None or isinstance(self._send, Bare):
            return
        self._out.view[: len(plain)] = plain
        length = self._send.protect_rtcp(self._out, len(plain))
        if length > 0:
            self._transmit(self._out.view[:length])

    def _transmit(self, data: bytes | memoryview) -> None:
        assert self._server is not None
        try:
            self.sock.sendto(data, self._server)
        except (BlockingIOError, ConnectionRefusedError):
            return

    def _protect(self, keys: SrtpKeys) -> None:
        self._receive = SrtpContext(keys.profile, keys.receive, inbound=True)
        self._send = SrtpContext(keys.profile, keys.send, inbound=False)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._timers = [timer for timer in self._timers if timer.when() > self._loop.time() - 1]
        self._timers.append(self._loop.call_later(seconds, act))
