"""Commands of two officers and a booth about one visit that is handed to and fro, in any order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.unit.visits.claims import CLAIM, begun, taken
from tests.unit.visits.test_visit import DEALT
from vcs import messages as m
from vcs.visits import changes as c
from vcs.visits import officer_side, views
from vcs.visits.attendance import Attendance
from vcs.visits.open_visit import OpenVisit
from vcs.visits.studio import Studio
from vcs.visits.visit import NotNow, Visit

OFFICER_OF = {1: 31, 2: 32}
desks = st.sampled_from([1, 2])


class Memory:
    """Stands for the store: keeps what it is given, with who did it and who looked then."""

    def __init__(self) -> None:
        self.visits = self
        self.log: list[tuple[c.AnyChange, int | None]] = []

    async def record(
        self, _id: int, changes: Sequence[c.AnyChange], *, officer_id: int | None, **_: Any
    ) -> int:
        self.log += [(change, officer_id) for change in changes]
        return len(self.log)


class TwoOfficers(RuleBasedStateMachine):
    """Booth 1 begins at desk 1. Each officer looks at the booth or not; only at his own desk that
    counts."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Memory()
        self.now = datetime(2026, 11, 21, 9, tzinfo=UTC)
        visit = Visit(7, CLAIM)
        visit.apply([begun(), c.Consented("1", "id")])
        self.first_desk = visit.desk
        self.found = OpenVisit(visit, self.store, lambda: self.now)  # type: ignore[arg-type]
        self.attendance = Attendance()
        self.looks = {1: False, 2: False}
        self.unattended: list[str] = []
        self.stranger: list[c.AnyChange] = []
        self.number = 0

    @property
    def here(self) -> int:
        """Which of the two desks has it: 1 for the one where it began."""
        return 1 if self.found.visit.desk == self.first_desk else 2

    def desk_id(self, desk: int) -> int:
        return self.first_desk if desk == 1 else self.first_desk + 1

    def note(self) -> None:
        self.now += timedelta(seconds=1)
        looks = self.looks[self.here]
        officer = OFFICER_OF[self.here] if looks else None
        self.attendance.note("focus" if looks else None, officer, self.now)
        self.now += timedelta(seconds=1)

    def visitor(self, command: Callable[[Visit], Sequence[c.AnyChange]]) -> None:
        with contextlib.suppress(NotNow):
            asyncio.run(self.found.change(command, "visitor"))

    def officer(self, desk: int, kind: type[Any], **values: Any) -> None:
        """As the desk's visits do it for a console that still shows the visit."""
        said = kind(1, 1, views.visit_name(self.found.visit), **values)
        before, here = len(self.store.log), self.here
        with contextlib.suppress(NotNow):
            asyncio.run(
                officer_side.command(
                    self.found,
                    said,
                    self.attendance,
                    OFFICER_OF[desk],
                    self.desk_id(desk),
                    Studio.__new__(Studio),  # nothing is cut here
                )
            )
        made = [change for change, _ in self.store.log[before:]]
        if made and desk != here:
            self.stranger += made
        for change in made:
            if isinstance(change, c.StepFinished) and not self.looks[desk]:
                self.unattended.append(change.step)

    # --- what may happen ------------------------------------------------------------------------

    @rule(desk=desks, looks=st.booleans())
    def looks_or_not(self, desk: int, looks: bool) -> None:
        self.looks[desk] = looks
        self.note()

    @rule(back=st.booleans())
    def handed_over(self, back: bool) -> None:
        source = self.here if not back else 3 - self.here
        handed = c.HandedOver(self.desk_id(source), self.desk_id(3 - source), "perlu telaah")
        before = self.here
        with contextlib.suppress(NotNow):
            asyncio.run(self.found.change(lambda visit: visit.hand_over(handed), "officer"))
            assert source == before, "who does not have it gave it away"
            assert self.here != before
        self.note()

    @rule()
    def goes_on(self) -> None:
        visit = self.found.visit
        step = visit.step
        if step is None:
            for check in ("genuine", "alone"):
                self.officer(self.here, m.MarkCheck, check=check, passed=True)
            return
        for name in visit.lacks(step):
            if name == "questions":
                self.visitor(lambda visit: visit.deal(step.name, DEALT))
            elif name == "signature":
                self.visitor(
                    lambda visit: visit.sign(c.Signed("documents", "s-1234567", "0" * 64, 9))
                )
            elif name in DEALT:
                self.officer(self.here, m.MarkQuestion, question=name, right=True)
            elif name in {"card", "face", "letter"}:
                self.number += 1
                picture = taken(name, f"a-{self.number:08}", [])
                self.visitor(lambda visit, picture=picture: visit.take(picture))
            else:
                self.visitor(lambda visit, name=name: visit.answer(name, "x"))
        if not step.attended:
            self.visitor(lambda visit: visit.finish_alone(step.name))

    @rule(desk=desks, step=st.sampled_from(["identity", "documents", "interview"]))
    def completes(self, desk: int, step: str) -> None:
        self.officer(desk, m.CompleteStep, step=step)

    @rule(desk=desks, step=st.sampled_from(["identity", "documents", "interview"]))
    def reopens(self, desk: int, step: str) -> None:
        self.officer(desk, m.ReopenStep, step=step)

    @rule(desk=desks, repeat=st.booleans(), outcome=st.sampled_from(["approved", "rejected"]))
    def decides(self, desk: int, repeat: bool, outcome: str) -> None:
        before = self.found.visit.decision
        self.number += 1
        self.officer(
            desk,
            m.Decide,
            decision=before.id if before and repeat else f"d-{self.number:08}",
            outcome=outcome,
            reason="fraud" if outcome == "rejected" else None,
        )

    @precondition(lambda self: self.number > 4)
    @rule()
    def ends(self) -> None:
        self.visitor(lambda visit: visit.end("left"))

    # --- the law --------------------------------------------------------------------------------

    @invariant()
    def nobody_finishes_what_he_does_not_attend(self) -> None:
        assert self.unattended == []
        for change, officer in self.store.log:
            if isinstance(change, c.StepFinished) and change.attention:
                assert change.attention[-1].officer == officer

    @invariant()
    def the_desk_that_has_it_alone_changes_it(self) -> None:
        assert self.stranger == []

    @invariant()
    def it_is_decided_once(self) -> None:
        assert sum(isinstance(change, c.Decided) for change, _ in self.store.log) <= 1

    @invariant()
    def there_is_a_way_on(self) -> None:
        visit = self.found.visit
        if visit.ended is None:
            assert visit.end("left")
            handed = c.HandedOver(visit.desk, visit.desk + 1, "x")
            assert visit.hand_over(handed) == [handed]


TestTwoOfficers = TwoOfficers.TestCase
TestTwoOfficers.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
