from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.unit.captures.pictures import written
from vcs.captures.answers import BadBox, BadPicture
from vcs.captures.derive import derive
from vcs.captures.reading import read

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


def test_the_box_is_cut_from_the_turned_picture_and_metadata_is_dropped() -> None:
    before = bytes(ORIGINAL)
    cut = derive(ORIGINAL, 1, (0.5, 0.0, 1.0, 0.25))
    image = Image.open(BytesIO(cut))
    assert image.format == "JPEG"
    assert image.size == (50, 50)
    assert "exif" not in image.info
    assert b"Maker" not in cut
    assert np.mean(np.asarray(image)[:, :, 1]) < 60
    assert before == ORIGINAL


@given(st.tuples(*(st.floats(allow_nan=True),) * 4))
def test_any_box_is_cut_or_refused(box: tuple[float, float, float, float]) -> None:
    try:
        derive(ORIGINAL, 0, box)
    except BadBox:
        return
    assert 0 <= box[0] < box[2] <= 1


def test_a_bad_original_is_a_bad_picture() -> None:
    with pytest.raises(BadPicture):
        derive(b"text")
