from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from tests.unit.conftest import Clocks
from vcs.store import NotThere, Store
from vcs.store.records import BoothPlace, Desk
from vcs.store.tickets import BoothAwaits, NotCalled, Priority, Taken, Ticket
from vcs.tokens import new_token

DAY = date(2026, 11, 2)


async def _issue(
    store: Store, desk: Desk, clocks: Clocks, token: str = "", priority: Priority | None = None
) -> Ticket:
    return await store.tickets.issue(
        desk.branch_id,
        DAY,
        flow="jht",
        token=token or new_token(),
        at=clocks.now(),
        priority=priority,
    )


async def test_numbers_follow_each_other_whoever_issues(
    store: Store, desk: Desk, clocks: Clocks
) -> None:
    issued = await asyncio.gather(*(_issue(store, desk, clocks) for _ in range(12)))
    assert sorted(ticket.number for ticket in issued) == list(range(1, 13))
    assert {ticket.code for ticket in issued} >= {"A-001", "A-012"}
    other = await store.branches.add("Bandung")
    for branch, day in ((other.id, DAY), (desk.branch_id, DAY + timedelta(days=1))):
        first = await store.tickets.issue(
            branch, day, flow="jht", token=new_token(), at=clocks.now()
        )
        assert first.number == 1
    with pytest.raises(NotThere, match="no branch 999"):
        await store.tickets.issue(999, DAY, flow="jht", token="t", at=clocks.now())


async def test_priority_comes_first_and_each_is_called_once(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    for priority in (None, None, "elderly", None, "pregnant"):
        await _issue(store, desk, clocks, priority=priority)  # type: ignore[arg-type]
    waiting = await store.tickets.waiting(desk.branch_id, DAY)
    assert [ticket.number for ticket in waiting] == [3, 5, 1, 2, 4]
    booths = [place, *[await store.booths.add(desk.id, slot) for slot in (1, 2, 4, 5)]]
    called = await asyncio.gather(
        *(store.tickets.call_next(desk.branch_id, DAY, b.id, clocks.now()) for b in booths[1:])
    )
    assert {ticket.number for ticket in called if ticket} == {3, 5, 1, 2}
    last = await store.tickets.call_next(desk.branch_id, DAY, place.id, clocks.now())
    assert last is not None and (last.number, last.state, last.called_booth_id) == (
        4,
        "called",
        place.id,
    )
    with pytest.raises(BoothAwaits, match="was called to this booth"):
        await store.tickets.call_next(desk.branch_id, DAY, place.id, clocks.now())
    free = await store.booths.add(desk.id, 6)
    assert await store.tickets.call_next(desk.branch_id, DAY, free.id, clocks.now()) is None
    assert len(await store.tickets.called(desk.branch_id, DAY)) == 5


async def test_who_does_not_come_can_be_called_again(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    ticket = await _issue(store, desk, clocks)
    for early in (store.tickets.no_show(ticket.id), store.tickets.recall(ticket.id, clocks.now())):
        with pytest.raises(NotThere, match="not been called"):
            await early
    await store.tickets.call_next(desk.branch_id, DAY, place.id, clocks.now())
    assert (await store.tickets.no_show(ticket.id)).state == "no_show"
    clocks.pass_by(minutes=4)
    recalled = await store.tickets.recall(ticket.id, clocks.now())
    assert (recalled.state, recalled.called_at) == ("called", clocks.now())
    taken = await store.tickets.take(desk.branch_id, ticket.code, place.id, clocks.now())
    assert (taken.state, taken.taken_at) == ("taken", clocks.now())
    with pytest.raises(Taken):
        await store.tickets.no_show(ticket.id)


@pytest.mark.parametrize("typed", ["A-001", "a-001", "a1", " A001 ", "TOKEN"])
async def test_a_ticket_is_taken_once_by_number_or_token(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks, typed: str
) -> None:
    token = new_token()
    ticket = await _issue(store, desk, clocks, token)
    typed = token if typed == "TOKEN" else typed

    async def take(booth: BoothPlace) -> str:
        try:
            return (await store.tickets.take(desk.branch_id, typed, booth.id, clocks.now())).code
        except Taken as error:
            return str(error)

    others = [await store.booths.add(desk.id, slot) for slot in range(1, 7) if slot != place.slot]
    done = await asyncio.gather(*(take(booth) for booth in (place, *others[:4])))
    assert sorted(done) == [ticket.code] + [f"ticket {ticket.code} has been used already"] * 4


async def test_what_is_no_ticket_here_today_is_none(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    token = new_token()
    ticket = await _issue(store, desk, clocks, token)
    other = await store.branches.add("Bandung")
    take = store.tickets.take
    for branch, typed in ((other.id, token), (desk.branch_id, "A-002"), (desk.branch_id, "")):
        with pytest.raises(NotThere, match="no such ticket"):
            await take(branch, typed, place.id, clocks.now())
    for typed in (token, "A-001"):
        with pytest.raises(NotThere, match="no such ticket"):
            await take(desk.branch_id, typed, place.id, clocks.now() + timedelta(hours=24))
    await store.tickets.cancel(ticket.id)
    with pytest.raises(NotThere, match="cancelled"):
        await take(desk.branch_id, token, place.id, clocks.now())
    with pytest.raises(NotThere, match="no ticket 999"):
        await store.tickets.cancel(999)


async def test_who_is_not_next_waits_until_he_is_called(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    first, second = [await _issue(store, desk, clocks) for _ in range(2)]
    with pytest.raises(NotCalled, match="A-002 has not been called"):
        await store.tickets.take(desk.branch_id, second.code, place.id, clocks.now())
    taken = await store.tickets.take(desk.branch_id, first.code, place.id, clocks.now())
    assert taken.state == "taken"
    assert (
        await store.tickets.take(desk.branch_id, second.code, place.id, clocks.now())
    ).state == "taken", "with nobody before him he need not be called"


async def test_who_did_not_agree_may_sit_down_again(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    """At that booth at once, as after a power cut; at another one when it was given back."""
    other = await store.booths.add(desk.id, place.slot + 1)
    ticket = await _issue(store, desk, clocks)
    for _ in range(2):
        await store.tickets.take(desk.branch_id, ticket.code, place.id, clocks.now())
    with pytest.raises(Taken):
        await store.tickets.take(desk.branch_id, ticket.code, other.id, clocks.now())
    await store.tickets.give_back(ticket.id)
    again = await store.tickets.take(desk.branch_id, ticket.code, other.id, clocks.now())
    assert (again.state, again.called_booth_id) == ("taken", other.id)


async def test_who_does_not_come_within_three_minutes_is_passed_over(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    ticket = await _issue(store, desk, clocks)
    await _issue(store, desk, clocks)
    await store.tickets.call_next(desk.branch_id, DAY, place.id, clocks.now())
    clocks.pass_by(minutes=2, seconds=59)
    assert await store.tickets.expire_calls(desk.branch_id, DAY, clocks.now()) == []
    clocks.pass_by(seconds=1)
    (late,) = await store.tickets.expire_calls(desk.branch_id, DAY, clocks.now())
    assert (late.id, late.state) == (ticket.id, "no_show")
    assert [each.id for each in await store.tickets.missed(desk.branch_id, DAY)] == [ticket.id]
    taken = await store.tickets.take(desk.branch_id, ticket.code, place.id, clocks.now())
    assert taken.state == "taken", "who comes late is served all the same"


async def test_who_was_called_to_a_desk_that_closes_waits_again_at_his_place(
    store: Store, desk: Desk, place: BoothPlace, clocks: Clocks
) -> None:
    first, second = [await _issue(store, desk, clocks) for _ in range(2)]
    other = await store.booths.add(desk.id, 5)
    await store.tickets.call_next(desk.branch_id, DAY, place.id, clocks.now())
    await store.tickets.call_next(desk.branch_id, DAY, other.id, clocks.now())
    called_off = await store.tickets.call_off([place.id])
    assert [each.id for each in called_off] == [first.id]
    assert [each.id for each in await store.tickets.called(desk.branch_id, DAY)] == [second.id]
    third = await _issue(store, desk, clocks)
    waiting = await store.tickets.waiting(desk.branch_id, DAY)
    assert [each.id for each in waiting] == [first.id, third.id]
    assert (waiting[0].called_at, waiting[0].called_booth_id) == (None, None)
    again = await store.tickets.call_next(desk.branch_id, DAY, place.id, clocks.now())
    assert again is not None
    assert again.id == first.id
    assert await store.tickets.call_off([]) == []
