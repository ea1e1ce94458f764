"""Strokes as a file."""

from __future__ import annotations

import pytest

from vcs.visits.signature import MAX_POINTS, drawing
from vcs.visits.visit import NotNow


def test_strokes_become_lines() -> None:
    data = drawing(400, 200, [[10, 10, 90, 90], [20, 30, 60, 30]])
    assert data.startswith(b"<svg ")
    assert b'points="10,10 90,90"' in data
    assert data.count(b"<polyline") == 2


@pytest.mark.parametrize(
    ("strokes", "code"),
    [
        ([[10, 10, 20, 20]], "signature_short"),
        ([[10, 10, 500, 20]], "signature"),
        ([[10, 10, 20]], "signature"),
        ([[0, 0] * (MAX_POINTS + 1)], "signature"),
    ],
)
def test_what_is_no_signature(strokes: list[list[int]], code: str) -> None:
    with pytest.raises(NotNow) as caught:
        drawing(400, 200, strokes)
    assert caught.value.code == code
