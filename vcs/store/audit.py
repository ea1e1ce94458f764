"""The audit of visits: a row for each change, in the change's transaction, and for each look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vcs.store.audit_chain import LOOKED, NOTHING, Link, body_digest, link_hash
from vcs.store.audit_tables import AuditRow
from vcs.store.database import Database
from vcs.store.records import NotThere
from vcs.store.visit_tables import VisitChangeRow, VisitRow


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One row as it is shown: what happened, not what was said."""

    number: int
    at: datetime
    actor: str
    officer_id: int | None
    kind: str
    change: int | None


@dataclass(frozen=True, slots=True)
class AuditLink:
    """One row as it is chained; `link_hash(previous, link)` is `hash` while nobody touched it."""

    link: Link
    previous: bytes
    hash: bytes


async def append(session: AsyncSession, visit: VisitRow, changes: Iterable[VisitChangeRow]) -> None:
    """Lengthen the chain of a visit whose row this transaction has locked or made."""
    if visit.salt is None:
        raise NotThere(f"the values of visit {visit.id} have been taken away: it takes no changes")
    links = [
        Link(
            visit.id,
            visit.audited + ahead,
            change.at,
            change.actor,
            change.officer_id,
            change.kind,
            change.number,
            body_digest(visit.salt, change.body or b""),
        )
        for ahead, change in enumerate(changes, start=1)
    ]
    await _append(session, visit, links)


async def _append(session: AsyncSession, visit: VisitRow, links: Iterable[Link]) -> None:
    previous = NOTHING
    if visit.audited:
        end = await session.scalar(
            select(AuditRow.hash).where(
                AuditRow.visit_id == visit.id, AuditRow.number == visit.audited
            )
        )
        # A chain whose end is missing has been tampered with. Visitors do not wait for the auditor:
        # the new row follows nothing, and `verify` finds the gap.
        previous = end or NOTHING
    for link in links:
        link_end = link_hash(previous, link)
        session.add(
            AuditRow(
                visit_id=link.visit_id,
                number=link.number,
                at=link.at,
                actor=link.actor,
                officer_id=link.officer_id,
                kind=link.kind,
                change=link.change,
                digest=link.digest,
                previous=previous,
                hash=link_end,
            )
        )
        previous = link_end
        visit.audited = link.number


class Audit:
    """What is not a change of the visit and still leaves a row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def looked(self, visit_id: int, officer_id: int, at: datetime) -> None:
        """An officer looked at the case file. Raises `NotThere`."""
        async with self._database.writing() as session:
            visit = await session.scalar(
                select(VisitRow).where(VisitRow.id == visit_id).with_for_update()
            )
            if visit is None:
                raise NotThere(f"there is no visit {visit_id}")
            link = Link(visit_id, visit.audited + 1, at, "officer", officer_id, LOOKED)
            await _append(session, visit, (link,))

    async def has_looked(self, visit_id: int, officer_id: int, since: datetime) -> bool:
        """Whether such a look is written down already."""
        async with self._database.reading() as session:
            found = await session.scalar(
                select(AuditRow.number)
                .where(
                    AuditRow.visit_id == visit_id,
                    AuditRow.kind == LOOKED,
                    AuditRow.officer_id == officer_id,
                    AuditRow.at >= since,
                )
                .limit(1)
            )
            return found is not None

    async def of_visit(self, visit_id: int) -> list[AuditLine]:
        """The visit's rows in order, none for an unknown visit."""
        async with self._database.reading() as session:
            rows = await session.scalars(
                select(AuditRow).where(AuditRow.visit_id == visit_id).order_by(AuditRow.number)
            )
            return [
                AuditLine(row.number, row.at, row.actor, row.officer_id, row.kind, row.change)
                for row in rows
            ]

    async def chain(self, visit_id: int) -> list[AuditLink]:
        """The visit's rows in order with their hashes, none for an unknown visit."""
        async with self._database.reading() as session:
            rows = await session.scalars(
                select(AuditRow).where(AuditRow.visit_id == visit_id).order_by(AuditRow.number)
            )
            return [
                AuditLink(
                    Link(
                        row.visit_id,
                        row.number,
                        row.at,
                        row.actor,
                        row.officer_id,
                        row.kind,
                        row.change,
                        row.digest,
                    ),
                    row.previous,
                    row.hash,
                )
                for row in rows
            ]
