"""A drawn face with the lights and shadows that a face detector goes by.

The demo's visitors (see `portrait`) are flat and are not found. Nobody real is shown: features and
colours come from a number, the same ones each time.
"""

from __future__ import annotations

import random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from vcs.booth.portrait import Colour, look_of

SIZE: Final = (1280, 720)
EYES_PX: Final = 150
"""Between the eyes of a face that is drawn at SIZE."""

_FINE: Final = 2


def draw_face(number: int, size: tuple[int, int] = SIZE, eyes_px: float = EYES_PX) -> Image.Image:
    """The face of the visitor with this number, RGB, in the middle of a picture of this size."""
    return _Face(number, size, eyes_px).draw()


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, max(0, round(part * factor))) for part in colour)
    return red, green, blue


class _Face:
    """Lengths are in distances between the eyes, from the point between them."""

    def __init__(self, number: int, size: tuple[int, int], eyes_px: float) -> None:
        features = random.Random(number)  # noqa: S311 - the same face each time is the point
        self._look = look_of(number)
        self._unit = eyes_px * _FINE
        self._wide = features.uniform(0.97, 1.05)
        self._mouth = features.uniform(0.92, 1.08)
        self._brow = features.uniform(0.9, 1.15)
        self._picture = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), self._look.wall)
        self._x = size[0] * _FINE / 2
        self._y = size[1] * _FINE * 0.46

    def draw(self) -> Image.Image:
        look = self._look
        skin, unit = look.skin, self._unit
        light = skin if sum(skin) > 480 else _shade(skin, 1.12)
        self._oval(0, -0.25, 1.32, 1.5, look.hair, 0.02)
        if look.head in ("scarf", "long"):
            self._oval(0, 0.6, 1.42, 1.7, look.hair, 0.02)
        self._oval(0, 3.3, 2.6, 1.5, look.clothes, 0.02)
        self._oval(0, 1.75, 0.6, 0.7, _shade(light, 0.72), 0.05)
        self._oval(0, 0.3, 1.1 * self._wide, 1.55, light, 0.02)
        # The sides turn away from the light, the chin too.
        for side in (-1, 1):
            self._tint(side * 1.02, 0.4, 0.2, 1.0, 0.72, 0.14)
        self._tint(0, 1.78, 0.7, 0.16, 0.75, 0.12)
        for side in (-1, 1):
            self._tint(side * 0.5, -0.02, 0.36, 0.22, 0.60, 0.10)
            self._tint(side * 0.58, 0.55, 0.26, 0.2, 1.16, 0.10)
        self._tint(0, -0.55, 0.6, 0.22, 1.10, 0.14)
        self._tint(0, 0.25, 0.09, 0.45, 1.18, 0.05)
        for side in (-1, 1):
            self._tint(side * 0.16, 0.3, 0.05, 0.35, 0.84, 0.05)
            self._eye(side * 0.5)
            self._oval(side * 0.11, 0.68, 0.055, 0.032, _shade(skin, 0.35), 0.012)
        self._tint(0, 0.72, 0.26, 0.06, 0.72, 0.04)
        half = 0.40 * self._mouth
        self._oval(0, 1.07, half, 0.105, (150, 72, 68), 0.015)
        self._oval(0, 1.065, half * 0.96, 0.022, (70, 28, 30), 0.008)
        self._tint(0, 1.26, 0.25, 0.06, 0.78, 0.05)
        if look.moustache:
            self._oval(0, 0.9, 0.36, 0.07, _shade(look.hair, 1.2), 0.02)
        return self._picture.filter(ImageFilter.GaussianBlur(unit * 0.003)).reduce(_FINE)

    def _eye(self, x: float) -> None:
        dark = (34, 24, 20)
        hair = (58, 46, 40) if self._look.head in ("scarf", "grey") else self._look.hair
        self._oval(x, -0.27 * self._brow, 0.29, 0.055, hair, 0.02)
        self._oval(x, 0, 0.205, 0.095, (232, 228, 222), 0.01)
        self._oval(x, 0, 0.092, 0.092, (54, 36, 26), 0.006)
        self._oval(x, 0, 0.042, 0.042, (8, 6, 6), 0.004)
        self._oval(x, -0.085, 0.215, 0.035, dark, 0.01)
        self._oval(x + 0.03, -0.03, 0.016, 0.016, (250, 250, 250), 0.003)

    def _mask(
        self, x: float, y: float, rx: float, ry: float, soft: float
    ) -> tuple[Image.Image, tuple[int, int, int, int]]:
        """A soft oval, and the box of the picture that it covers: only that is worked on."""
        unit, reach = self._unit, soft * self._unit * 2 + 2
        wide, high = self._picture.size
        box = (
            min(wide, max(0, int(self._x + (x - rx) * unit - reach))),
            min(high, max(0, int(self._y + (y - ry) * unit - reach))),
            min(wide, max(0, int(self._x + (x + rx) * unit + reach))),
            min(high, max(0, int(self._y + (y + ry) * unit + reach))),
        )
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]), 0)
        left, top = self._x + (x - rx) * unit - box[0], self._y + (y - ry) * unit - box[1]
        oval = (left, top, left + 2 * rx * unit, top + 2 * ry * unit)
        ImageDraw.Draw(mask).ellipse(oval, fill=255)
        return mask.filter(ImageFilter.BoxBlur(soft * unit)), box

    def _oval(self, x: float, y: float, rx: float, ry: float, fill: Colour, soft: float) -> None:
        mask, box = self._mask(x, y, rx, ry, soft)
        self._picture.paste(fill, box, mask)

    def _tint(self, x: float, y: float, rx: float, ry: float, by: float, soft: float) -> None:
        """Makes what is there darker (below 1) or lighter."""
        mask, box = self._mask(x, y, rx, ry, soft)
        changed = self._picture.crop(box).point(lambda value: min(255, round(value * by)))
        self._picture.paste(changed, box, mask)
