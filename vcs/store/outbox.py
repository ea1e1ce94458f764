"""What the core system is to be told: written with the change, kept until it has been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from vcs.store.database import Database
from vcs.store.visit_tables import OutboxRow

ERROR_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class DueMessage:
    """`attempts`: how often it has failed."""

    id: str
    visit_id: int
    body: bytes
    created_at: datetime
    attempts: int
    last_error: str | None


class Outbox:
    """Messages come in through `Visits.record` alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, limit: int = 50) -> Sequence[DueMessage]:
        """What is to be sent now, longest due first."""
        async with self._database.reading() as session:
            rows = await session.scalars(
                select(OutboxRow)
                .where(OutboxRow.delivered_at.is_(None), OutboxRow.next_at <= now)
                .order_by(OutboxRow.next_at, OutboxRow.id)
                .limit(limit)
            )
            return [
                DueMessage(
                    row.id, row.visit_id, row.body, row.created_at, row.attempts, row.last_error
                )
                for row in rows
            ]

    async def next_due(self) -> datetime | None:
        """When the first of what is left is due; None when nothing is left."""
        async with self._database.reading() as session:
            return await session.scalar(
                select(OutboxRow.next_at)
                .where(OutboxRow.delivered_at.is_(None))
                .order_by(OutboxRow.next_at)
                .limit(1)
            )

    async def failed(self, message_id: str, next_at: datetime, error: str) -> None:
        """One try more that did not succeed. What was delivered meanwhile stays so."""
        await self._change(
            message_id,
            attempts=OutboxRow.attempts + 1,
            next_at=next_at,
            last_error=error[:ERROR_LIMIT],
        )

    async def delivered(self, message_id: str, at: datetime) -> None:
        """The core system has it. The first time counts."""
        await self._change(message_id, delivered_at=at)

    async def _change(self, message_id: str, **values: object) -> None:
        async with self._database.writing() as session:
            await session.execute(
                update(OutboxRow)
                .where(OutboxRow.id == message_id, OutboxRow.delivered_at.is_(None))
                .values(**values)
            )
