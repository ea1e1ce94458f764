from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from tests.unit.conftest import Clocks
from vcs.store import AlreadyThere, NotThere, Store
from vcs.store.records import BoothPlace, Desk
from vcs.store.tables import BoothRow


async def test_a_place_is_made_once(store: Store, desk: Desk) -> None:
    place = await store.booths.add(desk.id, 6, "Pojok", "en")
    assert place == BoothPlace(
        id=place.id,
        desk_id=desk.id,
        slot=6,
        name="Pojok",
        language="en",
        in_service=True,
        enrolled=False,
        token_changed_at=None,
        now_desk_id=desk.id,
        now_slot=6,
        branch_id=desk.branch_id,
        branch="Cilandak",
    )
    with pytest.raises(AlreadyThere, match="place 6"):
        await store.booths.add(desk.id, 6)
    first = await store.booths.add(desk.id, 1)
    assert first.name == "Bilik 1"
    assert await store.booths.of_desk(desk.id) == [first, place]
    assert await store.booths.get(place.id) == place
    assert await store.booths.at(desk.id, 2) is None


@pytest.mark.parametrize("slot", [0, 7])
async def test_a_desk_has_six_places_for_the_database_too(
    store: Store, desk: Desk, slot: int
) -> None:
    with pytest.raises(ValueError, match="1 to 6"):
        await store.booths.add(desk.id, slot)
    with pytest.raises(IntegrityError):
        async with store._database.writing() as session:
            session.add(BoothRow(desk_id=desk.id, slot=slot, name="x"))


async def test_a_booth_is_switched_off_and_on(
    store: Store, place: BoothPlace, clocks: Clocks
) -> None:
    await store.booths.set_in_service(place.id, False)
    switched = await store.booths.get(place.id)
    assert switched is not None and not switched.in_service
    with pytest.raises(NotThere):
        await store.booths.set_in_service(999, True)
    with pytest.raises(NotThere):
        await store.booths.revoke(999, clocks.now())
