"""Finding visits: by the visitor's name, the ticket's or the claim's number, and the day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Final, cast

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, or_, select, union

from vcs.store.database import Database
from vcs.store.tables import BranchRow
from vcs.store.visit_records import Phase, VisitLine
from vcs.store.visit_tables import TicketRow, VisitRow
from vcs.visits.changes import Outcome

KEY_LIMIT: Final = 200
_LAST: Final = "\U0010ffff"


def search_key(name: str) -> str:
    """A name as it is compared: without regard to capitals and to how many spaces there are."""
    return " ".join(name.casefold().split())[:KEY_LIMIT]


class VisitSearch:
    """The part of `Visits` that lists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(
        self,
        branches: Collection[int] | None,
        text: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
        before: tuple[datetime, int] | None = None,
    ) -> list[VisitLine]:
        """Newest first, of these branches; None is every branch, an empty collection none.

        `text` is the beginning of the visitor's name, or a whole ticket number or reference; empty
        finds all. `since` and `until` (not itself) are about when a visit began. `before`: the
        `place` of the last line of the page before.
        """
        statement = select(VisitRow, TicketRow.code).outerjoin(
            TicketRow, TicketRow.id == VisitRow.ticket_id
        )
        key = search_key(text)
        where = [None] if branches is None else sorted(branches)
        wanted = [_Wanted(branch, since, until, before) for branch in where]
        if not wanted:
            return []
        if key:
            statement = statement.where(VisitRow.id.in_(_matches(key, text, wanted, limit)))
        elif len(wanted) > 1:
            statement = statement.where(VisitRow.id.in_(_newest(wanted, limit)))
        else:
            statement = statement.where(
                *wanted[0].conditions(VisitRow.branch_id, VisitRow.begun_at)
            )
        newest = statement.order_by(VisitRow.begun_at.desc(), VisitRow.id.desc()).limit(limit)
        async with self._database.reading() as session:
            return [_line(row, ticket) for row, ticket in await session.execute(newest)]

    async def with_reference(self, reference: str) -> list[VisitLine]:
        """Every visit whose decision in force has exactly this reference, newest first."""
        statement = (
            select(VisitRow, TicketRow.code)
            .outerjoin(TicketRow, TicketRow.id == VisitRow.ticket_id)
            .where(VisitRow.reference == reference)
            .order_by(VisitRow.begun_at.desc(), VisitRow.id.desc())
        )
        async with self._database.reading() as session:
            return [_line(row, ticket) for row, ticket in await session.execute(statement)]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a line must be beside what it is looked for by."""

    branch_id: int | None
    since: datetime | None
    until: datetime | None
    before: tuple[datetime, int] | None

    def conditions(
        self, branch_id: SQLColumnExpression[int], begun_at: SQLColumnExpression[datetime]
    ) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.branch_id is not None:
            found.append(branch_id == self.branch_id)
        if self.since is not None:
            found.append(begun_at >= self.since)
        if self.until is not None:
            found.append(begun_at < self.until)
        if self.before is not None:
            at, last = self.before
            # The first says nothing new; it is what an index can begin at.
            found += [begun_at <= at, or_(begun_at < at, VisitRow.id < last)]
        return found


def _newest(wanted: Sequence[_Wanted], limit: int) -> Select[int]:
    """Each branch's newest, by its own index; of several at once all rows would be sorted."""
    found = []
    for one in wanted:
        newest = (
            select(VisitRow.id)
            .where(*one.conditions(VisitRow.branch_id, VisitRow.begun_at))
            .order_by(VisitRow.begun_at.desc(), VisitRow.id.desc())
            .limit(limit)
            .subquery()
        )
        found.append(select(newest.c.id))
    return select(union(*found).subquery().c.id)


def _matches(key: str, text: str, wanted: Sequence[_Wanted], limit: int) -> Select[int]:
    """Each way to match looks into an index of its own; one condition with `or` would read all.

    What else is wanted is told as expressions that no index has: SQLite keeps no statistics here,
    and would rather walk through all visits of the branch than look up one reference.
    """
    exact = text.strip()
    branch_id = func.coalesce(VisitRow.branch_id, VisitRow.branch_id)
    begun_at = func.coalesce(VisitRow.begun_at, VisitRow.begun_at)
    tickets = select(TicketRow.id).where(
        # Of every branch, but named: the index on codes begins with it.
        TicketRow.branch_id.in_(select(BranchRow.id)),
        TicketRow.code == exact.upper(),
    )
    named = and_(VisitRow.visitor_key >= key, VisitRow.visitor_key < key + _LAST)
    ways: tuple[tuple[ColumnElement[bool], SQLColumnExpression[int]], ...] = (
        (named, VisitRow.branch_id),  # which has an index of its own with the names
        (VisitRow.ticket_id.in_(tickets), branch_id),
        (VisitRow.reference == exact, branch_id),
    )
    found = []
    for (way, branch), one in product(ways, wanted):
        newest = (
            select(VisitRow.id)
            .where(way, *one.conditions(branch, begun_at))
            .order_by(begun_at.desc(), VisitRow.id.desc())
            .limit(limit)
            .subquery()
        )
        found.append(select(newest.c.id))
    return select(union(*found).subquery().c.id)


def _line(row: VisitRow, ticket: str | None) -> VisitLine:
    return VisitLine(
        id=row.id,
        branch_id=row.branch_id,
        desk_id=row.desk_id,
        booth_id=row.booth_id,
        ticket=ticket,
        flow=row.flow,
        phase=cast(Phase, row.phase),
        outcome=cast("Outcome | None", row.outcome),
        reference=row.reference,
        visitor=row.visitor,
        officer_id=row.officer_id,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
    )
