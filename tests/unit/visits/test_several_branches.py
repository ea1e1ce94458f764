"""Booths of two branches at one desk: each branch's own queue, one officer, and who sees what."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.visits.house import PASSWORD, House, Person, opened
from tests.unit.visits.test_cases import Browser, sign_in, visited
from tests.unit.visits.test_queue import Guard, told_of
from vcs import messages as m
from vcs.http import rights
from vcs.store.records import Branch

OWN, FAR = (1, 2), (4, 5)
"""Booths of Salemba, whose desk it is, and of Tebet, which has none."""


@dataclass
class TwoBranches:
    house: House
    tebet: Branch
    here: Guard
    there: Guard


@contextlib.asynccontextmanager
async def two_branches(data_dir: Path) -> AsyncIterator[TwoBranches]:
    async with opened(data_dir, OWN) as house:
        store, accounts = house.server.store, house.server.accounts
        tebet = await store.branches.add("Tebet", desks=0)
        await store.serving.add(house.desk, tebet)
        for slot in FAR:
            await house.enrol(await store.booths.add(house.desk.id, slot, branch_id=tebet.id))
        guards = []
        for number, branch_id in enumerate((house.desk.branch_id, tebet.id)):
            await accounts.add(f"satpam{number}", PASSWORD, branch_id, role="guard")
            session = await accounts.sign_in(f"satpam{number}", PASSWORD, "10.0.0.8")
            guards.append(Guard(house, session.token))
        yield TwoBranches(house, tebet, *guards)


async def issue(guard: Guard, **how: str) -> None:
    status, _ = await guard.post("/api/tickets", {"flow": "jht", **how})
    assert status == 200


async def test_each_branch_has_its_queue_and_the_next_is_fair(tmp_path: Path) -> None:
    async with two_branches(tmp_path) as both:
        house = both.house
        booths = {slot: await house.booth(slot) for slot in (1, *FAR)}
        welcomes = {
            slot: next(each for each in booth.heard if isinstance(each, m.BoothWelcome))
            for slot, booth in booths.items()
        }
        assert {slot: each.branch for slot, each in welcomes.items()} == {
            1: "Salemba",
            4: "Tebet",
            5: "Tebet",
        }
        officer = await house.console()
        assert officer.desk is not None
        shown = {tile.slot: tile.branch for tile in officer.desk.tiles if tile.state != "vacant"}
        assert shown == {1: "Salemba", 2: "Salemba", 4: "Tebet", 5: "Tebet"}

        await issue(both.here)
        await issue(both.there)
        await issue(both.there, priority="elderly")

        async def until(
            own: tuple[int, str | None],
            far: tuple[int, str | None],
            next_call: m.NextCall | None,
            *called: m.CalledTo,
        ) -> None:
            branches = [m.BranchQueue("Salemba", own[0], 0, own[1])]
            branches.append(m.BranchQueue("Tebet", far[0], 0, far[1]))
            wanted = m.QueueTold(branches, next_call, list(called))
            await officer.until(lambda: told_of(officer) == wanted)

        await until((1, "A-001"), (2, "A-002"), m.NextCall(4, "A-002"))
        assert isinstance(await officer.ask(m.CallNext, slot=None), m.Ack)
        first = m.CalledTo(4, "A-002")
        await until((1, "A-001"), (1, "A-001"), m.NextCall(1, "A-001"), first)
        assert isinstance(await officer.ask(m.CallNext, slot=5), m.Ack)
        second = m.CalledTo(5, "A-001")
        await until((1, "A-001"), (0, None), m.NextCall(1, "A-001"), first, second)
        await issue(both.there, priority="pregnant")
        await until((1, "A-001"), (1, "A-003"), m.NextCall(1, "A-001"), first, second)
        assert isinstance(await officer.ask(m.CallNext, slot=None), m.Ack), "to a booth of his own"
        called = [first, second, m.CalledTo(1, "A-001")]
        await until((0, None), (1, "A-003"), None, *sorted(called, key=lambda each: each.slot))
        refused = await officer.ask(m.CallNext, slot=None)
        assert isinstance(refused, m.SheetRefused)
        assert refused.code == "booth_awaits"


async def test_a_guard_sees_his_own_branch_alone(tmp_path: Path) -> None:
    async with two_branches(tmp_path) as both:
        for slot in (1, 4):
            await both.house.booth(slot)
        await issue(both.there, name="Ibu Sri")
        for guard, branch, slots, waiting in (
            (both.here, "Salemba", [1, 2], []),
            (both.there, "Tebet", [4, 5], ["Ibu Sri"]),
        ):
            _, standing = await guard.get("/api/queue")
            queue = standing["queue"]
            assert standing["branch"] == branch
            assert [each["number"] for each in queue["booths"]] == slots
            assert [each["use"] for each in queue["booths"]] == ["free", "off"]
            assert [each["name"] for each in queue["waiting"]] == waiting
            assert (await guard.get("/api/me"))[1]["branch"] == branch
        assert (await both.here.post("/api/tickets/call"))[1]["error"]["code"] == "nobody_waits"
        assert await both.there.post("/api/tickets/call") == (200, {"code": "A-001", "booth": 4})


async def test_a_ticket_is_good_at_its_own_branchs_booths_and_the_visit_is_the_branchs(
    tmp_path: Path,
) -> None:
    async with two_branches(tmp_path) as both:
        house = both.house
        await issue(both.there)
        near, far = await house.booth(1), await house.booth(4)
        await near.wire.say(m.Start(ticket="A-001"))
        await near.until(lambda: isinstance(near.heard[-1], m.Error))
        refused = near.heard[-1]
        assert isinstance(refused, m.Error)
        assert refused.code == "ticket_unknown"
        await far.wire.say(m.Start(ticket="A-001"))
        await house.agree(far)
        place = await house.server.store.booths.at(house.desk.id, 4)
        assert place is not None
        stored = await house.server.store.visits.open_at(place.id)
        assert stored is not None
        assert (stored.branch_id, stored.desk_id) == (both.tebet.id, house.desk.id)


async def test_who_may_see_visits_follows_the_desks(tmp_path: Path) -> None:
    """An officer those of all branches that desks of his own branch serve; nobody else does."""
    async with two_branches(tmp_path) as both:
        house, store = both.house, both.house.server.store
        near, far = (
            await visited(house, 1, "Siti Rahmawati"),
            await visited(house, 4, "Joko Susilo"),
        )
        other = await store.branches.add("Bandung")
        serving = Browser(house, house.cookie)
        small = await sign_in(house, "tuti", both.tebet.id)
        stranger = await sign_in(house, "budi", other.id)
        for who, seen in ((serving, {near, far}), (small, {far}), (stranger, set())):
            listed = (await who.list())[1]["visits"]
            assert {each["id"] for each in listed} == seen
            for visit in (near, far):
                status = (await who.get(f"/cases/{visit}/"))[0]
                assert status == (200 if visit in seen else 404)


async def test_a_booth_with_another_place_comes_back_there_with_its_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "RECHECK_S", 0.1)
    async with two_branches(tmp_path) as both:
        house, store = both.house, both.house.server.store
        booth: Person = await house.booth(5)
        place = await store.booths.at(house.desk.id, 5)
        assert place is not None
        await store.booths.place(place.id, house.desk.id, 6)
        assert await booth.wire.closed() == m.CLOSE_RESTART
        again = await house.booth(5)  # by the same token
        welcome = next(each for each in again.heard if isinstance(each, m.BoothWelcome))
        assert (welcome.booth, welcome.branch) == (6, "Tebet")
        console = await house.console()
        tiles = {tile.slot: tile.state for tile in console.desk.tiles}
        assert (tiles[5], tiles[6]) == ("vacant", "empty")
