"""Writing a year into the store: a day in a transaction, and its heads of the audit.

Rows are those that the store would have written, but for the files of the evidence and the
intervals of talk, which are not written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.visits import person
from benchmarks.visits.branch import VISITS_A_DAY, WAITING, begins, opens, working_day
from benchmarks.visits.rows import DayRows
from benchmarks.visits.story import Place, Story, Teller
from vcs.store.audit_chain import NOTHING, HeadHash
from vcs.store.audit_heads import EVERY_S, write_head
from vcs.store.audit_tables import AuditHeadEntryRow, AuditHeadRow
from vcs.store.database import Database
from vcs.store.tables import Table
from vcs.store.visit_tables import TicketRow, VisitRow
from vcs.tokens import token_hash
from vcs.visits.flow_file import LoadedFlow

ASKED_FOR_SAVINGS = 0.85
"""Share of visits of the first flow; the others are of the second."""
PRIORITY = 0.08
NO_SHOW = 0.05


class Fill:
    """Days are written one after the other. `visits` and `changes` count what is there; `open`
    are the visits of today, which have not ended."""

    def __init__(
        self,
        database: Database,
        places: Sequence[Place],
        flows: Mapping[str, LoadedFlow],
        rng: Random,
    ) -> None:
        self.visits = 0
        self.changes = 0
        self.open: list[Story] = []
        self._database = database
        self._places = places
        self._flows = list(flows.values())
        self._rng = rng
        self._days = 0

    @property
    def today(self) -> date:
        """The last day that was written."""
        return working_day(self._days - 1)

    @property
    def days(self) -> int:
        """Working days that were written."""
        return self._days

    async def past_day(self, visits: int) -> None:
        """One working day more with so many visits (at most `VISITS_A_DAY` fit in), all ended."""
        if not 0 < visits <= VISITS_A_DAY:
            raise ValueError(f"a day has 1 to {VISITS_A_DAY} visits, not {visits}")
        day = working_day(self._days)
        stories = [self._story(day, n, begins(day, n)) for n in range(visits)]
        absent = sum(self._rng.random() < NO_SHOW for _ in range(visits))
        await self._write(day, stories, ["no_show"] * absent)
        self._days += 1

    async def begin_today(self, visits: int) -> datetime:
        """A working day that is under way: so many visits at as many booths, and the queue. Gives
        the time that it is now."""
        day = working_day(self._days)
        at = opens(day) + timedelta(hours=4)
        began = at - timedelta(minutes=25)
        self.open = [self._open_story(day, number, began) for number in range(visits)]
        await self._write(day, self.open, ["waiting"] * WAITING)
        self._days += 1
        while await write_head(self._database, at) is not None:
            pass
        return at

    def _open_story(self, day: date, number: int, at: datetime) -> Story:
        while True:
            story = self._story(day, number, at, self._rng.randrange(3, 36))
            if story.visit.ended is None:  # nobody who left before that
                return story

    def _story(self, day: date, number: int, at: datetime, stop_after: int | None = None) -> Story:
        rng = self._rng
        flow = self._flows[0] if rng.random() < ASKED_FOR_SAVINGS else self._flows[-1]
        place = self._places[number % len(self._places)]
        return Teller(
            rng.randrange(1, 2**53), flow, place, _code(number + 1), at, rng, stop_after
        ).tell()

    async def _write(self, day: date, stories: Sequence[Story], others: Sequence[str]) -> None:
        rows = DayRows()
        branch_id = self._places[0].branch_id
        tickets = [
            self._ticket(day, branch_id, number, story) for number, story in enumerate(stories, 1)
        ]
        tickets += [
            self._ticket(day, branch_id, number, None, state)
            for number, state in enumerate(others, len(stories) + 1)
        ]
        async with self._database.writing() as session:
            await _insert(session, TicketRow, tickets)
            numbered = await session.execute(
                select(TicketRow.number, TicketRow.id).where(
                    TicketRow.branch_id == branch_id, TicketRow.day == day
                )
            )
            ids = {number: ticket_id for number, ticket_id in numbered}
            for number, story in enumerate(stories, 1):
                rows.add(story, ids[number], self._rng)
            rows.in_order_of_time()
            ended = all(story.visit.ended is not None for story in stories)
            if ended:
                for row in rows.tables[VisitRow]:
                    row["headed"] = row["audited"]
            for table, values in rows.tables.items():
                await _insert(session, table, values)
            if ended:
                await _heads(session, opens(day), rows.ends)
        self.visits += len(stories)
        self.changes += sum(len(story.told) for story in stories)

    def _ticket(
        self, day: date, branch_id: int, number: int, story: Story | None, state: str = "done"
    ) -> dict[str, Any]:
        rng = self._rng
        kind = rng.choice(("elderly", "disabled", "pregnant")) if rng.random() < PRIORITY else None
        called = None if state == "waiting" else begins(day, number - 1)
        if story is not None:
            called = story.begun_at - timedelta(minutes=1)
            state = "done" if story.visit.ended is not None else "taken"
        booth = None if called is None else self._places[number % len(self._places)].booth_id
        return {
            "branch_id": branch_id,
            "day": day,
            "number": number,
            "code": _code(number),
            "token_hash": token_hash(rng.randbytes(32).hex()),
            "flow": self._flows[0].flow.name if story is None else story.visit.flow.name,
            "name": person.name(rng) if rng.random() < 0.5 else None,
            "priority": kind is not None,
            "priority_kind": kind,
            "state": state,
            "issued_at": opens(day) + timedelta(seconds=number * 60),
            "called_at": called,
            "called_booth_id": booth if story is None else story.place.booth_id,
            "taken_at": None if story is None else story.begun_at,
        }


async def _insert(
    session: AsyncSession, table: type[Table], values: Sequence[Mapping[str, Any]]
) -> None:
    if values:
        connection = await session.connection()
        await connection.execute(table.__table__.insert(), list(values))  # type: ignore[attr-defined]


async def _heads(
    session: AsyncSession, day_began: datetime, ends: Sequence[tuple[datetime, int, int, bytes]]
) -> None:
    """One for every ten minutes in which a chain grew, over the ends that it then had."""
    last = await session.scalar(select(AuditHeadRow).order_by(AuditHeadRow.number.desc()).limit(1))
    number, previous = (0, NOTHING) if last is None else (last.number, last.hash)
    spans: dict[int, dict[int, tuple[int, bytes]]] = {}
    for at, visit_id, row, end in ends:
        span = int((at - day_began).total_seconds() // EVERY_S)
        spans.setdefault(span, {})[visit_id] = (row, end)
    heads, entries = [], []
    for span, known in sorted(spans.items()):
        number += 1
        at = day_began + timedelta(seconds=(span + 1) * EVERY_S)
        hashing = HeadHash(previous, number, at)
        hashing.add((visit_id, row, end) for visit_id, (row, end) in sorted(known.items()))
        heads.append({"number": number, "at": at, "previous": previous, "hash": hashing.digest()})
        entries += [
            {"head": number, "visit_id": visit_id, "number": row, "hash": end}
            for visit_id, (row, end) in known.items()
        ]
        previous = hashing.digest()
    await _insert(session, AuditHeadRow, heads)
    await _insert(session, AuditHeadEntryRow, entries)


def _code(number: int) -> str:
    return f"A-{number:03}"
