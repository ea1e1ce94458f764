from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from vcs.booth import soundtrack
from vcs.booth.prepared import SOUND_RATE, SOUND_STEP


def write_wav(path: Path, samples: soundtrack.Samples, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def test_six_voices_are_shipped_small_different_and_audible() -> None:
    voices = [soundtrack.speech(number) for number in range(1, soundtrack.VOICES + 1)]
    for samples in voices:
        assert 8 <= len(samples) / SOUND_RATE <= 12
        assert len(samples) % SOUND_STEP == 0
        assert soundtrack.level(samples) < 35
    assert len({samples.tobytes() for samples in voices}) == soundtrack.VOICES
    assert np.array_equal(soundtrack.speech(7), voices[0])
    folder = Path(soundtrack.__file__).parent / "voices"
    assert sum(path.stat().st_size for path in folder.glob("*.opus")) < 250_000


def test_a_file_of_another_rate_becomes_whole_frames_at_48_khz(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    write_wav(path, (soundtrack.tone(400)[:16_001] // 2).astype(np.int16), 16_000)
    samples = soundtrack.from_file(path)
    assert len(samples) % SOUND_STEP == 0
    assert abs(len(samples) - SOUND_RATE) < 2 * SOUND_STEP


@pytest.mark.parametrize("content", [b"", b"no sound at all" * 100])
def test_what_holds_no_sound_is_told_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "nothing.wav"
    path.write_bytes(content)
    with pytest.raises(soundtrack.NoSound, match=r"nothing\.wav"):
        soundtrack.from_file(path)


def test_levels_are_those_of_rfc_6464() -> None:
    full = np.full(960, 32_767, np.int16)
    assert soundtrack.level(full) == 0
    assert soundtrack.level((full // 10).astype(np.int16)) == 20
    assert soundtrack.level(np.zeros(960, np.int16)) == 127


def test_lips_rest_where_every_turn_of_the_picture_is_silent() -> None:
    loud, silent = soundtrack.tone(300), np.zeros(SOUND_RATE, np.int16)
    samples = np.concatenate([loud, silent, silent, silent])
    assert soundtrack.openness(samples, 0.2, 2.0) > 0.3
    assert soundtrack.openness(samples, 1.2, 2.0) == 0.0
