"""Talk intervals and the heartbeat that tells until when a crashed server lived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import or_, select

from vcs.store.database import Database
from vcs.store.records import ClosedBy, TalkInterval, TalkKind
from vcs.store.tables import HeartbeatRow, TalkIntervalRow
from vcs.store.upsert import upsert


def _interval(row: TalkIntervalRow) -> TalkInterval:
    return TalkInterval(
        id=row.id,
        server_id=row.server_id,
        desk_id=row.desk_id,
        booth_id=row.booth_id,
        officer_id=row.officer_id,
        occupant=row.occupant,
        kind=cast(TalkKind, row.kind),
        started_at=row.started_at,
        ended_at=row.ended_at,
        closed_by=cast("ClosedBy | None", row.closed_by),
    )


class TalkIntervals:
    """Written by the journal alone (`vcs.store.journal`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, intervals: Sequence[TalkInterval], server_id: str, at: datetime) -> None:
        """The intervals as they stand now, and a heartbeat, in one transaction.

        Writing the same twice changes nothing, so that a write of doubtful outcome is repeated.
        """
        async with self._database.writing() as session:
            for interval in intervals:
                statement = upsert(session, TalkIntervalRow).values(
                    {column.key: getattr(interval, column.key) for column in _COLUMNS}
                )
                await session.execute(
                    statement.on_conflict_do_update(
                        index_elements=[TalkIntervalRow.id],
                        set_={"ended_at": interval.ended_at, "closed_by": interval.closed_by},
                    )
                )
            beat = upsert(session, HeartbeatRow).values(server_id=server_id, at=at)
            await session.execute(
                beat.on_conflict_do_update(index_elements=[HeartbeatRow.server_id], set_={"at": at})
            )

    async def close_after_crash(self, server_id: str) -> int:
        """Close what this server left open, at its last heartbeat; returns how many there were.

        An interval that began after the last heartbeat gets no length.
        """
        async with self._database.writing() as session:
            beat = await session.get(HeartbeatRow, server_id)
            left_open = list(
                await session.scalars(
                    select(TalkIntervalRow).where(
                        TalkIntervalRow.server_id == server_id, TalkIntervalRow.ended_at.is_(None)
                    )
                )
            )
            for row in left_open:
                row.ended_at = max(row.started_at, beat.at) if beat else row.started_at
                row.closed_by = "crash"
            return len(left_open)

    async def of_desk(self, desk_id: int) -> Sequence[TalkInterval]:
        """The desk's intervals, oldest first."""
        async with self._database.reading() as session:
            rows = await session.scalars(
                select(TalkIntervalRow)
                .where(TalkIntervalRow.desk_id == desk_id)
                .order_by(TalkIntervalRow.started_at, TalkIntervalRow.id)
            )
            return [_interval(row) for row in rows]

    async def with_booth(
        self, booth_id: int, since: datetime, until: datetime | None
    ) -> Sequence[TalkInterval]:
        """The booth's intervals, at whatever desk, that share time with this span; None: up to now.
        Oldest first."""
        conditions = [
            TalkIntervalRow.booth_id == booth_id,
            or_(TalkIntervalRow.ended_at.is_(None), TalkIntervalRow.ended_at > since),
        ]
        if until is not None:
            conditions.append(TalkIntervalRow.started_at < until)
        async with self._database.reading() as session:
            rows = await session.scalars(
                select(TalkIntervalRow)
                .where(*conditions)
                .order_by(TalkIntervalRow.started_at, TalkIntervalRow.id)
            )
            return [_interval(row) for row in rows]


_COLUMNS = tuple(TalkIntervalRow.__table__.columns)
