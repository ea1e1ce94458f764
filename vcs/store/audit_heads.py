"""Heads of the audit: every ten minutes one hash over all chains that grew, so that a chain whose
end was cut off is found, and no writer ever waits for another visit's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import bindparam, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from vcs.clock import WallClock, utc_now
from vcs.store.audit_chain import NOTHING, HeadHash
from vcs.store.audit_tables import AuditHeadEntryRow, AuditHeadRow, AuditRow
from vcs.store.database import Database
from vcs.store.visit_tables import VisitRow

log = structlog.get_logger(__name__)

EVERY_S: Final = 600.0
ENTRIES: Final = 1_000
"""More visits than this make several heads."""

_LOCK: Final = 0x5643_4844  # of PostgreSQL's advisory locks: one head at a time


@dataclass(frozen=True, slots=True)
class AuditHead:
    """`hash` in hexadecimal: kept elsewhere too, it shows that no head was made anew."""

    number: int
    at: datetime
    visits: int
    hash: str


async def write_head(database: Database, at: datetime) -> AuditHead | None:
    """A head over at most `ENTRIES` visits that changed since the last; None when none did."""
    async with database.writing() as session:
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        ends = [
            (visit_id, number, end)
            for visit_id, number, end in await session.execute(
                select(AuditRow.visit_id, AuditRow.number, AuditRow.hash)
                .join(VisitRow, VisitRow.id == AuditRow.visit_id)
                .where(AuditRow.number == VisitRow.audited, VisitRow.audited > VisitRow.headed)
                .order_by(VisitRow.id)
                .limit(ENTRIES)
            )
        ]
        if not ends:
            return None
        return await _write(session, ends, at)


async def _write(
    session: AsyncSession, ends: list[tuple[int, int, bytes]], at: datetime
) -> AuditHead:
    last = await session.scalar(select(AuditHeadRow).order_by(AuditHeadRow.number.desc()).limit(1))
    number, previous = (1, NOTHING) if last is None else (last.number + 1, last.hash)
    hashing = HeadHash(previous, number, at)
    hashing.add(ends)
    session.add(AuditHeadRow(number=number, at=at, previous=previous, hash=hashing.digest()))
    session.add_all(
        AuditHeadEntryRow(head=number, visit_id=visit_id, number=row, hash=end)
        for visit_id, row, end in ends
    )
    connection = await session.connection()
    await connection.execute(
        update(VisitRow).where(VisitRow.id == bindparam("visit")).values(headed=bindparam("row")),
        [{"visit": visit_id, "row": row} for visit_id, row, _ in ends],
    )
    return AuditHead(number, at, len(ends), hashing.digest().hex())


class AuditHeads:
    """Writes heads for as long as the server runs, and one at its end."""

    def __init__(
        self, database: Database, now: WallClock = utc_now, every_s: float = EVERY_S
    ) -> None:
        self._database = database
        self._now = now
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None

    async def write(self) -> list[AuditHead]:
        """All that is to be written now. Each is logged, which is a witness outside of the
        database. Raises what the database raises."""
        written = []
        while (head := await write_head(self._database, self._now())) is not None:
            log.info("audit head", number=head.number, visits=head.visits, hash=head.hash)
            written.append(head)
        return written

    def start(self) -> None:
        """Begin to write heads in the background."""
        self._task = asyncio.create_task(self.run(), name="audit heads")

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._every_s)
            await self._try()

    async def stop(self) -> None:
        """Write the last head and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            await self._try()

    async def _try(self) -> None:
        try:
            await self.write()
        except (SQLAlchemyError, OSError) as error:
            # The next one covers what this one would have.
            log.error("an audit head cannot be written", reason=type(error).__name__)
