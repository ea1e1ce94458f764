"""A paper or a face as a camera would see it: lying somewhere, lit well or badly, sharp or not."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

TABLE: Final = (98, 84, 70)
GRAIN: Final = 2.0
"""Standard deviation of the camera's grain, of 255."""


@dataclass(frozen=True, slots=True)
class Shot:
    """How a photograph is taken.

    `fill`: the paper's width as a share of the picture's. `blur`: radius in pixels where the paper
    has 1011. `light`: 1 is right, 0.2 dark, 3 much too bright. `glare`: diameter of a lamp's
    reflection as a share of the paper's shorter side. `tilt`: degrees. `shift`: how far the paper
    lies off the middle, as a share of the picture's width.
    """

    size: tuple[int, int] = (1920, 1080)
    fill: float = 0.72
    blur: float = 0.0
    light: float = 1.0
    glare: float = 0.0
    tilt: float = 0.0
    shift: float = 0.0


def photograph(thing: Image.Image, shot: Shot) -> Image.Image:
    """A photograph of an RGBA paper on a table."""
    picture = _table(shot.size)
    width = round(shot.size[0] * shot.fill)
    paper = thing.resize(
        (width, round(width * thing.height / thing.width)), Image.Resampling.LANCZOS
    )
    if shot.glare:
        paper = _glaring(paper, shot.glare)
    paper = paper.rotate(shot.tilt, Image.Resampling.BICUBIC, expand=True)
    at = (
        (shot.size[0] - paper.width) // 2 + round(shot.shift * shot.size[0]),
        (shot.size[1] - paper.height) // 2,
    )
    picture.paste(paper, at, paper)
    return developed(picture, shot.blur * width / 1011, shot.light)


def developed(picture: Image.Image, blur: float = 0.0, light: float = 1.0) -> Image.Image:
    """Blurred by a radius in pixels, lit, and with the grain of a camera; the same each time."""
    if blur:
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    samples = np.asarray(picture, np.float32) * light
    grain = np.random.default_rng(5).normal(0, GRAIN, samples.shape[:2]).astype(np.float32)
    samples += grain[:, :, None]
    return Image.fromarray(samples.clip(0, 255).astype(np.uint8))


def jpeg(picture: Image.Image, quality: int = 90) -> bytes:
    written = BytesIO()
    picture.save(written, "JPEG", quality=quality)
    return written.getvalue()


def _table(size: tuple[int, int]) -> Image.Image:
    """A wooden one: broad soft stripes, a little darker towards one side."""
    across = np.arange(size[0], dtype=np.float32) / size[0]
    down = np.arange(size[1], dtype=np.float32) / size[1]
    grain = 5 * np.sin(down[:, None] * 40 + 3 * np.sin(across[None, :] * 4)) - 12 * across[None, :]
    samples = np.array(TABLE, np.float32) + grain[:, :, None]
    return Image.fromarray(samples.clip(0, 255).astype(np.uint8))


def _glaring(paper: Image.Image, share: float) -> Image.Image:
    radius = share * min(paper.size) / 2
    x, y = paper.width * 0.42, paper.height * 0.45
    lamp = Image.new("L", paper.size, 0)
    box = (x - radius, y - radius, x + radius, y + radius)
    ImageDraw.Draw(lamp).ellipse(box, fill=255)
    lamp = lamp.filter(ImageFilter.GaussianBlur(radius * 0.15))
    lit = paper.convert("RGB")
    lit.paste((255, 255, 255), (0, 0), lamp)
    lit.putalpha(paper.getchannel("A"))
    return lit
