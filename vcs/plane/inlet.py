"""From the socket to a stream's packet: sorted, authenticated, placed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from vcs.media.packet import (
    HEADER,
    HEADER_SIZE,
    MalformedPacket,
    extension_text,
    find_extension,
    layout,
)
from vcs.plane import MAX_SSRCS_PER_PEER, Address, DtlsEvent, RtcpEvent, StunEvent, UnknownSsrc
from vcs.plane.datagrams import BATCH
from vcs.plane.forwarder import Forwarder
from vcs.plane.paths import MediaSocket, Path
from vcs.plane.peer import MAX_ARRIVALS, InboundSsrc, Peer
from vcs.plane.rings import Rings
from vcs.plane.srtp import (
    AUTH_FAILED,
    MAX_DATAGRAM,
    REPLAYED,
    TOO_OLD,
    PacketBuffer,
    unprotect,
)
from vcs.plane.stream import Stream

if TYPE_CHECKING:
    from mypy_extensions import i64

MAX_DRAIN: Final = 256
"""Datagrams taken at one wake-up, so that timers and other sockets have their turn."""

TELL_AGAIN_S: Final = 0.1
_REFUSALS: Final = {
    AUTH_FAILED: "drop_srtp_auth",
    REPLAYED: "drop_srtp_replay",
    TOO_OLD: "drop_srtp_replay",
}


class Inlet:
    """One packet is dealt with after the other; what is forwarded waits in the sender for its
    `flush`."""

    __slots__ = ("_buffer", "_clock", "_counts", "_forwarder", "_framed", "_rings")

    def __init__(
        self,
        clock: Callable[[], float],
        forwarder: Forwarder,
        rings: Rings,
        counts: dict[str, int],
    ) -> None:
        self._buffer = self._framed = PacketBuffer(MAX_DATAGRAM)
        """The packet that is dealt with, and the one for packets of TCP connections."""
        self._clock = clock
        self._forwarder = forwarder
        self._rings = rings
        self._counts = counts

    def drain(self, on: MediaSocket) -> int:
        """Takes what has arrived, MAX_DRAIN datagrams at most; returns how many."""
        batch = on.incoming
        if batch is None:
            return 0
        counts = self._counts
        paths = on.by_source
        octets: i64 = 0
        taken: i64 = 0
        count: i64 = BATCH
        size: i64
        while count == BATCH and taken < MAX_DRAIN:
            try:
                count = batch.receive()
            except OSError:
                counts["drop_receive_error"] += 1
                break
            # What is taken together has been waiting together.
            now = self._clock()
            taken += count
            for place in range(count):
                size = batch.length(place)
                octets += size
                path = paths.get(batch.source(place))
                buffer = self._buffer = batch.buffers[place]
                data = buffer.data
                if (
                    path is not None
                    and path.peer is not None
                    and HEADER_SIZE <= size < MAX_DATAGRAM
                    and 128 <= data[0] <= 191
                    and not 192 <= data[1] <= 223
                ):
                    self._forwarder.received = buffer.view
                    self._take_rtp(path.peer, size, now)
                elif size == 0:
                    counts["drop_empty"] += 1
                elif size >= MAX_DATAGRAM:
                    counts["drop_oversized"] += 1
                else:
                    self._sort(on, batch.address(place), size, now)
        counts["packets_in"] += taken
        counts["octets_in"] += octets
        return taken

    def take(self, on: MediaSocket, address: Address, packet: memoryview, now: float) -> None:
        """One packet of a TCP connection, MAX_DATAGRAM octets at most; sorted as a datagram is."""
        size = len(packet)
        self._buffer = self._framed
        self._forwarder.received = self._framed.view
        self._framed.view[:size] = packet
        self._counts["packets_in"] += 1
        self._counts["octets_in"] += size
        path = on.paths.get(address)
        first, second = packet[0], packet[1] if size > 1 else 0
        if (
            path is not None
            and path.peer is not None
            and size >= HEADER_SIZE
            and 128 <= first <= 191
            and not 192 <= second <= 223
        ):
            self._take_rtp(path.peer, size, now)
        else:
            self._sort(on, address, size, now)

    def _sort(self, on: MediaSocket, address: Address, size: i64, now: float) -> None:
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
            else:
                # RTCP (RFC 5761 section 4): `drain` hands RTP on by itself.
                self._take_rtcp(path.peer, size, now)
        elif first <= 3:
            known = None if path is None else path.id
            self._rings.stun.push(StunEvent(on.id, address, known, self._bytes(size), now))
        elif 20 <= first <= 63:
            self._take_dtls(path, size, now)
        else:
            self._counts["drop_class"] += 1

    def _take_dtls(self, path: Path | None, size: i64, now: float) -> None:
        if path is None:
            self._counts["drop_no_path"] += 1
        else:
            self._rings.dtls.push(DtlsEvent(path.id, self._bytes(size), now))

    def _take_rtcp(self, peer: Peer, size: i64, now: float) -> None:
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

    def _take_rtp(self, peer: Peer, size: i64, now: float) -> None:
        """Long on purpose: every packet of media comes through here, and a call costs as much as
        what most of these lines do."""
        data = self._buffer.data
        first: i64
        second: i64
        sequence: i64
        timestamp: i64
        first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        entry = peer.inbound.get(ssrc)
        if entry is None and len(peer.inbound) >= MAX_SSRCS_PER_PEER:
            # Before libsrtp sees it: it allocates for every SSRC that it accepts.
            self._counts["drop_ssrc_limit"] += 1
            return
        context = peer.receive
        octets = context.length
        octets[0] = size
        status = unprotect(context.handle, self._buffer.pointer, octets)
        if status:
            self._refused(-status)
            return
        length: i64 = octets[0]
        peer.heard = now
        if entry is None:
            entry = peer.inbound[ssrc] = InboundSsrc()
        entry.authentic = True
        stream = entry.stream
        try:
            if first & 0xEF == 0x80 and length >= HEADER_SIZE:
                # No contributing sources, no padding: where the parts are is plain.
                start: i64 = HEADER_SIZE
                end: i64 = length
                extension: i64 = -1
                if first & 0x10:
                    extension = HEADER_SIZE
                    start = HEADER_SIZE + 4
                    if start > length:
                        raise MalformedPacket("header extension cut off")
                    start += 4 * (data[14] << 8 | data[15])
                    if start > length:
                        raise MalformedPacket("header longer than the packet")
            else:
                extension, start, end = layout(data, length)
            negotiated = peer.extensions
            wanted = negotiated.transport_cc
            if wanted:
                at, width = find_extension(data, extension, wanted)
                if width == 2:
                    arrivals = peer.arrival_sequence
                    if len(arrivals) < MAX_ARRIVALS:
                        arrivals.append(data[at] << 8 | data[at + 1])
                        peer.arrival_us.append(int(now * 1_000_000))
                    else:
                        self._counts["drop_arrivals"] += 1
            if stream is None:
                self._tell_unknown(peer, entry, ssrc, second & 0x7F, extension, now)
                return
            if entry.repair:
                stream.repair_packets += 1
                stream.repair_octets += length - start
                self._take_repair(stream, second, timestamp, start, end, now)
                return
            if not stream.video and negotiated.audio_level:
                at, width = find_extension(data, extension, negotiated.audio_level)
                if width == 1:
                    stream.note_level(data[at] & 0x7F, now)
            reception = stream.reception
            if sequence == reception.following:
                # In order, as nearly all are: `arrived` by hand.
                reception.following = (sequence + 1) & 0xFFFF
                number: i64 = reception.highest + 1
                reception.highest = number
                reception.packets += 1
                reception.octets += end - start
                reception.last_arrival = now
                if timestamp != reception.timestamp:
                    reception.note_timestamp(timestamp, now)
            else:
                number = reception.arrived(sequence, timestamp, end - start, now)
            if number < 0:
                self._counts["drop_duplicate"] += 1
            elif second & 0x7F != stream.payload_type:
                self._counts["drop_payload_type"] += 1
                self._forwarder.skip(stream, number)
            elif start == end:
                self._counts["drop_padding"] += 1
                self._forwarder.skip(stream, number)
            elif stream.routes:
                self._forward(stream, number, second & 0x80, timestamp, start, end, now)
            else:
                self._counts["drop_no_route"] += 1
        except MalformedPacket:
            self._counts["drop_malformed"] += 1

    def _take_repair(
        self, stream: Stream, second: i64, timestamp: i64, start: i64, end: i64, now: float
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
        if stream.routes:
            self._forward(stream, number, second & 0x80, timestamp, start + 2, end, now)
        else:
            self._counts["drop_no_route"] += 1

    def _forward(
        self,
        stream: Stream,
        number: i64,
        marker: i64,
        timestamp: i64,
        start: i64,
        end: i64,
        now: float,
    ) -> None:
        if not stream.video:
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

    def _bytes(self, size: i64) -> bytes:
        return bytes(self._buffer.view[:size])
