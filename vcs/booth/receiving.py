"""Everything that one client is sent: sorted by SSRC to listeners and viewers, and reported on.

Knows neither booth nor officer: an officer has six slots of each kind, a booth one.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from vcs.booth.listener import Listener
from vcs.booth.viewer import Viewer
from vcs.media import rtcp
from vcs.media.description import Kind
from vcs.media.packet import HEADER, MalformedPacket, layout
from vcs.media.reception import Reception
from vcs.transport.client import NegotiatedSection


@dataclass(slots=True)
class _Source:
    """One SSRC that we are sent, and what the last report block said of it."""

    sink: Listener | Viewer
    reception: Reception
    sender_report: tuple[int, float] = (0, 0.0)
    expected_before: int = 0
    received_before: int = 0


@dataclass(slots=True)
class MediaReceiver:
    """Give it all RTP and RTCP of a connection; ask it for listeners and viewers by MID."""

    sections: Iterable[NegotiatedSection]
    clock: Callable[[], float] = time.monotonic
    listeners: dict[str, Listener] = field(default_factory=dict)
    viewers: dict[str, Viewer] = field(default_factory=dict)
    foreign: int = 0
    """Packets of an SSRC that nobody has declared."""
    malformed: int = 0
    ssrc: int = field(default_factory=lambda: secrets.randbits(32))
    _sources: dict[int, _Source] = field(default_factory=dict)
    _repairs: dict[int, Viewer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for section in self.sections:
            if section.direction != "recvonly":
                continue
            sink: Listener | Viewer
            if section.kind is Kind.AUDIO:
                sink = self.listeners[section.mid] = Listener()
            else:
                sink = self.viewers[section.mid] = Viewer()
            for stream in section.streams:
                self._sources[stream.ssrc] = _Source(sink, Reception(section.clock_rate))
                if stream.rtx_ssrc is not None and isinstance(sink, Viewer):
                    self._repairs[stream.rtx_ssrc] = sink

    def received(self, packet: bytes, now: float) -> None:
        """One decrypted RTP packet, arrived at `now` (monotonic). Broken ones are counted."""
        try:
            _, start, end = layout(packet, len(packet))
        except MalformedPacket:
            self.malformed += 1
            return
        _, _, sequence, timestamp, ssrc = HEADER.unpack_from(packet)
        source = self._sources.get(ssrc)
        if source is None:
            viewer = self._repairs.get(ssrc)
            if viewer is None:
                self.foreign += 1
            else:
                viewer.repairs += 1
            return
        source.reception.arrived(sequence, timestamp, end - start, now)
        if start == end:
            return
        if isinstance(source.sink, Listener):
            source.sink.received(sequence, timestamp, packet[start:end], now)
        else:
            source.sink.received(timestamp, packet[start:end], now)

    def feedback(self, packets: Iterable[rtcp.Packet], now: float) -> None:
        """Notes the sender reports among these, for the round trip in our own reports."""
        for packet in packets:
            if isinstance(packet, rtcp.SenderReport):
                source = self._sources.get(packet.ssrc)
                if source is not None:
                    source.sender_report = (packet.ntp >> 16 & 0xFFFFFFFF, now)

    def report(self, now: float) -> bytes | None:
        """A receiver report on all that has arrived (RFC 3550 section 6.4.2); due each second."""
        blocks = [
            _block(ssrc, source, now)
            for ssrc, source in self._sources.items()
            if source.reception.packets
        ]
        if not blocks:
            return None
        return rtcp.compose([rtcp.ReceiverReport(self.ssrc, tuple(blocks))])


def _block(ssrc: int, source: _Source, now: float) -> rtcp.ReportBlock:
    reception = source.reception
    expected = reception.highest - reception.base + 1
    lost = expected - reception.packets
    fresh = expected - source.expected_before
    fresh_lost = fresh - (reception.packets - source.received_before)
    source.expected_before, source.received_before = expected, reception.packets
    middle, at = source.sender_report
    return rtcp.ReportBlock(
        ssrc=ssrc,
        fraction_lost=min(255, fresh_lost * 256 // fresh) if fresh > 0 and fresh_lost > 0 else 0,
        packets_lost=max(-0x800000, min(0x7FFFFF, lost)),
        highest_sequence=reception.highest & 0xFFFFFFFF,
        jitter=min(0xFFFFFFFF, int(reception.jitter)),
        last_sender_report=middle,
        delay_since_last=min(0xFFFFFFFF, round((now - at) * 65_536)) if middle else 0,
    )
