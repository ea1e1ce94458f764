"""A turned and cut picture from an original that stays as it is."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image

from vcs.captures.reading import read

QUALITY: Final = 92
LEAST_PX: Final = 16
"""A box smaller than this on a side shows nothing."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom of the turned picture, as shares of 1."""

WHOLE: Final[Box] = (0.0, 0.0, 1.0, 1.0)


class BadBox(ValueError):
    """The box is not one, lies outside the picture, or holds too little of it."""


def derive(original: bytes, quarter_turns: int = 0, box: Box = WHOLE) -> bytes:
    """A JPEG of the original's part. `quarter_turns`: clockwise, any whole number.

    Turned first, then cut. Nothing but pixels is carried over: no Exif, no place, no time. Decodes,
    so it belongs into a worker process. Raises `BadPicture` and `BadBox`.
    """
    left, top, right, bottom = box
    # Written so that a number that is none fails too.
    if not (0.0 <= left < right <= 1.0 and 0.0 <= top < bottom <= 1.0):
        raise BadBox("a box is left, top, right, bottom in shares of 1")
    picture = np.rot90(read(original), -quarter_turns % 4)
    height, width = picture.shape[:2]
    columns = round(left * width), round(right * width)
    rows = round(top * height), round(bottom * height)
    if columns[1] - columns[0] < LEAST_PX or rows[1] - rows[0] < LEAST_PX:
        raise BadBox("the box holds too little of the picture")
    part = np.ascontiguousarray(picture[rows[0] : rows[1], columns[0] : columns[1]])
    written = BytesIO()
    Image.fromarray(part).save(written, "JPEG", quality=QUALITY, subsampling=0)
    return written.getvalue()
