"""Every advice is given where it helps, and not where it does not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.unit.captures.pictures import of_card, of_face, of_letter
from vcs.booth.photograph import Shot
from vcs.captures import checks
from vcs.captures.card_edges import long_and_short

GOOD_CARDS = (
    Shot(),
    Shot(fill=0.55),
    Shot(fill=0.85),
    Shot(blur=0.5),
    Shot(blur=1.0),
    Shot(light=0.5),
    Shot(light=1.2),
    Shot(glare=0.1),
    Shot(tilt=3, fill=0.55),
    Shot(tilt=-12, fill=0.55),
    Shot(tilt=90, fill=0.55),
    Shot(shift=0.1),
    Shot(size=(4096, 3072), fill=0.5),
)
BAD_CARDS = (
    (Shot(fill=0.45), ["too_small"]),
    (Shot(size=(1280, 720)), ["too_small"]),
    (Shot(blur=1.5), ["blurred"]),
    (Shot(blur=4), ["blurred"]),
    (Shot(glare=0.2), ["glare"]),
    (Shot(glare=0.4), ["glare"]),
    (Shot(light=0.25), ["too_dark"]),
    (Shot(light=1.5), ["too_bright"]),
    (Shot(shift=0.2), ["card_cut"]),
    (Shot(shift=0.4), ["card_cut"]),
    (Shot(shift=-0.3), ["card_cut"]),
    (Shot(shift=2), ["no_card"]),
    (Shot(fill=0.45, glare=0.3, blur=2), ["glare", "too_small", "blurred"]),
)


@pytest.mark.parametrize("shot", GOOD_CARDS, ids=str)
def test_a_good_card_gets_no_advice(shot: Shot) -> None:
    found = checks.examine(of_card(shot), "card")
    assert found.advice == []
    assert found.card is not None
    assert (found.width, found.height) == shot.size
    long, short = long_and_short(found.card)
    assert long == pytest.approx(shot.fill * shot.size[0], rel=0.02)
    assert short == pytest.approx(long * 638 / 1011, rel=0.02)


@pytest.mark.parametrize(("shot", "advice"), BAD_CARDS, ids=str)
def test_a_bad_card_gets_the_advice_that_helps(shot: Shot, advice: list[str]) -> None:
    assert checks.examine(of_card(shot), "card").advice == advice


def test_a_card_of_one_colour_is_no_card() -> None:
    for brightness in (0, 128, 255):
        plain = np.full((1080, 1920, 3), brightness, np.uint8)
        assert "no_card" in checks.examine(plain, "card").advice


def test_what_is_blurred_more_is_less_sharp() -> None:
    seen = [checks.examine(of_card(Shot(blur=b)), "card").sharpness for b in (0, 0.5, 1, 1.5, 2, 3)]
    assert all(a > b for a, b in pairwise(seen))
    assert seen[2] > 1.3 * checks.SHARP["card"]
    assert seen[3] < 0.75 * checks.SHARP["card"]


@pytest.mark.parametrize("number", range(1, 7))
def test_every_visitors_face_is_found(number: int) -> None:
    found = checks.examine(of_face(number=number), "face")
    assert found.advice == []
    assert found.eyes_px == pytest.approx(150, rel=0.06)
    assert found.face is not None
    left, top, width, height = found.face
    assert left < 565 < 715 < left + width
    assert top < 331 < top + height


@pytest.mark.parametrize(
    ("how", "advice"),
    [
        ({"blur": 1}, []),
        ({"blur": 3}, ["blurred"]),
        ({"light": 0.5}, []),
        ({"light": 0.3}, ["too_dark"]),
        ({"light": 1.3}, []),
        ({"light": 3}, ["too_bright"]),
        ({"eyes_px": 130}, []),
        ({"eyes_px": 90}, ["small_face"]),
    ],
    ids=str,
)
def test_a_face(how: dict[str, float], advice: list[str]) -> None:
    assert checks.examine(of_face(**how), "face").advice == advice


def test_a_wall_is_no_face_and_two_are_several() -> None:
    assert checks.examine(np.full((720, 1280, 3), 150, np.uint8), "face").advice == ["no_face"]
    one = of_face(eyes_px=100)[:, 320:960]
    two = np.concatenate((one, of_face(number=4, eyes_px=100)[:, 320:960]), axis=1)
    assert "several_faces" in checks.examine(two, "face").advice
    assert "several_faces" not in checks.examine(of_face(), "face").advice


def test_a_small_source_is_too_small_for_a_face_and_portrait_format_is_not() -> None:
    assert "too_small" in checks.examine(of_face()[60:660, 200:1080], "face").advice
    tall = np.full((1280, 720, 3), 190, np.uint8)
    tall[280:1000] = of_face()[:, 280:1000]
    assert checks.examine(tall, "face").advice == []


@pytest.mark.parametrize(
    ("how", "advice"),
    [
        ({}, []),
        ({"blur": 1}, []),
        ({"blur": 1.5}, ["blurred"]),
        ({"glare": 0.1}, []),
        ({"glare": 0.4}, ["glare"]),
        ({"light": 0.6}, []),
        ({"light": 0.4}, ["too_dark"]),
        ({"light": 3}, ["too_bright"]),
    ],
    ids=str,
)
def test_a_document(how: dict[str, float], advice: list[str]) -> None:
    assert checks.examine(of_letter(**how), "document").advice == advice


def test_a_small_document_is_too_small() -> None:
    assert "too_small" in checks.examine(of_letter()[::2, ::2], "document").advice
