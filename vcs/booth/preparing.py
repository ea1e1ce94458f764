"""From what was asked for to prepared media, and six of them at once."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vcs.booth import footage, soundtrack
from vcs.booth.encoding import LAYERS, LayerSize, encode_pictures, encode_sound
from vcs.booth.prepared import PreparedMedia

NICENESS: Final = 3
TONE_BASE_HZ: Final = 300
TONE_STEP_HZ: Final = 100


@dataclass(frozen=True, slots=True)
class MediaChoice:
    """What a booth plays.

    `picture`: None for the drawn visitor, or a file. `sound`: "speech", "tone", a file, or None for
    the picture file's own sound, speech where it has none. `tone_hz` None: 300 + 100 * number.
    """

    number: int
    picture: Path | None = None
    sound: str | None = None
    tone_hz: int | None = None
    frame_rate: int = 15
    layers: tuple[LayerSize, ...] = LAYERS


def prepare(choice: MediaChoice) -> PreparedMedia:
    """Draw or decode, and encode. Takes about a second, so give it a thread of its own.

    Raises `footage.NoPicture`, `soundtrack.NoSound`, `encoding.CodecMissing`.
    """
    samples = _samples(choice)
    if choice.picture is None:
        frames = footage.drawn(choice.number, samples, choice.frame_rate)
    else:
        frames = footage.from_file(choice.picture, choice.frame_rate)
    return PreparedMedia(
        sound=encode_sound(samples),
        layers=encode_pictures(frames, choice.frame_rate, choice.layers),
    )


def prepare_all(choices: Iterable[MediaChoice]) -> Iterator[PreparedMedia]:
    """Several at once, in their order. Raises as `prepare`."""
    with workers() as pool:
        yield from pool.map(prepare, choices)


def workers() -> ThreadPoolExecutor:
    """Threads to prepare in: the codecs leave the interpreter free meanwhile. They stand back
    behind everything else that wants the processor, where threads can (Linux)."""
    return ThreadPoolExecutor(max_workers=os.cpu_count() or 1, initializer=_stand_back)


def _stand_back() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _samples(choice: MediaChoice) -> soundtrack.Samples:
    if choice.sound == "tone":
        hertz = choice.tone_hz or TONE_BASE_HZ + TONE_STEP_HZ * choice.number
        return soundtrack.tone(hertz)
    if choice.sound == "speech":
        return soundtrack.speech(choice.number)
    if choice.sound is not None:
        return soundtrack.from_file(Path(choice.sound))
    if choice.picture is not None:
        try:
            return soundtrack.from_file(choice.picture)
        except soundtrack.NoSound:
            pass
    return soundtrack.speech(choice.number)
