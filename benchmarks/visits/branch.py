"""The large branch: four desks of six booths, and four hundred visitors on each working day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from benchmarks.visits.story import Place
from vcs.store import Store

DESKS: Final = 4
BOOTHS: Final = 6
VISITS_A_DAY: Final = 400
WAITING: Final = 60
FIRST_DAY: Final = date(2026, 1, 5)
"""A Monday."""
_OPENS: Final = time(1, 0, tzinfo=UTC)  # eight o'clock in Jakarta
_NEXT_VISITOR: Final = timedelta(minutes=28)


class NotEmpty(Exception):
    """Somebody's data are in this database."""


async def make_branch(store: Store) -> list[Place]:
    """In an empty database; places in the order of desks and slots. Raises `NotEmpty`."""
    if await store.branches.all():
        raise NotEmpty("the database has branches already: give an empty one")
    branch = await store.branches.add("Jakarta Salemba", desks=DESKS)
    places = []
    for desk in await store.branches.desks(branch.id):
        officer = await store.officers.add(
            name=f"officer-{desk.number}",
            display_name=f"Officer {desk.number}",
            password_hash="none",
            branch_id=branch.id,
        )
        for slot in range(1, BOOTHS + 1):
            booth = await store.booths.add(desk.id, slot)
            places.append(Place(branch.id, desk.id, booth.id, officer.id))
    return places


def working_day(number: int) -> date:
    """Counted from 0; without Saturdays and Sundays."""
    return FIRST_DAY + timedelta(weeks=number // 5, days=number % 5)


def begins(day: date, visit: int) -> datetime:
    """When the day's visit (from 0) begins: all booths take their next visitor together, a minute
    after each other."""
    round_, booth = divmod(visit, DESKS * BOOTHS)
    return opens(day) + round_ * _NEXT_VISITOR + timedelta(minutes=booth)


def opens(day: date) -> datetime:
    """When the branch does."""
    return datetime.combine(day, _OPENS)
