"""From a staged payload to the kernel: header, extensions, protection, `sendto`."""

from __future__ import annotations

from typing import Final

from vcs.media.level import SILENT
from vcs.media.packet import HEADER
from vcs.plane import Address
from vcs.plane.paths import MediaSocket, Path
from vcs.plane.peer import Peer
from vcs.plane.route import Route
from vcs.plane.srtp import TRAILER, PacketBuffer

MAX_DATAGRAM: Final = 2048
MAX_HEADERS: Final = 128
"""An RTP header and the largest extension block that `Route.write_template` makes, and more."""

_OSN_SIZE: Final = 2


class Sender:
    """Owns the one outgoing buffer. A full socket drops, as the network would."""

    __slots__ = ("_buffer", "_counts", "data", "view")

    def __init__(self, counts: dict[str, int]) -> None:
        self._buffer = PacketBuffer(MAX_HEADERS + MAX_DATAGRAM + TRAILER)
        self._counts = counts
        self.data = self._buffer.data
        self.view = self._buffer.view

    def stage(self, route: Route, payload: memoryview | bytes) -> int:
        """Puts a payload where `send` expects it; returns its offset in `data`."""
        at = route.payload_at
        self.view[at : at + len(payload)] = payload
        return at

    def send(
        self,
        route: Route,
        number: int,
        marker: int,
        timestamp: int,
        size: int,
        level: int,
        now: float,
    ) -> None:
        """Sends the staged payload of `size` bytes. `number` is unwrapped and marked as sent;
        `marker` is 0 or 0x80."""
        spec = route.spec
        HEADER.pack_into(
            self.data,
            0,
            route.first_byte,
            marker | spec.payload_type,
            number & 0xFFFF,
            timestamp,
            spec.ssrc,
        )
        self._write_extensions(route, level, now)
        route.timestamps.sent(timestamp, now)
        if self._protect_and_send(route.peer, route.payload_at + size):
            route.packets += 1
            route.octets += size

    def send_repair(
        self, route: Route, sequence: int, marker: int, timestamp: int, payload: bytes, now: float
    ) -> bool:
        """Sends a packet once more under the route's SSRC for repairs (RFC 4588 section 4)."""
        spec = route.spec
        if spec.rtx_ssrc is None or spec.rtx_payload_type is None:
            return False
        route.repair_number += 1
        HEADER.pack_into(
            self.data,
            0,
            route.first_byte,
            marker | spec.rtx_payload_type,
            route.repair_number & 0xFFFF,
            timestamp,
            spec.rtx_ssrc,
        )
        self._write_extensions(route, SILENT, now)
        at = route.payload_at
        self.data[at] = sequence >> 8
        self.data[at + 1] = sequence & 0xFF
        at += _OSN_SIZE
        self.view[at : at + len(payload)] = payload
        if not self._protect_and_send(route.peer, at + len(payload)):
            return False
        self._counts["repairs_out"] += 1
        return True

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
            on.sock.sendto(data, destination)
        except BlockingIOError:
            counts["drop_send_full"] += 1
            return False
        except OSError:
            counts["drop_send_error"] += 1
            return False
        counts["packets_out"] += 1
        counts["octets_out"] += len(data)
        return True

    def _write_extensions(self, route: Route, level: int, now: float) -> None:
        data = self.data
        template = route.template
        if not template:
            return
        data[12 : 12 + len(template)] = template
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
            peer = route.peer
            sequence = peer.transport_sequence
            data[at] = sequence >> 8
            data[at + 1] = sequence & 0xFF
            peer.transport_sequence = (sequence + 1) & 0xFFFF
        if route.level_at >= 0:
            data[route.level_at] = level

    def _protect_and_send(self, peer: Peer, length: int) -> bool:
        path = peer.path
        if path is None:
            self._counts["drop_send_no_path"] += 1
            return False
        length = peer.send.protect(self._buffer, length)
        if length < 0:
            self._counts["drop_protect"] += 1
            return False
        return self.send_raw(path.socket, self.view[:length], path.destination)
