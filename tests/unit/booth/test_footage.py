from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from vcs.booth import footage

from .material import noise_frames


def write_film(path: Path, frame_rate: int, count: int) -> None:
    with av.open(str(path), "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=frame_rate)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for index, frame in enumerate(noise_frames(count)):
            frame.pts = index
            frame.time_base = Fraction(1, frame_rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("wanted", [10, 15, 30])
def test_a_film_is_played_at_the_rate_asked_for(tmp_path: Path, wanted: int) -> None:
    path = tmp_path / "film.webm"
    write_film(path, 25, 50)
    frames = list(footage.from_file(path, wanted))
    assert abs(len(frames) - 2 * wanted) <= 1
    assert {(frame.width, frame.height) for frame in frames} == {(128, 72)}


def test_what_is_no_film_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "film.webm"
    path.write_bytes(b"not a film")
    with pytest.raises(footage.NoPicture, match=r"film\.webm"):
        list(footage.from_file(path, 15))
