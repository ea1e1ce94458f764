"""Where booths are: moved together or not at all, as part of a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vcs.store.records import PlaceMove, PlaceTaken
from vcs.store.tables import BoothPlaceRow, BoothRow
from vcs.store.tickets import NO_SHOW_AFTER
from vcs.store.visit_tables import TicketRow, VisitRow


async def move(
    session: AsyncSession, moves: Sequence[PlaceMove], at: datetime, visit_id: int | None = None
) -> None:
    """Booths go where they are to go. Those without the visit `visit_id` must be free: no visit
    that has not ended, nobody called to them who may still come. Raises `PlaceTaken`."""
    ids = sorted(each.booth_id for each in moves)
    # As who calls a ticket to a booth does: one of the two comes first.
    await session.execute(select(BoothRow.id).where(BoothRow.id.in_(ids)).with_for_update())
    rows = await session.scalars(select(BoothPlaceRow).where(BoothPlaceRow.booth_id.in_(ids)))
    found = {row.booth_id: (row.desk_id, row.slot) for row in rows}
    if found != {each.booth_id: each.source for each in moves}:
        raise PlaceTaken("a booth is not where it was any more")
    await _must_be_free(session, ids, at, visit_id)
    taken = await session.scalars(select(BoothPlaceRow).where(BoothPlaceRow.booth_id.not_in(ids)))
    targets = {each.target for each in moves}
    if any((row.desk_id, row.slot) in targets for row in taken):
        raise PlaceTaken("another booth has this place")
    await session.execute(delete(BoothPlaceRow).where(BoothPlaceRow.booth_id.in_(ids)))
    for each in moves:
        desk_id, slot = each.target
        session.add(BoothPlaceRow(booth_id=each.booth_id, desk_id=desk_id, slot=slot))
    await session.flush()


async def _must_be_free(
    session: AsyncSession, booth_ids: Sequence[int], at: datetime, visit_id: int | None
) -> None:
    visit = await session.scalar(
        select(VisitRow.id)
        .where(VisitRow.booth_id.in_(booth_ids), VisitRow.phase != "ended", VisitRow.id != visit_id)
        .limit(1)
    )
    if visit is not None:
        raise PlaceTaken("a visit runs at this booth")
    own = select(VisitRow.booth_id).where(VisitRow.id == visit_id).scalar_subquery()
    awaited = await session.scalar(
        select(TicketRow.id)
        .where(
            TicketRow.called_booth_id.in_(booth_ids),
            TicketRow.state == "called",
            TicketRow.called_at > at - NO_SHOW_AFTER,
            *(() if visit_id is None else (TicketRow.called_booth_id != own,)),
        )
        .limit(1)
    )
    if awaited is not None:
        raise PlaceTaken("somebody was called to this booth")
