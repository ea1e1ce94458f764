"""One booth's place at a desk: who sits there, what was agreed, and what its screen shows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal

from vcs.messages import Device, Language, OfficerText

Visit = Literal["none", "consent", "running"]


def new_occupant() -> int:
    """A number for one occupancy of one booth.

    Random and not counted: it is told to the booth, and a count would move with the other booths.
    Below 2**53, so that a page reads it exactly.
    """
    return secrets.randbelow(2**53 - 1) + 1


@dataclass(slots=True)
class Seat:
    """State of one slot. Times are monotonic seconds. Only `Desk` writes here. `branch` is the
    booth's own, which need not be the desk's."""

    slot: int
    booth_id: int
    name: str
    in_service: bool = True
    language: Language = "id"
    branch_id: int = 0
    branch: str = ""
    joined: bool = False
    media: bool = False
    offline_since: float | None = None
    visit: Visit = "none"
    occupant: int | None = None
    visit_since: float | None = None
    waiting_since: float | None = None
    last_talk: float | None = None
    called_since: float | None = None
    cannot_hear: bool = False
    camera: Device = "off"
    microphone: Device = "off"
    document: Device = "missing"
    text: OfficerText | None = None
    texts_sent: int = 0
    colleague: bool = False
    """The visit came from another desk, and its officer has not talked to the visitor yet."""
    handing_over: bool = False
    """The visit is just being written down as another desk's."""
    home: tuple[int, int] | None = None
    """The desk and slot that the booth belongs to; None: here."""
    shown: str = ""
    """What the tile showed when it was last drawn, and since when."""
    shown_since: float = 0.0
    first_language: Language = field(init=False)

    def __post_init__(self) -> None:
        self.first_language = self.language

    @property
    def consented(self) -> bool:
        """The present visitor has agreed, and the booth has not left since."""
        return self.joined and self.visit == "running"

    def begin_visit(self, now: float) -> None:
        """A new occupant sits down; consent is asked."""
        language = self.language
        self.clear_visit()
        self.language = language
        self.visit = "consent"
        self.occupant = new_occupant()
        self.visit_since = now

    def clear_visit(self) -> None:
        """Nobody sits here; nothing of the last visitor stays, the language neither."""
        self.visit = "none"
        self.language = self.first_language
        self.occupant = None
        self.visit_since = None
        self.waiting_since = None
        self.last_talk = None
        self.called_since = None
        self.cannot_hear = False
        self.text = None
        self.texts_sent = 0
        self.colleague = False
