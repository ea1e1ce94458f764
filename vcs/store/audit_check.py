"""Verifying the whole audit: some visits at a time, so that memory does not grow with the years."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from vcs.store.audit_chain import NOTHING, HeadHash
from vcs.store.audit_tables import AuditHeadEntryRow, AuditHeadRow, AuditRow
from vcs.store.database import Database
from vcs.store.evidence import evidence_path, file_digest
from vcs.store.visit_check import EvidenceFile, Finding, VisitCheck, VisitRows
from vcs.store.visit_tables import CaptureRow, DecisionRow, VisitChangeRow, VisitRow

VISITS_AT_ONCE: Final = 100
ENTRIES_AT_ONCE: Final = 1_000

_IDS: Final[tuple[InstrumentedAttribute[int], ...]] = (
    VisitRow.id,
    AuditRow.visit_id,
    VisitChangeRow.visit_id,
    CaptureRow.visit_id,
    DecisionRow.visit_id,
    AuditHeadEntryRow.visit_id,
)


@dataclass(slots=True)
class AuditCounts:
    """What has been looked at."""

    visits: int = 0
    rows: int = 0
    heads: int = 0
    files: int = 0


class AuditCheck:
    """One run over everything. `counts` is whole when `findings` has ended."""

    def __init__(self, database: Database, data_dir: Path) -> None:
        self.counts = AuditCounts()
        self._database = database
        self._data_dir = data_dir

    async def findings(self) -> AsyncIterator[Finding]:
        """All that does not fit, in one view of the database; writers are not held up."""
        async with self._database.reading() as session:
            last = 0
            while ids := await _next_ids(session, last):
                last = ids[-1]
                for rows in await _load(session, ids):
                    check = VisitCheck(rows)
                    for finding in check.findings():
                        yield finding
                    for finding in await asyncio.to_thread(self._files, check.files):
                        yield finding
                    self.counts.visits += 1
                    self.counts.rows += len(rows.audit)
                session.expunge_all()
            async for finding in self._heads(session):
                yield finding

    def _files(self, files: Sequence[EvidenceFile]) -> list[Finding]:
        return [finding for file in files for finding in self._file(file)]

    def _file(self, file: EvidenceFile) -> Iterator[Finding]:
        self.counts.files += 1
        try:
            path = evidence_path(self._data_dir, file.visit_id, file.digest)
            if path.stat().st_size != file.octets or file_digest(path) != file.digest:
                yield Finding(file.visit_id, file.row, f"its file {file.digest} was changed")
        except FileNotFoundError:
            yield Finding(file.visit_id, file.row, f"its file {file.digest} is missing")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            yield Finding(file.visit_id, file.row, f"its file cannot be read: {reason}")

    async def _heads(self, session: AsyncSession) -> AsyncIterator[Finding]:
        expected, previous = 1, NOTHING
        heads = await session.stream_scalars(
            select(AuditHeadRow)
            .order_by(AuditHeadRow.number)
            .execution_options(yield_per=ENTRIES_AT_ONCE)
        )
        async for head in heads:
            self.counts.heads += 1
            if head.number != expected:
                yield Finding(None, None, f"head {expected} is missing")
            elif head.previous != previous:
                yield Finding(None, None, f"head {head.number} does not follow the one before it")
            hashing = HeadHash(head.previous, head.number, head.at)
            entries = await session.execute(
                select(AuditHeadEntryRow.visit_id, AuditHeadEntryRow.number, AuditHeadEntryRow.hash)
                .where(AuditHeadEntryRow.head == head.number)
                .order_by(AuditHeadEntryRow.visit_id)
            )
            hashing.add((visit_id, number, end) for visit_id, number, end in entries)
            if hashing.digest() != head.hash:
                yield Finding(None, None, f"head {head.number} or its entries were changed")
            expected, previous = head.number + 1, head.hash


async def _next_ids(session: AsyncSession, last: int) -> list[int]:
    """The next visits that any table speaks of: what was deleted in one is found in another."""
    found: set[int] = set()
    for column in _IDS:
        found.update(
            await session.scalars(
                select(column)
                .where(column > last)
                .distinct()
                .order_by(column)
                .limit(VISITS_AT_ONCE)
            )
        )
    return sorted(found)[:VISITS_AT_ONCE]


async def _load(session: AsyncSession, ids: Sequence[int]) -> list[VisitRows]:
    rows = {visit_id: VisitRows(visit_id) for visit_id in ids}

    async def between(table: Any, key: Any, *order: Any) -> Sequence[Any]:
        # No other visit lies between the first and the last.
        statement = select(table).where(key >= ids[0], key <= ids[-1]).order_by(key, *order)
        return (await session.scalars(statement)).all()

    for visit in await between(VisitRow, VisitRow.id):
        rows[visit.id].visit = visit
    for row in await between(AuditRow, AuditRow.visit_id, AuditRow.number):
        rows[row.visit_id].audit.append(row)
    for row in await between(VisitChangeRow, VisitChangeRow.visit_id, VisitChangeRow.number):
        rows[row.visit_id].changes.append(row)
    for row in await between(CaptureRow, CaptureRow.visit_id):
        rows[row.visit_id].captures.append(row)
    for row in await between(DecisionRow, DecisionRow.visit_id):
        rows[row.visit_id].decisions.append(row)
    for row in await between(AuditHeadEntryRow, AuditHeadEntryRow.visit_id, AuditHeadEntryRow.head):
        rows[row.visit_id].entries.append(row)
    return list(rows.values())
