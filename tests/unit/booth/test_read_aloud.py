"""What is read aloud is what is read: each text has its recording, and nothing else is recorded."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest

from vcs.booth.voices import read_aloud
from vcs.booth.voices.read_aloud import VOICES, file_of, prompts

FASTEST = 40
"""Signs a second that nobody says."""
SLOWEST = 3


@pytest.mark.parametrize("language", ["id", "en"])
def test_each_prompt_is_spoken_and_nothing_else(language: str) -> None:
    """Else run `python -m vcs.booth.voices.read_aloud`."""
    index = json.loads((VOICES / f"{language}.json").read_text())
    assert index == {text: file_of(text) for text in prompts(language)}
    assert {path.name for path in (VOICES / language).iterdir()} == set(index.values())
    assert len(index) > 100


@pytest.mark.parametrize("language", ["id", "en"])
def test_recordings_are_as_long_as_their_texts(language: str) -> None:
    for text in prompts(language):
        seconds = _seconds(VOICES / language / file_of(text))
        assert len(text) / FASTEST < seconds < 1 + len(text) / SLOWEST, text


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_is_pressed_and_what_is_the_visitors_own_is_not_spoken(language: str) -> None:
    page = json.loads((read_aloud.TREE / "web" / "locale" / f"booth.{language}.json").read_text())
    spoken = prompts(language)
    assert page["consent.agree"] not in spoken
    assert not [text for text in spoken if "{" in text]
    assert page["consent.title"] in spoken


def _seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        frames = [frame for frame in container.decode(audio=0)]
    return sum(frame.samples for frame in frames) / frames[0].sample_rate
