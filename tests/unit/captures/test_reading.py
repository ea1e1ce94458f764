from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from tests.unit.captures.pictures import png_bomb, written
from vcs.captures import reading
from vcs.captures.answers import MAX_OCTETS, BadPicture
from vcs.captures.header import NoHeader, orientation, read_header

SMALL = Image.fromarray(
    np.random.default_rng(1).integers(0, 255, (24, 40, 3)).astype(np.uint8)
).resize((80, 48))
FILES = {kind: written(SMALL, kind) for kind in ("JPEG", "PNG", "WEBP")}
LOSSLESS = written(SMALL, "WEBP", lossless=True)
ALPHA = written(SMALL.convert("RGBA"), "WEBP", exif=b"Exif\0\0II*\0")


def code_of(data: bytes) -> str:
    with pytest.raises(BadPicture) as caught:
        reading.read(data)
    return caught.value.code


@pytest.mark.parametrize("data", [*FILES.values(), LOSSLESS, ALPHA])
def test_three_kinds_are_read_by_content(data: bytes) -> None:
    assert reading.read(data).shape == (48, 80, 3)
    header = read_header(data)
    assert (header.width, header.height) == (80, 48)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_kinds_are_not(kind: str) -> None:
    assert code_of(written(SMALL, kind)) == "picture.not_a_picture"


def test_text_is_no_picture_whatever_it_is_called() -> None:
    assert code_of(b"This is a text file, named card.jpg.\n" * 50) == "picture.not_a_picture"
    assert code_of(b"") == "picture.not_a_picture"


def test_a_file_that_is_too_big_is_not_looked_at() -> None:
    assert code_of(FILES["JPEG"] + bytes(MAX_OCTETS)) == "picture.too_big"


def test_a_bomb_is_found_by_its_header(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = png_bomb()
    assert len(bomb) < 400_000
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("a bomb was opened"))
    assert code_of(bomb) == "picture.bomb"


def test_a_long_line_is_a_bomb_too() -> None:
    assert code_of(written(Image.new("1", (reading.MAX_SIDE + 1, 1)), "PNG")) == "picture.bomb"


@pytest.mark.parametrize("kind", FILES)
def test_half_a_picture_is_truncated(kind: str) -> None:
    data = FILES[kind]
    assert code_of(data[: len(data) // 2]) in ("picture.truncated", "picture.not_a_picture")
    if kind != "WEBP":
        assert code_of(data[: len(data) // 2]) == "picture.truncated"


@given(st.binary(max_size=400))
@example(b"\xff\xd8\xff")
@example(b"\x89PNG\r\n\x1a\n")
@example(b"RIFF\0\0\0\0WEBPVP8X")
def test_random_bytes_are_bad_pictures(data: bytes) -> None:
    with pytest.raises(BadPicture):
        reading.read(data)


@given(st.sampled_from(sorted(FILES)), st.integers(0, 10**6), st.integers(0, 10**6))
def test_damage_gives_a_picture_or_one_error(kind: str, at: int, seed: int) -> None:
    data = bytearray(FILES[kind])
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 8)):
        data[(at + rng.randrange(60)) % len(data)] = rng.randrange(256)
    try:
        picture = reading.read(bytes(data[: rng.randint(1, 2 * len(data))]))
    except BadPicture:
        return
    assert picture.ndim == 3
    assert picture.dtype == np.uint8


@given(st.binary(max_size=200))
def test_a_header_is_one_or_none(data: bytes) -> None:
    for start in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"):
        try:
            header = read_header(start + data)
        except NoHeader:
            continue
        assert header.width > 0
        assert header.height > 0


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", FILES)
def test_pictures_stand_upright(kind: str, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    seen = reading.read(written(SMALL, kind, exif=exif.tobytes()))
    backwards = (2, 3, 4, 5, 8, 7, 6)
    plain = Image.fromarray(reading.read(FILES[kind]))
    undone = reading._TURNS.get(backwards[turn - 2]) if turn > 1 else None
    stored = Image.fromarray(seen)
    if undone is not None:
        stored = stored.transpose(undone)
    assert np.array_equal(np.asarray(stored), np.asarray(plain))
    assert seen.shape[:2] == ((80, 48) if turn >= 5 else (48, 80))


@given(st.binary(max_size=120))
def test_any_exif_has_an_orientation(exif: bytes) -> None:
    assert 1 <= orientation(exif) <= 8
    assert 1 <= orientation(b"II*\0\x08\0\0\0" + exif) <= 8


def test_sixteen_bits_and_transparency_keep_their_look() -> None:
    deep = Image.fromarray(np.full((20, 20), 32_896, np.uint16))
    assert np.all(reading.read(written(deep, "PNG")) == 128)
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert np.all(reading.read(written(clear, "PNG")) == 255)
    assert reading.read(written(SMALL.convert("CMYK"))).shape == (48, 80, 3)
