"""What the officer does about a visit: checks, marks, pictures, attended steps, the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vcs import messages as m
from vcs.store.visit_records import OutboxMessage
from vcs.visits import changes as c
from vcs.visits.attendance import Attendance
from vcs.visits.open_visit import OpenVisit
from vcs.visits.visit import Visit
from vcs.visits.webhook import decision_message


class CutsPictures(Protocol):
    """Makes derived pictures of a visit's originals."""

    async def cut(
        self, open_visit: OpenVisit, said: m.DeriveCapture, officer_id: int, desk_id: int
    ) -> None: ...


async def command(
    open_visit: OpenVisit,
    said: m.FromOfficerVisit,
    attendance: Attendance,
    officer_id: int,
    desk_id: int,
    studio: CutsPictures,
) -> None:
    """Raises `NotNow`, also when the visit went to another desk while this waited for its turn."""
    if isinstance(said, m.DeriveCapture):
        await studio.cut(open_visit, said, officer_id, desk_id)
        return

    def wanted(visit: Visit) -> Sequence[c.AnyChange]:
        visit.must_be_at(desk_id)
        match said:
            case m.AskCapture():
                return visit.ask_capture(said.capture, said.camera)
            case m.JudgeCapture():
                return visit.judge(said.picture, said.accepted)
            case m.ChooseCapture():
                return visit.choose(said.picture)
            case m.Compare():
                return visit.compare(said.card, said.face, said.same)
            case m.MarkCheck():
                return visit.mark(said.check, said.passed)
            case m.MarkQuestion():
                return visit.mark_question(said.question, said.right)
            case m.RaiseFlag():
                return visit.flag(said.flag, said.raised)
            case m.WriteNotes():
                return visit.note(said.text)
            case m.ReopenStep():
                return visit.reopen(said.step)
            case m.CompleteStep():
                at = open_visit.now()
                return visit.finish_attended(said.step, attendance.of(at), attendance.present)
            case m.Decide():
                return visit.decide(_decided(visit, said, officer_id))

    def outbox(visit: Visit, changes: Sequence[c.AnyChange]) -> Sequence[OutboxMessage]:
        at = open_visit.now()
        return [
            decision_message(visit, change, at)
            for change in changes
            if isinstance(change, c.Decided)
        ]

    await open_visit.change(wanted, "officer", officer_id, outbox)
    if isinstance(said, m.CompleteStep):
        attendance.forget(open_visit.now())


def _decided(visit: Visit, said: m.Decide, officer_id: int) -> c.Decided:
    return c.Decided(
        id=said.decision,
        outcome=said.outcome,
        officer=officer_id,
        reason=said.reason if said.outcome == "rejected" else None,
        missing=list(said.missing) if said.outcome == "pending" else [],
        message=said.message,
        reference=reference(visit),
        corrects=said.corrects,
    )


_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another (Crockford's)


def reference(visit: Visit) -> str:
    """What the visitor is given to ask about his claim: of the visit, so that a correction keeps
    it."""
    number, found = visit.id, ""
    for _ in range(10):
        number, digit = divmod(number, 32)
        found = _LETTERS[digit] + found
    return f"{found[:5]}-{found[5:]}"
