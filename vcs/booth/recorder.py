"""Writes what is heard into a WAV file: 48 kHz, mono, 16 bits, with its pauses."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import numpy as np

from vcs.booth.listener import OpusDecoder
from vcs.booth.prepared import SOUND_RATE, SOUND_STEP
from vcs.media.timestamp import ahead

LONGEST_PAUSE_S: Final = 3_600
"""A jump longer than this is a new beginning, not a pause to be written out."""


class Recorder:
    """Takes the packets of one slot in order of arrival; late ones are left out."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError`."""
        self._file = wave.open(str(path), "wb")  # noqa: SIM115 - closed by `close`
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(SOUND_RATE)
        self._decoder = OpusDecoder()
        self._due: int | None = None

    def received(self, timestamp: int, payload: bytes) -> None:
        """One Opus packet and its RTP timestamp. Raises `OSError` when the disk is full."""
        pause = 0 if self._due is None else ahead(timestamp, self._due)
        if pause < 0 and pause > -LONGEST_PAUSE_S * SOUND_RATE:
            return
        if 0 < pause <= LONGEST_PAUSE_S * SOUND_RATE:
            second = bytes(2 * SOUND_RATE)
            for _ in range(pause // SOUND_RATE):
                self._file.writeframesraw(second)
            self._file.writeframesraw(bytes(2 * (pause % SOUND_RATE)))
        sound = self._decoder.decode(payload)
        samples = np.clip(sound * 32_767, -32_768, 32_767).astype("<i2")
        self._file.writeframesraw(samples.tobytes())
        self._due = (timestamp + (len(samples) or SOUND_STEP)) & 0xFFFFFFFF

    def close(self) -> None:
        self._file.close()
