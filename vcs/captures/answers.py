"""What is asked about a picture and what may be answered. Imports no decoder: the server's process
uses these words and never looks into a picture."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from vcs.visits.changes import Advice, Rectangle
from vcs.visits.flow import Subject

MAX_OCTETS: Final = 12 * 1024 * 1024

BadPictureCode = Literal[
    "picture.too_big",
    "picture.not_a_picture",
    "picture.bomb",
    "picture.truncated",
]

Quadrilateral = tuple[
    tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]
]
"""Corners in pixels from the left and from the top, clockwise; the upper long side is first."""

FaceBox = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""


class BadPicture(Exception):
    """These bytes are no picture that is taken. `code` names the text that the visitor gets."""

    def __init__(self, code: BadPictureCode) -> None:
        super().__init__(code)
        self.code: BadPictureCode = code


class BadRectangle(ValueError):
    """The rectangle is none, lies outside the picture, or holds too little of it."""


class Findings(msgspec.Struct, frozen=True):
    """What was seen. `advice`: most helpful first, three at most, none for a good picture.

    `sharpness`, `glare_share` (of 1) and `brightness` (0 to 255) are of the card or face where one
    was found, else of the whole picture. `card`, `face` and `eyes_px` (the distance between the
    eyes) are in pixels of the upright picture.
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


class Request(msgspec.Struct, frozen=True):
    """To a worker. `subject`: examine the picture that follows; None: cut and turn it."""

    octets: int
    subject: Subject | None = None
    quarter_turns: int = 0
    rectangle: Rectangle | None = None


class Reply(msgspec.Struct, frozen=True):
    """One of: what was found; why it is no picture, or no rectangle; `octets` of a JPEG."""

    findings: Findings | None = None
    bad: BadPictureCode | None = None
    bad_rectangle: str | None = None
    octets: int = 0
