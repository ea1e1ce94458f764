"""How each desk stands, and its officer's breaks: what of a day outlives the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from vcs.messages.day import DeskStatus
from vcs.store.database import Database
from vcs.store.desk_day_tables import DeskDayRow, OfficerBreakRow
from vcs.store.records import AlreadyThere
from vcs.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class OfficerBreak:
    """`back_at` None: until he is back; `ended_at` None while it lasts."""

    id: int
    desk_id: int
    officer_id: int
    began_at: datetime
    back_at: datetime | None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StandingDay:
    """A desk that is not simply open."""

    status: DeskStatus
    pause: OfficerBreak | None


class DeskDays:
    """Written by the live desk alone (`vcs.live_day`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self) -> Mapping[int, StandingDay]:
        """By desk: those that are closing, closed, or whose officer is on a break."""
        async with self._database.reading() as session:
            days = await session.scalars(select(DeskDayRow).where(DeskDayRow.status != "open"))
            status = {row.desk_id: cast(DeskStatus, row.status) for row in days}
            rows = await session.scalars(
                select(OfficerBreakRow).where(OfficerBreakRow.ended_at.is_(None))
            )
            pauses = {row.desk_id: _break(row) for row in rows}
        return {
            desk: StandingDay(status.get(desk, "open"), pauses.get(desk))
            for desk in status.keys() | pauses.keys()
        }

    async def set_status(
        self, desk_id: int, status: DeskStatus, officer_id: int | None, at: datetime
    ) -> None:
        """From now on, by this officer."""
        async with self._database.writing() as session:
            values = {"status": status, "officer_id": officer_id, "changed_at": at}
            statement = upsert(session, DeskDayRow).values(desk_id=desk_id, **values)
            await session.execute(
                statement.on_conflict_do_update(index_elements=[DeskDayRow.desk_id], set_=values)
            )

    async def begin_break(
        self, desk_id: int, officer_id: int, at: datetime, back_at: datetime | None
    ) -> OfficerBreak:
        """Raises `AlreadyThere` while a break lasts at this desk."""
        try:
            async with self._database.writing() as session:
                row = OfficerBreakRow(
                    desk_id=desk_id, officer_id=officer_id, began_at=at, back_at=back_at
                )
                session.add(row)
                await session.flush()
                return _break(row)
        except IntegrityError as error:
            raise AlreadyThere(f"desk {desk_id} has a break that has not ended") from error

    async def end_break(self, break_id: int, at: datetime) -> None:
        """Ending it again changes nothing. A clock that was set back makes none negative."""
        async with self._database.writing() as session:
            row = await session.get(OfficerBreakRow, break_id)
            if row is not None and row.ended_at is None:
                row.ended_at = max(row.began_at, at)


def _break(row: OfficerBreakRow) -> OfficerBreak:
    return OfficerBreak(
        row.id, row.desk_id, row.officer_id, row.began_at, row.back_at, row.ended_at
    )
