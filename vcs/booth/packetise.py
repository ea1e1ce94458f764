"""VP8 frames as RTP payloads (RFC 7741), with room for the numbers that are set when sending.

The descriptor always has the same form, so that the numbers stand at fixed places:

    0 X R N S R PID | I L T K 0000 | M PictureID (15 bits) | TL0PICIDX | TID Y KEYIDX
"""

from __future__ import annotations

from typing import Final

MAX_PAYLOAD: Final = 1_100
"""Octets with the descriptor: leaves room for headers, SRTP and tunnels in any usual path."""

DESCRIPTOR_SIZE: Final = 6
PICTURE_AT: Final = 2
TL0_AT: Final = 4

_X: Final = 0x80
_START: Final = 0x10
_PICTURE_ID: Final = 0x80
_TL0: Final = 0x40
_TID: Final = 0x20
_LAYER_SYNC: Final = 0x20


def vp8_payloads(frame: bytes, temporal_layer: int, layer_sync: bool) -> tuple[bytes, ...]:
    """The frame cut into payloads of nearly equal size. `layer_sync`: it needs none but frames of
    the lowest layer; a receiver shows nothing of a higher layer before the first such frame of it.
    Raises `ValueError` for an empty frame."""
    if not frame:
        raise ValueError("an encoded frame has at least one byte")
    room = MAX_PAYLOAD - DESCRIPTOR_SIZE
    count = -(-len(frame) // room)
    size = -(-len(frame) // count)
    tid = temporal_layer << 6 | (_LAYER_SYNC if layer_sync else 0)
    rest = bytes((_PICTURE_ID | _TL0 | _TID, 0x80, 0, 0, tid))
    return tuple(
        bytes((_X | (_START if at == 0 else 0),)) + rest + frame[at : at + size]
        for at in range(0, len(frame), size)
    )
