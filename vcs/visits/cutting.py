"""What may be cut out of a picture, and what a cut is called. Values and rules alone."""

from __future__ import annotations

import hashlib
from typing import Final

from vcs.visits.changes import CaptureTaken, Rectangle

LEAST_PX: Final = 32
"""Less than this on a side shows nothing."""
MAX_DERIVED: Final = 12
"""Pictures derived from one original."""


class CannotCut(ValueError):
    """`code` is for the page."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def check_cut(taken: CaptureTaken, quarter_turns: int, rectangle: Rectangle) -> None:
    """Raises `CannotCut` for what is no part of this picture, or all of it as it is."""
    left, top, right, bottom = rectangle
    if not (0 <= left < right <= taken.width and 0 <= top < bottom <= taken.height):
        raise CannotCut("cut_outside", "the rectangle is not inside the picture")
    if min(right - left, bottom - top) < LEAST_PX:
        raise CannotCut("cut_small", f"the rectangle has at least {LEAST_PX} pixels on each side")
    if quarter_turns % 4 == 0 and rectangle == (0, 0, taken.width, taken.height):
        raise CannotCut("cut_nothing", "nothing is cut or turned")


def cut_id(of: str, quarter_turns: int, rectangle: Rectangle) -> str:
    """The same cut of the same picture has the same id, so that asking twice makes one."""
    told = f"{of} {quarter_turns % 4} {' '.join(map(str, rectangle))}"
    return f"cut-{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def cut_size(quarter_turns: int, rectangle: Rectangle) -> tuple[int, int]:
    """Width and height of what is cut out, once it is turned."""
    left, top, right, bottom = rectangle
    width, height = right - left, bottom - top
    return (height, width) if quarter_turns % 2 else (width, height)
