"""Whether what was filled in is what the store would have written: the audit's own check, of some
visits. Evidence files were not written, so they are not looked for."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from vcs.store.audit_tables import AuditHeadEntryRow, AuditRow
from vcs.store.database import Database
from vcs.store.visit_check import Finding, VisitCheck, VisitRows
from vcs.store.visit_tables import CaptureRow, DecisionRow, VisitChangeRow, VisitRow


async def some_visits(database: Database, count: int, rng: Random) -> list[int]:
    """Ids of so many visits or fewer, of the whole year alike: ids are random, so those that follow
    a random number are a sample."""
    async with database.reading() as session:
        found: set[int] = set()
        for _ in range(count):
            following = await session.scalar(
                select(func.min(VisitRow.id)).where(VisitRow.id >= rng.randrange(2**53))
            )
            if following is not None:
                found.add(following)
        return sorted(found)


async def findings(database: Database, visit_ids: Sequence[int]) -> list[Finding]:
    """What `vcs audit verify` would say of these visits, but for their files."""
    found: list[Finding] = []
    for visit_id in visit_ids:
        async with database.reading() as session:

            async def of(
                table: Any, key: InstrumentedAttribute[int], order: Any, visit: int = visit_id
            ) -> list[Any]:
                rows = await session.scalars(select(table).where(key == visit).order_by(order))
                return list(rows)

            rows = VisitRows(
                visit_id,
                await session.get(VisitRow, visit_id),
                await of(AuditRow, AuditRow.visit_id, AuditRow.number),
                await of(VisitChangeRow, VisitChangeRow.visit_id, VisitChangeRow.number),
                await of(CaptureRow, CaptureRow.visit_id, CaptureRow.id),
                await of(DecisionRow, DecisionRow.visit_id, DecisionRow.id),
                await of(AuditHeadEntryRow, AuditHeadEntryRow.visit_id, AuditHeadEntryRow.head),
            )
            found += VisitCheck(rows).findings()
    return found
