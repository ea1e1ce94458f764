"""One SSRC that we send: numbers its packets, fills in the header extensions, answers NACKs."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from vcs.media import rtcp
from vcs.media.history import History
from vcs.media.packet import HEADER, HEADER_SIZE, compose_extensions

_FIRST_BYTE: Final = 0x90  # version 2, with a header extension
_FIRST_BYTE_PLAIN: Final = 0x80
_NUMBER: Final = struct.Struct("!H")
_TIMESTAMP_MASK: Final = 0xFFFFFFFF
_VOICE: Final = 0x80
_VOICE_LEVEL: Final = 50

Send = Callable[[bytearray], None]


@dataclass(frozen=True, slots=True)
class ExtensionIds:
    """What this stream writes into its header extensions; ids of 0 are left out."""

    mid: tuple[int, str] = (0, "")
    rid: tuple[int, str] = (0, "")
    transport_cc: int = 0
    abs_send_time: int = 0
    audio_level: int = 0


@dataclass(slots=True)
class TransportNumbers:
    """The transport-wide sequence number, one series for all streams of a connection."""

    following: int = field(default_factory=lambda: secrets.randbits(15))

    def take(self) -> int:
        number = self.following
        self.following = (number + 1) & 0xFFFF
        return number


class _Header:
    """The header of one SSRC, its extensions in place; the changing fields are filled in."""

    __slots__ = (
        "_first",
        "_level_at",
        "_number_at",
        "_numbers",
        "_payload_type",
        "_template",
        "_time_at",
        "next",
        "size",
        "ssrc",
    )

    def __init__(
        self, ssrc: int, payload_type: int, ids: ExtensionIds, numbers: TransportNumbers
    ) -> None:
        wanted = [
            (ids.mid[0], ids.mid[1].encode()),
            (ids.rid[0], ids.rid[1].encode()),
            (ids.transport_cc, bytes(2)),
            (ids.abs_send_time, bytes(3)),
            (ids.audio_level, bytes(1)),
        ]
        block, at = compose_extensions(wanted)
        self._first = _FIRST_BYTE if block else _FIRST_BYTE_PLAIN
        self._template = bytes(HEADER_SIZE) + block
        self._number_at, self._time_at, self._level_at = (
            HEADER_SIZE + place if place >= 0 else 0 for place in at[2:]
        )
        self._numbers = numbers
        self._payload_type = payload_type
        self.size = len(self._template)
        self.ssrc = ssrc
        # The upper half stays free, so that the first numbers do not wrap (RFC 3711 section 3.3.1).
        self.next = secrets.randbits(15)

    def write(self, marker: int, timestamp: int, level: int, now: float) -> bytearray:
        packet = bytearray(self._template)
        HEADER.pack_into(
            packet,
            0,
            self._first,
            marker << 7 | self._payload_type,
            self.next & 0xFFFF,
            timestamp,
            self.ssrc,
        )
        self.next += 1
        if self._number_at:
            _NUMBER.pack_into(packet, self._number_at, self._numbers.take())
        if self._time_at:
            time = int(now * 262_144) & 0xFFFFFF  # 6.18 fixed point
            packet[self._time_at : self._time_at + 3] = time.to_bytes(3, "big")
        if self._level_at:
            packet[self._level_at] = level | (_VOICE if level < _VOICE_LEVEL else 0)
        return packet


class RtpStream:
    """Sends the packets of one SSRC in their order, and repairs of them as RTX (RFC 4588).

    `sequence` is the next number, not wrapped. Nothing is ever sent twice under one number.
    """

    def __init__(
        self,
        send: Send,
        numbers: TransportNumbers,
        *,
        ssrc: int,
        payload_type: int,
        clock_rate: int,
        ids: ExtensionIds,
        repairs: tuple[int, int, ExtensionIds] | None = None,
    ) -> None:
        """`repairs`: SSRC, payload type and extensions of RTX packets; None: NACKs go unheard."""
        self.ssrc = ssrc
        self.clock_rate = clock_rate
        self.packets = 0
        self.octets = 0
        self.repaired = 0
        self._send = send
        self._header = _Header(ssrc, payload_type, ids, numbers)
        self._history = History()
        self._repairs = None
        if repairs is not None:
            self._repairs = _Header(repairs[0], repairs[1], repairs[2], numbers)
        self._base = secrets.randbits(32)

    @property
    def sequence(self) -> int:
        return self._header.next

    def timestamp(self, seconds: float) -> int:
        """The RTP timestamp of what is captured `seconds` after the epoch that the caller keeps."""
        return (self._base + round(seconds * self.clock_rate)) & _TIMESTAMP_MASK

    def send(self, payload: bytearray, marker: int, timestamp: int, level: int, now: float) -> None:
        """Send one packet; `level` counts for sound (RFC 6464)."""
        number = self._header.next
        packet = self._header.write(marker, timestamp, level, now)
        if self._repairs is not None:
            self._history.put(number, timestamp, marker, bytes(payload), now)
        packet += payload
        self.packets += 1
        self.octets += len(payload)
        self._send(packet)

    def repair(self, sequences: tuple[int, ...], now: float) -> None:
        """Send what a NACK names, as far as it is still known; each packet three times at most."""
        if self._repairs is None:
            return
        for sequence in sequences:
            kept = self._history.take(sequence, now)
            if kept is None:
                continue
            timestamp, marker, payload = kept
            packet = self._repairs.write(marker, timestamp, 0, now)
            packet += _NUMBER.pack(sequence)
            packet += payload
            self.repaired += 1
            self._send(packet)

    def forget(self) -> None:
        """Answer no NACK for what was sent so far."""
        self._history.clear()

    def report(self, ntp: int, seconds: float) -> rtcp.SenderReport:
        """What was sent, and which RTP timestamp the wall clock `ntp` is (64 bits, RFC 3550 section
        6.4.1); `seconds` as in `timestamp`."""
        return rtcp.SenderReport(
            ssrc=self.ssrc,
            ntp=ntp,
            rtp_timestamp=self.timestamp(seconds),
            packets=self.packets & 0xFFFFFFFF,
            octets=self.octets & 0xFFFFFFFF,
        )
