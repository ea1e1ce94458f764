"""What the branch does all day, each thing measured over random targets."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import select

from benchmarks.visits import person
from benchmarks.visits.branch import VISITS_A_DAY, WAITING, working_day
from benchmarks.visits.fill import Fill
from benchmarks.visits.report import Row, row
from vcs import messages as m
from vcs.store import Store
from vcs.store.database import Database
from vcs.store.visit_records import StoredVisit
from vcs.store.visit_tables import VisitRow
from vcs.visits import changes as c
from vcs.visits import views
from vcs.visits.fields import disagreements
from vcs.visits.flow import Field
from vcs.visits.flow_file import LoadedFlow
from vcs.visits.open_visit import OpenVisit

PAGE: Final = 50
TENTH: Final = 9 * PAGE
WARM: Final = 10
"""Of each operation, before any is counted: a server has been running for hours."""
A_MOMENT: Final = timedelta(seconds=1)

Timed = Callable[[], Awaitable[float]]


class Operations:
    """Of the day that is under way in `fill`. Each takes the time of what is measured alone, in
    seconds, and does what must be done before and after it outside of that."""

    def __init__(
        self,
        database: Database,
        store: Store,
        fill: Fill,
        flows: Mapping[str, LoadedFlow],
        now: datetime,
        rng: Random,
    ) -> None:
        self._database = database
        self._store = store
        self._fill = fill
        self._flows = flows
        self._now = now
        self._rng = rng
        self._branch_id = fill.open[0].place.branch_id
        self._expected = {story.visit.id: len(story.told) for story in fill.open}

    async def measure(self, sample: int) -> list[Row]:
        """Every operation `sample` times."""
        searches: dict[str, Timed] = {
            "search: name's beginning": self._by_beginning,
            "search: whole name": self._by_name,
            "search: reference": self._by_reference,
            "search: ticket": self._by_ticket,
            "search: a day": self._by_day,
            "search: a month": self._by_month,
            "search: first page": self._first_page,
            "search: tenth page": self._tenth_page,
        }
        rows = [await self._row("queue", self._queue, sample)]
        together: list[float] = []
        ways = []
        for name, way in searches.items():
            took = await _times(way, sample)
            together += took
            ways.append(row(name, self._fill.visits, took))
        rows += [row("search", self._fill.visits, together), *ways]
        rows.append(await self._row("sheet", self._sheet, sample))
        rows.append(await self._row("sheet: of the year", self._old_sheet, sample))
        rows.append(await self._row("record", self._record, sample))
        rows.append(await self._row("draft", self._draft, sample))
        return rows

    async def _row(self, name: str, operation: Timed, sample: int) -> Row:
        return row(name, self._fill.visits, await _times(operation, sample))

    async def end_today(self) -> None:
        """The visits that are under way end, as the server would end them."""
        for visit_id, expected in self._expected.items():
            await self._store.visits.record(
                visit_id,
                [c.Ended("left")],
                expected=expected,
                actor="server",
                officer_id=None,
                at=self._tick(),
            )

    def _tick(self) -> datetime:
        self._now += A_MOMENT
        return self._now

    # --- the queue ------------------------------------------------------------------------------

    async def _queue(self) -> float:
        """Who waits, and the next one called. Another one comes in for him."""
        booth = self._rng.choice(self._fill.open).place.booth_id
        tickets, day = self._store.tickets, self._fill.today
        began = time.perf_counter()
        waiting = await tickets.waiting(self._branch_id, day)
        called = await tickets.call_next(self._branch_id, day, booth, self._tick())
        took = time.perf_counter() - began
        assert called is not None
        assert len(waiting) == WAITING
        await tickets.no_show(called.id)
        await tickets.issue(
            self._branch_id,
            day,
            flow=called.flow,
            token=self._rng.randbytes(32).hex(),
            at=self._now,
            name=person.name(self._rng),
        )
        return took

    # --- searching ------------------------------------------------------------------------------

    async def _by_beginning(self) -> float:
        name = (await self._some_visit()).visitor or person.name(self._rng)
        return await self._search(name[: self._rng.randrange(2, 7)])

    async def _by_name(self) -> float:
        return await self._search((await self._some_visit()).visitor or person.name(self._rng))

    async def _by_reference(self) -> float:
        return await self._search((await self._some_visit()).reference or "KLAIM-2026-000000001")

    async def _by_ticket(self) -> float:
        return await self._search(f"A-{self._rng.randrange(1, VISITS_A_DAY + 1):03}")

    async def _by_day(self) -> float:
        return await self._within(timedelta(days=1))

    async def _by_month(self) -> float:
        return await self._within(timedelta(days=30))

    async def _within(self, span: timedelta) -> float:
        day = working_day(self._rng.randrange(self._fill.days))
        since = datetime.combine(day, datetime.min.time(), self._now.tzinfo)
        return await self._search("", since, since + span)

    async def _first_page(self) -> float:
        return await self._search("")

    async def _tenth_page(self) -> float:
        """Of all visits, or of all whose visitor's name begins alike."""
        text = self._rng.choice(("", "siti", "muh"))
        lines = await self._store.visits.search([self._branch_id], text, limit=TENTH)
        return await self._search(text, before=lines[-1].place if lines else None)

    async def _search(
        self,
        text: str,
        since: datetime | None = None,
        until: datetime | None = None,
        before: tuple[datetime, int] | None = None,
    ) -> float:
        """By an officer of the branch, or by an auditor of all branches."""
        branches = self._rng.choice(([self._branch_id], None))
        began = time.perf_counter()
        await self._store.visits.search(branches, text, since, until, PAGE, before)
        return time.perf_counter() - began

    async def _some_visit(self) -> VisitRow:
        """Any of the year."""
        async with self._database.reading() as session:
            found = await session.scalar(
                select(VisitRow)
                .where(VisitRow.id >= self._rng.randrange(2**53 - 2**46))
                .order_by(VisitRow.id)
                .limit(1)
            )
            return found or (await session.scalars(select(VisitRow).limit(1))).one()

    # --- the sheet ------------------------------------------------------------------------------

    async def _sheet(self) -> float:
        """Of a visit that is under way."""
        return await self._shown(self._rng.choice(list(self._expected)))

    async def _old_sheet(self) -> float:
        """Of any visit of the year, as a search finds it."""
        return await self._shown((await self._some_visit()).id)

    async def _shown(self, visit_id: int) -> float:
        began = time.perf_counter()
        stored = await self._store.visits.load(visit_id)
        assert stored is not None
        self._told(stored)
        return time.perf_counter() - began

    def _told(self, stored: StoredVisit) -> m.Sheet:
        flow = self._flows[stored.flow].flow
        found = OpenVisit.restored(stored, flow, self._store, lambda: self._now)
        wrong = disagreements(flow, found.visit.answers, self._now.date())
        return views.sheet(
            1,
            found.visit,
            language=stored.language,
            typing=None,
            still=False,
            present=True,
            disagreements={
                name: m.Disagreement(each.code, list(each.marked)) for name, each in wrong.items()
            },
        )

    # --- writing --------------------------------------------------------------------------------

    async def _record(self) -> float:
        """A field that the visitor submitted, on the disk."""
        visit_id, wanted, entered = self._field()
        began = time.perf_counter()
        self._expected[visit_id] = await self._store.visits.record(
            visit_id,
            [c.Answered(wanted.name, entered)],
            expected=self._expected[visit_id],
            actor="visitor",
            officer_id=None,
            at=self._tick(),
        )
        return time.perf_counter() - began

    async def _draft(self) -> float:
        """What stands in a field that is being typed in, on the disk."""
        visit_id, wanted, entered = self._field()
        began = time.perf_counter()
        await self._store.visits.set_draft(visit_id, wanted.name, entered[:-1], self._tick())
        return time.perf_counter() - began

    def _field(self) -> tuple[int, Field, str]:
        story = self._rng.choice(self._fill.open)
        wanted = self._rng.choice([f for _, f in story.visit.flow.fields() if f.type != "name"])
        entered = person.value(wanted, story.visit.answers, self._now.date(), self._rng)
        return story.visit.id, wanted, entered


async def _times(operation: Timed, sample: int) -> Sequence[float]:
    for _ in range(min(WARM, sample)):
        await operation()
    return [await operation() for _ in range(sample)]
