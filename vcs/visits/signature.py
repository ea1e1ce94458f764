"""A signature's strokes as a file: an SVG of lines, as the visitor drew them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from vcs.visits.visit import NotNow

MAX_POINTS = 4000
MIN_LENGTH = 60
"""A dot or a dash is no signature: so long are all strokes together, in units of the field."""


def drawing(width: int, height: int, strokes: Sequence[Sequence[int]]) -> bytes:
    """SVG 1.1. Each stroke is x, y, x, y, ... within the field. Raises `NotNow`."""
    if width < 1 or height < 1:
        raise NotNow("signature", "the field has no size")
    points = [list(zip(stroke[::2], stroke[1::2], strict=False)) for stroke in strokes]
    if any(len(stroke) % 2 for stroke in strokes) or sum(map(len, points)) > MAX_POINTS:
        raise NotNow("signature", "these are no strokes")
    if any(not (0 <= x <= width and 0 <= y <= height) for stroke in points for x, y in stroke):
        raise NotNow("signature", "a stroke leaves the field")
    length = sum(
        abs(x - u) + abs(y - v) for stroke in points for (x, y), (u, v) in pairwise(stroke)
    )
    if length < MIN_LENGTH:
        raise NotNow("signature_short", "sign with your name")
    lines = "".join(
        f'<polyline points="{" ".join(f"{x},{y}" for x, y in stroke)}"/>' for stroke in points
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" fill="none" '
        f'stroke="#000" stroke-width="3" stroke-linecap="round">{lines}</svg>'
    ).encode()
