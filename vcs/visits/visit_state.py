"""One visit as its changes made it: what is so, and what is still wanting.

Changes are applied when the store has them, so a visit that is read back is the one that was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from vcs.visits import changes as c
from vcs.visits.flow import Camera, Capture, Flow, Step

_Value = TypeVar("_Value")
PATIENT_TRIES = 3
"""So often is a visitor asked to take a picture again that the checks found wanting; what he has
then is for the officer to judge."""


@dataclass(slots=True)
class Picture:
    """A picture that was taken; `accepted` is the officer's word, None before he gave one."""

    taken: c.CaptureTaken
    accepted: bool | None = None

    @property
    def good(self) -> bool:
        """Nothing is wrong with it, or the officer took it all the same."""
        return self.accepted if self.accepted is not None else not self.taken.advice


@dataclass(slots=True)
class VisitState:
    """State of one visit. Only `apply` writes here, but for `drafts`: typed and not submitted."""

    id: int
    flow: Flow
    changes: int = 0
    begun: c.Begun | None = None
    consent: c.Consented | None = None
    desk: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, list[Picture]] = field(default_factory=dict)
    derived: dict[str, c.CaptureDerived] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    asked_by: dict[str, Camera] = field(default_factory=dict)
    compared: list[c.Compared] = field(default_factory=list)
    marks: dict[str, bool] = field(default_factory=dict)
    dealt: dict[str, list[str]] = field(default_factory=dict)
    question_marks: dict[str, bool] = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)
    flags: set[c.Flag] = field(default_factory=set)
    notes: str = ""
    handed_over: c.HandedOver | None = None
    closing_note: str = ""
    finished: dict[str, c.StepFinished] = field(default_factory=dict)
    decisions: list[c.Decided] = field(default_factory=list)
    ended: c.Ending | None = None

    # --- what is so -----------------------------------------------------------------------------

    @property
    def decision(self) -> c.Decided | None:
        """The one in force: the last."""
        return self.decisions[-1] if self.decisions else None

    @property
    def step(self) -> Step | None:
        """The first step that is not finished; None when only the decision is left."""
        return next((step for step in self.flow.steps if step.name not in self.finished), None)

    @property
    def visitors_step(self) -> Step | None:
        """What the visitor can work at alone now."""
        step = self.step
        return step if step is not None and not step.attended and self.decision is None else None

    @property
    def waits_for_officer(self) -> bool:
        """Nothing is left that the visitor could do alone."""
        return self.ended is None and self.decision is None and self.visitors_step is None

    @property
    def digests(self) -> set[str]:
        """Of all files that this visit's changes name, but for signatures."""
        taken = {each.taken.digest for pictures in self.pictures.values() for each in pictures}
        return taken | {each.digest for each in self.derived.values()}

    def picture(self, name: str) -> Picture | None:
        """The last one taken of this name."""
        taken = self.pictures.get(name)
        return taken[-1] if taken else None

    def picture_by_id(self, identifier: str) -> Picture | None:
        """The one that was taken under this number; derived ones are not looked for."""
        taken = (each for pictures in self.pictures.values() for each in pictures)
        return next((each for each in taken if each.taken.id == identifier), None)

    def lacks(self, step: Step) -> list[str]:
        """Names of the fields, pictures and other things that the step still wants."""
        lacking = [f.name for f in step.fields if f.required and f.name not in self.answers]
        lacking += [wanted.name for wanted in step.captures if not self._has(wanted)]
        if step.signature and step.name not in self.signatures:
            lacking.append("signature")
        if step.deal:
            dealt = self.dealt.get(step.name)
            lacking += (
                ["questions"]
                if dealt is None
                else [name for name in dealt if name not in self.question_marks]
            )
        return lacking

    def _has(self, wanted: Capture) -> bool:
        if wanted.name in self.asked:
            return False
        picture = self.picture(wanted.name)
        if picture is None:
            return not wanted.required
        tried = len(self.pictures[wanted.name]) >= PATIENT_TRIES
        return picture.good or (picture.accepted is None and tried)

    def unmarked(self) -> list[str]:
        """Lines of the check list that nobody has answered yet."""
        return [
            check.name
            for step in self.flow.steps
            for check in step.checks
            if check.name not in self.marks
        ]

    # --- applying -------------------------------------------------------------------------------

    def apply(self, changes: Iterable[c.AnyChange]) -> None:
        """What the store has. Never refuses."""
        for change in changes:
            self.changes += 1
            self._apply(change)

    def _apply(self, change: c.AnyChange) -> None:
        match change:
            case c.Begun():
                self.begun, self.desk = change, change.desk
            case c.Consented():
                self.consent = change
            case c.Answered():
                self.answers[change.field] = change.value
                self.drafts.pop(change.field, None)
            case c.CaptureAsked():
                if change.capture not in self.asked:
                    self.asked.append(change.capture)
                _set(self.asked_by, change.capture, change.camera)
            case c.CaptureTaken():
                self.pictures.setdefault(change.capture, []).append(Picture(change))
                if change.capture in self.asked:
                    self.asked.remove(change.capture)
                self.asked_by.pop(change.capture, None)
            case c.CaptureDerived():
                self.derived[change.id] = change
                self.chosen[change.of] = change.id
            case c.CaptureChosen():
                self.chosen[change.of] = change.id
            case c.CaptureJudged():
                picture = self.picture_by_id(change.id)
                if picture is not None:
                    picture.accepted = change.accepted
            case c.Compared():
                self.compared.append(change)
            case c.Marked():
                _set(self.marks, change.check, change.passed)
            case c.Dealt():
                self.dealt[change.step] = change.questions
            case c.QuestionMarked():
                _set(self.question_marks, change.question, change.right)
            case c.Signed():
                self.signatures[change.step] = change.id
            case c.Flagged():
                (self.flags.add if change.raised else self.flags.discard)(change.flag)
            case c.Noted():
                self.notes = change.text
            case c.ClosingNoted():
                self.closing_note = change.text
            case c.StepFinished():
                self.finished[change.step] = change
            case c.StepReopened():
                self.finished.pop(change.step, None)
            case c.Decided():
                self.decisions.append(change)
            case c.HandedOver():
                self.desk, self.handed_over = change.to_desk, change
            case c.Ended():
                self.ended = change.how
                self.drafts.clear()


def _set(kept: dict[str, _Value], name: str, value: _Value | None) -> None:
    if value is None:
        kept.pop(name, None)
    else:
        kept[name] = value
