"""What happens in one visit, change after change, by the visit's own rules.

Each change goes through `Visit`, so that a visit is none that the server would not have let happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from benchmarks.visits import person
from vcs.store.visit_records import OutboxMessage
from vcs.visits import changes as c
from vcs.visits.cutting import cut_id, cut_size
from vcs.visits.flow import Capture, Step
from vcs.visits.flow_file import LoadedFlow
from vcs.visits.interview import deal
from vcs.visits.visit import Visit
from vcs.visits.webhook import decision_message

GAP_S: Final = (5.0, 32.0)
"""Between two changes; a visit of forty lasts twelve minutes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit is and who serves it."""

    branch_id: int
    desk_id: int
    booth_id: int
    officer_id: int


@dataclass(frozen=True, slots=True)
class Told:
    """A change with who made it."""

    at: datetime
    actor: c.Actor
    officer_id: int | None
    change: c.AnyChange


@dataclass(slots=True)
class Story:
    """One visit. `messages`: what the core system was told, with the time."""

    visit: Visit
    place: Place
    begun_at: datetime
    told: list[Told] = field(default_factory=list)
    messages: list[tuple[datetime, OutboxMessage]] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)


class Teller:
    """Tells one visit. `stop_after`: so many changes and no more: the visit is under way then."""

    def __init__(
        self,
        visit_id: int,
        flow: LoadedFlow,
        place: Place,
        ticket: str,
        begun_at: datetime,
        rng: Random,
        stop_after: int | None = None,
    ) -> None:
        self.story = Story(Visit(visit_id, flow.flow), place, begun_at)
        self._loaded = flow
        self._ticket = ticket
        self._at = begun_at
        self._rng = rng
        self._stop_after = stop_after

    def tell(self) -> Story:
        """The whole of it."""
        flow, place = self._loaded, self.story.place
        self._say(
            [
                c.Begun(
                    flow.flow.name,
                    flow.flow.version,
                    flow.digest,
                    self._ticket,
                    place.booth_id,
                    place.desk_id,
                    "id" if self._rng.random() < 0.95 else "en",
                )
            ],
            "visitor",
        )
        visit = self.story.visit
        self._say(visit.agree("2026-11", "id"), "visitor")
        leaves = self._rng.random() < 0.03
        for step in flow.flow.steps:
            if leaves and self._rng.random() < 0.3:
                self._say(visit.end("left"), "server")
                return self.story
            self._work(step)
            if self._full:
                return self.story
        self._decide()
        if not self._full:
            self._say(visit.end("finished"), "server")
            if self._rng.random() < 0.05:
                self.story.looks.append(self._at + timedelta(minutes=5))
        return self.story

    @property
    def _full(self) -> bool:
        return self._stop_after is not None and len(self.story.told) >= self._stop_after

    def _say(self, changes: Sequence[c.AnyChange], actor: c.Actor) -> None:
        if self._full:
            return
        self.story.visit.apply(changes)
        officer = self.story.place.officer_id if actor == "officer" else None
        self.story.told.extend(Told(self._at, actor, officer, change) for change in changes)
        self._at += timedelta(seconds=self._rng.uniform(*GAP_S))

    def _work(self, step: Step) -> None:
        visit, rng = self.story.visit, self._rng
        for wanted in step.fields:
            if self._full:
                return
            if wanted.required or rng.random() < 0.5:
                entered = person.value(wanted, visit.answers, self._at.date(), rng)
                self._say(visit.answer(wanted.name, entered), "visitor")
        for capture in step.captures:
            if self._full:
                return
            if capture.required or rng.random() < 0.5:
                self._picture(capture)
        if not self._full and step.attended:
            self._attended(step)
        elif not self._full:
            self._say(visit.finish_alone(step.name), "visitor")

    def _picture(self, capture: Capture) -> None:
        visit, rng = self.story.visit, self._rng
        tries = 2 if rng.random() < 0.15 else 1
        for number in range(1, tries + 1):
            taken = c.CaptureTaken(
                f"{rng.randbytes(12).hex()}-{number}",
                capture.name,
                capture.subject,
                rng.randbytes(32).hex(),
                rng.randrange(300_000, 2_000_000),
                1920,
                1080,
                ["blurred"] if number < tries else [],
            )
            self._say(visit.take(taken), "visitor")

    def _attended(self, step: Step) -> None:
        visit, rng, since = self.story.visit, self._rng, self._at
        self._say(visit.deal(step.name, deal(step, visit.answers, (), rng)), "server")
        for question in visit.dealt.get(step.name, ()):
            if self._full:
                return
            self._say(visit.mark_question(question, rng.random() < 0.97), "officer")
        self._compare()
        for check in step.checks:
            if self._full:
                return
            self._say(visit.mark(check.name, True), "officer")
        if self._full:
            return
        if step.signature:
            drawn = rng.randbytes(32).hex()
            signed = c.Signed(step.name, f"sign-{drawn[:24]}", drawn, rng.randrange(2_000, 9_000))
            self._say(visit.sign(signed), "visitor")
        if rng.random() < 0.2:
            self._say(visit.note("Surat diperiksa, cocok dengan data."), "officer")
        if self._full:
            return
        middle = since + (self._at - since) / 2
        seen = [
            c.Attention("on_air", _moment(since), _moment(middle)),
            c.Attention("focus", _moment(middle), _moment(self._at)),
        ]
        self._say(visit.finish_attended(step.name, seen, present=True), "officer")

    def _compare(self) -> None:
        visit = self.story.visit
        shown = {
            picture.taken.subject: picture.taken
            for pictures in visit.pictures.values()
            for picture in pictures
        }
        if self._full or "card" not in shown or "face" not in shown:
            return
        if self._rng.random() < 0.5:
            self._say(visit.derive(self._cut(shown["card"])), "officer")
        if not self._full:
            self._say(visit.compare(shown["card"].id, shown["face"].id, True), "officer")

    def _cut(self, card: c.CaptureTaken) -> c.CaptureDerived:
        rectangle = (card.width // 5, card.height // 5, card.width * 4 // 5, card.height * 7 // 10)
        width, height = cut_size(0, rectangle)
        return c.CaptureDerived(
            id=cut_id(card.id, 0, rectangle),
            of=card.id,
            of_digest=card.digest,
            digest=self._rng.randbytes(32).hex(),
            octets=150_000,
            width=width,
            height=height,
            quarter_turns=0,
            rectangle=rectangle,
        )

    def _decide(self) -> None:
        if self._full:
            return
        visit, rng = self.story.visit, self._rng
        name, officer, of = rng.randbytes(12).hex(), self.story.place.officer_id, visit.flow
        reference = f"KLAIM-{self._at.year}-{rng.randrange(10**9):09}"
        drawn = rng.random()
        if drawn < 0.88:
            decided = c.Decided(name, "approved", officer, reference=reference)
        elif drawn < 0.94:
            reason = rng.choice(of.rejections).name
            decided = c.Decided(name, "rejected", officer, reason, reference=reference)
        else:
            missing = [rng.choice(of.missing).name]
            decided = c.Decided(name, "pending", officer, missing=missing, reference=reference)
        at = self._at
        self._say(visit.decide(decided), "officer")
        self.story.messages.append((at, decision_message(visit, decided, at)))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
