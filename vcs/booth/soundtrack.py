"""Where a booth's sound comes from: speech that is shipped, a tone, or a file; always a loop of
48 kHz mono samples of 16 bits, a whole number of 20 ms frames."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from vcs.booth.prepared import SOUND_RATE, SOUND_STEP

Samples = NDArray[np.int16]

VOICES: Final = 6
MAX_LOOP_S: Final = 60
TONE_DBFS: Final = -20.0
"""What the encoder adds to a tone is 50 dB below it, hence below the -60 dBFS of a leak."""

FULL_SCALE: Final = 32_768
SILENT: Final = 127


class NoSound(ValueError):
    """The file cannot be read, or holds no sound."""


def speech(number: int) -> Samples:
    """The voice of the booth with this number; from the seventh on they begin again."""
    name = f"visitor-{(number - 1) % VOICES + 1}.opus"
    return from_file(Path(__file__).parent / "voices" / name)


def tone(frequency: int) -> Samples:
    """A second of a sine of whole Hz, which therefore loops without a seam."""
    phase = 2 * np.pi * frequency * np.arange(SOUND_RATE) / SOUND_RATE
    amplitude = FULL_SCALE * 10 ** (TONE_DBFS / 20)
    return np.round(amplitude * np.sin(phase)).astype(np.int16)


def from_file(path: Path) -> Samples:
    """The first MAX_LOOP_S seconds of sound of any file that can be decoded. Raises `NoSound`."""
    resampler = av.AudioResampler("s16", "mono", SOUND_RATE)
    parts: list[Samples] = []
    length = 0
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise NoSound(f"{path} has no sound")
            for frame in container.decode(container.streams.audio[0]):
                for piece in resampler.resample(frame):
                    parts.append(piece.to_ndarray().reshape(-1).astype(np.int16))
                    length += len(parts[-1])
                if length >= MAX_LOOP_S * SOUND_RATE:
                    break
    except (av.FFmpegError, OSError) as error:
        raise NoSound(f"cannot read {path}: {error}") from error
    if not length:
        raise NoSound(f"{path} has no sound")
    samples = np.concatenate(parts)[: MAX_LOOP_S * SOUND_RATE]
    return np.pad(samples, (0, -len(samples) % SOUND_STEP))


def level(samples: Samples) -> int:
    """Level of these samples as RFC 6464 has it: 0 (full scale) to 127 (silent), in -dBov."""
    power = float(np.mean((samples.astype(np.float64) / FULL_SCALE) ** 2)) if len(samples) else 0.0
    if power <= 0.0:
        return SILENT
    return min(SILENT, max(0, round(-10 * float(np.log10(power)))))


def openness(samples: Samples, seconds: float, loop_s: float) -> float:
    """How far a mouth is open that says this, at `seconds` of a picture that loops every `loop_s`:
    0 to 1. Sound that lasts several turns of the picture is taken together."""
    turns = max(1, round(len(samples) / SOUND_RATE / loop_s))
    heard = 0.0
    for turn in range(turns):
        start = int((seconds + turn * loop_s) * SOUND_RATE) % len(samples)
        piece = samples[start : start + SOUND_RATE // 20].astype(np.float64) / FULL_SCALE
        heard = max(heard, float(np.sqrt(np.mean(piece**2))))
    return min(1.0, heard / 0.18)
