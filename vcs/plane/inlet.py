"""From the socket to a stream's packet: sorted, authenticated, placed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vcs.media.level import read_level
from vcs.media.packet import (
    HEADER,
    HEADER_SIZE,
    MalformedPacket,
    extension_text,
    find_extension,
    layout,
)
from vcs.plane import MAX_SSRCS_PER_PEER, Address, DtlsEvent, RtcpEvent, StunEvent, UnknownSsrc
from vcs.plane.forwarder import Forwarder
from vcs.plane.paths import MediaSocket, Path
from vcs.plane.peer import InboundSsrc, Peer
from vcs.plane.rings import Rings
from vcs.plane.sender import MAX_DATAGRAM
from vcs.plane.srtp import AUTH_FAILED, REPLAYED, TOO_OLD, PacketBuffer
from vcs.plane.stream import Stream

MAX_DRAIN: Final = 256
"""Datagrams taken at one wake-up, so that timers and other sockets have their turn."""

TELL_AGAIN_S: Final = 0.1
_REFUSALS: Final = {
    AUTH_FAILED: "drop_srtp_auth",
    REPLAYED: "drop_srtp_replay",
    TOO_OLD: "drop_srtp_replay",
}


class Inlet:
    """Owns the one receiving buffer; what a datagram carries is dealt with before the next is
    taken."""

    __slots__ = ("_buffer", "_clock", "_counts", "_forwarder", "_rings")

    def __init__(
        self,
        buffer: PacketBuffer,
        clock: Callable[[], float],
        forwarder: Forwarder,
        rings: Rings,
        counts: dict[str, int],
    ) -> None:
        self._buffer = buffer
        self._clock = clock
        self._forwarder = forwarder
        self._rings = rings
        self._counts = counts

    def drain(self, on: MediaSocket) -> int:
        """Takes what has arrived, MAX_DRAIN datagrams at most; returns how many."""
        counts = self._counts
        data = self._buffer.data
        receive = on.sock.recvfrom_into
        direct = not on.six
        for taken in range(MAX_DRAIN):
            try:
                size, raw = receive(data)
            except (BlockingIOError, InterruptedError):
                return taken
            except OSError:
                counts["drop_receive_error"] += 1
                return taken
            counts["packets_in"] += 1
            counts["octets_in"] += size
            address = raw if direct else on.source(raw)
            if size == 0:
                counts["drop_empty"] += 1
            elif size >= MAX_DATAGRAM:
                counts["drop_oversized"] += 1
            else:
                self._sort(on, address, size, self._clock())
        return MAX_DRAIN

    def _sort(self, on: MediaSocket, address: Address, size: int, now: float) -> None:
        """By the first byte (RFC 7983 section 7)."""
        first = self._buffer.data[0]
        path = on.paths.get(address)
        if 128 <= first <= 191:
            if path is None:
                self._counts["drop_no_path"] += 1
            elif path.peer is None:
                self._counts["drop_no_peer"] += 1
            elif size < HEADER_SIZE:
                self._counts["drop_malformed"] += 1
            # RFC 5761 section 4.
            elif 192 <= self._buffer.data[1] <= 223:
                self._take_rtcp(path.peer, size, now)
            else:
                self._take_rtp(path.peer, size, now)
        elif first <= 3:
            known = None if path is None else path.id
            self._rings.stun.push(StunEvent(on.id, address, known, self._bytes(size), now))
        elif 20 <= first <= 63:
            self._take_dtls(path, size, now)
        else:
            self._counts["drop_class"] += 1

    def _take_dtls(self, path: Path | None, size: int, now: float) -> None:
        if path is None:
            self._counts["drop_no_path"] += 1
        else:
            self._rings.dtls.push(DtlsEvent(path.id, self._bytes(size), now))

    def _take_rtcp(self, peer: Peer, size: int, now: float) -> None:
        ssrc = int.from_bytes(self._buffer.data[4:8], "big")
        entry = peer.inbound.get(ssrc)
        if entry is None and len(peer.inbound) >= MAX_SSRCS_PER_PEER:
            self._counts["drop_ssrc_limit"] += 1
            return
        length = peer.receive.unprotect_rtcp(self._buffer, size)
        if length <= 0:
            self._refused(length)
            return
        self._note_authentic(peer, entry, ssrc, now)
        self._rings.rtcp.push(RtcpEvent(peer.id, self._bytes(length), now))

    def _take_rtp(self, peer: Peer, size: int, now: float) -> None:
        data = self._buffer.data
        _, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        entry = peer.inbound.get(ssrc)
        if entry is None and len(peer.inbound) >= MAX_SSRCS_PER_PEER:
            # Before libsrtp sees it: it allocates for every SSRC that it accepts.
            self._counts["drop_ssrc_limit"] += 1
            return
        length = peer.receive.unprotect(self._buffer, size)
        if length <= 0:
            self._refused(length)
            return
        entry = self._note_authentic(peer, entry, ssrc, now)
        try:
            extension, start, end = layout(data, length)
            negotiated = peer.extensions
            if negotiated.transport_cc:
                at, width = find_extension(data, extension, negotiated.transport_cc)
                if width == 2 and not peer.note_arrival(data[at] << 8 | data[at + 1], now):
                    self._counts["drop_arrivals"] += 1
            stream = entry.stream
            if stream is None:
                self._tell_unknown(peer, entry, ssrc, second & 0x7F, extension, now)
            elif entry.repair:
                self._take_repair(stream, second, timestamp, start, end, now)
            else:
                if not stream.video and negotiated.audio_level:
                    at, width = find_extension(data, extension, negotiated.audio_level)
                    if width == 1:
                        stream.note_level(read_level(data[at])[1], now)
                number = stream.reception.arrived(sequence, timestamp, end - start, now)
                if number < 0:
                    self._counts["drop_duplicate"] += 1
                elif second & 0x7F != stream.spec.payload_type:
                    self._counts["drop_payload_type"] += 1
                    self._forwarder.skip(stream, number)
                elif start == end:
                    self._counts["drop_padding"] += 1
                    self._forwarder.skip(stream, number)
                else:
                    self._forward(stream, number, second & 0x80, timestamp, start, end, now)
        except MalformedPacket:
            self._counts["drop_malformed"] += 1

    def _take_repair(
        self, stream: Stream, second: int, timestamp: int, start: int, end: int, now: float
    ) -> None:
        """RFC 4588 section 4: the payload begins with the original sequence number."""
        if second & 0x7F != stream.rtx_payload_type:
            self._counts["drop_payload_type"] += 1
            return
        if end - start <= 2:
            # What senders probe for bandwidth with.
            self._counts["drop_padding"] += 1
            return
        data = self._buffer.data
        number = stream.reception.repaired(data[start] << 8 | data[start + 1])
        if number < 0:
            self._counts["drop_repair_late"] += 1
            return
        self._counts["repairs_in"] += 1
        self._forward(stream, number, second & 0x80, timestamp, start + 2, end, now)

    def _forward(
        self,
        stream: Stream,
        number: int,
        marker: int,
        timestamp: int,
        start: int,
        end: int,
        now: float,
    ) -> None:
        if not stream.routes:
            self._counts["drop_no_route"] += 1
        elif not stream.video:
            self._forwarder.forward_audio(stream, number, marker, timestamp, start, end, now)
        else:
            try:
                self._forwarder.forward_video(stream, number, marker, timestamp, start, end, now)
            except MalformedPacket:
                self._counts["drop_malformed"] += 1
                self._forwarder.skip(stream, number)

    def _tell_unknown(
        self,
        peer: Peer,
        entry: InboundSsrc,
        ssrc: int,
        payload_type: int,
        extension: int,
        now: float,
    ) -> None:
        self._counts["drop_unknown_ssrc"] += 1
        if now - entry.told_at < TELL_AGAIN_S:
            return
        data, negotiated = self._buffer.data, peer.extensions
        event = UnknownSsrc(
            peer=peer.id,
            ssrc=ssrc,
            payload_type=payload_type,
            mid=extension_text(data, extension, negotiated.mid),
            rid=extension_text(data, extension, negotiated.rid),
            repaired_rid=extension_text(data, extension, negotiated.repaired_rid),
            arrival=now,
        )
        entry.told_at = now
        self._rings.unknown.push(event)

    def _note_authentic(
        self, peer: Peer, entry: InboundSsrc | None, ssrc: int, now: float
    ) -> InboundSsrc:
        peer.heard = now
        if entry is None:
            entry = peer.inbound[ssrc] = InboundSsrc()
        entry.authentic = True
        return entry

    def _refused(self, status: int) -> None:
        self._counts[_REFUSALS.get(status, "drop_srtp_other")] += 1

    def _bytes(self, size: int) -> bytes:
        return bytes(self._buffer.view[:size])
