from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from benchmarks.six_booths.air import OFFICER, Path
from benchmarks.six_booths.tones import TONES, Heard, levels_dbfs, look_through, voices
from vcs.booth.encoding import encode_sound
from vcs.booth.listener import HeardPacket, tone_dbfs
from vcs.booth.prepared import SOUND_RATE, SOUND_STEP, PreparedMedia
from vcs.booth.soundtrack import tone

TO_BOOTH_2 = Path(OFFICER, 2)


@cache
def media(number: int) -> PreparedMedia:
    return PreparedMedia(encode_sound(tone(TONES[number])), ())


WHOSE = {number: media(number) for number in (OFFICER, 1, 2)}


def packets(number: int, count: int, first: int = 0) -> list[HeardPacket]:
    sound = media(number).sound
    return [
        HeardPacket(at / 50, at, at * SOUND_STEP, False, sound[at % len(sound)].payload)
        for at in range(first, first + count)
    ]


def findings(path: Path, allowed: bool, heard: list[HeardPacket]) -> list[str]:
    return [found.what for found in look_through(Heard(1, path, allowed, heard), voices(WHOSE))]


@pytest.mark.parametrize("count", [0, 3, 20, 120])
def test_the_sound_that_may_be_there_is_clean(count: int) -> None:
    assert findings(TO_BOOTH_2, True, packets(OFFICER, count, first=17)) == []


def test_a_single_packet_of_somebody_else_is_found() -> None:
    heard = [*packets(OFFICER, 5), *packets(1, 1, first=5), *packets(OFFICER, 5, first=6)]
    assert "packets of 457 Hz" in findings(TO_BOOTH_2, True, heard)


def test_another_tone_is_found_in_the_spectrum_even_of_an_unknown_voice() -> None:
    heard = packets(3, 20)
    assert 3 not in WHOSE
    found = findings(TO_BOOTH_2, True, heard)
    assert "packets of an unknown voice" in found
    assert any(what.startswith("771 Hz at -2") for what in found)


def test_sound_where_nothing_may_be_is_found_however_short() -> None:
    assert findings(TO_BOOTH_2, False, packets(OFFICER, 1)) == [
        "1 packets of speech where no path may be"
    ]
    found = findings(TO_BOOTH_2, False, packets(OFFICER, 20))
    assert any(what.startswith("300 Hz at -2") for what in found)


def test_stretches_apart_are_not_one_sound() -> None:
    heard = [*packets(OFFICER, 10), *packets(OFFICER, 10, first=33)]
    assert findings(TO_BOOTH_2, True, heard) == []


@pytest.mark.parametrize("samples", [4 * SOUND_STEP, 50 * SOUND_STEP])
def test_levels_are_those_of_the_product_s_own_listener(samples: int) -> None:
    time = np.arange(samples) / SOUND_RATE
    sound = 0.1 * np.sin(2 * np.pi * TONES[4] * time) + 0.002 * np.sin(2 * np.pi * TONES[2] * time)
    for hertz, level in zip(TONES.values(), levels_dbfs(sound), strict=True):
        assert level == pytest.approx(tone_dbfs(sound, hertz), abs=0.01)
    assert levels_dbfs(np.zeros(samples)) == [-120.0] * len(TONES)


def test_a_payload_that_two_have_in_common_says_nothing() -> None:
    shared = PreparedMedia((*media(1).sound, media(2).sound[0]), ())
    whose = voices({1: shared, 2: media(2)})
    assert media(2).sound[0].payload not in whose
    assert whose[media(2).sound[1].payload] == 2
