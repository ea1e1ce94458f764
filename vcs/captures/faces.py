"""Which faces a picture shows, by OpenCV's own cascades. Pure but for the cascades' files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import hypot
from typing import Final

import cv2
import cv2.data
import numpy as np

from vcs.captures.light import Grey

FaceBox = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""

SEARCH_PX: Final = 640
"""Longer side of the picture in which faces are searched."""

LEAST_SHARE: Final = 0.08
"""Of the searched picture's shorter side: smaller faces are not looked for."""

COMPANION: Final = 0.5
"""A second face counts from this share of the largest one's width on; smaller is a picture on a
wall or on a card."""

_FACE_PX: Final = 320


@dataclass(frozen=True, slots=True)
class FacesFound:
    """`faces`: the largest first. `eyes_px`: between the eyes of the largest, None if unseen."""

    faces: list[FaceBox]
    eyes_px: float | None


@cache
def _cascade(name: str) -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(f"{cv2.data.haarcascades}{name}.xml")


def find_faces(grey: Grey) -> FacesFound:
    scale = min(1.0, SEARCH_PX / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    least = max(24, round(LEAST_SHARE * min(small.shape[:2])))
    found = _cascade("haarcascade_frontalface_default").detectMultiScale(
        cv2.equalizeHist(small), 1.1, 6, minSize=(least, least)
    )
    boxes = sorted((tuple(int(v) for v in box) for box in found), key=lambda b: -b[2])
    large: list[FaceBox] = [
        (round(x / scale), round(y / scale), round(w / scale), round(h / scale))
        for x, y, w, h in boxes
        if w >= COMPANION * boxes[0][2]
    ]
    return FacesFound(large, _eyes_px(grey, large[0]) if large else None)


def _eyes_px(grey: Grey, face: FaceBox) -> float | None:
    """Between the two eyes that lie best, one in each half of the face's upper part."""
    x, y, width, height = face
    upper = grey[max(0, y) : y + round(height * 0.6), max(0, x) : x + width]
    if min(upper.shape) < 20:
        return None
    scale = _FACE_PX / width
    small = cv2.equalizeHist(cv2.resize(upper, None, fx=scale, fy=scale))
    found = _cascade("haarcascade_eye").detectMultiScale(small, 1.08, 4, minSize=(40, 40))
    middles = [(ex + ew / 2, ey + eh / 2) for ex, ey, ew, eh in found]
    left = [m for m in middles if 0.18 < m[0] / _FACE_PX < 0.45]
    right = [m for m in middles if 0.55 < m[0] / _FACE_PX < 0.82]
    pairs = [(a, b) for a in left for b in right if abs(a[1] - b[1]) < 0.12 * _FACE_PX]
    if not pairs:
        return None
    (ax, ay), (bx, by) = min(pairs, key=lambda p: abs(p[0][0] + p[1][0] - _FACE_PX))
    return float(hypot(bx - ax, by - ay) / scale)


def eyes_by_width(face: FaceBox) -> float:
    """Between the eyes as the box's width tells, where the eyes themselves are hidden."""
    return 0.4 * face[2]


def face_part(grey: Grey, face: FaceBox) -> Grey:
    """The face at the scale at which sharpness is compared, never enlarged."""
    x, y, width, height = face
    part = grey[max(0, y) : y + height, max(0, x) : x + width]
    scale = min(1.0, _FACE_PX / max(1, width))
    return np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
