"""Which changes may come next in a visit.

No input or output: commands give the changes that they lead to, or raise `NotNow`; nothing is
changed until `apply`, which is called when the store has them. So what a command acknowledges is on
the disk, and a visit that is read back is the one that was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from vcs.visits import changes as c
from vcs.visits.cutting import MAX_DERIVED, CannotCut, check_cut, cut_id
from vcs.visits.flow import Camera, Step, Subject
from vcs.visits.visit_state import Picture, VisitState

MAX_NOTES = 4000
MAX_CLOSING_NOTE = 1000
MAX_MESSAGE = 300


class NotNow(Exception):
    """The visit is not where this can be done. `code` is for the page, the text for a person."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(slots=True)
class Visit(VisitState):
    """A visit with its commands: each gives the changes that it leads to, or raises `NotNow`."""

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

    def ask_capture(self, name: str, camera: Camera | None = None) -> list[c.AnyChange]:
        """The officer wants a picture, or another one; by this camera, None: by the flow's."""
        self._must_be_undecided()
        step = next((s for s in self.flow.steps if any(w.name == name for w in s.captures)), None)
        if step is None:
            raise NotNow("no_capture", f"this claim asks for no picture {name!r}")
        if name in self.asked and camera in (None, self.asked_by.get(name)):
            return []
        return [c.CaptureAsked(name, camera)]

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

    def may_derive(
        self, of: str, quarter_turns: int, rectangle: c.Rectangle
    ) -> tuple[str, c.CaptureTaken]:
        """The id that this cut would have, and the original. `derived` may have it already."""
        self._must_be_open()
        taken = self._by_id(of).taken
        try:
            check_cut(taken, quarter_turns, rectangle)
        except CannotCut as wrong:
            raise NotNow(wrong.code, str(wrong)) from wrong
        identifier = cut_id(of, quarter_turns, rectangle)
        others = sum(each.of == of for each in self.derived.values())
        if identifier not in self.derived and others >= MAX_DERIVED:
            raise NotNow("cut_many", f"at most {MAX_DERIVED} are cut out of one picture")
        return identifier, taken

    def derive(self, derived: c.CaptureDerived) -> list[c.AnyChange]:
        """A part cut out and turned is looked at from now on; the original stays as it is."""
        self.may_derive(derived.of, derived.quarter_turns, derived.rectangle)
        if derived.id in self.derived:
            return self.choose(derived.id)
        return [derived]

    def choose(self, identifier: str) -> list[c.AnyChange]:
        """Look at one that was derived, or at the original again."""
        self._must_be_open()
        derived = self.derived.get(identifier)
        of = identifier if derived is None else derived.of
        if derived is None:
            self._by_id(of)
        return [] if self.chosen.get(of, of) == identifier else [c.CaptureChosen(of, identifier)]

    def compare(self, card: str, face: str, same: bool) -> list[c.AnyChange]:
        """Card beside face: one person or not."""
        self._must_be_undecided()
        if self._subject(card) != "card" or self._subject(face) != "face":
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

    def note_at_closing(self, text: str) -> list[c.AnyChange]:
        """A note on the visit as a whole, once it has ended."""
        if self.ended is None:
            raise NotNow("not_ended", "this visit has not ended")
        if len(text) > MAX_CLOSING_NOTE:
            raise NotNow("too_long", f"a closing note has at most {MAX_CLOSING_NOTE} characters")
        return [] if text == self.closing_note else [c.ClosingNoted(text)]

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

    def hand_over(self, handed: c.HandedOver) -> list[c.AnyChange]:
        """To another desk; open until the visit has ended."""
        self._must_be_open()
        if handed.from_desk != self.desk or handed.to_desk == self.desk:
            raise NotNow("another_visit", "this visit is not at that desk any more")
        return [handed]

    def end(self, how: c.Ending) -> list[c.AnyChange]:
        """The visitor has gone."""
        return [] if self.ended is not None else [c.Ended(how)]

    # --- refusals -------------------------------------------------------------------------------

    def must_be_at(self, desk: int) -> Self:
        """Raises `NotNow` when the visit went to another desk while a command waited."""
        if self.desk != desk:
            raise NotNow("another_visit", "this visit is at another desk now")
        return self

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
        picture = self.picture_by_id(identifier)
        if picture is None:
            raise NotNow("no_capture", "this visit has no such picture")
        return picture

    def _subject(self, identifier: str) -> Subject:
        """What a picture shows, derived or not."""
        derived = self.derived.get(identifier)
        return self._by_id(identifier if derived is None else derived.of).taken.subject


def _must_be_known(name: str | None, known: list[str], what: str) -> None:
    if name not in known:
        raise NotNow("unknown", f"no such {what}: choose one of {', '.join(known)}")
