"""A drawn visitor for a booth without a camera: somebody sits there, breathes, blinks, and moves
the lips when there is sound; the booth's number and a running clock tell pictures apart.

Everything is drawn at twice its size and reduced, once, into few small pictures; a frame only puts
these together, so that six loops are drawn while somebody waits for the demo.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

WIDTH: Final = 1280
HEIGHT: Final = 720
LOOP_S: Final = 4.0
"""All motion has this period, so that the loop has no seam."""

MOUTHS: Final = 5
"""Mouths from closed to wide open."""

_FINE: Final = 2
_BODY: Final = (760, 660)
_AT: Final = (292, 84)
"""Where the body's picture sits in the frame, at rest."""
_HEAD: Final = (380, 262)
_FACE: Final = (240, 192)
"""The part of the face that moves by itself: brows to mouth."""
_CLOCK: Final = (1082, 190, 1242, 250)
_BLINKS: Final = (0.9, 2.6)
_BLINK_S: Final = 0.14

Colour = tuple[int, int, int]
Picture = Image.Image
Head = Literal["short", "long", "scarf", "cap", "bun", "grey"]


@dataclass(frozen=True, slots=True)
class Look:
    """One visitor: what is on the head, colours as RGB, and what makes the face his or hers."""

    head: Head
    skin: Colour
    hair: Colour
    clothes: Colour
    wall: Colour
    glasses: bool = False
    moustache: bool = False


LOOKS: Final = (
    Look("scarf", (226, 177, 140), (58, 110, 116), (38, 74, 84), (205, 214, 205)),
    Look("short", (198, 146, 108), (34, 28, 27), (172, 66, 52), (196, 206, 218), moustache=True),
    Look("long", (233, 188, 152), (46, 30, 24), (92, 82, 150), (224, 209, 192), glasses=True),
    Look("cap", (186, 134, 98), (24, 24, 28), (52, 94, 62), (212, 204, 218)),
    Look("bun", (218, 168, 130), (38, 30, 34), (196, 132, 44), (190, 212, 214)),
    Look("grey", (206, 156, 120), (168, 168, 170), (70, 88, 118), (218, 214, 200), glasses=True),
)


def look_of(number: int) -> Look:
    """The visitor of a booth; booths from the seventh on begin again."""
    return LOOKS[(number - 1) % len(LOOKS)]


class Portrait:
    """The pictures of one visitor in the booth with this number."""

    def __init__(self, number: int) -> None:
        look = look_of(number)
        self._wall = _reduced(_draw_wall(look, number))
        self._body = _reduced(_draw_body(look))
        self._eyes = [_reduced(_draw_eyes(look, openness)) for openness in (1.0, 0.45, 0.0)]
        self._mouths = [
            _reduced(_draw_mouth(look, index / (MOUTHS - 1))) for index in range(MOUTHS)
        ]
        self._font = ImageFont.load_default(40)
        # One for each size: a converter that is given another size is made anew.
        self._convert_wall = VideoReformatter()
        self._convert_face = VideoReformatter()
        self._convert_clock = VideoReformatter()
        self._pose = (-1, -1)
        self._seated = np.empty(0, np.uint8)
        self._face = self._wall
        self._clock = self._wall.crop(_CLOCK)

    def frame(self, t: float, mouth: float) -> NDArray[np.uint8]:
        """The picture at `t` seconds of the loop, the mouth open by 0 (closed) to 1.

        Planes of yuv420p one below the other, as PyAV has them: HEIGHT * 3 / 2 rows of WIDTH. Only
        what has moved is drawn and converted.
        """
        turn = 2 * math.pi * t / LOOP_S
        x = _AT[0] + round(3.5 * math.sin(turn)) * 2
        y = _AT[1] + round(1.5 * math.sin(2 * turn + 1.0)) * 2
        face_at = (x + _HEAD[0] - _FACE[0] // 2, y + _HEAD[1] - 60)
        if self._pose != (x, y):
            self._pose = (x, y)
            seated = self._wall.copy()
            seated.paste(self._body, (x, y), self._body)
            self._seated = _planes(self._convert_wall, seated)
            self._face = seated.crop((*face_at, face_at[0] + _FACE[0], face_at[1] + _FACE[1]))
        planes = self._seated.copy()
        face = self._face.copy()
        eyes = self._eyes[_lid(t % LOOP_S)]
        face.paste(eyes, (0, 0), eyes)
        lips = self._mouths[min(MOUTHS - 1, max(0, round(mouth * (MOUTHS - 1))))]
        face.paste(lips, (60, 112), lips)
        _put(planes, _planes(self._convert_face, face), face_at)
        _put(planes, _planes(self._convert_clock, self._clock_at(t)), _CLOCK[:2])
        return planes

    def _clock_at(self, t: float) -> Picture:
        clock = self._clock.copy()
        text = f"00:{int(t) % 60:02d}.{int(t * 10) % 10}"
        draw = ImageDraw.Draw(clock)
        draw.rounded_rectangle((0, 0, clock.width - 1, clock.height - 1), 14, fill=(24, 32, 40))
        middle = (clock.width // 2, clock.height // 2 - 1)
        draw.text(middle, text, font=self._font, fill=(238, 242, 246), anchor="mm")
        return clock


def _planes(converter: VideoReformatter, picture: Picture) -> NDArray[np.uint8]:
    frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
    planes = converter.reformat(frame, format="yuv420p", threads=1).to_ndarray()
    return planes.astype(np.uint8, copy=False)


def _put(planes: NDArray[np.uint8], patch: NDArray[np.uint8], at: tuple[int, int]) -> None:
    """Puts a small picture into a large one, both yuv420p and at even places."""
    x, y = at
    for into, part, half in zip(_views(planes), _views(patch), (1, 2, 2), strict=True):
        top, left = y // half, x // half
        into[top : top + part.shape[0], left : left + part.shape[1]] = part


def _views(planes: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
    rows, width = planes.shape
    height = rows * 2 // 3
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    return planes[:height], chroma[0], chroma[1]


def _lid(t: float) -> int:
    """Which eyes to show: 0 open, 1 half, 2 closed."""
    for start in _BLINKS:
        if start <= t < start + _BLINK_S:
            middle = start + _BLINK_S / 2
            return 2 if abs(t - middle) < _BLINK_S / 3 else 1
    return 0


def _reduced(picture: Picture) -> Picture:
    return picture.reduce(_FINE)


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, max(0, round(part * factor))) for part in colour)
    return red, green, blue


class _Pen:
    """Draws in the coordinates of the reduced picture."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.picture = Image.new("RGBA", (size[0] * _FINE, size[1] * _FINE), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self.picture)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        self._draw.ellipse(_fine(x - rx, y - ry, x + rx, y + ry), fill=fill)

    def box(self, x: float, y: float, x2: float, y2: float, r: float, fill: Colour) -> None:
        self._draw.rounded_rectangle(_fine(x, y, x2, y2), r * _FINE, fill=fill)

    def shape(self, points: list[tuple[float, float]], fill: Colour) -> None:
        self._draw.polygon([(x * _FINE, y * _FINE) for x, y in points], fill=fill)

    def arc(self, box: tuple[float, ...], start: int, end: int, fill: Colour, width: int) -> None:
        self._draw.arc(_fine(*box), start, end, fill=fill, width=width * _FINE)

    def half(self, box: tuple[float, ...], start: int, end: int, fill: Colour) -> None:
        self._draw.chord(_fine(*box), start, end, fill=fill)

    def line(self, *points: float, fill: Colour, width: int) -> None:
        self._draw.line(_fine(*points), fill=fill, width=width * _FINE, joint="curve")

    def text(self, x: float, y: float, text: str, size: int, fill: Colour) -> None:
        font = ImageFont.load_default(size * _FINE)
        self._draw.text((x * _FINE, y * _FINE), text, font=font, fill=fill, anchor="mm")


def _fine(*values: float) -> list[float]:
    return [value * _FINE for value in values]


def _draw_wall(look: Look, number: int) -> Picture:
    pen = _Pen((WIDTH, HEIGHT))
    wall = look.wall
    pen.box(0, 0, WIDTH, HEIGHT, 0, wall)
    # Panels of the booth, a lamp's warm edge above, and a shelf line: quiet, and cheap to encode.
    for index in range(4):
        left = 40 + index * 310
        pen.box(left, 60, left + 270, 560, 18, _shade(wall, 0.955))
    pen.box(0, 0, WIDTH, 26, 0, _shade(wall, 1.08))
    pen.box(0, 600, WIDTH, HEIGHT, 0, _shade(wall, 0.80))
    pen.box(0, 596, WIDTH, 606, 0, _shade(wall, 0.68))
    leaf = (74, 124, 88)
    for angle, reach in ((-62, 120), (-30, 150), (0, 165), (28, 150), (58, 118)):
        x = 1130 + reach * math.sin(math.radians(angle))
        y = 500 - reach * math.cos(math.radians(angle))
        pen.shape([(1118, 504), ((1118 + x) / 2 - 16, (504 + y) / 2), (x, y)], _shade(leaf, 0.85))
        pen.shape([(1142, 504), ((1142 + x) / 2 + 16, (504 + y) / 2), (x, y)], leaf)
    pen.shape([(1078, 500), (1182, 500), (1166, 598), (1094, 598)], (176, 98, 70))
    pen.box(1070, 488, 1190, 512, 6, (190, 110, 80))
    # Between what a console writes over the corners of a tile.
    pen.box(44, 216, 244, 466, 26, (24, 32, 40))
    pen.text(144, 248, "BOOTH", 26, (148, 161, 176))
    pen.text(144, 366, str(number), 170 if number < 10 else 120, (238, 242, 246))
    return pen.picture.convert("RGB")


def _draw_body(look: Look) -> Picture:
    pen = _Pen(_BODY)
    x, y = _HEAD
    skin, dark = look.skin, _shade(look.skin, 0.86)
    if look.head == "long":
        pen.box(x - 150, y - 120, x + 150, y + 250, 120, look.hair)
    if look.head == "bun":
        pen.oval(x, y - 178, 58, 50, _shade(look.hair, 1.2))
    pen.box(x - 300, y + 196, x + 300, y + 640, 150, look.clothes)
    pen.oval(x - 296, y + 460, 70, 170, _shade(look.clothes, 0.88))
    pen.oval(x + 296, y + 460, 70, 170, _shade(look.clothes, 0.88))
    pen.box(x - 54, y + 90, x + 54, y + 236, 44, dark)
    if look.head == "scarf":
        _draw_scarf(pen, look)
    else:
        light = _shade(look.clothes, 1.25)
        pen.shape([(x - 92, y + 196), (x - 20, y + 196), (x, y + 300), (x - 34, y + 270)], light)
        pen.shape([(x + 92, y + 196), (x + 20, y + 196), (x, y + 300), (x + 34, y + 270)], light)
        pen.shape([(x - 40, y + 196), (x + 40, y + 196), (x, y + 268)], dark)
        for side in (-1, 1):
            pen.oval(x + side * 120, y + 12, 22, 34, dark)
    pen.oval(x, y, 122, 156, skin)
    if look.head != "scarf":
        _draw_hair(pen, look)
    for side in (-1, 1):
        pen.oval(x + side * 70, y + 50, 24, 15, _shade(skin, 0.95))
    pen.arc((x - 16, y + 6, x + 16, y + 40), 20, 160, _shade(skin, 0.74), 4)
    if look.moustache:
        pen.half((x - 48, y + 46, x + 48, y + 84), 180, 360, look.hair)
    return pen.picture


def _draw_scarf(pen: _Pen, look: Look) -> None:
    x, y = _HEAD
    folds = _shade(look.hair, 0.86)
    pen.oval(x, y - 4, 160, 190, look.hair)
    pen.box(x - 166, y + 60, x + 166, y + 330, 110, look.hair)
    pen.shape([(x - 150, y + 120), (x + 60, y + 210), (x + 10, y + 360), (x - 140, y + 300)], folds)
    pen.arc((x - 140, y - 176, x + 140, y + 176), 200, 340, folds, 6)


def _draw_hair(pen: _Pen, look: Look) -> None:
    x, y = _HEAD
    hair = look.hair
    pen.half((x - 128, y - 168, x + 128, y + 110), 180, 360, hair)
    if look.head == "cap":
        pen.box(x - 124, y - 176, x + 124, y - 74, 22, hair)
        pen.box(x - 124, y - 96, x + 124, y - 74, 6, _shade(hair, 2.0))
    elif look.head == "long":
        pen.half((x - 128, y - 150, x + 60, y + 20), 150, 300, hair)
        for side in (-1, 1):
            pen.oval(x + side * 124, y + 40, 26, 130, hair)
    elif look.head == "bun":
        pen.oval(x - 40, y - 74, 84, 46, hair)
        pen.oval(x + 60, y - 84, 60, 38, hair)
    else:
        pen.oval(x - 50, y - 92, 76, 52, hair)
        pen.oval(x + 56, y - 96, 70, 46, hair)
        for side in (-1, 1):
            pen.box(x + side * 118 - 10, y - 40, x + side * 118 + 10, y + 16, 8, hair)
    # The forehead again, below the hair line.
    pen.half((x - 108, y - 96, x + 108, y + 60), 180, 360, look.skin)


def _draw_eyes(look: Look, openness: float) -> Picture:
    pen = _Pen((240, 100))
    brow = look.hair if look.head not in ("scarf", "grey") else (74, 58, 50)
    for x in (72, 168):
        y = 62
        pen.arc((x - 30, 18, x + 30, 58), 205, 335, _shade(brow, 0.9), 6)
        if openness > 0:
            pen.oval(x, y, 20, 15 * openness, (250, 250, 248))
            pen.oval(x, y, 9.5, min(9.5, 15 * openness), (46, 32, 26))
            if openness > 0.8:
                pen.oval(x + 3, y - 4, 3, 3, (255, 255, 255))
        else:
            pen.arc((x - 20, y - 10, x + 20, y + 12), 20, 160, _shade(look.skin, 0.55), 4)
        if look.glasses:
            pen.arc((x - 36, y - 32, x + 36, y + 32), 0, 360, (40, 44, 52), 5)
    if look.glasses:
        pen.line(108, 58, 132, 58, fill=(40, 44, 52), width=5)
    return pen.picture


def _draw_mouth(look: Look, openness: float) -> Picture:
    pen = _Pen((120, 80))
    lip = (164, 82, 76) if not look.moustache else (146, 82, 70)
    if openness < 0.1:
        pen.arc((26, 4, 94, 44), 35, 145, lip, 6)
        return pen.picture
    half = 34 - 8 * openness
    tall = 6 + 20 * openness
    pen.oval(60, 34, half + 5, tall + 5, lip)
    pen.oval(60, 34, half, tall, (88, 30, 34))
    if openness > 0.4:
        pen.half((60 - half, 34 - tall, 60 + half, 34 + tall), 215, 325, (246, 244, 240))
    return pen.picture
