"""What everybody sends: prepared packets, and what can be told of one by looking into it.

A picture is 150 packets a second of 1,100 octets, five to a frame, a sound 50 of 80. Each payload
says who sent it and when; the rest is noise.
"""

from __future__ import annotations

import os
import struct
from typing import Final

from vcs.media.description import Kind
from vcs.media.packet import HEADER, HEADER_SIZE

PACKETS_PER_S: Final = {Kind.VIDEO: 150, Kind.AUDIO: 50}
PACKET_OCTETS: Final = {Kind.VIDEO: 1_100, Kind.AUDIO: 80}
CLOCK_RATES: Final = {Kind.VIDEO: 90_000, Kind.AUDIO: 48_000}
PAYLOAD_TYPES: Final = {Kind.VIDEO: 96, Kind.AUDIO: 111}
PER_FRAME: Final = 5
KEY_FRAME_EVERY: Final = 60
"""Frames, when nobody asks for one: two seconds."""

_DESCRIPTOR: Final = struct.Struct("!BBHBB")
"""VP8's with a 15-bit PictureID, TL0PICIDX, and TID and key index (RFC 7741 section 4.2)."""
_MARK: Final = struct.Struct("!Iq")
_OPUS_TOC: Final = b"\x78"  # 20 ms, hybrid, full band
_MARK_FROM_END: Final = 4 + _MARK.size
_EXTENSIONS_ROOM: Final = 24


def origin_of(plain: bytes) -> tuple[int, int]:
    """Who sent this packet, and when, in nanoseconds of the wall clock."""
    number, at = _MARK.unpack_from(plain, len(plain) - _MARK_FROM_END)
    return number, at


class Track:
    """One SSRC's packets, one after another."""

    def __init__(self, kind: Kind, ssrc: int, origin: int, transport_cc: int) -> None:
        """`transport_cc`: id of the extension, 0 for none."""
        self.kind = kind
        self.ssrc = ssrc
        self.sent = 0
        self.octets = 0
        self.timestamp = 0
        self.key_frame_wanted = True
        self.transport_at = -1
        """Where the transport-wide number goes, -1 without one."""
        self._origin = origin
        self._sequence = 1000
        self._first_byte = 0x80
        head = bytearray(HEADER_SIZE)
        if transport_cc:
            self._first_byte = 0x90
            self.transport_at = HEADER_SIZE + 5
            head += struct.pack("!HHBHB", 0xBEDE, 1, transport_cc << 4 | 1, 0, 0)
        self._payload_at = len(head)
        size = PACKET_OCTETS[kind]
        self.packet = bytearray(bytes(head) + os.urandom(size - len(head)))
        """The next packet, in place; its first octets are written anew by `next`."""
        self._step = CLOCK_RATES[kind] // PACKETS_PER_S[kind]
        self._frame = 0
        self._since_key_frame = 0
        self._is_key = False

    def next(self, now_ns: int) -> bytearray:
        """The packet to send now, without its transport-wide number."""
        marker = 0
        packet = self.packet
        if self.kind is Kind.AUDIO:
            self.timestamp = (self.timestamp + self._step) & 0xFFFFFFFF
            packet[self._payload_at] = _OPUS_TOC[0]
        else:
            marker = self._picture(packet)
        HEADER.pack_into(
            packet,
            0,
            self._first_byte,
            marker | PAYLOAD_TYPES[self.kind],
            self._sequence & 0xFFFF,
            self.timestamp,
            self.ssrc,
        )
        _MARK.pack_into(packet, len(packet) - _MARK_FROM_END, self._origin, now_ns)
        self._sequence += 1
        self.sent += 1
        self.octets += len(packet)
        return packet

    def _picture(self, packet: bytearray) -> int:
        place = self.sent % PER_FRAME
        if place == 0:
            self._frame += 1
            self.timestamp = (self.timestamp + PER_FRAME * self._step) & 0xFFFFFFFF
            self._since_key_frame += 1
            self._is_key = self.key_frame_wanted or self._since_key_frame >= KEY_FRAME_EVERY
            if self._is_key:
                self._since_key_frame = 0
                self.key_frame_wanted = False
        at = self._payload_at
        _DESCRIPTOR.pack_into(
            packet,
            at,
            0x90 if place == 0 else 0x80,
            0xE0,
            0x8000 | self._frame & 0x7FFF,
            self._frame & 0xFF,
            0,
        )
        if place == 0:  # the frame header's first bit is 0 in a key frame (RFC 6386 section 9.1)
            packet[at + _DESCRIPTOR.size] = 0x10 if self._is_key else 0x11
        return 0x80 if place == PER_FRAME - 1 else 0
