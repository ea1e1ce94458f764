"""One SSRC that a peer is sent: a slot with one timeline, whatever streams feed it."""

from __future__ import annotations

import asyncio
import secrets
import struct
from typing import TYPE_CHECKING, Final

from vcs.media.description import Kind
from vcs.media.history import History
from vcs.media.packet import HEADER, HEADER_SIZE, compose_extensions
from vcs.media.red import RedundantFrames
from vcs.media.sequence import SentNumbers, SequenceMap
from vcs.media.timestamp import TimestampMap, align
from vcs.plane import RouteId, RouteLog, RouteSpec
from vcs.plane.peer import Peer
from vcs.plane.stream import Stream

if TYPE_CHECKING:
    from mypy_extensions import i64

ALL_TEMPORAL_LAYERS: Final = 7
FRAME_RATE: Final = 50
"""Opus frames a second (20 ms each): the least step between two sources' timestamps of sound."""


class Route:
    """A route's state. Only `Forwarder`, `Sender` and `SilenceTail` write here.

    `source` feeds the route; `pending` (video) takes over with its next key frame. `floor` is the
    newest packet that the stream to come had at the time of the change: it begins after that.

    `header` packs a packet's header and extensions, with `first` and `block` as they always are.
    `picture_in` is the picture (unwrapped) that was mapped last, to
    `picture_out` and `tl0_out`; -1 when it must be mapped anew.
    """

    __slots__ = (
        "abs_send_time_at",
        "block",
        "first",
        "floor",
        "header",
        "highest_tid",
        "history",
        "id",
        "level_at",
        "numbers",
        "octets",
        "packets",
        "payload_at",
        "payload_type",
        "peer",
        "pending",
        "pending_tid",
        "picture_in",
        "picture_out",
        "pictures",
        "prior",
        "red_payload_type",
        "redundant",
        "repair_number",
        "sent",
        "source",
        "spec",
        "ssrc",
        "starting",
        "tail",
        "tail_owed",
        "timestamps",
        "tl0_last",
        "tl0_out",
        "tl0_shift",
        "transport_cc_at",
        "video",
        "wanted_tid",
    )

    def __init__(self, identifier: RouteId, spec: RouteSpec, peer: Peer) -> None:
        self.id = identifier
        self.spec = spec
        self.peer = peer
        self.ssrc = spec.ssrc
        self.video = spec.kind is Kind.VIDEO
        self.source: Stream | None = None
        self.pending: Stream | None = None
        self.prior: Stream | None = None
        self.starting = False
        self.floor: i64 = -1
        self.highest_tid: i64 = ALL_TEMPORAL_LAYERS
        self.wanted_tid: i64 = ALL_TEMPORAL_LAYERS
        self.pending_tid: i64 = ALL_TEMPORAL_LAYERS
        # Sequence numbers begin in the lower half (RFC 3711 section 3.3.1: no wrap may be lost
        # before the receiver knows it), the rest anywhere (RFC 3550 section 5.1).
        self.numbers = SequenceMap(secrets.randbelow(1 << 15))
        self.repair_number = secrets.randbelow(1 << 15)
        self.pictures = SequenceMap(secrets.randbelow(1 << 15))
        self.picture_in: i64 = -1
        self.picture_out: i64 = 0
        self.tl0_out: i64 = 0
        step = 1 if self.video else spec.clock_rate // FRAME_RATE
        self.timestamps = TimestampMap(spec.clock_rate, step, secrets.randbits(32))
        self.tl0_last: i64 = secrets.randbits(8)
        self.tl0_shift: i64 = 0
        self.sent = SentNumbers()
        self.history = History() if self.video and spec.rtx_ssrc is not None else None
        self.packets: i64 = 0
        self.octets: i64 = 0
        self.tail: asyncio.TimerHandle | None = None
        self.tail_owed = False
        self.payload_type: i64 = spec.payload_type
        red = spec.red_payload_type
        self.red_payload_type: i64 = -1 if red is None else red
        self.redundant = RedundantFrames()
        self.write_template()

    def write_template(self) -> None:
        """The header extensions that the receiver negotiated, to be filled in for each packet.

        Nothing of the publisher's extensions is passed on: its MID, RID and transport-wide numbers
        are its own affair.
        """
        negotiated = self.peer.extensions
        # Who reports transport-wide has no use for the time of sending besides.
        send_time = 0 if negotiated.transport_cc else negotiated.abs_send_time
        block, positions = compose_extensions(
            [
                (negotiated.mid, self.spec.mid.encode()),
                (send_time, bytes(3)),
                (negotiated.transport_cc, bytes(2)),
                (0 if self.video else negotiated.audio_level, bytes(1)),
            ]
        )
        self.payload_at: i64 = HEADER_SIZE + len(block)
        self.first: i64 = 0x90 if block else 0x80
        self.block = bytes(block)
        self.header = struct.Struct(f"{HEADER.format}{len(block)}s")
        places = [HEADER_SIZE + at if at >= 0 else -1 for at in positions]
        self.abs_send_time_at: i64 = places[1]
        self.transport_cc_at: i64 = places[2]
        self.level_at: i64 = places[3]

    def begin(self, stream: Stream, number: i64, timestamp: i64, now: float) -> None:
        """The timeline goes on with `stream`, from its packet `number` (unwrapped) on."""
        offset = self.timestamps.offset
        prior = self.prior
        if prior is not stream and offset is not None:
            if (
                prior is not None
                and prior.peer is stream.peer
                and prior.clock is not None
                and stream.clock is not None
            ):
                offset = align(prior.clock, stream.clock, offset, self.spec.clock_rate)
            else:
                offset = None
        self.redundant.clear()
        self.numbers.begin(number)
        self.timestamps.begin(timestamp, now, offset)
        self.prior = stream
        self.starting = False

    def give_back(self, unsent: set[int]) -> None:
        """These numbers have not left and never will: as many of the highest as are among them
        are used again. The timeline must begin anew next."""
        last = self.numbers.last
        free: i64 = 0
        while last - free in unsent:
            free += 1
        if free and self.sent.highest == last:
            self.sent.give_back(free)
            self.numbers.give_back(free)

    def begin_pictures(self, picture: i64, tl0: i64) -> None:
        """VP8's numbers go on too (`picture` unwrapped; `tl0` of the key frame)."""
        self.pictures.begin(picture)
        self.picture_in = -1
        self.tl0_shift = self.tl0_last + 1 - tl0

    def map_tl0(self, tl0: i64) -> i64:
        """Our TL0PICIDX (8 bits) for the source's."""
        mapped = (tl0 + self.tl0_shift) & 0xFF
        if (mapped - self.tl0_last) & 0xFF < 0x80:
            self.tl0_last = mapped
        return mapped

    def octets_out(self) -> int:
        """What it has sent, as on the wire."""
        return self.octets + self.packets * (self.payload_at + self.peer.send.tag)

    def log(self) -> RouteLog:
        feeding = self.source if not self.starting else None
        return RouteLog(
            ssrc=self.spec.ssrc,
            packets=self.packets,
            octets=self.octets,
            timestamp=self.timestamps.last,
            sent_at=self.timestamps.last_at or 0.0,
            stream=self.source.id if self.source is not None else None,
            timestamp_offset=self.timestamps.offset if feeding is not None else None,
        )
