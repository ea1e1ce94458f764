from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.conftest import Clocks
from vcs.store import AlreadyThere, Store
from vcs.store.desk_days import StandingDay
from vcs.store.records import Desk, Officer


async def test_a_break_stands_until_it_ends(
    store: Store, desk: Desk, officer: Officer, clocks: Clocks
) -> None:
    days = store.desk_days
    assert await days.standing() == {}
    at, back = clocks.now(), clocks.now() + timedelta(minutes=15)
    pause = await days.begin_break(desk.id, officer.id, at, back)
    assert (pause.began_at, pause.back_at, pause.ended_at) == (at, back, None)
    assert await days.standing() == {desk.id: StandingDay("open", pause)}
    with pytest.raises(AlreadyThere):
        await days.begin_break(desk.id, officer.id, at, None)
    await days.end_break(pause.id, at - timedelta(hours=1))  # a clock that was set back
    await days.end_break(pause.id, at + timedelta(hours=1))  # again: nothing
    assert await days.standing() == {}
    tally = await store.tallies.of(officer.id, at, back, back)
    assert tally.breaks == timedelta()
    second = await days.begin_break(desk.id, officer.id, back, None)
    assert second.back_at is None


async def test_a_desk_stays_as_it_was_put(
    store: Store, desk: Desk, officer: Officer, clocks: Clocks
) -> None:
    days = store.desk_days
    await days.set_status(desk.id, "closing", officer.id, clocks.now())
    assert await days.standing() == {desk.id: StandingDay("closing", None)}
    pause = await days.begin_break(desk.id, officer.id, clocks.now(), None)
    await days.set_status(desk.id, "closed", officer.id, clocks.now())
    assert await days.standing() == {desk.id: StandingDay("closed", pause)}
    await days.end_break(pause.id, clocks.now())
    await days.set_status(desk.id, "open", officer.id, clocks.now())
    assert await days.standing() == {}
