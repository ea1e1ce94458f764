from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.unit.conftest import Clocks
from tests.unit.store.material import Teller, decided
from vcs.store import Store
from vcs.store.records import BoothPlace, Desk, Officer, TalkInterval
from vcs.store.tally import OfficerTally
from vcs.visits.changes import Answered, Decided, Ended, HandedOver

NOTHING = OfficerTally(0, 0, 0, 0, 0, timedelta(), timedelta(), timedelta())


class Day:
    """Talks of an officer on one day, in seconds after its beginning."""

    def __init__(self, store: Store, place: BoothPlace, begins: datetime) -> None:
        self.store, self.place, self.begins = store, place, begins
        self.talks: list[TalkInterval] = []

    def at(self, seconds: float) -> datetime:
        return self.begins + timedelta(seconds=seconds)

    async def talk(
        self, officer: int, began: float, ended: float | None, kind: str = "talk"
    ) -> None:
        self.talks.append(
            TalkInterval(
                len(self.talks) + 1,
                "s",
                self.place.desk_id,
                self.place.id,
                officer,
                99,
                kind,  # type: ignore[arg-type]
                self.at(began),
                None if ended is None else self.at(ended),
            )
        )
        await self.store.talk.write(self.talks, "s", self.at(0))

    async def tally(self, officer: int, now: float = 80_000) -> OfficerTally:
        return await self.store.tallies.of(officer, self.at(0), self.at(86_400), self.at(now))


@pytest.fixture
def day(store: Store, place: BoothPlace, clocks: Clocks) -> Day:
    return Day(store, place, clocks.now())


async def test_an_officer_who_did_nothing_has_nothing(day: Day, officer: Officer) -> None:
    assert await day.tally(officer.id) == NOTHING


async def test_talk_counts_within_the_day_and_the_longest_wait_goes_up_to_a_talk(
    day: Day, teller: Teller, store: Store, desk: Desk, officer: Officer
) -> None:
    other = await store.officers.add(
        name="maya", display_name="Maya", password_hash="h", branch_id=desk.branch_id
    )
    await day.talk(officer.id, -100, 20)  # yesterday's, into today
    teller.at = day.at(100)
    await teller.begin()
    await day.talk(officer.id, 400, 460)
    await day.talk(officer.id, 960, 1000)  # 500 s without him
    await day.talk(officer.id, 1010, 1020, "announce")  # is no talk
    await day.talk(other.id, 1100, 1200)
    tally = await day.tally(officer.id)
    assert tally.talk == timedelta(seconds=20 + 60 + 40)
    assert tally.longest_wait == timedelta(seconds=500)
    assert tally.visits == 1
    assert (await day.tally(other.id)).talk == timedelta(seconds=100)
    await day.talk(officer.id, 2000, None)  # lasts
    assert (await day.tally(officer.id, now=2030)).talk == timedelta(seconds=150)


async def test_a_decision_counts_for_who_took_the_last_one(
    day: Day, teller: Teller, store: Store, desk: Desk, officer: Officer
) -> None:
    other = await store.officers.add(
        name="maya", display_name="Maya", password_hash="h", branch_id=desk.branch_id
    )
    teller.at = day.at(100)
    await teller.begin()
    await teller.tell(decided(officer.id))
    assert (await day.tally(officer.id)).approved == 1
    await teller.tell(Decided("d2", "pending", officer.id, missing=["x"], corrects="d1"))
    first = await day.tally(officer.id)
    assert (first.visits, first.approved, first.pending, first.rejected) == (1, 0, 1, 0)
    teller.officer = other.id
    await teller.tell(Decided("d3", "rejected", other.id, reason="x", corrects="d2"), Ended("left"))
    assert (await day.tally(officer.id)).pending == 0
    assert (await day.tally(other.id)).rejected == 1
    assert (await day.tally(officer.id)).visits == 1, "he had a part in it"


async def test_what_was_handed_over_and_what_another_day_brought(
    day: Day, teller: Teller, store: Store, desk: Desk, officer: Officer
) -> None:
    teller.at = day.at(-200)
    await teller.begin()
    await teller.tell(Answered("name", "Siti"))  # before the day
    assert await day.tally(officer.id) == NOTHING
    teller.at = day.at(10)
    await teller.tell(HandedOver(desk.id, desk.id, "lunch"))
    assert (await day.tally(officer.id)).handed_over == 1


async def test_breaks_count_as_far_as_they_lie_in_the_day(
    day: Day, store: Store, desk: Desk, officer: Officer
) -> None:
    late = await store.desk_days.begin_break(desk.id, officer.id, day.at(-300), None)
    await store.desk_days.end_break(late.id, day.at(60))
    lunch = await store.desk_days.begin_break(desk.id, officer.id, day.at(1000), day.at(1900))
    assert (await day.tally(officer.id, now=1100)).breaks == timedelta(seconds=160)
    await store.desk_days.end_break(lunch.id, day.at(2000))
    assert (await day.tally(officer.id)).breaks == timedelta(seconds=1060)
