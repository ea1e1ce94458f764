"""From a payload to the kernel: header, extensions, protection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vcs.plane import Address
from vcs.plane.datagrams import SendBatch
from vcs.plane.paths import MediaSocket, Path
from vcs.plane.peer import Peer
from vcs.plane.route import Route
from vcs.plane.srtp import MAX_DATAGRAM, MAX_HEADERS, TRAILER, PacketBuffer, protect

if TYPE_CHECKING:
    from mypy_extensions import i64

MAX_PADDING: Final = 224
"""Octets of padding in one packet, as browsers send it; its last octet could count to 255."""
_PADDED: Final = 0x20


class Sender:
    """Sends packets that are made in `following(route)`. Over UDP they wait for `flush`, which who
    was called by the loop calls before the loop goes on. A full socket drops, as the network
    would."""

    __slots__ = ("_buffer", "_counts", "_waiting", "view")

    def __init__(self, counts: dict[str, int]) -> None:
        self._buffer = PacketBuffer(MAX_HEADERS + MAX_DATAGRAM + TRAILER)
        self._counts = counts
        self.view = self._buffer.view
        self._waiting: list[SendBatch] = []

    def following(self, route: Route) -> PacketBuffer:
        """Where the route's next packet is made."""
        path = route.peer.path
        if path is None:
            return self._buffer
        batch = path.socket.outgoing
        return self._buffer if batch is None else batch.following()

    def flush(self) -> None:
        """All that waits is sent."""
        for batch in self._waiting:
            batch.flush(self._counts)
        self._waiting.clear()

    def send(
        self,
        route: Route,
        packet: PacketBuffer,
        number: i64,
        marker: i64,
        timestamp: i64,
        size: i64,
        level: i64,
        now: float,
    ) -> None:
        """Sends the payload of `size` bytes that stands at the route's `payload_at` in `packet`,
        which is `following(route)`. `number` is unwrapped and marked as sent, by who noted the
        timestamp too; `marker` is 0 or 0x80."""
        data = packet.data
        peer = route.peer
        route.header.pack_into(
            data,
            0,
            route.first,
            marker | route.payload_type,
            number & 0xFFFF,
            timestamp,
            route.ssrc,
            route.block,
        )
        at = route.abs_send_time_at
        if at >= 0:
            # 24 bits of seconds, 18 of them behind the point
            # (draft: webrtc.org/experiments/rtp-hdrext/abs-send-time).
            time = int(now * 262144)
            data[at] = time >> 16 & 0xFF
            data[at + 1] = time >> 8 & 0xFF
            data[at + 2] = time & 0xFF
        at = route.transport_cc_at
        if at >= 0:
            sequence = peer.transport_sequence
            data[at] = sequence >> 8
            data[at + 1] = sequence & 0xFF
            peer.transport_sequence = (sequence + 1) & 0xFFFF
        if route.level_at >= 0:
            data[route.level_at] = level
        counts = self._counts
        if peer.departures is not None and at >= 0:
            # Noted before the kernel has it: what fails to leave is lost like any other packet.
            octets = route.payload_at + size + peer.send.tag
            if not peer.departures.note(octets, now):
                counts["drop_departures"] += 1
        path = peer.path
        if path is None:
            counts["drop_send_no_path"] += 1
            return
        context = peer.send
        length = context.length
        plain = route.payload_at + size
        length[0] = plain
        if protect(context.handle, packet.pointer, length):
            counts["drop_protect"] += 1
            return
        batch = path.socket.outgoing
        if batch is None:
            try:
                path.send(packet.view[: plain + context.tag], path.destination)
            except BlockingIOError:
                counts["drop_send_full"] += 1
                return
            except OSError:
                counts["drop_send_error"] += 1
                return
        else:
            if batch.waiting == 0:
                self._waiting.append(batch)
            if batch.add(path.place, plain + context.tag, route, size):
                batch.flush(counts)
        if peer.pace is not None:
            peer.pace.spend(plain, now)
        route.packets += 1
        route.octets += size

    def send_repair(
        self, route: Route, sequence: i64, marker: i64, timestamp: i64, payload: bytes, now: float
    ) -> bool:
        """Sends a packet once more under the route's SSRC for repairs (RFC 4588 section 4)."""
        body = bytes((sequence >> 8 & 0xFF, sequence & 0xFF)) + payload
        if not self._send_beside(route, 0, marker, timestamp, body, now):
            return False
        self._counts["repairs_out"] += 1
        return True

    def send_padding(self, route: Route, octets: i64, now: float) -> int:
        """Packets of nothing but padding (RFC 3550 section 5.1) under the SSRC for repairs; see
        `Plane.send_padding`."""
        sent = 0
        while sent < octets and not route.peer.held:
            around = route.payload_at + route.peer.send.tag
            size = min(MAX_PADDING, max(1, octets - sent - around))
            body = bytes(size - 1) + bytes((size,))
            if not self._send_beside(route, _PADDED, 0, route.timestamps.last, body, now):
                break
            sent += around + size
            self._counts["padding_out"] += 1
        return sent

    def _send_beside(
        self, route: Route, flags: i64, marker: i64, timestamp: i64, body: bytes, now: float
    ) -> bool:
        """Sends a packet under the route's SSRC for repairs, with the route's header extensions."""
        spec, peer = route.spec, route.peer
        if spec.rtx_ssrc is None or spec.rtx_payload_type is None:
            return False
        path = peer.path
        if path is None:
            self._counts["drop_send_no_path"] += 1
            return False
        route.repair_number += 1
        data = self._buffer.data
        at = route.payload_at
        route.header.pack_into(
            data,
            0,
            route.first | flags,
            marker | spec.rtx_payload_type,
            route.repair_number & 0xFFFF,
            timestamp,
            spec.rtx_ssrc,
            route.block,
        )
        if route.abs_send_time_at >= 0:
            time = int(now * 262144) & 0xFFFFFF
            data[route.abs_send_time_at : route.abs_send_time_at + 3] = time.to_bytes(3, "big")
        if route.transport_cc_at >= 0:
            at_number, number = route.transport_cc_at, peer.transport_sequence
            data[at_number] = number >> 8
            data[at_number + 1] = number & 0xFF
            peer.transport_sequence = (peer.transport_sequence + 1) & 0xFFFF
            octets = at + len(body) + peer.send.tag
            if peer.departures is not None and not peer.departures.note(octets, now):
                self._counts["drop_departures"] += 1
        self.view[at : at + len(body)] = body
        length = peer.send.protect(self._buffer, at + len(body))
        if length < 0:
            self._counts["drop_protect"] += 1
            return False
        return self.send_raw(path.socket, self.view[:length], path.destination)

    def send_rtcp(self, peer: Peer, plain: bytes) -> None:
        if len(plain) > MAX_DATAGRAM:
            raise ValueError("an RTCP packet larger than a datagram")
        if peer.path is None:
            self._counts["drop_send_no_path"] += 1
            return
        self.view[: len(plain)] = plain
        length = peer.send.protect_rtcp(self._buffer, len(plain))
        if length < 0:
            self._counts["drop_protect"] += 1
        else:
            self.send_raw(peer.path.socket, self.view[:length], peer.path.destination)

    def send_on(self, path: Path, data: bytes) -> None:
        self.send_raw(path.socket, data, path.destination)

    def send_raw(self, on: MediaSocket, data: bytes | memoryview, destination: Address) -> bool:
        counts = self._counts
        try:
            on.send(data, destination)
        except BlockingIOError:
            counts["drop_send_full"] += 1
            return False
        except OSError:
            counts["drop_send_error"] += 1
            return False
        counts["packets_out"] += 1
        counts["octets_out"] += len(data)
        return True
