"""What a page has noted (see page.js), and what it means for one move. Times are the wall clock in
milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from benchmarks.six_booths.tones import LEAK_DBFS, TONES

BESIDE_HZ: Final = 24
STANDS_OUT_DB: Final = 6.0
LISTENED_FOR: Final = tuple(
    hertz + beside for hertz in TONES.values() for beside in (-BESIDE_HZ, 0, BESIDE_HZ)
)
"""The tones that a page is asked for: each between two frequencies that nobody has."""

Entry = Mapping[str, Any]


class Answer(NamedTuple):
    """The last command and its answer."""

    key: float
    sent: float
    answered: float
    refused: bool


def answer(entries: Iterable[Entry]) -> Answer | None:
    """The last key, the command that it led to, and its answer; None while there is none."""
    key = sent = None
    found = None
    for entry in entries:
        match entry["what"]:
            case "key":
                key, sent = entry["at"], None
            case "sent":
                sent = entry["at"]
            case "ack" | "refused" if key is not None and sent is not None:
                found = Answer(key, sent, entry["at"], entry["what"] == "refused")
            case _:
                pass
    return found


class Sound:
    """One sound at one page: whether it is there, and whether the page plays it aloud; carried on
    from move to move."""

    def __init__(self) -> None:
        self.on = False
        self.aloud = False
        self._aloud_at: float | None = None
        self.ended: float | None = None
        """When it was last loud, of a sound that ended in this move."""
        self.begins: list[float] = []
        """When it began, as often as it did in this move."""

    def follow(self, entries: Iterable[Entry], mid: str) -> None:
        """The diary of one move."""
        self.begins = []
        self.ended = None
        self._aloud_at = None
        for entry in entries:
            if entry.get("mid") != mid:
                continue
            if entry["what"] == "sound":
                self.on = entry["on"]
                if self.on:
                    self.begins.append(entry["at"])
                else:
                    self.ended = entry["at"]
            elif entry["what"] == "aloud":
                if entry["aloud"] and not self.aloud:
                    self._aloud_at = entry["at"]
                self.aloud = entry["aloud"]

    @property
    def audible(self) -> float | None:
        """When a person would have heard its beginning: it is there, and the page plays it aloud.
        None when that did not come about in this move."""
        if not self.begins or not self.aloud:
            return None
        return max(self.begins[0], self._aloud_at or self.begins[0])


def foreign(levels: Sequence[float], expected: int | None) -> list[tuple[int, float]]:
    """Whose tones are heard that must not be, from the levels of LISTENED_FOR. `expected`: whose
    sound may be there; None: nobody's.

    Beside a tone that may be there, one counts that stands out of what is next to it: a receiver
    that stretches a sound to fill a gap spreads it over the spectrum, but brings no tone.
    """
    found = []
    for place, number in enumerate(TONES):
        below, level, above = levels[3 * place : 3 * place + 3]
        if number == expected or level <= LEAK_DBFS:
            continue
        if expected is None or level > max(below, above) + STANDS_OUT_DB:
            found.append((number, level))
    return found
