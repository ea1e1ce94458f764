"""What is wrong with a picture, as advice to whoever took it. Advice only: a person decides. Pure.

@CALIBRATION@
"""

from __future__ import annotations

from typing import Final

import cv2
import msgspec
import numpy as np

from vcs.captures.card_edges import Quadrilateral, find_card, long_and_short
from vcs.captures.faces import FaceBox, eyes_by_width, face_part, find_faces
from vcs.captures.light import (
    Grey,
    brightness_of,
    glare_of,
    grey_of,
    sharpness_of,
    washed_out,
)
from vcs.captures.reading import Picture
from vcs.visits.changes import Advice
from vcs.visits.flow import Subject

CARD_PX: Final = (1011, 638)
"""A card of 85.60 by 53.98 mm at 300 DPI."""

FACE_SOURCE_PX: Final = (1280, 720)
EYES_PX: Final = 120.0
DOCUMENT_PX: Final = (1600, 1100)
"""An A4 sheet at 138 DPI: its smallest print can be read."""

SHARP: Final[dict[Subject, float]] = {"card": 200.0, "face": 30.0, "document": 200.0}
GLARE_SHARE: Final = 0.008
DARK: Final[dict[Subject, float]] = {"card": 60.0, "face": 60.0, "document": 90.0}
BRIGHT: Final[dict[Subject, float]] = {"card": 225.0, "face": 225.0, "document": 253.0}
WASHED_OUT: Final = 150.0
MEASURE: Final = 0.98
"""Edges are found to about a hundredth; a card of the full size must not fail by that."""

MOST: Final = 3
ORDER: Final[tuple[Advice, ...]] = (
    # Light first: nothing else can be seen without it. Then whether the thing is there at all.
    "too_dark",
    "too_bright",
    "no_card",
    "card_cut",
    "no_face",
    "several_faces",
    "glare",
    "too_small",
    "small_face",
    "blurred",
)


class Findings(msgspec.Struct, frozen=True):
    """What was seen. `advice`: most helpful first, at most MOST, none for a good picture.

    `sharpness`, `glare_share` (of 1) and `brightness` (0 to 255) are of the card or face where one
    was found, else of the whole picture. `card` and `face` are in pixels of the upright picture.
    """

    width: int
    height: int
    advice: list[Advice]
    card: Quadrilateral | None
    sharpness: float
    glare_share: float
    brightness: float
    face: FaceBox | None
    eyes_px: float | None


def examine(image: Picture, subject: Subject) -> Findings:
    """Look at an upright picture of `subject`. Takes tenths of a second: not for the event loop."""
    if subject == "card":
        return _card(image)
    if subject == "face":
        return _face(image)
    return _document(image)


def _card(image: Picture) -> Findings:
    found = find_card(image)
    if found.card is None:
        grey = _reduced(image, DOCUMENT_PX[0])
        advice = _light(grey, "card") | {"card_cut" if found.cut else "no_card"}
        if _smaller(_sides(image), CARD_PX):
            advice.add("too_small")
        return _findings(image, advice, grey)
    card = _flattened(image, found.card)
    grey = grey_of(card)
    advice = _light(grey, "card")
    if _smaller(long_and_short(found.card), CARD_PX, MEASURE):
        advice.add("too_small")
    glare = glare_of(card)
    sharpness = sharpness_of(grey)
    if glare > GLARE_SHARE:
        advice.add("glare")
    if sharpness < SHARP["card"]:
        advice.add("blurred")
    return _findings(image, advice, grey, glare, sharpness, card=found.card)


def _face(image: Picture) -> Findings:
    whole = grey_of(image)
    found = find_faces(whole)
    too_small: set[Advice] = {"too_small"} if _smaller(_sides(image), FACE_SOURCE_PX) else set()
    if not found.faces:
        return _findings(image, _light(whole, "face") | too_small | {"no_face"}, whole)
    face = found.faces[0]
    grey = face_part(whole, face)
    advice = _light(grey, "face") | too_small
    if len(found.faces) > 1:
        advice.add("several_faces")
    eyes = found.eyes_px
    if (eyes if eyes is not None else eyes_by_width(face)) < EYES_PX * MEASURE:
        advice.add("small_face")
    sharpness = sharpness_of(grey)
    if sharpness < SHARP["face"]:
        advice.add("blurred")
    return _findings(image, advice, grey, 0.0, sharpness, face=face, eyes_px=eyes)


def _document(image: Picture) -> Findings:
    grey = _reduced(image, DOCUMENT_PX[0])
    advice = _light(grey, "document")
    if _smaller(_sides(image), DOCUMENT_PX):
        advice.add("too_small")
    glare = glare_of(image)
    sharpness = sharpness_of(grey)
    if glare > GLARE_SHARE:
        advice.add("glare")
    if sharpness < SHARP["document"]:
        advice.add("blurred")
    return _findings(image, advice, grey, glare, sharpness)


def _findings(
    image: Picture,
    advice: set[Advice],
    grey: Grey,
    glare: float = 0.0,
    sharpness: float | None = None,
    *,
    card: Quadrilateral | None = None,
    face: FaceBox | None = None,
    eyes_px: float | None = None,
) -> Findings:
    return Findings(
        width=image.shape[1],
        height=image.shape[0],
        advice=[one for one in ORDER if one in advice][:MOST],
        card=card,
        sharpness=sharpness if sharpness is not None else sharpness_of(grey),
        glare_share=glare,
        brightness=brightness_of(grey),
        face=face,
        eyes_px=eyes_px,
    )


def _light(grey: Grey, subject: Subject) -> set[Advice]:
    brightness = brightness_of(grey)
    if brightness < DARK[subject]:
        return {"too_dark"}
    if brightness > BRIGHT[subject] or washed_out(grey) > WASHED_OUT:
        return {"too_bright"}
    return set()


def _flattened(image: Picture, card: Quadrilateral) -> Picture:
    """The card seen from straight above at 300 DPI, or at its own size where that is smaller."""
    long, _ = long_and_short(card)
    scale = min(1.0, long / CARD_PX[0])
    width, height = (max(TILES_LEAST, round(side * scale)) for side in CARD_PX)
    # Reduced first: the transform alone would skip pixels of a large picture, and alias.
    before = min(1.0, width / long)
    if before < 1.0:
        image = np.asarray(
            cv2.resize(image, None, fx=before, fy=before, interpolation=cv2.INTER_AREA), np.uint8
        )
    corners = np.array(card, np.float32) * before
    target = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(cv2.warpPerspective(image, matrix, (width, height)), np.uint8)


TILES_LEAST: Final = 32


def _reduced(image: Picture, longest: int) -> Grey:
    scale = min(1.0, longest / max(image.shape[:2]))
    grey = grey_of(image)
    return np.asarray(
        cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )


def _sides(image: Picture) -> tuple[int, int]:
    height, width = image.shape[:2]
    return max(width, height), min(width, height)


def _smaller(sides: tuple[float, float], wanted: tuple[int, int], slack: float = 1.0) -> bool:
    return sides[0] < wanted[0] * slack or sides[1] < wanted[1] * slack
