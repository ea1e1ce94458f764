from __future__ import annotations

from pathlib import Path

import pytest

from vcs.booth.encoding import LayerSize
from vcs.booth.footage import NoPicture
from vcs.booth.listener import Listener
from vcs.booth.prepared import PreparedMedia
from vcs.booth.preparing import MediaChoice, prepare, prepare_all

from .test_footage import write_film

SMALL = (LayerSize("l", 160, 90, 60),)


def heard(media: PreparedMedia, frequencies: list[int]) -> dict[int, float]:
    listener = Listener()
    for index, frame in enumerate(media.sound[:50]):
        listener.received(index, index * 960, frame.payload, index * 0.02)
    return dict(listener.tone_levels_dbfs(frequencies, 1.0))


def test_each_booth_has_its_tone() -> None:
    choices = [MediaChoice(number, sound="tone", layers=SMALL) for number in (1, 2)]
    first, second = prepare_all(choices)
    for media, own, foreign in ((first, 400, 500), (second, 500, 400)):
        levels = heard(media, [own, foreign])
        assert levels[own] > -25
        assert levels[foreign] < -60


def test_the_drawn_visitor_is_four_seconds_of_picture_and_eight_of_speech() -> None:
    media = prepare(MediaChoice(2, sound="speech", layers=SMALL))
    assert len(media.layers[0].frames) == 60
    assert len(media.sound) == 400
    levels = [frame.level for frame in media.sound]
    assert min(levels) < 30
    assert max(levels) > 80


def test_a_silent_film_gets_a_voice_and_no_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "film.webm"
    write_film(path, 15, 30)
    media = prepare(MediaChoice(1, picture=path, layers=SMALL))
    assert len(media.layers[0].frames) == 24
    assert len(media.sound) == 400
    with pytest.raises(NoPicture):
        prepare(MediaChoice(1, picture=tmp_path / "absent.webm", layers=SMALL))
