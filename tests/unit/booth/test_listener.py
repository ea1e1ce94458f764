from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcs.booth.encoding import encode_sound
from vcs.booth.listener import QUIET_DBFS, SILENCE, Listener, tone_dbfs
from vcs.booth.prepared import SOUND_RATE, SoundFrame
from vcs.booth.soundtrack import TONE_DBFS, tone

TONES = [400, 500, 600, 700, 800, 900]


def play(
    listener: Listener, frames: tuple[SoundFrame, ...], count: int, number: int = 0, at: float = 0.0
) -> int:
    for index in range(count):
        payload = frames[index % len(frames)].payload
        listener.received(number & 0xFFFF, number * 960 & 0xFFFFFFFF, payload, at + index * 0.02)
        number += 1
    return number


@pytest.mark.parametrize("own", TONES)
@pytest.mark.parametrize("count", [4, 10, 40])
def test_a_tone_is_found_and_no_other(own: int, count: int) -> None:
    listener = Listener()
    play(listener, encode_sound(tone(own)), 10 + count)
    levels = listener.tone_levels_dbfs(TONES, count * 0.02 - 0.01)
    assert levels[own] == pytest.approx(TONE_DBFS, abs=1.5)
    assert all(levels[other] < -60 for other in TONES if other != own)


def test_a_short_stretch_in_long_silence_is_found() -> None:
    listener = Listener()
    number = 0
    for _ in range(30):
        listener.received(number, number * 960, SILENCE, number * 0.02)
        number += 1
    number = play(listener, encode_sound(tone(700)), 4, number, number * 0.02)
    for _ in range(30):
        listener.received(number, number * 960, SILENCE, number * 0.02)
        number += 1
    levels = listener.tone_levels_dbfs(TONES, 2.0)
    assert levels[700] > -40
    assert (listener.count, listener.speech_count) == (64, 4)


def test_silence_is_silent_and_nothing_is_nothing() -> None:
    listener = Listener()
    assert listener.tone_levels_dbfs([400], 1.0) == {400: QUIET_DBFS}
    for number in range(20):
        listener.received(number, number * 960, SILENCE if number % 2 else b"\xf8", number * 0.02)
    assert all(packet.is_silence for packet in listener.packets)
    assert listener.tone_levels_dbfs([400], 1.0) == {400: QUIET_DBFS}


def test_two_tones_one_after_the_other_are_told_by_time() -> None:
    listener = Listener()
    number = play(listener, encode_sound(tone(400)), 50)
    play(listener, encode_sound(tone(900)), 50, number + 100, 3.0)
    early = listener.tone_levels_dbfs([400, 900], 1.0, until=1.0)
    late = listener.tone_levels_dbfs([400, 900], 0.9)
    assert early[400] > -25 > -60 > early[900]
    assert late[900] > -25 > -60 > late[400]
    assert len(listener.between(0.0, 1.0)) == 50


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(min_size=0, max_size=80), max_size=12))
def test_broken_packets_break_nothing(payloads: list[bytes]) -> None:
    listener = Listener()
    for number, payload in enumerate(payloads):
        listener.received(number, number * 960, payload, number * 0.02)
    levels = listener.tone_levels_dbfs([400], 1.0)
    assert levels[400] >= QUIET_DBFS


def test_order_of_arrival_and_doubles_do_not_matter() -> None:
    listener = Listener()
    frames = encode_sound(tone(500))
    order = [*range(20)]
    order[5], order[6] = order[6], order[5]
    for number in [*order[:10], 9, *order[10:]]:
        listener.received(number, number * 960, frames[number].payload, 0.01 * number)
    (run,) = listener.runs(0.0, 1.0)
    assert len(run) == 20 * 960


def test_full_scale_is_zero_dbfs() -> None:
    wave = np.sin(2 * np.pi * 500 * np.arange(SOUND_RATE) / SOUND_RATE)
    assert tone_dbfs(wave, 500) == pytest.approx(0.0, abs=0.01)
    assert tone_dbfs(wave / 100, 500) == pytest.approx(-40.0, abs=0.01)
    assert tone_dbfs(wave, 600) < -100
