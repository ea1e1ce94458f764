"""How sharp, how bright and how dazzled a part of a picture is. Pure."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vcs.captures.reading import Picture

Grey = NDArray[np.uint8]

TILE_PX: Final = 32
WHITE: Final = 250
"""From here on a channel counts as blown out."""

_MEAN: Final = 128.0
_MOST_GAIN: Final = 4.0


def grey_of(picture: Picture) -> Grey:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def sharpness_of(grey: Grey) -> float:
    """Variance of the Laplacian in the busiest quarter of the tiles, at a mean brightness of 128.

    Only the busy part counts: a letter is mostly empty, and emptiness is never sharp. The picture
    must be at the scale that is compared; a grain of one pixel is smoothed away first.
    """
    smooth = cv2.GaussianBlur(grey, (3, 3), 0).astype(np.float32)
    gain = min(_MOST_GAIN, _MEAN / max(1.0, float(smooth.mean())))
    edges = cv2.Laplacian(smooth * max(1.0, gain), cv2.CV_32F)
    rows, columns = grey.shape[0] // TILE_PX, grey.shape[1] // TILE_PX
    if rows == 0 or columns == 0:
        return float(edges.var())
    whole = edges[: rows * TILE_PX, : columns * TILE_PX]
    tiles = whole.reshape(rows, TILE_PX, columns, TILE_PX).var(axis=(1, 3)).ravel()
    busiest = np.sort(tiles)[-max(1, tiles.size // 4) :]
    return float(busiest.mean())


def brightness_of(grey: Grey) -> float:
    """Mean brightness, 0 to 255."""
    return float(grey.mean())


def washed_out(grey: Grey) -> float:
    """Brightness of the darkest fiftieth, which in a picture with ink on it is ink, 0 to 255."""
    return float(np.percentile(grey, 2))


def glare_of(picture: Picture) -> float:
    """The share of near-white, textureless patches that are far brighter than the rest, 0 to 1.

    Patches of less than a hundredth of the longer side are print, not glare. White paper in good
    light is no glare: what is not brighter than the rest does not count.
    """
    lowest = picture.min(axis=2)
    grey = grey_of(picture)
    if float(np.median(grey)) > WHITE - 20:
        return 0.0
    flat = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) < 8
    patches = ((lowest >= WHITE) & flat).astype(np.uint8)
    size = max(3, max(grey.shape) // 100) | 1
    patches = cv2.morphologyEx(patches, cv2.MORPH_OPEN, np.ones((size, size), np.uint8)).astype(
        np.uint8
    )
    return float(patches.mean())
