"""Makes the texts that the booth's page reads aloud: `python -m vcs.booth.voices.read_aloud`. Needs
espeak-ng.

The words are those of the page's texts, so what is heard is what is read; run it again after a
change there.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vcs.booth.voices.make import RATE, spoken, write

WEB: Final = Path(__file__).parents[3] / "web"
VOICES: Final = {"id": "id+f2", "en": "en-gb+f2"}
PITCH: Final = 50
WORDS_A_MINUTE: Final = 125
PAUSE_S: Final = 0.6
TEXTS: Final = {
    "consent": (
        "consent.title",
        "consent.lead",
        "consent.seen",
        "consent.heard",
        "consent.level",
        "consent.others",
        "consent.photos",
        "consent.stop",
    )
}


def read(language: str, keys: tuple[str, ...], folder: Path) -> NDArray[np.float64]:
    """These texts of the page one after another, at RATE, mono."""
    texts: dict[str, str] = json.loads((WEB / "locale" / f"booth.{language}.json").read_text())
    pause = np.zeros(int(PAUSE_S * RATE))
    parts = [pause]
    for key in keys:
        parts += [spoken(VOICES[language], PITCH, WORDS_A_MINUTE, texts[key], folder), pause]
    return np.concatenate(parts)


def main() -> None:
    """Write one file for each of TEXTS in each language."""
    for name, keys in TEXTS.items():
        for language in VOICES:
            with tempfile.TemporaryDirectory() as folder:
                sound = read(language, keys, Path(folder))
            write(sound, WEB / "static" / "voices" / f"{name}.{language}.ogg")


if __name__ == "__main__":
    main()
