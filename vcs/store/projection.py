"""What a visit's row says, derived from its changes alone: when they are written, and again when
the audit is verified."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from vcs.store.visit_records import Decision, Phase, StoredCapture
from vcs.visits.changes import (
    AnyChange,
    Begun,
    CaptureDerived,
    CaptureTaken,
    Decided,
    Ended,
    HandedOver,
    Outcome,
    Signed,
)


@dataclass(frozen=True, slots=True)
class Projection:
    """Field names are the columns of the visit's row."""

    desk_id: int
    booth_id: int
    flow: str
    flow_version: int
    language: str
    officer_id: int | None
    begun_at: datetime
    phase: Phase = "open"
    outcome: Outcome | None = None
    reference: str | None = None
    ended_at: datetime | None = None


def begun(change: Begun, officer_id: int | None, at: datetime) -> Projection:
    """Of a visit's first change."""
    return Projection(
        desk_id=change.desk,
        booth_id=change.booth,
        flow=change.flow,
        flow_version=change.flow_version,
        language=change.language,
        officer_id=officer_id,
        begun_at=at,
    )


def after(before: Projection, change: AnyChange, at: datetime) -> Projection:
    """One change later."""
    match change:
        case Decided():
            return replace(
                before,
                phase="ended" if before.phase == "ended" else "decided",
                outcome=change.outcome,
                reference=change.reference or before.reference,
                officer_id=change.officer,
            )
        case HandedOver():
            return replace(before, desk_id=change.to_desk)
        case Ended():
            return replace(before, phase="ended", ended_at=at)
        case _:
            return before


def decision(visit_id: int, change: AnyChange, at: datetime) -> Decision | None:
    """The look-up row of a decision; None for every other change."""
    if not isinstance(change, Decided):
        return None
    return Decision(change.id, visit_id, change.outcome, change.reason, at, change.corrects)


def capture(
    visit_id: int, change: AnyChange, original: StoredCapture | None
) -> StoredCapture | None:
    """The look-up row of a picture or signature; None for every other change.

    `original` is needed of a derived picture, which shows what its original does; without it there
    is none.
    """
    match change:
        case CaptureTaken():
            name, subject, of = change.capture, str(change.subject), None
        case CaptureDerived() if original is not None:
            name, subject, of = original.name, original.subject, original.id
        case Signed():
            return StoredCapture(
                change.id,
                visit_id,
                change.step,
                "signature",
                change.digest,
                change.octets,
                None,
                None,
                None,
            )
        case _:
            return None
    return StoredCapture(
        change.id,
        visit_id,
        name,
        subject,
        change.digest,
        change.octets,
        change.width,
        change.height,
        of,
    )
