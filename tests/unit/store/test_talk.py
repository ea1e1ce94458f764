from __future__ import annotations

from datetime import datetime, timedelta

from tests.unit.conftest import Clocks
from vcs.store import Store
from vcs.store.records import BoothPlace, Desk, TalkInterval


async def test_the_talk_with_a_booth_in_a_span_of_time(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    other = await store.booths.add(desk.id, 4)
    noon = clocks.now()

    def at(seconds: float) -> datetime:
        return noon + timedelta(seconds=seconds)

    def talk(number: int, booth: int, started: float, ended: float | None) -> TalkInterval:
        until = None if ended is None else at(ended)
        return TalkInterval(number, "s", desk.id, booth, None, 7, "talk", at(started), until)

    intervals = (
        talk(1, place.id, -20, -10),  # over before
        talk(2, place.id, -10, 0),  # ends as the span begins
        talk(3, place.id, -5, 5),  # lasts into it
        talk(4, other.id, 10, 20),  # another booth's
        talk(5, place.id, 59, 70),  # lasts out of it
        talk(6, place.id, 60, 80),  # begins as the span ends
        talk(7, place.id, 30, None),  # not closed yet
    )
    await store.talk.write(intervals, "s", at(90))

    async def found(until: datetime | None) -> list[int]:
        return [each.id for each in await store.talk.with_booth(place.id, noon, until)]

    assert await found(at(60)) == [3, 7, 5]
    assert await found(None) == [3, 7, 5, 6]
    assert list(await store.talk.with_booth(place.id, noon, at(60))) == [
        intervals[2],
        intervals[6],
        intervals[4],
    ]
