"""A part of an original, cut out and turned; the original stays as it is."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image

from vcs.captures.answers import BadRectangle
from vcs.captures.reading import read
from vcs.visits.changes import Rectangle
from vcs.visits.cutting import LEAST_PX

QUALITY: Final = 92


def derive(original: bytes, quarter_turns: int = 0, rectangle: Rectangle | None = None) -> bytes:
    """A JPEG of the original's part. `quarter_turns`: clockwise, any whole number.

    Cut first, by the pixels of the upright original, then turned; None: all of it. Nothing but
    pixels is carried over: no Exif, no place, no time. Decodes, so it belongs into a worker
    process. Raises `BadPicture` and `BadRectangle`.
    """
    picture = read(original)
    height, width = picture.shape[:2]
    left, top, right, bottom = rectangle or (0, 0, width, height)
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        raise BadRectangle("the rectangle is not inside the picture")
    if rectangle is not None and min(right - left, bottom - top) < LEAST_PX:
        raise BadRectangle("the rectangle holds too little of the picture")
    part = np.rot90(picture[top:bottom, left:right], -quarter_turns % 4)
    written = BytesIO()
    Image.fromarray(np.ascontiguousarray(part)).save(
        written, "JPEG", quality=QUALITY, subsampling=0
    )
    return written.getvalue()
