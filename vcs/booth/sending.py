"""Plays prepared media into a connection: the same packets for ever, with numbers that go on.

Knows neither booth nor officer: whoever has a `ClientConnection` and `PreparedMedia` may use it.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from math import floor
from typing import Final, Protocol

from vcs.booth.packetise import PICTURE_AT, TL0_AT
from vcs.booth.prepared import (
    SOUND_FRAME_S,
    PictureLayer,
    PreparedMedia,
    SoundFrame,
)
from vcs.booth.rtp_stream import ExtensionIds, RtpStream, TransportNumbers
from vcs.media import rtcp
from vcs.media.description import Kind
from vcs.media.vp8 import write_picture, write_tl0
from vcs.transport.client import ClientStream, NegotiatedSection

REPORT_S: Final = 1.0
LATE_FRAMES: Final = 2
"""A sender so many frames behind leaves them out: nobody wants a burst of the past."""

BURST_PACKETS: Final = 4
BURST_SHARE: Final = 3
"""A large frame leaves over three ticks, at least four packets in each."""

_NTP_EPOCH: Final = 2_208_988_800


class Outlet(Protocol):
    """What of a connection is needed here."""

    def send_rtp(self, packet: bytes | bytearray | memoryview) -> None: ...
    def send_rtcp(self, packet: bytes | bytearray | memoryview) -> None: ...


class SoundPlayer:
    """Sends a loop of Opus packets, one each 20 ms."""

    def __init__(self, stream: RtpStream, frames: tuple[SoundFrame, ...]) -> None:
        self.stream = stream
        self._frames = frames
        self._start = 0.0
        self._next = 0

    def begin(self, start: float) -> None:
        """From the loop's beginning, `start` seconds after the epoch."""
        self._start = start
        self._next = 0

    def tick(self, elapsed: float, now: float) -> None:
        """Send what is due `elapsed` seconds after the epoch."""
        due = floor((elapsed - self._start) / SOUND_FRAME_S + 1e-6)
        if due - self._next > LATE_FRAMES:
            self._next = due
        while self._next <= due:
            frame = self._frames[self._next % len(self._frames)]
            timestamp = self.stream.timestamp(self._start + self._next * SOUND_FRAME_S)
            marker = 1 if self._next == 0 else 0
            self.stream.send(bytearray(frame.payload), marker, timestamp, frame.level, now)
            self._next += 1


class PicturePlayer:
    """Sends a loop of VP8 frames of one layer.

    Key frames are the only places where the loop may be entered: when one is asked for, and at each
    that comes up, playing goes on from the one nearest to where the clock is. So what is shown
    never strays from the sound by more than half the distance of key frames.
    """

    def __init__(self, stream: RtpStream, layer: PictureLayer) -> None:
        self.stream = stream
        self.key_frames = 0
        self._layer = layer
        self._start = 0.0
        self._slot = 0
        self._at = 0
        self._key_wanted = True
        self._picture = secrets.randbits(15)
        self._tl0 = secrets.randbits(8)
        self._pending: deque[tuple[bytearray, int, int]] = deque()
        self._burst = BURST_PACKETS

    def begin(self, start: float) -> None:
        """From the loop's beginning, `start` seconds after the epoch."""
        self._start = start
        self._slot = 0
        self._key_wanted = True
        self._pending.clear()

    def want_key_frame(self) -> None:
        """The next frame is to be a key frame."""
        self._key_wanted = True

    def tick(self, elapsed: float, now: float) -> None:
        """Send what is due `elapsed` seconds after the epoch."""
        rate = self._layer.frame_rate
        due = floor((elapsed - self._start) * rate + 1e-6)
        if due >= self._slot:
            self._send_pending(len(self._pending), now)
            if due - self._slot > LATE_FRAMES:
                self._slot = due
            self._load(self.stream.timestamp(self._start + self._slot / rate))
            self._slot += 1
        self._send_pending(self._burst, now)

    def _load(self, timestamp: int) -> None:
        frames = self._layer.frames
        if self._key_wanted or frames[self._at].key:
            self._at = self._layer.nearest_key(self._slot)
            self._key_wanted = False
            self.key_frames += 1
        frame = frames[self._at]
        self._at = (self._at + 1) % len(frames)
        self._picture = (self._picture + 1) & 0x7FFF
        if frame.temporal_layer == 0:
            self._tl0 = (self._tl0 + 1) & 0xFF
        last = len(frame.payloads) - 1
        for index, prepared in enumerate(frame.payloads):
            payload = bytearray(prepared)
            write_picture(payload, PICTURE_AT, 15, self._picture)
            write_tl0(payload, TL0_AT, self._tl0)
            self._pending.append((payload, 1 if index == last else 0, timestamp))
        self._burst = max(BURST_PACKETS, -(-len(self._pending) // BURST_SHARE))

    def _send_pending(self, count: int, now: float) -> None:
        pending = self._pending
        for _ in range(min(count, len(pending))):
            payload, marker, timestamp = pending.popleft()
            self.stream.send(payload, marker, timestamp, 0, now)


class MediaSender:
    """All that one client sends. Sends nothing until `start`; `stop` is at once.

    Call `tick` with the monotonic time every 10 ms (see `vcs.booth.pacing`) and `feedback` with
    what RTCP brings. Sequence numbers, timestamps and picture ids go on through stops.
    """

    def __init__(
        self,
        outlet: Outlet,
        sections: Iterable[NegotiatedSection],
        media: PreparedMedia,
        *,
        wall_clock: Callable[[], float] = time.time,
        now: float | None = None,
    ) -> None:
        """`sections` may be all of a connection: those that do not send are left aside."""
        self.running = False
        self.estimated_bits_per_s: int | None = None
        """The last REMB of the receiver, to be looked at: prepared media cannot yield."""
        self.cname = secrets.token_hex(8)
        self.sound: SoundPlayer | None = None
        self.pictures: dict[str | None, PicturePlayer] = {}
        self._outlet = outlet
        self._wall_clock = wall_clock
        self._epoch = time.monotonic() if now is None else now
        self._next_report = 0.0
        self._last_tick = 0.0
        self._streams: dict[int, RtpStream] = {}
        self._players: dict[int, PicturePlayer] = {}
        numbers = TransportNumbers()
        for section in sections:
            if section.direction != "sendonly":
                continue
            for stream in section.streams:
                self._add(section, stream, media, numbers)

    def start(self, now: float) -> None:
        """Play from the beginning; nothing happens when it plays already."""
        if self.running:
            return
        self.running = True
        # Strictly after anything sent before a stop, or timestamps could stand still.
        start = max(now, self._last_tick + SOUND_FRAME_S) - self._epoch
        if self.sound is not None:
            self.sound.begin(start)
        for player in self.pictures.values():
            player.begin(start)
        self._next_report = now
        self.tick(now)

    def stop(self) -> None:
        """Send nothing more: neither what was due, nor later repairs of what was sent."""
        self.running = False
        for stream in self._streams.values():
            stream.forget()

    def tick(self, now: float) -> None:
        if not self.running:
            return
        elapsed = now - self._epoch
        self._last_tick = now
        if self.sound is not None:
            self.sound.tick(elapsed, now)
        for player in self.pictures.values():
            player.tick(elapsed, now)
        if now >= self._next_report:
            self._next_report = now + REPORT_S
            self._report(elapsed)

    def feedback(self, packets: Iterable[rtcp.Packet], now: float) -> None:
        """What receivers say: requests for key frames and repairs, and their estimate."""
        for packet in packets:
            match packet:
                case rtcp.PictureLoss() | rtcp.FullIntraRequest():
                    player = self._players.get(packet.media_ssrc)
                    if player is not None:
                        player.want_key_frame()
                case rtcp.Nack():
                    stream = self._streams.get(packet.media_ssrc)
                    if stream is not None and self.running:
                        stream.repair(packet.sequences, now)
                case rtcp.Remb():
                    self.estimated_bits_per_s = packet.bits_per_s
                case _:
                    pass

    def _report(self, elapsed: float) -> None:
        ntp = int((self._wall_clock() + _NTP_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF
        for stream in self._streams.values():
            report = stream.report(ntp, elapsed)
            name = rtcp.SourceDescription(stream.ssrc, self.cname)
            self._outlet.send_rtcp(rtcp.compose([report, name]))

    def _add(
        self,
        section: NegotiatedSection,
        stream: ClientStream,
        media: PreparedMedia,
        numbers: TransportNumbers,
    ) -> None:
        layer = None
        if section.kind is Kind.VIDEO:
            layer = _layer_of(stream.rid, media)
            if layer is None:
                return
        sender = RtpStream(
            self._outlet.send_rtp,
            numbers,
            ssrc=stream.ssrc,
            payload_type=section.payload_type,
            clock_rate=section.clock_rate,
            ids=_ids(section, stream.rid, repairs=False),
            repairs=_repairs(section, stream),
        )
        self._streams[stream.ssrc] = sender
        if layer is None:
            self.sound = SoundPlayer(sender, media.sound)
        else:
            player = PicturePlayer(sender, layer)
            self.pictures[stream.rid] = player
            self._players[stream.ssrc] = player


def _layer_of(rid: str | None, media: PreparedMedia) -> PictureLayer | None:
    """The layer with this RID; where the section is not simulcast, the largest."""
    if rid is None:
        return media.layers[-1] if media.layers else None
    return next((layer for layer in media.layers if layer.rid == rid), None)


def _ids(section: NegotiatedSection, rid: str | None, *, repairs: bool) -> ExtensionIds:
    ids = section.extensions
    rid_id = ids.repaired_rid if repairs else ids.rid
    return ExtensionIds(
        mid=(ids.mid, section.mid),
        rid=(rid_id, rid) if rid is not None else (0, ""),
        transport_cc=ids.transport_cc,
        abs_send_time=ids.abs_send_time,
        audio_level=ids.audio_level if section.kind is Kind.AUDIO else 0,
    )


def _repairs(
    section: NegotiatedSection, stream: ClientStream
) -> tuple[int, int, ExtensionIds] | None:
    if stream.rtx_ssrc is None or section.rtx_payload_type is None:
        return None
    return stream.rtx_ssrc, section.rtx_payload_type, _ids(section, stream.rid, repairs=True)
