"""RTP packets read in place (RFC 3550 section 5.1, header extensions by RFC 8285).

Everything here works on offsets into a buffer that the caller keeps: nothing is copied.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

Buffer = bytes | bytearray | memoryview

HEADER_SIZE: Final = 12
HEADER: Final = struct.Struct("!BBHII")
"""First byte, marker and payload type, sequence number, timestamp, SSRC."""

ONE_BYTE_PROFILE: Final = 0xBEDE
TWO_BYTE_PROFILE: Final = 0x1000
MAX_ONE_BYTE_ID: Final = 14
MAX_ONE_BYTE_SIZE: Final = 16
NOT_FOUND: Final = (-1, 0)


class MalformedPacket(ValueError):
    """The peer sent bytes that are not what they claim to be."""


def layout(packet: Buffer, length: i64, offset: i64 = 0) -> tuple[int, int, int]:
    """Where the parts of the RTP packet of `length` bytes at `offset` are.

    Returns `(extension, payload, end)`: the header extension's first byte (its profile) or -1
    without one, the payload's first byte, and the end of the payload without padding. An empty
    payload (`payload == end`) is a packet of padding only. Raises `MalformedPacket`.
    """
    limit = offset + length
    if length < HEADER_SIZE or limit > len(packet):
        raise MalformedPacket("shorter than an RTP header")
    first = packet[offset]
    if first >> 6 != 2:
        raise MalformedPacket("not RTP version 2")
    payload = offset + HEADER_SIZE + 4 * (first & 15)
    extension = -1
    if first & 0x10:
        extension = payload
        if payload + 4 > limit:
            raise MalformedPacket("header extension cut off")
        payload += 4 + 4 * (packet[payload + 2] << 8 | packet[payload + 3])
    if payload > limit:
        raise MalformedPacket("header longer than the packet")
    if first & 0x20:
        if payload == limit:
            raise MalformedPacket("padding announced in a packet without room for it")
        padding = packet[limit - 1]
        limit -= padding
        if padding == 0 or limit < payload:
            raise MalformedPacket("padding longer than the payload")
    return extension, payload, limit


def find_extension(packet: Buffer, extension: i64, identifier: i64) -> tuple[int, int]:
    """Offset and size of the extension element `identifier`, or `NOT_FOUND`.

    `extension` is what `layout` returned; the block is known to lie within the packet. Raises
    `MalformedPacket` when an element runs over the block's end (RFC 8285 sections 4.2 and 4.3).
    """
    if extension < 0 or identifier <= 0:
        return NOT_FOUND
    profile = packet[extension] << 8 | packet[extension + 1]
    at = extension + 4
    end = at + 4 * (packet[extension + 2] << 8 | packet[extension + 3])
    if profile == ONE_BYTE_PROFILE:
        while at < end:
            element = packet[at]
            following = at + 2 + (element & 15)
            if element >> 4 == identifier != 15:
                if following > end:
                    break
                return at + 1, following - at - 1
            if element == 0:
                at += 1
                continue
            if element < 16 or element >= 240:
                return NOT_FOUND  # reserved: what follows is not to be read
            at = following
        if at > end or at < end:
            raise MalformedPacket("header extension element cut off")
    elif profile & 0xFFF0 == TWO_BYTE_PROFILE:
        while at < end:
            found = packet[at]
            if found == 0:
                at += 1
                continue
            if at + 2 > end:
                raise MalformedPacket("header extension element cut off")
            size = packet[at + 1]
            at += 2
            if at + size > end:
                raise MalformedPacket("header extension element cut off")
            if found == identifier:
                return at, size
            at += size
    return NOT_FOUND


def extension_text(packet: Buffer, extension: int, identifier: int) -> str | None:
    """The element as ASCII text (MID, RID: RFC 8852, RFC 8843 section 15), None without one.

    Raises `MalformedPacket`; text that is not printable ASCII counts as malformed.
    """
    at, size = find_extension(packet, extension, identifier)
    if at < 0 or size == 0:
        return None
    raw = bytes(packet[at : at + size])
    if not raw.isascii() or not (text := raw.decode("ascii")).isprintable():
        raise MalformedPacket("text extension is not printable ASCII")
    return text


def compose_extensions(elements: Sequence[tuple[int, bytes]]) -> tuple[bytes, list[int]]:
    """A one-byte extension block (RFC 8285 section 4.2) and the offset of each element's data in
    it; an element that the one-byte form cannot hold is left out, its offset is -1.

    Returns `(b"", ...)` when nothing is left to write.
    """
    body = bytearray()
    positions: list[int] = []
    for identifier, data in elements:
        if not 1 <= identifier <= MAX_ONE_BYTE_ID or not 1 <= len(data) <= MAX_ONE_BYTE_SIZE:
            positions.append(-1)
            continue
        body.append(identifier << 4 | len(data) - 1)
        positions.append(4 + len(body))
        body += data
    if not body:
        return b"", positions
    body += bytes(-len(body) % 4)
    return struct.pack("!HH", ONE_BYTE_PROFILE, len(body) // 4) + body, positions
