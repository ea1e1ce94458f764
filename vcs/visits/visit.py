"""One visit as its changes made it, and which changes may come next.

No input or output: commands give the changes that they lead to, or raise `NotNow`; nothing is
changed until `apply`, which is called when the store has them. So what a command acknowledges is on
the disk, and a visit that is read back is the one that was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vcs.visits import changes as c
from vcs.visits.flow import Capture, Flow, Step

MAX_NOTES = 4000
MAX_MESSAGE = 300
PATIENT_TRIES = 3
"""So often is a visitor asked to take a picture again that the checks found wanting; what he has
then is for the officer to judge."""


class NotNow(Exception):
    """The visit is not where this can be done. `code` is for the page, the text for a person."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


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
class Visit:
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
    derived: list[c.CaptureDerived] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    compared: list[c.Compared] = field(default_factory=list)
    marks: dict[str, bool] = field(default_factory=dict)
    dealt: dict[str, list[str]] = field(default_factory=dict)
    question_marks: dict[str, bool] = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)
    flags: set[c.Flag] = field(default_factory=set)
    notes: str = ""
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

    def picture(self, name: str) -> Picture | None:
        """The last one taken of this name."""
        taken = self.pictures.get(name)
        return taken[-1] if taken else None

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

    # --- the visitor ----------------------------------------------------------------------------

    def agree(self, text_version: str, language: c.Language) -> list[c.AnyChange]:
        """Consent, at the beginning and again after each absence."""
        self._must_be_open()
        return [c.Consented(text_version, language)]

    def answer(self, name: str, value: str) -> list[c.AnyChange]:
        """A field that has been checked. The same value again changes nothing."""
        self._must_be_undecided()
        step = next((s for s, f in self.flow.fields() if f.name == name), None)
        if step is None:
            raise NotNow("no_field", f"this claim asks for no {name!r}")
        if self.answers.get(name) == value:
            return []
        found: list[c.AnyChange] = []
        if step.name in self.finished:
            found.append(c.StepReopened(step.name))
        return [*found, c.Answered(name, value)]

    def take(self, taken: c.CaptureTaken) -> list[c.AnyChange]:
        """A picture that the visitor took; more than one of a name may come."""
        self._must_be_undecided()
        if self.flow.capture(taken.capture) is None:
            raise NotNow("no_capture", f"this claim asks for no picture {taken.capture!r}")
        return [taken]

    def sign(self, signed: c.Signed) -> list[c.AnyChange]:
        """The visitor's signature, where a step asks for one."""
        self._must_be_undecided()
        step = self.flow.step(signed.step)
        if step is None or not step.signature:
            raise NotNow("no_signature", "no signature is asked for here")
        return [signed]

    def finish_alone(self, name: str) -> list[c.AnyChange]:
        """The visitor has done a step that needs nobody."""
        self._must_be_undecided()
        step = self._current(name)
        if step.attended:
            raise NotNow("attended", "this step needs the officer")
        self._must_be_whole(step)
        return [c.StepFinished(name)]

    # --- the officer ----------------------------------------------------------------------------

    def finish_attended(
        self, name: str, attention: Sequence[c.Attention], present: bool
    ) -> list[c.AnyChange]:
        """A step that needs the officer: `present` says that he is with this booth now, on air or
        in focus, and `attention` for how long he was."""
        self._must_be_undecided()
        step = self._current(name)
        if not present or not attention:
            raise NotNow("unattended", "put this booth on air or in focus first")
        self._must_be_whole(step)
        return [c.StepFinished(name, list(attention))]

    def reopen(self, name: str) -> list[c.AnyChange]:
        """Something in a finished step must be done again."""
        self._must_be_undecided()
        if name not in self.finished:
            raise NotNow("not_finished", "this step is not finished")
        return [c.StepReopened(name)]

    def ask_capture(self, name: str) -> list[c.AnyChange]:
        """The officer wants a picture, or another one."""
        self._must_be_undecided()
        step = next((s for s in self.flow.steps if any(w.name == name for w in s.captures)), None)
        if step is None:
            raise NotNow("no_capture", f"this claim asks for no picture {name!r}")
        return [] if name in self.asked else [c.CaptureAsked(name)]

    def judge(self, identifier: str, accepted: bool) -> list[c.AnyChange]:
        """A picture will do, or will not: then another one is asked for."""
        self._must_be_undecided()
        picture = self._by_id(identifier)
        if picture.accepted is accepted:
            return []
        found: list[c.AnyChange] = [c.CaptureJudged(identifier, accepted)]
        name = picture.taken.capture
        if not accepted and name not in self.asked and self.picture(name) is picture:
            found.append(c.CaptureAsked(name))
        return found

    def derive(self, derived: c.CaptureDerived) -> list[c.AnyChange]:
        """A picture turned and cut; the original stays as it is."""
        self._must_be_open()
        self._by_id(derived.of)
        return [derived]

    def compare(self, card: str, face: str, same: bool) -> list[c.AnyChange]:
        """Card beside face: one person or not."""
        self._must_be_undecided()
        if self._by_id(card).taken.subject != "card" or self._by_id(face).taken.subject != "face":
            raise NotNow("no_capture", "compare a card with a face")
        return [c.Compared(card, face, same)]

    def mark(self, check: str, passed: bool | None) -> list[c.AnyChange]:
        """A line of the check list; None takes the mark back."""
        self._must_be_undecided()
        if all(each.name != check for step in self.flow.steps for each in step.checks):
            raise NotNow("no_check", f"the check list has no {check!r}")
        return [] if self.marks.get(check) is passed else [c.Marked(check, passed)]

    def deal(self, step: str, questions: Sequence[str]) -> list[c.AnyChange]:
        """The questions of an interview, once."""
        self._must_be_undecided()
        if step in self.dealt:
            return []
        if self._current(step).deal == 0:
            raise NotNow("no_questions", "this step asks nothing")
        return [c.Dealt(step, list(questions))]

    def mark_question(self, question: str, right: bool | None) -> list[c.AnyChange]:
        """The visitor's answer was right or wrong."""
        self._must_be_undecided()
        if all(question not in dealt for dealt in self.dealt.values()):
            raise NotNow("no_questions", "this question was not asked")
        if self.question_marks.get(question) is right:
            return []
        return [c.QuestionMarked(question, right)]

    def flag(self, flag: c.Flag, raised: bool) -> list[c.AnyChange]:
        """Being prompted, or a broker suspected."""
        self._must_be_undecided()
        return [] if (flag in self.flags) is raised else [c.Flagged(flag, raised)]

    def note(self, text: str) -> list[c.AnyChange]:
        """The officer's notes; open until the visit has ended."""
        self._must_be_open()
        if len(text) > MAX_NOTES:
            raise NotNow("too_long", f"notes have at most {MAX_NOTES} characters")
        return [] if text == self.notes else [c.Noted(text)]

    def decide(self, decided: c.Decided) -> list[c.AnyChange]:
        """The decision, or its correction, which may come after the visitor has gone. The same id
        again gives nothing: it stands already."""
        if self.decision is None:
            self._must_be_open()
        if any(each.id == decided.id for each in self.decisions):
            return []
        before = self.decision
        if before is not None and decided.corrects != before.id:
            raise NotNow("decided", "this claim is decided; a correction names what it corrects")
        if before is None and decided.corrects is not None:
            raise NotNow("nothing_to_correct", "there is no such decision")
        match decided.outcome:
            case "approved":
                self._must_be_approvable()
            case "rejected":
                _must_be_known(decided.reason, [r.name for r in self.flow.rejections], "reason")
            case "pending":
                if not decided.missing:
                    raise NotNow("no_missing", "say what is missing")
                for each in decided.missing:
                    _must_be_known(each, [r.name for r in self.flow.missing], "missing thing")
        if len(decided.message) > MAX_MESSAGE:
            raise NotNow("too_long", f"a message has at most {MAX_MESSAGE} characters")
        return [decided]

    def end(self, how: c.Ending) -> list[c.AnyChange]:
        """The visitor has gone."""
        return [] if self.ended is not None else [c.Ended(how)]

    # --- refusals -------------------------------------------------------------------------------

    def _must_be_open(self) -> None:
        if self.ended is not None:
            raise NotNow("ended", "this visit has ended")

    def _must_be_undecided(self) -> None:
        self._must_be_open()
        if self.decision is not None:
            raise NotNow("decided", "this claim is decided")

    def _current(self, name: str) -> Step:
        step = self.step
        if step is None or step.name != name:
            raise NotNow("not_this_step", "another step comes first")
        return step

    def _must_be_whole(self, step: Step) -> None:
        lacking = self.lacks(step)
        if lacking:
            raise NotNow("incomplete", f"still missing: {', '.join(lacking)}")

    def _must_be_approvable(self) -> None:
        if self.step is not None:
            raise NotNow("incomplete", f"the step {self.step.name!r} is not finished")
        if self.asked:
            raise NotNow("incomplete", f"still missing: {', '.join(self.asked)}")
        if self.unmarked():
            raise NotNow("unchecked", f"not checked yet: {', '.join(self.unmarked())}")
        failed = sorted(name for name, passed in self.marks.items() if not passed)
        if failed:
            raise NotNow("failed_checks", f"did not pass: {', '.join(failed)}")

    def _by_id(self, identifier: str) -> Picture:
        for pictures in self.pictures.values():
            for picture in pictures:
                if picture.taken.id == identifier:
                    return picture
        raise NotNow("no_capture", "this visit has no such picture")

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
                self.asked.append(change.capture)
            case c.CaptureTaken():
                self.pictures.setdefault(change.capture, []).append(Picture(change))
                if change.capture in self.asked:
                    self.asked.remove(change.capture)
            case c.CaptureDerived():
                self.derived.append(change)
            case c.CaptureJudged():
                self._by_id(change.id).accepted = change.accepted
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
            case c.StepFinished():
                self.finished[change.step] = change
            case c.StepReopened():
                self.finished.pop(change.step, None)
            case c.Decided():
                self.decisions.append(change)
            case c.HandedOver():
                self.desk = change.to_desk
            case c.Ended():
                self.ended = change.how
                self.drafts.clear()


def _set(marks: dict[str, bool], name: str, value: bool | None) -> None:
    if value is None:
        marks.pop(name, None)
    else:
        marks[name] = value


def _must_be_known(name: str | None, known: list[str], what: str) -> None:
    if name not in known:
        raise NotNow("unknown", f"no such {what}: choose one of {', '.join(known)}")
