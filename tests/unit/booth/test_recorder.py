from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from vcs.booth.encoding import encode_sound
from vcs.booth.listener import tone_dbfs
from vcs.booth.recorder import Recorder
from vcs.booth.soundtrack import tone


def test_what_was_heard_is_in_the_file_with_its_pause(tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    frames = encode_sound(tone(500))
    recorder = Recorder(path)
    start = 2**32 - 10 * 960
    for number in (*range(50), 20, *range(100, 150)):
        recorder.received((start + number * 960) & 0xFFFFFFFF, frames[number % 50].payload)
    recorder.close()
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (48_000, 1)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_768
    assert len(samples) == 150 * 960
    assert tone_dbfs(samples[4_800:48_000], 500) > -22
    assert np.all(samples[48_000:96_000] == 0)
    assert tone_dbfs(samples[100_800:], 500) > -22
