"""Booths of several branches at one desk."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.conftest import Clocks
from tests.unit.store.material import Teller
from vcs.store import AlreadyThere, NotThere, Store
from vcs.store.records import BoothPlace, Branch, Desk, InUse, NotServed
from vcs.visits.changes import Ended


@pytest.fixture
async def small(store: Store) -> Branch:
    """A branch without desks."""
    return await store.branches.add("Tebet", desks=0)


async def test_a_desk_serves_its_own_branch_and_those_that_were_named(
    store: Store, desk: Desk, small: Branch
) -> None:
    own = Branch(desk.branch_id, "Cilandak")
    another = await store.branches.add("Bandung")
    assert await store.serving.branches_of(desk) == [own]
    assert await store.serving.seen_from(own.id) == {own.id}
    await store.serving.add(desk, small)
    await store.serving.add(desk, another)
    assert await store.serving.branches_of(desk) == [own, another, small]
    assert await store.serving.seen_from(own.id) == {own.id, another.id, small.id}
    assert await store.serving.seen_from(small.id) == {small.id}, "it does not go both ways"
    for branch in (own, small):
        with pytest.raises(AlreadyThere, match=f"desk 1 of 'Cilandak' serves {branch.name!r}"):
            await store.serving.add(desk, branch)
    await store.serving.end(desk, another)
    assert await store.serving.branches_of(desk) == [own, small]
    with pytest.raises(NotThere, match="does not serve 'Bandung'"):
        await store.serving.end(desk, another)
    with pytest.raises(InUse, match="always"):
        await store.serving.end(desk, own)


async def test_a_booth_stays_its_branchs_wherever_it_is_placed(
    store: Store, desk: Desk, small: Branch
) -> None:
    with pytest.raises(NotServed, match="desk 1 of 'Cilandak' does not serve 'Tebet'"):
        await store.booths.add(desk.id, 4, branch_id=small.id)
    await store.serving.add(desk, small)
    booth = await store.booths.add(desk.id, 4, branch_id=small.id)
    assert (booth.branch_id, booth.branch) == (small.id, "Tebet")
    own = await store.booths.add(desk.id, 5)
    assert (own.branch_id, own.branch) == (desk.branch_id, "Cilandak")
    assert await store.booths.of_desk(desk.id) == [booth, own]
    assert await store.booths.of_branch(small.id) == [booth]
    assert await store.booths.of_branch(desk.branch_id) == [own]
    with pytest.raises(InUse, match="place 4 at desk 1 of 'Cilandak' has a booth of 'Tebet'"):
        await store.serving.end(desk, small)


async def test_a_booth_gets_another_place_and_keeps_its_device(
    store: Store, desk: Desk, place: BoothPlace, small: Branch, clocks: Clocks
) -> None:
    far = await store.branches.add("Kantor Pusat", 2)
    near, other = await store.branches.desks(far.id)
    await store.pairing_codes.offer(place.id, "h", clocks.now().replace(year=2030), clocks.now())
    await store.pairing_codes.spend("h", "token-of-the-booth", clocks.now())
    with pytest.raises(NotServed, match="desk 1 of 'Kantor Pusat' does not serve 'Cilandak'"):
        await store.booths.place(place.id, near.id, 1)
    own = Branch(desk.branch_id, "Cilandak")
    await store.serving.add(near, own)
    moved = await store.booths.place(place.id, near.id, 1)
    assert (moved.desk_id, moved.slot, moved.branch) == (near.id, 1, "Cilandak")
    assert await store.booths.by_token("token-of-the-booth") == moved
    assert await store.booths.at(desk.id, place.slot) is None
    second = await store.booths.add(desk.id, place.slot)
    with pytest.raises(AlreadyThere, match="place 1"):
        await store.booths.place(second.id, near.id, 1)
    with pytest.raises(NotServed):
        await store.booths.place(moved.id, other.id, 1)
    with pytest.raises(NotThere):
        await store.booths.place(999, near.id, 2)
    with pytest.raises(NotThere):
        await store.booths.place(moved.id, 999, 2)
    with pytest.raises(ValueError, match="1 to 6"):
        await store.booths.place(moved.id, near.id, 7)


async def test_a_booth_with_a_visit_stays_where_it_is(
    store: Store, desk: Desk, place: BoothPlace, teller: Teller
) -> None:
    await teller.begin()
    with pytest.raises(InUse, match="a visit is under way at 'Bilik 3'"):
        await store.booths.place(place.id, desk.id, 1)
    await teller.tell(Ended("left"))
    assert (await store.booths.place(place.id, desk.id, 1)).slot == 1


async def test_a_desk_that_gets_a_booth_and_is_given_up_at_once_does_one_of_them(
    store: Store, desk: Desk, small: Branch
) -> None:
    await store.serving.add(desk, small)
    results = await asyncio.gather(
        store.booths.add(desk.id, 4, branch_id=small.id),
        store.serving.end(desk, small),
        return_exceptions=True,
    )
    served = small in await store.serving.branches_of(desk)
    assert served is (len(await store.booths.of_branch(small.id)) == 1), results
