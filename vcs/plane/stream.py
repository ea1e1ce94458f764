"""One SSRC that a peer sends: its reception, and which routes it feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vcs.media.description import Codec, Kind
from vcs.media.reception import Reception
from vcs.media.sequence import Unwrapper
from vcs.media.timestamp import SenderClock
from vcs.plane import StreamId, StreamLog, StreamSpec
from vcs.plane.key_frames import KeyFrameDemand
from vcs.plane.peer import Peer

if TYPE_CHECKING:
    from mypy_extensions import i64

    from vcs.plane.route import Route

_NEVER: Final = float("-inf")


class Stream:
    """A stream in the tables. `routes` are those that it feeds or that wait for its key frame."""

    __slots__ = (
        "behind_head",
        "clock",
        "demand",
        "head",
        "id",
        "level",
        "level_at",
        "payload_type",
        "peer",
        "picture",
        "picture_raw",
        "pictures",
        "reception",
        "repair_octets",
        "repair_packets",
        "routes",
        "rtx_payload_type",
        "rtx_ssrc",
        "spec",
        "temporal_layers",
        "video",
        "vp8",
    )

    def __init__(self, identifier: StreamId, spec: StreamSpec, peer: Peer) -> None:
        self.id = identifier
        self.spec = spec
        self.peer = peer
        self.video = spec.kind is Kind.VIDEO
        self.vp8 = spec.codec is Codec.VP8
        self.rtx_ssrc = spec.rtx_ssrc
        self.rtx_payload_type = spec.rtx_payload_type
        self.reception = Reception(spec.clock_rate)
        self.payload_type: i64 = spec.payload_type
        self.repair_packets: i64 = 0
        self.repair_octets: i64 = 0
        self.pictures = Unwrapper(15)
        self.head = b""
        """Descriptor of the last VP8 packet that did not begin a frame, with what it says behind
        it: where PictureID is, unwrapped, its bits; where TL0PICIDX is, and it; TID."""
        self.behind_head = (0, 0, 0, 0, 0, 0)
        self.picture_raw = -1
        self.temporal_layers = 1
        self.picture = 0
        self.level: int | None = None
        self.level_at = _NEVER
        self.clock: SenderClock | None = None
        self.demand = KeyFrameDemand()
        self.routes: tuple[Route, ...] = ()

    def unwrap_picture(self, picture: int, bits: int) -> int:
        """The VP8 PictureID without its wraps."""
        raw = picture | bits << 16
        if raw != self.picture_raw:
            self.picture_raw = raw
            self.picture = self._unwrap_picture(picture, bits)
        return self.picture

    def _unwrap_picture(self, picture: int, bits: int) -> int:
        if bits == self.pictures.bits or self.pictures.highest < 0:
            if self.pictures.bits != bits:
                self.pictures = Unwrapper(bits)
            return self.pictures.unwrap(picture)
        return self.pictures.change_width(bits, picture)

    def note_level(self, level: i64, now: float) -> None:
        self.level = level
        self.level_at = now

    def attach(self, route: Route) -> None:
        if route not in self.routes:
            self.routes = (*self.routes, route)

    def detach(self, route: Route) -> None:
        self.routes = tuple(other for other in self.routes if other is not route)

    def log(self) -> StreamLog:
        reception = self.reception
        return StreamLog(
            ssrc=self.spec.ssrc,
            packets=reception.packets,
            octets=reception.octets,
            base=reception.base,
            highest=reception.highest,
            jitter=reception.jitter,
            last_arrival=reception.last_arrival,
            level=self.level,
            level_at=self.level_at,
            timestamp=reception.timestamp,
            timestamp_at=reception.timestamp_at,
            temporal_layers=self.temporal_layers,
            repair_packets=self.repair_packets,
            repair_octets=self.repair_octets,
        )
