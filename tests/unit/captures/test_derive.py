from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.unit.captures.pictures import written
from vcs.captures.answers import BadPicture, BadRectangle
from vcs.captures.derive import derive
from vcs.captures.reading import read
from vcs.visits.cutting import cut_size

PICTURE = Image.new("RGB", (200, 100), "white")
PICTURE.paste((200, 0, 0), (0, 0, 100, 50))


def exif() -> bytes:
    tags = Image.Exif()
    tags[0x010F] = "Maker"
    return tags.tobytes()


ORIGINAL = written(PICTURE, "JPEG", exif=exif(), quality=95)


@pytest.mark.parametrize(("turns", "at"), [(0, (0, 0)), (1, (0, 1)), (2, (1, 1)), (3, (1, 0))])
def test_turns_go_clockwise(turns: int, at: tuple[int, int]) -> None:
    seen = read(derive(ORIGINAL, turns))
    height, width = seen.shape[:2]
    assert (width, height) == ((200, 100) if turns % 2 == 0 else (100, 200))
    corner = seen[10 if at[0] == 0 else height - 10, 10 if at[1] == 0 else width - 10]
    assert corner[0] > 180
    assert corner[1] < 40


def test_the_rectangle_is_the_originals_and_metadata_is_dropped() -> None:
    before = bytes(ORIGINAL)
    cut = derive(ORIGINAL, 1, (10, 0, 90, 50))
    image = Image.open(BytesIO(cut))
    assert image.format == "JPEG"
    assert image.size == (50, 80)
    assert "exif" not in image.info
    assert b"Maker" not in cut
    assert np.mean(np.asarray(image)[:, :, 1]) < 60
    assert before == ORIGINAL


def test_a_rectangle_of_a_picture_that_exif_turns_is_of_the_upright_one() -> None:
    tags = Image.Exif()
    tags[0x0112] = 6  # lies on its side: 90 degrees to the right makes it stand
    lying = written(PICTURE, "JPEG", exif=tags.tobytes(), quality=95)
    seen = read(derive(lying, 0, (50, 0, 100, 100)))
    assert seen.shape[:2] == (100, 50)
    assert seen[50, 25][0] > 180 > 40 > seen[50, 25][1]


@given(st.tuples(*(st.integers(-50, 260),) * 4), st.integers(-5, 5))
def test_any_rectangle_is_cut_or_refused(rectangle: tuple[int, int, int, int], turns: int) -> None:
    left, top, right, bottom = rectangle
    good = 0 <= left < right <= 200 and 0 <= top < bottom <= 100
    good = good and min(right - left, bottom - top) >= 32
    try:
        image = Image.open(BytesIO(derive(ORIGINAL, turns, rectangle)))
    except BadRectangle:
        assert not good
        return
    assert good
    assert image.size == cut_size(turns, rectangle)


def test_a_bad_original_is_a_bad_picture() -> None:
    with pytest.raises(BadPicture):
        derive(b"text")
