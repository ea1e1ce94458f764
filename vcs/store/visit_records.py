"""What the store takes and hands out of visits, and what it raises. Times are aware, in UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from vcs.messages import Language
from vcs.visits.changes import Actor, AnyChange, Outcome

Phase = Literal["open", "decided", "ended"]
"""decided: the visitor has not gone yet. A correction after the end leaves a visit ended."""


class Conflict(Exception):
    """Somebody else changed the visit first: load it again, and decide again what to change."""


class AlreadyDecided(Exception):
    """This decision has been made before; `first` is as it was then, and nothing was changed."""

    def __init__(self, first: Decision) -> None:
        super().__init__(f"the decision {first.id} has been made already")
        self.first = first


@dataclass(frozen=True, slots=True)
class NewVisit:
    """What is known of a visit when it begins, beside its `Begun`. `id`: random, 1 to 2**53."""

    id: int
    branch_id: int
    booth_id: int
    occupant: int
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredChange:
    number: int
    at: datetime
    actor: Actor
    officer_id: int | None
    change: AnyChange


@dataclass(frozen=True, slots=True)
class Draft:
    value: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredVisit:
    """A visit with its log, oldest change first, and its drafts by field.

    `changes` is what `record` expects next. `log` is shorter when values have been taken away.
    """

    id: int
    branch_id: int
    desk_id: int
    booth_id: int
    occupant: int
    ticket_id: int | None
    flow: str
    flow_version: int
    language: Language
    phase: Phase
    outcome: Outcome | None
    reference: str | None
    visitor: str | None
    officer_id: int | None
    begun_at: datetime
    ended_at: datetime | None
    changes: int
    log: Sequence[StoredChange] = ()
    drafts: Mapping[str, Draft] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit in a list. `ticket`: its code."""

    id: int
    branch_id: int
    desk_id: int
    booth_id: int
    ticket: str | None
    flow: str
    phase: Phase
    outcome: Outcome | None
    reference: str | None
    visitor: str | None
    officer_id: int | None
    begun_at: datetime
    ended_at: datetime | None

    @property
    def place(self) -> tuple[datetime, int]:
        """Where the next page of a list begins: `before` of a search."""
        return self.begun_at, self.id


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """`subject` of a signature is `signature`; it has no size in pixels."""

    id: str
    visit_id: int
    name: str
    subject: str
    digest: str
    octets: int
    width: int | None
    height: int | None
    derived_from: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    id: str
    visit_id: int
    outcome: Outcome
    reason: str | None
    at: datetime
    corrects: str | None


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """`id` and `body` stay the same at every try."""

    id: str
    body: bytes
