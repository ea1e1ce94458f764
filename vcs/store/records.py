"""What the store hands out, and what it raises. Times are aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from vcs.messages import Language

Role = Literal["officer", "supervisor", "auditor", "administrator", "guard"]
"""A guard issues tickets and calls visitors. He is no officer: opens no desk, sees no visit."""
TalkKind = Literal["talk", "announce"]
ClosedBy = Literal["desk", "stop", "crash"]
"""desk: the talk ended. stop: the server was stopped. crash: found open at the next start."""


class StoreUnavailable(Exception):
    """The database cannot be opened. The text is fit to be shown."""


class AlreadyThere(ValueError):
    """The name or place is taken. The text is fit to be shown."""


class NotServed(ValueError):
    """The desk does not serve that branch. The text is fit to be shown."""


class InUse(ValueError):
    """It cannot be taken away now. The text is fit to be shown."""


class NotThere(LookupError):
    """No such thing. The text is fit to be shown."""


class PlaceTaken(ValueError):
    """Somebody is, or is awaited, where a booth was to go. The text is fit to be shown."""


@dataclass(frozen=True, slots=True)
class Branch:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Desk:
    """`branch` is the branch's name."""

    id: int
    branch_id: int
    branch: str
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class BoothPlace:
    """A booth's own place, at the desk that it belongs to, and where it is now: elsewhere while a
    visit there was handed over. `enrolled` when a device has a token for it. `branch` is its own
    branch's name, which need not be the desk's."""

    id: int
    desk_id: int
    slot: int
    name: str
    language: Language
    in_service: bool
    enrolled: bool
    token_changed_at: datetime | None
    now_desk_id: int
    now_slot: int
    branch_id: int
    branch: str

    @property
    def away(self) -> bool:
        """It is not in its own place."""
        return (self.now_desk_id, self.now_slot) != (self.desk_id, self.slot)


@dataclass(frozen=True, slots=True)
class PlaceMove:
    """A booth goes from a place, where it must be, to another; both are (desk id, slot)."""

    booth_id: int
    source: tuple[int, int]
    target: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Officer:
    id: int
    name: str
    display_name: str
    branch_id: int
    role: Role
    language: Language
    disabled: bool


@dataclass(frozen=True, slots=True)
class TalkInterval:
    """Who talked with which booth from when to when; `ended_at` None while it lasts.

    An announcement has one interval for each booth that heard it.
    """

    id: int
    server_id: str
    desk_id: int
    booth_id: int
    officer_id: int | None
    occupant: int | None
    kind: TalkKind
    started_at: datetime
    ended_at: datetime | None = None
    closed_by: ClosedBy | None = None
