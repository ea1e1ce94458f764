"""From a visitor's bytes to a picture, or to a reason why not.

Decoding may take much time and memory whatever is checked before: call `read` in a worker process
(see `workers`), not in the server's.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vcs.captures.header import Header, NoHeader, orientation, read_header

MAX_OCTETS: Final = 12 * 1024 * 1024
MAX_PIXELS: Final = 24_000_000
"""A booth's camera gives two to twelve million."""

MAX_SIDE: Final = 12_000

Picture = NDArray[np.uint8]
"""Rows, columns, and red, green, blue."""

BadPictureCode = Literal[
    "picture.too_big",
    "picture.not_a_picture",
    "picture.bomb",
    "picture.truncated",
]

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What Pillow raises for bytes that only begin like a picture.
_DECODER_FAULTS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class BadPicture(Exception):
    """These bytes are no picture that is taken. `code` names the text that the visitor gets."""

    def __init__(self, code: BadPictureCode) -> None:
        super().__init__(code)
        self.code: BadPictureCode = code


def check_header(data: bytes) -> Header:
    """What can be known before anything is decoded. Raises `BadPicture`."""
    if len(data) > MAX_OCTETS:
        raise BadPicture("picture.too_big")
    try:
        header = read_header(data)
    except NoHeader as fault:
        code: BadPictureCode = "picture.truncated" if fault.cut else "picture.not_a_picture"
        raise BadPicture(code) from None
    _check_size(header.width, header.height)
    return header


def read(data: bytes) -> Picture:
    """The picture upright, as Exif tells, and without anything but its pixels.

    Raises `BadPicture`, and `MemoryError` where the process is allowed too little.
    """
    header = check_header(data)
    with warnings.catch_warnings():
        # Pillow warns of odd metadata, which nobody is going to use.
        warnings.simplefilter("ignore")
        try:
            image = Image.open(BytesIO(data), formats=(header.kind,))
            _check_size(*image.size)
        except _DECODER_FAULTS:
            raise BadPicture("picture.not_a_picture") from None
        try:
            image.load()
            exif = image.info.get("exif")
            upright = _rgb(image)
        except _DECODER_FAULTS:
            # The header was sound, so this was a picture once.
            raise BadPicture("picture.truncated") from None
    turn = _TURNS.get(orientation(exif)) if isinstance(exif, bytes) else None
    if turn is not None:
        upright = upright.transpose(turn)
    return np.array(upright, dtype=np.uint8)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise BadPicture("picture.bomb")


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        # 16 bits a sample: Pillow would clip where it should scale.
        samples = np.asarray(image, dtype=np.float32)
        return Image.fromarray((samples / 257).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        solid = Image.new("RGBA", image.size, "white")
        solid.alpha_composite(image.convert("RGBA"))
        return solid.convert("RGB")
    return image.convert("RGB")
