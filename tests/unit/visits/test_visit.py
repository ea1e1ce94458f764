"""A visit by hand, and under any order of commands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.unit.visits.claims import CLAIM, begun, cut_out, taken
from vcs.visits import changes as c
from vcs.visits.flow import Camera
from vcs.visits.visit import NotNow, Visit
from vcs.visits.visit_state import PATIENT_TRIES

LOOKED = [c.Attention("focus", "2026-11-21T10:00:00Z", "2026-11-21T10:01:00Z")]
DEALT = ["one", "two", "move_1"]


def visit(*changes: c.Change) -> Visit:
    made = Visit(7, CLAIM)
    made.apply([begun(), c.Consented("1", "id"), *changes])
    return made


def do(subject: Visit, wanted: Sequence[c.Change]) -> None:
    subject.apply(wanted)


def through_documents(subject: Visit) -> None:
    do(subject, subject.answer("name", "Siti"))
    do(subject, subject.finish_alone("identity"))
    do(subject, subject.take(taken("card", "a-card-1")))
    do(subject, subject.take(taken("face", "b-face-1")))
    do(subject, subject.sign(c.Signed("documents", "s-sign-1", "5" * 64, 100)))
    do(subject, subject.finish_alone("documents"))


def through_interview(subject: Visit) -> None:
    through_documents(subject)
    do(subject, subject.deal("interview", DEALT))
    for question in DEALT:
        do(subject, subject.mark_question(question, True))
    do(subject, subject.finish_attended("interview", LOOKED, present=True))
    for check in ("genuine", "alone"):
        do(subject, subject.mark(check, True))


def code(refused: Callable[[], object]) -> str:
    with pytest.raises(NotNow) as caught:
        refused()
    return caught.value.code


def decided(outcome: c.Outcome = "approved", **values: object) -> c.Decided:
    known: dict[str, object] = {"id": "d-00000001", "outcome": outcome, "officer": 3}
    return c.Decided(**{**known, **values})  # type: ignore[arg-type]


def test_a_visit_goes_through() -> None:
    subject = visit()
    assert subject.visitors_step is CLAIM.steps[0]
    assert not subject.waits_for_officer
    through_interview(subject)
    assert subject.step is None
    do(subject, subject.decide(decided()))
    do(subject, subject.end("finished"))
    assert subject.decision == decided()
    assert subject.ended == "finished"


def test_one_picture_is_looked_at_in_the_place_of_another() -> None:
    subject = visit(taken("card", "a-card-1"), taken("face", "b-face-1"))
    part = cut_out("a-card-1", 1, (10, 10, 650, 410))
    do(subject, subject.derive(part))
    assert subject.chosen == {"a-card-1": part.id}
    assert (part.width, part.height) == (400, 640)
    do(subject, subject.choose("a-card-1"))
    assert subject.chosen == {"a-card-1": "a-card-1"}
    assert subject.choose("a-card-1") == []
    assert subject.derive(part) == [c.CaptureChosen("a-card-1", part.id)]
    assert subject.compare(part.id, "b-face-1", True) == [c.Compared(part.id, "b-face-1", True)]
    assert code(lambda: subject.compare("b-face-1", part.id, True)) == "no_capture"
    assert code(lambda: subject.derive(cut_out(part.id, 1, (0, 0, 99, 99)))) == "no_capture"
    assert code(lambda: subject.judge(part.id, True)) == "no_capture"
    do(subject, subject.end("left"))
    assert code(lambda: subject.choose(part.id)) == "ended"


def test_a_picture_is_asked_for_by_a_camera() -> None:
    subject = visit()
    do(subject, subject.ask_capture("card"))
    assert subject.ask_capture("card") == []
    do(subject, subject.ask_capture("card", "document"))
    assert subject.asked == ["card"]
    assert subject.asked_by == {"card": "document"}
    do(subject, subject.take(taken("card", "a-card-1")))
    assert subject.asked_by == {}


def test_a_step_wants_what_it_wants() -> None:
    subject = visit()
    assert subject.lacks(CLAIM.steps[0]) == ["name"]
    assert code(lambda: subject.finish_alone("identity")) == "incomplete"
    assert code(lambda: subject.finish_alone("documents")) == "not_this_step"
    assert code(lambda: subject.answer("nothing", "x")) == "no_field"


def test_the_same_value_again_changes_nothing() -> None:
    subject = visit(c.Answered("name", "Siti"))
    assert subject.answer("name", "Siti") == []


def test_a_changed_answer_opens_its_step_again() -> None:
    subject = visit()
    through_documents(subject)
    do(subject, subject.answer("name", "Dewi"))
    assert subject.step is CLAIM.steps[0]
    assert "documents" in subject.finished


def test_a_poor_picture_is_taken_again_but_not_for_ever() -> None:
    subject = visit(c.Answered("name", "Siti"), c.StepFinished("identity"))
    documents = CLAIM.steps[1]
    for attempt in range(1, PATIENT_TRIES + 1):
        assert "card" in subject.lacks(documents)
        do(subject, subject.take(taken("card", f"a-card-{attempt}", ["glare"])))
    assert "card" not in subject.lacks(documents)
    do(subject, subject.judge(f"a-card-{PATIENT_TRIES}", accepted=False))
    assert subject.asked == ["card"]
    assert "card" in subject.lacks(documents)
    do(subject, subject.take(taken("card", "a-card-9")))
    assert subject.asked == []
    assert "card" not in subject.lacks(documents)


def test_an_attended_step_is_done_with_the_officer_there() -> None:
    subject = visit()
    through_documents(subject)
    assert subject.waits_for_officer
    do(subject, subject.deal("interview", DEALT))
    for question in DEALT:
        do(subject, subject.mark_question(question, False))
    assert code(lambda: subject.finish_alone("interview")) == "attended"
    assert code(lambda: subject.finish_attended("interview", LOOKED, present=False)) == "unattended"
    assert code(lambda: subject.finish_attended("interview", [], present=True)) == "unattended"
    do(subject, subject.finish_attended("interview", LOOKED, present=True))
    assert subject.finished["interview"].attention == LOOKED


def test_approval_wants_everything() -> None:
    subject = visit()
    through_documents(subject)
    assert code(lambda: subject.decide(decided())) == "incomplete"
    do(subject, subject.deal("interview", DEALT))
    for question in DEALT:
        do(subject, subject.mark_question(question, True))
    do(subject, subject.finish_attended("interview", LOOKED, present=True))
    assert code(lambda: subject.decide(decided())) == "unchecked"
    do(subject, subject.mark("genuine", True))
    do(subject, subject.mark("alone", False))
    assert code(lambda: subject.decide(decided())) == "failed_checks"
    do(subject, subject.mark("alone", True))
    do(subject, subject.ask_capture("letter"))
    assert code(lambda: subject.decide(decided())) == "incomplete"


def test_a_reason_and_what_is_missing_are_the_flows() -> None:
    subject = visit()
    assert code(lambda: subject.decide(decided("rejected"))) == "unknown"
    assert code(lambda: subject.decide(decided("pending"))) == "no_missing"
    assert code(lambda: subject.decide(decided("pending", missing=["nothing"]))) == "unknown"
    assert subject.decide(decided("pending", missing=["letter"]))
    assert subject.decide(decided("rejected", reason="fraud"))


def test_it_is_decided_once_and_corrected_by_name() -> None:
    subject = visit()
    do(subject, subject.decide(decided("rejected", reason="fraud")))
    again = decided("pending", missing=["letter"])
    assert subject.decide(again) == [], "the same id: it stands as it is"
    other = decided("pending", missing=["letter"], id="d-00000002")
    assert code(lambda: subject.decide(other)) == "decided"
    correction = decided("pending", missing=["letter"], id="d-00000002", corrects="d-00000001")
    do(subject, subject.end("finished"))
    do(subject, subject.decide(correction))
    assert subject.decision == correction
    assert subject.decisions[0].outcome == "rejected"


def test_marks_of_what_is_not_there_are_refused() -> None:
    subject = visit()
    assert code(lambda: subject.mark("nothing", True)) == "no_check"
    assert code(lambda: subject.mark_question("one", True)) == "no_questions"
    assert code(lambda: subject.judge("nothing", True)) == "no_capture"
    assert code(lambda: subject.ask_capture("nothing")) == "no_capture"
    assert code(lambda: subject.compare("nothing", "nothing", True)) == "no_capture"


class AnyOrder(RuleBasedStateMachine):
    """Two officers and a booth, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.subject = visit()
        self.log: list[c.Change] = [begun(), c.Consented("1", "id")]
        self.number = 0
        self.present = False

    def attempt(self, command: Callable[[], Sequence[c.Change]]) -> None:
        with contextlib.suppress(NotNow):
            wanted = command()
            self.log += wanted
            self.subject.apply(wanted)

    def new_id(self, kind: str) -> str:
        self.number += 1
        return f"{kind}-{self.number:08}"

    @rule(field=st.sampled_from(["name", "phone", "none"]), value=st.sampled_from(["x", "y"]))
    def answer(self, field: str, value: str) -> None:
        self.attempt(lambda: self.subject.answer(field, value))

    @rule(
        capture=st.sampled_from(["card", "face", "letter"]),
        advice=st.sampled_from([[], ["glare"]]),
    )
    def take(self, capture: str, advice: list[c.Advice]) -> None:
        self.attempt(lambda: self.subject.take(taken(capture, self.new_id("a"), advice)))

    @rule(step=st.sampled_from(["identity", "documents", "interview"]))
    def finish_alone(self, step: str) -> None:
        self.attempt(lambda: self.subject.finish_alone(step))

    @rule()
    def sign(self) -> None:
        self.attempt(lambda: self.subject.sign(c.Signed("documents", "s-1", "0" * 64, 9)))

    @rule(present=st.booleans())
    def look(self, present: bool) -> None:
        self.present = present

    @rule(step=st.sampled_from(["identity", "documents", "interview"]))
    def finish_attended(self, step: str) -> None:
        attention = LOOKED if self.present else []
        self.attempt(lambda: self.subject.finish_attended(step, attention, self.present))

    @rule(step=st.sampled_from(["identity", "documents", "interview"]))
    def reopen(self, step: str) -> None:
        self.attempt(lambda: self.subject.reopen(step))

    @rule()
    def deal(self) -> None:
        self.attempt(lambda: self.subject.deal("interview", DEALT))

    @rule(question=st.sampled_from([*DEALT, "four"]), right=st.none() | st.booleans())
    def mark_question(self, question: str, right: bool | None) -> None:
        self.attempt(lambda: self.subject.mark_question(question, right))

    @rule(check=st.sampled_from(["genuine", "alone"]), passed=st.none() | st.booleans())
    def mark(self, check: str, passed: bool | None) -> None:
        self.attempt(lambda: self.subject.mark(check, passed))

    @rule(data=st.data(), accepted=st.booleans())
    def judge(self, data: st.DataObject, accepted: bool) -> None:
        taken_ids = [p.taken.id for each in self.subject.pictures.values() for p in each]
        if taken_ids:
            identifier = data.draw(st.sampled_from(taken_ids))
            self.attempt(lambda: self.subject.judge(identifier, accepted))

    @rule(data=st.data(), turns=st.integers(0, 3), left=st.integers(-9, 300))
    def derive(self, data: st.DataObject, turns: int, left: int) -> None:
        taken_ids = [p.taken.id for each in self.subject.pictures.values() for p in each]
        if taken_ids:
            of = data.draw(st.sampled_from(taken_ids))
            self.attempt(lambda: self.subject.derive(cut_out(of, turns, (left, 0, 640, 400))))

    @rule(data=st.data())
    def choose(self, data: st.DataObject) -> None:
        taken_ids = [p.taken.id for each in self.subject.pictures.values() for p in each]
        if taken_ids:
            identifier = data.draw(st.sampled_from([*taken_ids, *self.subject.derived]))
            self.attempt(lambda: self.subject.choose(identifier))

    @rule(
        capture=st.sampled_from(["card", "face", "letter"]),
        camera=st.sampled_from([None, "main", "document"]),
    )
    def ask(self, capture: str, camera: Camera | None) -> None:
        self.attempt(lambda: self.subject.ask_capture(capture, camera))

    @invariant()
    def what_is_looked_at_belongs_to_its_original(self) -> None:
        for of, shown in self.subject.chosen.items():
            assert shown == of or self.subject.derived[shown].of == of

    @invariant()
    def a_camera_is_named_for_what_is_asked_alone(self) -> None:
        assert self.subject.asked_by.keys() <= set(self.subject.asked)

    @rule(
        outcome=st.sampled_from(["approved", "rejected", "pending"]),
        repeat=st.booleans(),
        corrects=st.booleans(),
    )
    def decide(self, outcome: c.Outcome, repeat: bool, corrects: bool) -> None:
        before = self.subject.decision
        identifier = before.id if repeat and before else self.new_id("d")
        corrected = before.id if corrects and before else None
        self.attempt(
            lambda: self.subject.decide(
                decided(
                    outcome,
                    id=identifier,
                    corrects=corrected,
                    reason="fraud" if outcome == "rejected" else None,
                    missing=["letter"] if outcome == "pending" else [],
                )
            )
        )

    @rule()
    def go_on(self) -> None:
        """What the present step lacks, so that walks come far."""
        step = self.subject.step
        if step is None:
            for check in ("genuine", "alone"):
                self.mark(check, True)
            return
        for name in self.subject.lacks(step):
            if name == "questions":
                self.deal()
            elif name == "signature":
                self.sign()
            elif name in DEALT:
                self.mark_question(name, True)
            elif name in {"card", "face", "letter"}:
                self.take(name, [])
            else:
                self.answer(name, "x")
        if not step.attended:
            self.finish_alone(step.name)

    @precondition(lambda self: self.number > 6)
    @rule()
    def end(self) -> None:
        self.attempt(lambda: self.subject.end("left"))

    @invariant()
    def attended_steps_were_attended(self) -> None:
        for name, finished in self.subject.finished.items():
            step = CLAIM.step(name)
            assert step is not None
            assert not step.attended or finished.attention

    @invariant()
    def one_decision_and_corrections_of_it(self) -> None:
        decisions = self.subject.decisions
        assert [each.corrects for each in decisions] == [None, *(d.id for d in decisions)][
            : len(decisions)
        ]

    @invariant()
    def nothing_was_approved_unfinished(self) -> None:
        decision = self.subject.decision
        if decision is not None and decision.outcome == "approved" and len(self.log) > 2:
            first = next(i for i, each in enumerate(self.log) if each is decision)
            before = Visit(7, CLAIM)
            before.apply(self.log[:first])
            assert before.step is None
            assert not before.asked
            assert before.marks == {"genuine": True, "alone": True}

    @invariant()
    def there_is_a_way_on(self) -> None:
        subject = self.subject
        if subject.ended is None:
            assert subject.end("left")
            if subject.decision is None:
                assert subject.decide(decided("pending", id="d-way-on", missing=["letter"]))

    @invariant()
    def it_comes_back_as_it_was(self) -> None:
        again = Visit(7, CLAIM)
        again.apply(c.decode(c.encode(each)) for each in self.log)
        assert again == self.subject


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
