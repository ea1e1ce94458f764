"""What a booth and a console are told of a visit: messages made from its state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from vcs import messages as m
from vcs.visits import changes as c
from vcs.visits.flow import Flow
from vcs.visits.visit import Visit
from vcs.visits.visit_state import Picture

NO_VISIT = m.VisitTold(flow=None)


def flow_for_booth(flow: Flow) -> Flow:
    """Without what is the officer's: check lists and questions with their answers."""
    steps = [msgspec.structs.replace(step, checks=[], questions=[], deal=0) for step in flow.steps]
    return msgspec.structs.replace(flow, steps=steps)


def visitor(visit: Visit) -> str | None:
    """The name as entered: the flow's first name."""
    for _, field in visit.flow.fields():
        if field.type == "name":
            return visit.answers.get(field.name)
    return None


def visitor_after(visit: Visit, wanted: Sequence[c.AnyChange]) -> str | None:
    """The name when these changes are made; None when they leave it as it is."""
    for _, field in visit.flow.fields():
        if field.type == "name":
            for change in wanted:
                if isinstance(change, c.Answered) and change.field == field.name:
                    return change.value
            return None
    return None


def visit_told(visit: Visit) -> m.VisitTold:
    """For the visitor's own booth, once he has agreed."""
    own = visit.visitors_step
    step = visit.step
    return m.VisitTold(
        flow=visit.flow.name,
        step=None if own is None else own.name,
        attended=step.name if step is not None and step.attended else None,
        finished=list(visit.finished),
        lacks=visit.lacks(own) if own is not None else _to_sign(visit),
        answers=dict(visit.answers),
        drafts=dict(visit.drafts),
        pictures=_pictures(visit),
        asked=[] if visit.decision is not None else list(visit.asked),
        asked_by=dict(visit.asked_by),
        signed=list(visit.signatures),
        result=_result(visit.decision),
    )


def sheet(
    slot: int,
    visit: Visit,
    *,
    language: c.Language,
    typing: str | None,
    still: bool,
    present: bool,
    disagreements: Mapping[str, m.Disagreement],
) -> m.Sheet:
    """For the officer who has this booth in focus."""
    step = visit.step
    decision = visit.decision
    return m.Sheet(
        slot=slot,
        visit=visit_name(visit),
        flow=visit.flow.name,
        ticket=visit.begun.ticket if visit.begun else None,
        visitor=visitor(visit),
        language=language,
        step=None if step is None else step.name,
        finished=list(visit.finished),
        lacks=[] if step is None else visit.lacks(step),
        answers=dict(visit.answers),
        drafts=dict(visit.drafts),
        typing=typing,
        disagreements=dict(disagreements),
        pictures=_pictures(visit),
        derived=[_derived(each) for each in visit.derived.values()],
        chosen=dict(visit.chosen),
        asked=list(visit.asked),
        asked_by=dict(visit.asked_by),
        compared=visit.compared[-1].same if visit.compared else None,
        marks=dict(visit.marks),
        dealt=dict(visit.dealt),
        question_marks=dict(visit.question_marks),
        flags=sorted(visit.flags),
        notes=visit.notes,
        signed=list(visit.signatures),
        decision=_result(decision),
        decision_id=None if decision is None else decision.id,
        still=still,
        present=present,
        handed_over=None if visit.handed_over is None else visit.handed_over.reason,
    )


def progress(visit: Visit, still: bool) -> m.Progress:
    """How far the visit is, for its tile."""
    steps = visit.flow.steps
    step = visit.step
    title = step.title if step is not None else None
    working: m.Working = "officer" if visit.waits_for_officer else "still" if still else "self"
    return m.Progress(
        step=len(steps) + 1 if step is None else steps.index(step) + 1,
        of=len(steps) + 1,
        title_id="Keputusan" if title is None else title.id,
        title_en="Decision" if title is None else title.en,
        working="decided" if visit.decision is not None else working,
    )


def visit_name(visit: Visit) -> str:
    """The visit's id as pages have it."""
    return f"visit-{visit.id}"


def _to_sign(visit: Visit) -> list[str]:
    """An attended step may want the visitor's signature; the rest of it is the officer's."""
    step = visit.step
    wanted = step is not None and visit.decision is None and "signature" in visit.lacks(step)
    return ["signature"] if wanted else []


def _pictures(visit: Visit) -> list[m.PictureView]:
    return [_picture(each) for pictures in visit.pictures.values() for each in pictures]


def _picture(picture: Picture) -> m.PictureView:
    taken = picture.taken
    return m.PictureView(
        id=taken.id,
        capture=taken.capture,
        subject=taken.subject,
        width=taken.width,
        height=taken.height,
        advice=list(taken.advice),
        accepted=picture.accepted,
    )


def _derived(derived: c.CaptureDerived) -> m.DerivedView:
    return m.DerivedView(
        derived.id,
        derived.of,
        derived.width,
        derived.height,
        derived.quarter_turns,
        derived.rectangle,
    )


def _result(decision: c.Decided | None) -> m.Result | None:
    if decision is None:
        return None
    return m.Result(
        outcome=decision.outcome,
        reference=decision.reference,
        reason=decision.reason,
        missing=list(decision.missing),
        message=decision.message,
    )
