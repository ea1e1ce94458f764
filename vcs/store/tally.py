"""What one officer did in one span of time, such as a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from vcs.store.database import Database
from vcs.store.desk_day_tables import OfficerBreakRow
from vcs.store.tables import TalkIntervalRow
from vcs.store.visit_tables import VisitChangeRow, VisitRow

LONGEST_VISIT: Final = timedelta(hours=12)
"""Talk is looked for among visits that began no longer before it."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class OfficerTally:
    """`visits`: those that he talked in or changed something of. The decisions are those in force
    that were his. `longest_wait`: the longest that a visitor of his was without him, from the
    beginning of the visit or the end of a talk to the next talk of his."""

    visits: int
    approved: int
    pending: int
    rejected: int
    handed_over: int
    talk: timedelta
    longest_wait: timedelta
    breaks: timedelta


class Tallies:
    """Reads alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, officer_id: int, since: datetime, until: datetime, now: datetime
    ) -> OfficerTally:
        """From `since` up to `until`; what lasts still counts up to `now`."""
        end = min(until, now)
        async with self._database.reading() as session:
            talks = await _talks(session, officer_id, since, end)
            changed = set(
                await session.scalars(
                    select(VisitChangeRow.visit_id)
                    .where(*_his(officer_id, since, until))
                    .distinct()
                )
            )
            visits = await _talked_in(session, talks, since)
            outcomes = await _decided(session, officer_id, since, until)
            handed_over = await session.scalar(
                select(func.count()).where(
                    *_his(officer_id, since, until), VisitChangeRow.kind == "handed_over"
                )
            )
            breaks = (
                await session.execute(
                    select(OfficerBreakRow.began_at, OfficerBreakRow.ended_at).where(
                        OfficerBreakRow.officer_id == officer_id,
                        OfficerBreakRow.began_at < end,
                        or_(OfficerBreakRow.ended_at.is_(None), OfficerBreakRow.ended_at > since),
                    )
                )
            ).all()
        return OfficerTally(
            visits=len(changed | {each.id for each in visits}),
            approved=outcomes.get("approved", 0),
            pending=outcomes.get("pending", 0),
            rejected=outcomes.get("rejected", 0),
            handed_over=handed_over or 0,
            talk=_total(((row.started_at, row.ended_at) for row in talks), since, end),
            longest_wait=_longest_wait(visits, talks, since),
            breaks=_total(((began, ended) for began, ended in breaks), since, end),
        )


def _his(officer_id: int, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        VisitChangeRow.officer_id == officer_id,
        VisitChangeRow.at >= since,
        VisitChangeRow.at < until,
    )


async def _talks(
    session: AsyncSession, officer_id: int, since: datetime, end: datetime
) -> Sequence[TalkIntervalRow]:
    """With one booth, not announcements; oldest first."""
    found = await session.scalars(
        select(TalkIntervalRow)
        .where(
            TalkIntervalRow.officer_id == officer_id,
            TalkIntervalRow.kind == "talk",
            TalkIntervalRow.started_at >= since - LONGEST_VISIT,
            TalkIntervalRow.started_at < end,
            or_(TalkIntervalRow.ended_at.is_(None), TalkIntervalRow.ended_at > since),
        )
        .order_by(TalkIntervalRow.started_at, TalkIntervalRow.id)
    )
    return list(found)


async def _talked_in(
    session: AsyncSession, talks: Sequence[TalkIntervalRow], since: datetime
) -> Sequence[VisitRow]:
    if not talks:
        return []
    booths = {row.booth_id for row in talks}
    rows = await session.scalars(
        select(VisitRow).where(
            VisitRow.booth_id.in_(booths),
            VisitRow.begun_at >= since - LONGEST_VISIT,
            VisitRow.begun_at <= talks[-1].started_at,
        )
    )
    return [visit for visit in rows if any(_in(visit, talk) for talk in talks)]


def _in(visit: VisitRow, talk: TalkIntervalRow) -> bool:
    return (
        talk.booth_id == visit.booth_id
        and talk.started_at >= visit.begun_at
        and (visit.ended_at is None or talk.started_at < visit.ended_at)
    )


async def _decided(
    session: AsyncSession, officer_id: int, since: datetime, until: datetime
) -> dict[str, int]:
    """How many of each outcome. Of a visit that was decided again the last decision counts, and for
    the one who took it."""
    later = aliased(VisitChangeRow)
    rows = await session.execute(
        select(VisitRow.outcome, func.count())
        .join(VisitChangeRow, VisitChangeRow.visit_id == VisitRow.id)
        .where(
            *_his(officer_id, since, until),
            VisitChangeRow.kind == "decided",
            ~select(later.number)
            .where(
                later.visit_id == VisitChangeRow.visit_id,
                later.number > VisitChangeRow.number,
                later.kind == "decided",
            )
            .exists(),
        )
        .group_by(VisitRow.outcome)
    )
    return {str(outcome): count for outcome, count in rows}


def _total(
    lengths: Iterable[tuple[datetime, datetime | None]], since: datetime, end: datetime
) -> timedelta:
    """Of what lies between the two."""
    found = timedelta()
    for began, ended in lengths:
        found += max(timedelta(), min(ended or end, end) - max(began, since))
    return found


def _longest_wait(
    visits: Sequence[VisitRow], talks: Sequence[TalkIntervalRow], since: datetime
) -> timedelta:
    longest = timedelta()
    for visit in visits:
        alone_since = visit.begun_at
        for talk in talks:
            if not _in(visit, talk):
                continue
            if talk.started_at >= since:
                longest = max(longest, talk.started_at - alone_since)
            alone_since = max(alone_since, talk.ended_at or talk.started_at)
    return longest
