"""Where booths are: moved together or not at all, whatever fails in between."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from tests.unit.conftest import Clocks
from tests.unit.store.material import Teller
from vcs.store import AlreadyThere, Store
from vcs.store.records import BoothPlace, Desk, PlaceMove, PlaceTaken
from vcs.store.tables import BoothPlaceRow
from vcs.visits.changes import HandedOver


async def other_desk(store: Store, desk: Desk) -> Desk:
    branch = await store.branches.add("Bandung", 1)
    return (await store.branches.desks(branch.id))[0]


async def now_of(store: Store, booth: BoothPlace) -> tuple[int, int]:
    found = await store.booths.get(booth.id)
    assert found is not None
    return found.now_desk_id, found.now_slot


async def test_a_booth_begins_at_home_and_belongs_there_wherever_it_is(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    other = await other_desk(store, desk)
    assert not place.away
    await store.booths.move([PlaceMove(place.id, (desk.id, 3), (other.id, 5))], clocks.now())
    found = await store.booths.get(place.id)
    assert found is not None and found.away
    assert (found.desk_id, found.slot, found.now_desk_id, found.now_slot) == (
        desk.id,
        3,
        other.id,
        5,
    )
    assert [each.id for each in await store.booths.now_at(other.id)] == [place.id]
    assert await store.booths.now_at(desk.id) == []
    assert [each.id for each in await store.booths.of_desk(desk.id)] == [place.id]
    assert await store.booths.at(desk.id, 3) == found
    with pytest.raises(AlreadyThere):
        await store.booths.add(other.id, 5)
    with pytest.raises(AlreadyThere):
        await store.booths.add(desk.id, 3)


async def test_two_booths_change_places(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    other = await other_desk(store, desk)
    guest = await store.booths.add(other.id, 1)
    there, here = (other.id, 1), (desk.id, 3)
    await store.booths.move(
        [PlaceMove(place.id, here, there), PlaceMove(guest.id, there, here)], clocks.now()
    )
    assert (await now_of(store, place), await now_of(store, guest)) == (there, here)


async def test_what_was_not_as_it_was_thought_moves_nobody(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    other = await other_desk(store, desk)
    guest = await store.booths.add(other.id, 1)
    for moves in (
        [PlaceMove(place.id, (desk.id, 4), (other.id, 2))],
        [PlaceMove(place.id, (desk.id, 3), (other.id, 1))],
        [PlaceMove(999, (desk.id, 3), (other.id, 2))],
    ):
        with pytest.raises(PlaceTaken):
            await store.booths.move(moves, clocks.now())
    assert await now_of(store, place) == (desk.id, 3)
    assert await now_of(store, guest) == (other.id, 1)


async def test_no_two_are_in_one_place_for_the_database_too(
    store: Store, desk: Desk, place: BoothPlace
) -> None:
    for row in (
        BoothPlaceRow(booth_id=place.id, desk_id=desk.id, slot=4),
        BoothPlaceRow(booth_id=place.id + 1, desk_id=desk.id, slot=3),
    ):
        with pytest.raises(IntegrityError):
            async with store._database.writing() as session:
                session.add(row)


async def test_a_visit_goes_with_its_booth_in_one_transaction(teller: Teller) -> None:
    store, desk, place = teller.store, teller.desk, teller.place
    other = await other_desk(store, desk)
    guest = await store.booths.add(other.id, 1)
    await teller.begin()
    handed = HandedOver(desk.id, other.id, "perlu telaah", teller.officer, teller.officer)
    wrong = [PlaceMove(place.id, (desk.id, 3), (other.id, 1))]

    async def write(moves: list[PlaceMove]) -> None:
        await store.visits.record(
            teller.visit_id,
            [handed],
            expected=1,
            actor="officer",
            officer_id=teller.officer,
            at=teller.at,
            moves=moves,
        )

    with pytest.raises(PlaceTaken):
        await write(wrong)
    stored = await store.visits.load(teller.visit_id)
    assert stored is not None
    assert (stored.changes, stored.desk_id) == (1, desk.id)
    await write([*wrong, PlaceMove(guest.id, (other.id, 1), (desk.id, 3))])
    stored = await store.visits.load(teller.visit_id)
    assert stored is not None
    assert (stored.changes, stored.desk_id) == (2, other.id)
    assert await now_of(store, place) == (other.id, 1)
    # A booth in a visit goes nowhere without it.
    with pytest.raises(PlaceTaken, match="visit"):
        await store.booths.move(
            [
                PlaceMove(place.id, (other.id, 1), (desk.id, 3)),
                PlaceMove(guest.id, (desk.id, 3), (other.id, 1)),
            ],
            teller.at,
        )


async def test_a_booth_that_awaits_somebody_stays(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    other = await other_desk(store, desk)
    now = clocks.now()
    await store.tickets.issue(desk.branch_id, now.date(), flow="jht", token="t" * 32, at=now)
    move = [PlaceMove(place.id, (desk.id, 3), (other.id, 1))]
    await store.tickets.call_next(desk.branch_id, now.date(), place.id, now)
    with pytest.raises(PlaceTaken, match="called"):
        await store.booths.move(move, now)
    assert await now_of(store, place) == (desk.id, 3)


async def test_of_two_who_want_one_place_one_gets_it(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    other = await other_desk(store, desk)
    second = await store.booths.add(desk.id, 4)
    done = await asyncio.gather(
        *(
            store.booths.move([PlaceMove(each.id, (desk.id, slot), (other.id, 1))], clocks.now())
            for each, slot in ((place, 3), (second, 4))
        ),
        return_exceptions=True,
    )
    assert sum(result is None for result in done) == 1
    assert len(await store.booths.now_at(other.id)) == 1
