"""Drawn photographs, each made once."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image

from vcs.booth.card import Holder, draw_card, draw_letter
from vcs.booth.face import draw_face
from vcs.booth.photograph import Shot, developed, photograph
from vcs.captures.reading import Picture

HOLDER = Holder(1, "Siti Contoh", "3174014508790001", "Jakarta", "05-08-1979")


@cache
def card() -> Image.Image:
    return draw_card(HOLDER, 1400)


@cache
def letter() -> Image.Image:
    return draw_letter(HOLDER)


@cache
def face(number: int = 2, eyes_px: float = 150) -> Image.Image:
    return draw_face(number, eyes_px=eyes_px)


@cache
def of_card(shot: Shot = Shot()) -> Picture:  # noqa: B008 - frozen
    return np.asarray(photograph(card(), shot))


def of_letter(**how: float) -> Picture:
    return np.asarray(photograph(letter(), Shot((1654, 2338), 0.85, **how)))


def of_face(blur: float = 0, light: float = 1, *, number: int = 2, eyes_px: float = 150) -> Picture:
    return np.asarray(developed(face(number, eyes_px), blur, light))


def written(picture: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def png_bomb(side: int = 30_000) -> bytes:
    """A black PNG of side x side pixels in some kilobytes."""
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        whole = name + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side // 8 + 2)) for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    data = chunk(b"IDAT", rows + packer.flush())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")
