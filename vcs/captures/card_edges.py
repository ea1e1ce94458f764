"""Where a card lies in a picture. Pure.

The picture is reduced, its edges are taken in several ways, and of all outlines that are convex and
have four corners the largest in the shape of an ID-1 card (ISO/IEC 7810: 85.60 by 53.98 mm) wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vcs.captures.light import Grey
from vcs.captures.reading import Picture

Corner = tuple[float, float]
"""Pixels from the left and from the top."""

Quadrilateral = tuple[Corner, Corner, Corner, Corner]
"""Clockwise; the first side is the upper long one."""

RATIO: Final = 85.60 / 53.98
RATIO_SLACK: Final = 0.16
"""A card that is tilted away by 30 degrees still passes."""

SEARCH_PX: Final = 800
"""Longer side of the picture that is searched."""

LEAST_SHARE: Final = 0.03
"""A smaller outline is something printed or lying about."""

_BORDER_PX: Final = 4
_CUT_SHARE: Final = 0.12
_CONVEX: Final = 0.94


@dataclass(frozen=True, slots=True)
class CardFound:
    """`card`: the whole card's corners, or None. `cut`: a card is there and leaves the picture."""

    card: Quadrilateral | None
    cut: bool


def find_card(picture: Picture) -> CardFound:
    """The card in an upright picture."""
    height, width = picture.shape[:2]
    scale = min(1.0, SEARCH_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    best: tuple[float, NDArray[np.float64]] | None = None
    largest_cut = 0.0
    area_of_all = float(size[0] * size[1])
    for outline in _outlines(np.asarray(small, np.uint8)):
        area = float(cv2.contourArea(outline))
        if area < LEAST_SHARE * area_of_all:
            continue
        sides = _sides_left(outline, size)
        if sides == 0:
            quad = _quadrilateral(outline)
            if quad is not None and (best is None or area > best[0]) and _card_shaped(quad):
                best = area, quad
        elif sides <= 2 and area > _CUT_SHARE * area_of_all and _cut_card(outline):
            largest_cut = max(largest_cut, area)
    if best is None or largest_cut > 1.5 * best[0]:
        return CardFound(None, largest_cut > 0)
    return CardFound(_ordered(best[1] / scale), False)


def long_and_short(card: Quadrilateral) -> tuple[float, float]:
    """Mean lengths of the card's long and short sides in pixels."""
    sides = [
        hypot(b[0] - a[0], b[1] - a[1]) for a, b in zip(card, card[1:] + card[:1], strict=True)
    ]
    pairs = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    return max(pairs), min(pairs)


def _outlines(small: Picture) -> Iterator[NDArray[np.int32]]:
    for mask in _masks(small):
        # A line around the picture closes the outline of what leaves it.
        height, width = mask.shape
        cv2.rectangle(mask, (0, 0), (width - 1, height - 1), 255, 1)
        found, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        for outline in found:
            yield np.asarray(outline, np.int32)


def _masks(small: Picture) -> Iterator[Grey]:
    smooth = np.asarray(cv2.GaussianBlur(small, (5, 5), 0), np.uint8)
    square = np.ones((3, 3), np.uint8)
    lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB)
    for low, high in ((15, 45), (40, 120), (80, 200)):
        edges = np.zeros(smooth.shape[:2], np.uint8)
        for channel in cv2.split(lab):
            edges |= cv2.Canny(channel, low, high).astype(np.uint8)
        closed = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        yield np.asarray(cv2.dilate(closed, square), np.uint8)
    hsv = cv2.cvtColor(smooth, cv2.COLOR_RGB2HSV)
    for channel in (cv2.cvtColor(smooth, cv2.COLOR_RGB2GRAY), cv2.split(hsv)[1]):
        _, light = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        for mask in (light, cv2.bitwise_not(light)):
            opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
            yield np.asarray(opened, np.uint8)


def _sides_left(outline: NDArray[np.int32], size: tuple[int, int]) -> int:
    """How many sides of the picture the outline touches."""
    x, y, width, height = cv2.boundingRect(outline)
    return sum(
        (
            x <= _BORDER_PX,
            y <= _BORDER_PX,
            x + width >= size[0] - _BORDER_PX,
            y + height >= size[1] - _BORDER_PX,
        )
    )


def _quadrilateral(outline: NDArray[np.int32]) -> NDArray[np.float64] | None:
    """Four corners where the straight middles of the sides meet: a card's own are round."""
    hull = cv2.convexHull(outline)
    if cv2.contourArea(outline) < _CONVEX * cv2.contourArea(hull):
        return None
    rough = cv2.approxPolyDP(hull, 0.035 * cv2.arcLength(hull, True), True)
    if len(rough) != 4:
        return None
    corners = rough.reshape(4, 2).astype(np.float64)
    points = outline.reshape(-1, 2).astype(np.float64)
    lines = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = end - start
        length = float(np.hypot(*along))
        if length < 8:
            return None
        along /= length
        offset = points - start
        ahead = offset @ along
        beside = np.abs(offset @ np.array((-along[1], along[0])))
        near = (ahead > 0.15 * length) & (ahead < 0.85 * length) & (beside < 0.05 * length)
        if int(near.sum()) < 8:
            return None
        line = cv2.fitLine(points[near].astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01)
        lines.append(np.asarray(line, np.float64).ravel())
    meetings = [_meeting(lines[index - 1], lines[index]) for index in range(4)]
    found = [meeting for meeting in meetings if meeting is not None]
    if len(found) != 4:
        return None
    quad = np.array(found)
    moved = float(np.abs(quad - corners).max())
    return quad if moved < 0.1 * float(np.ptp(corners)) else None


def _meeting(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64] | None:
    across = np.array(((a[0], -b[0]), (a[1], -b[1])))
    if abs(float(np.linalg.det(across))) < 0.2:
        return None
    steps = np.linalg.solve(across, b[2:] - a[2:])
    return np.asarray(a[2:] + steps[0] * a[:2], np.float64)


def _card_shaped(quad: NDArray[np.float64]) -> bool:
    lengths = np.hypot(*(np.roll(quad, -1, axis=0) - quad).T)
    pairs = (lengths[0] + lengths[2]) / 2, (lengths[1] + lengths[3]) / 2
    ratio = max(pairs) / max(1.0, min(pairs))
    even = min(lengths[0], lengths[2]) > 0.7 * max(lengths[0], lengths[2])
    even = even and min(lengths[1], lengths[3]) > 0.7 * max(lengths[1], lengths[3])
    return bool(even and abs(ratio / RATIO - 1) < RATIO_SLACK)


def _cut_card(outline: NDArray[np.int32]) -> bool:
    """Straight sides, as a card has that lies across the picture's border."""
    hull = cv2.convexHull(outline)
    if cv2.contourArea(outline) < _CONVEX * cv2.contourArea(hull):
        return False
    rough = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, True), True)
    if not 4 <= len(rough) <= 7:
        return False
    filled = cv2.contourArea(rough) / max(1.0, float(cv2.contourArea(hull)))
    return bool(0.96 < filled < 1.04)


def _ordered(quad: NDArray[np.float64]) -> Quadrilateral:
    middle = quad.mean(axis=0)
    turned = quad[np.argsort(np.arctan2(*(quad - middle).T[::-1]))]
    # Clockwise from the upper left; of the long sides the upper one comes first.
    lengths = np.hypot(*(np.roll(turned, -1, axis=0) - turned).T)
    if lengths[0] + lengths[2] < lengths[1] + lengths[3]:
        turned = np.roll(turned, -1, axis=0)
    if turned[0][1] + turned[1][1] > turned[2][1] + turned[3][1]:
        turned = np.roll(turned, -2, axis=0)
    a, b, c, d = ((float(x), float(y)) for x, y in turned)
    return a, b, c, d
