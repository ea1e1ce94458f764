"""Where a key frame begins in H.264 over RTP (RFC 6184)."""

from __future__ import annotations

from typing import Final

from vcs.media.packet import Buffer, MalformedPacket

IDR: Final = 5
SPS: Final = 7
STAP_A: Final = 24
FU_A: Final = 28


def starts_key_frame(packet: Buffer, start: int, end: int) -> bool:
    """Whether the payload `packet[start:end]` holds a parameter set or the beginning of an IDR
    slice: alone (section 5.6), aggregated (5.7.1) or fragmented (5.8). Raises `MalformedPacket`."""
    if start >= end:
        raise MalformedPacket("empty H.264 payload")
    unit = packet[start] & 0x1F
    if unit in (IDR, SPS):
        return True
    if unit == FU_A:
        if start + 2 > end:
            raise MalformedPacket("H.264 fragment cut off")
        header = packet[start + 1]
        return header & 0x80 != 0 and header & 0x1F in (IDR, SPS)
    if unit == STAP_A:
        at = start + 1
        while at < end:
            if at + 2 > end:
                raise MalformedPacket("H.264 aggregate cut off")
            size = packet[at] << 8 | packet[at + 1]
            at += 2
            if size == 0 or at + size > end:
                raise MalformedPacket("H.264 aggregate cut off")
            if packet[at] & 0x1F in (IDR, SPS):
                return True
            at += size
    return False
