"""What the first bytes of a picture say, read without decoding anything.

JPEG (ITU-T T.81 annex B), PNG (ISO/IEC 15948) and WebP (RFC 9649), told apart by content alone.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["JPEG", "PNG", "WEBP"]

MAX_SEGMENTS: Final = 2_000
"""JPEG segments before the picture's data; a camera writes fewer than a hundred."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF markers: 0xC0 to 0xCF without the tables DHT, JPG and DAC."""
_WITHOUT_LENGTH: Final = frozenset((0x01, *range(0xD0, 0xD9)))
_SCAN: Final = 0xDA
_END: Final = 0xD9
_ORIENTATION: Final = 0x0112
_SHORT: Final = 3


class NoHeader(ValueError):
    """These bytes begin no picture of the three kinds. `cut`: they may have begun one."""

    def __init__(self, cut: bool = False) -> None:
        super().__init__("cut off" if cut else "no picture")
        self.cut = cut


@dataclass(frozen=True, slots=True)
class Header:
    """`width` and `height` in pixels as they are stored, before any turning."""

    kind: Kind
    width: int
    height: int


def read_header(data: bytes) -> Header:
    """Raises `NoHeader`."""
    try:
        if data.startswith(_PNG):
            return _png(data)
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError):
        raise NoHeader(cut=True) from None
    raise NoHeader


def _png(data: bytes) -> Header:
    length, name, width, height = struct.unpack_from(">I4sII", data, 8)
    if name != b"IHDR" or length != 13:
        raise NoHeader
    return _sized("PNG", width, height)


def _jpeg(data: bytes) -> Header:
    """The largest of the sizes given before the first scan: a decoder may take any of them."""
    at, width, height = 2, 0, 0
    for _ in range(MAX_SEGMENTS):
        if data[at] != 0xFF:
            raise NoHeader
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker in (_SCAN, _END):
            return _sized("JPEG", width, height)
        if marker in _WITHOUT_LENGTH:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        if length < 2:
            raise NoHeader
        if marker in _FRAMES:
            lines, samples = struct.unpack_from(">HH", data, at + 3)
            width, height = max(width, samples), max(height, lines)
        at += length
    raise NoHeader


def _webp(data: bytes) -> Header:
    name = data[12:16]
    if name == b"VP8X":
        if len(data) < 30:
            raise NoHeader(cut=True)
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return _sized("WEBP", width, height)
    if name == b"VP8 ":
        start, width, height = struct.unpack_from("<3sHH", data, 23)
        if start != b"\x9d\x01\x2a":
            raise NoHeader
        return _sized("WEBP", width & 0x3FFF, height & 0x3FFF)
    if name == b"VP8L":
        mark, bits = struct.unpack_from("<BI", data, 20)
        if mark != 0x2F:
            raise NoHeader
        return _sized("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    raise NoHeader(cut=len(name) < 4)


def _sized(kind: Kind, width: int, height: int) -> Header:
    if width <= 0 or height <= 0:
        raise NoHeader
    return Header(kind, width, height)


def orientation(exif: bytes) -> int:
    """How a picture is to be turned, 1 to 8 (Exif 2.32, tag 274); 1 where nothing sane is said.

    `exif`: the TIFF structure, with or without the six bytes in front of it that JPEG has.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, at)
        for index in range(min(entries, 512)):
            tag, kind, count, value = struct.unpack_from(order + "HHIH", tiff, at + 2 + 12 * index)
            if tag == _ORIENTATION:
                return value if kind == _SHORT and count == 1 and 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1
