"""Finding visits: by the visitor's name, the ticket's or the claim's number, and the day."""

from __future__ import annotations

from datetime import datetime
from typing import Final, cast

from sqlalchemy import ColumnElement, Select, and_, or_, select, union

from vcs.store.database import Database
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
        branch_id: int | None,
        text: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
        before: tuple[datetime, int] | None = None,
    ) -> list[VisitLine]:
        """Newest first; `branch_id` None is every branch.

        `text` is the beginning of the visitor's name, or a whole ticket number or reference; empty
        finds all. `since` and `until` (not itself) are about when a visit began. `before`: the
        `place` of the last line of the page before.
        """
        conditions: list[ColumnElement[bool]] = []
        if branch_id is not None:
            conditions.append(VisitRow.branch_id == branch_id)
        if since is not None:
            conditions.append(VisitRow.begun_at >= since)
        if until is not None:
            conditions.append(VisitRow.begun_at < until)
        if before is not None:
            conditions.append(
                or_(
                    VisitRow.begun_at < before[0],
                    and_(VisitRow.begun_at == before[0], VisitRow.id < before[1]),
                )
            )
        statement = select(VisitRow, TicketRow.code).outerjoin(
            TicketRow, TicketRow.id == VisitRow.ticket_id
        )
        key = search_key(text)
        if key:
            statement = statement.where(VisitRow.id.in_(_matches(key, text, conditions, limit)))
        else:
            statement = statement.where(*conditions)
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


def _matches(key: str, text: str, conditions: list[ColumnElement[bool]], limit: int) -> Select[int]:
    """Each way to match looks into an index of its own; one condition with `or` would read all."""
    exact = text.strip()
    tickets = select(TicketRow.id).where(TicketRow.code == exact.upper())
    ways = (
        and_(VisitRow.visitor_key >= key, VisitRow.visitor_key < key + _LAST),
        VisitRow.ticket_id.in_(tickets),
        VisitRow.reference == exact,
    )
    found = []
    for way in ways:
        newest = (
            select(VisitRow.id)
            .where(way, *conditions)
            .order_by(VisitRow.begun_at.desc(), VisitRow.id.desc())
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
