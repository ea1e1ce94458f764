"""Makes the speech files beside this one: `python -m vcs.booth.voices.make`. Needs espeak-ng.

Sentences begin every SENTENCE_S, which is the loop of the picture too, so that lips rest in the
pauses between them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import wave
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

SENTENCE_S: Final = 4
RATE: Final = 48_000
BIT_RATE: Final = 20_000
LOUDNESS_DBFS: Final = -21.0

VOICES: Final[tuple[tuple[str, int, tuple[str, ...]], ...]] = (
    ("id+f2", 58, ("Selamat pagi, saya mau bertanya.", "Berkas saya sudah lengkap, Bu.")),
    ("id+m3", 38, ("Nama saya Budi, dari Bekasi.", "Saya berhenti kerja bulan lalu.")),
    ("id+f4", 66, ("Ini kartu peserta saya, silakan.", "Apakah gambarnya sudah jelas?")),
    ("id+m7", 48, ("Saya sudah isi formulirnya, Pak.", "Rekening saya masih yang lama.")),
    ("id+f5", 50, ("Maaf, suaranya kurang jelas tadi.", "Bisa tolong diulangi sekali lagi?")),
    ("id+m1", 26, ("Saya datang sendiri dari Depok.", "Berapa lama prosesnya, ya, Bu?")),
)


def spoken(
    voice: str, pitch: int, words_a_minute: int, text: str, folder: Path
) -> NDArray[np.float64]:
    """A text at 48 kHz mono and LOUDNESS_DBFS, without the silence around it."""
    path = folder / "sentence.wav"
    program = shutil.which("espeak-ng")
    if program is None:
        sys.exit("espeak-ng is needed and was not found")
    options = ["-v", voice, "-p", str(pitch), "-s", str(words_a_minute), "-w", str(path)]
    subprocess.run([program, *options, text], check=True)  # noqa: S603 - texts of this tree alone
    with wave.open(str(path)) as spoken_file:
        raw = spoken_file.readframes(spoken_file.getnframes())
        rate = spoken_file.getframerate()
    sound = np.frombuffer(raw, "<i2") / 32768
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    sound = sound[loud[0] : loud[-1] + 1]
    length = len(sound) * RATE // rate
    sound = np.interp(np.arange(length) * rate / RATE, np.arange(len(sound)), sound)
    sound *= 10 ** (LOUDNESS_DBFS / 20) / np.sqrt(np.mean(sound**2))
    clipped: NDArray[np.float64] = np.clip(sound, -0.9, 0.9)
    return clipped


def speak(voice: str, pitch: int, text: str, folder: Path) -> NDArray[np.float64]:
    """One sentence at 48 kHz mono, SENTENCE_S long. Raises `ValueError` when it does not fit."""
    sound = spoken(voice, pitch, 150, text, folder)
    if len(sound) > (SENTENCE_S - 0.4) * RATE:
        raise ValueError(f"{len(sound) / RATE:.1f} s: {text}")
    out = np.zeros(SENTENCE_S * RATE)
    out[RATE // 5 : RATE // 5 + len(sound)] = sound
    return out


def write(sound: NDArray[np.float64], path: Path, bit_rate: int = BIT_RATE) -> None:
    """As Ogg Opus, mono; `bit_rate` in bit/s."""
    path.parent.mkdir(exist_ok=True)
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, options={"application": "voip"})
        stream.bit_rate = bit_rate
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(
            (sound * 32767).astype("<i2").reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = RATE
        frame.time_base = Fraction(1, RATE)
        frame.pts = 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


def main() -> None:
    """Write one file for each of VOICES."""
    for number, (voice, pitch, sentences) in enumerate(VOICES, 1):
        with tempfile.TemporaryDirectory() as folder:
            sound = np.concatenate([speak(voice, pitch, s, Path(folder)) for s in sentences])
        write(sound, Path(__file__).with_name(f"visitor-{number}.opus"))


if __name__ == "__main__":
    main()
