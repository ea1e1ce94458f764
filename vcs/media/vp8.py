"""VP8's RTP payload descriptor (RFC 7741 section 4.2), read and rewritten in place."""

from __future__ import annotations

from typing import Final

from vcs.media.packet import Buffer, MalformedPacket

Descriptor = tuple[bool, bool, int, int, int, int, int, int, bool]
"""Start of frame, start of a *key* frame, offset of PictureID (-1 without), its value, its width in
bits (7 or 15), offset of TL0PICIDX (-1 without), its value, TID (-1 without), layer sync bit."""

NO_PICTURE: Final = -1
NO_TEMPORAL_LAYER: Final = -1


def read_descriptor(packet: Buffer, start: int, end: int) -> Descriptor:
    """Reads the descriptor of the payload `packet[start:end]`. Raises `MalformedPacket`."""
    if start >= end:
        raise MalformedPacket("empty VP8 payload")
    first = packet[start]
    at = start + 1
    picture_at = tl0_at = NO_PICTURE
    picture = bits = tl0 = 0
    tid = NO_TEMPORAL_LAYER
    sync = False
    if first & 0x80:
        if at >= end:
            raise MalformedPacket("VP8 descriptor cut off")
        present = packet[at]
        at += 1
        if present & 0x80:
            if at >= end:
                raise MalformedPacket("VP8 descriptor cut off")
            picture_at = at
            picture = packet[at]
            bits = 7
            at += 1
            if picture & 0x80:
                if at >= end:
                    raise MalformedPacket("VP8 descriptor cut off")
                picture = (picture & 0x7F) << 8 | packet[at]
                bits = 15
                at += 1
        if present & 0x40:
            if at >= end:
                raise MalformedPacket("VP8 descriptor cut off")
            tl0_at = at
            tl0 = packet[at]
            at += 1
        if present & 0x30:
            if at >= end:
                raise MalformedPacket("VP8 descriptor cut off")
            if present & 0x20:
                tid = packet[at] >> 6
                sync = bool(packet[at] & 0x20)
            at += 1
    if at >= end:
        raise MalformedPacket("VP8 descriptor without a payload")
    starts = first & 0x10 != 0 and first & 0x07 == 0
    # RFC 6386 section 9.1: the frame tag's lowest bit is 0 in a key frame.
    key = starts and packet[at] & 1 == 0
    return starts, key, picture_at, picture, bits, tl0_at, tl0, tid, sync


def write_picture(packet: bytearray, at: int, bits: int, picture: int) -> None:
    """Overwrites a PictureID at offset `at`, keeping its width."""
    if bits == 15:
        packet[at] = 0x80 | picture >> 8 & 0x7F
        packet[at + 1] = picture & 0xFF
    else:
        packet[at] = picture & 0x7F


def write_tl0(packet: bytearray, at: int, tl0: int) -> None:
    """Overwrites a TL0PICIDX at offset `at`."""
    packet[at] = tl0 & 0xFF
