"""A visit handed over to another officer's desk, over a whole server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from tests.unit.visits.house import House, Person, opened, with_media
from vcs import hand_over_offers
from vcs import messages as m
from vcs.visits import changes as c

T = TypeVar("T", bound=m.Message)


@dataclass
class Counter:
    """Andi's desk with Siti in booth 1, Maya's desk beside it."""

    house: House
    andi: Person
    maya: Person
    siti: Person

    @property
    def visit(self) -> str:
        return f"visit-{self.visit_id}"

    visit_id: int = 0

    async def offer(self, reason: str = "Ahli waris dua orang") -> m.Message:
        assert self.house.second is not None
        return await self.andi.ask(
            m.OfferHandOver, slot=1, visit=self.visit, desk=self.house.second.id, reason=reason
        )

    async def offered(self) -> m.OfferedVisit:
        await self.maya.until(lambda: bool(offers(self.maya)))
        return offers(self.maya)[0]

    async def answer(self, offer: int, accepted: bool) -> m.Message:
        return await self.maya.ask(m.AnswerHandOver, offer=offer, accepted=accepted)

    async def handed_over(self) -> None:
        assert isinstance(await self.offer(), m.Ack)
        offered = await self.offered()
        answer = await self.answer(offered.offer, True)
        assert isinstance(answer, m.Ack), answer

    async def ended(self) -> m.HandOverEnded:
        await self.andi.until(lambda: bool(last(self.andi, m.HandOverEnded)))
        return last(self.andi, m.HandOverEnded)[-1]

    async def tile(self, person: Person, slot: int, holds: object) -> m.Tile:
        def found() -> bool:
            return person.desk is not None and bool(holds(person.desk.tiles[slot - 1]))  # type: ignore[operator]

        await person.until(found)
        assert person.desk is not None
        return person.desk.tiles[slot - 1]


def last(person: Person, kind: type[T]) -> list[T]:
    return [each for each in person.heard if isinstance(each, kind)]


def offers(person: Person) -> list[m.OfferedVisit]:
    told = last(person, m.HandOverOffers)
    return list(told[-1].offers) if told else []


async def open_visit(house: House, slot: int = 1) -> int:
    booth = await house.server.store.booths.at(house.desk.id, slot)
    assert booth is not None
    stored = await house.server.store.visits.open_at(booth.id)
    assert stored is not None
    return stored.id


async def counter_of(house: House) -> Counter:
    andi = await house.console()
    maya = await house.second_console()
    siti = await house.sit_down(1)
    assert isinstance(await siti.ask(m.Submit, field="name", value="Siti Rahmawati"), m.Done)
    await siti.wire.say(m.Draft("nik", "3174"))
    return Counter(house, andi, maya, siti, await open_visit(house))


@contextlib.asynccontextmanager
async def counters(tmp_path: Path) -> AsyncIterator[Counter]:
    """A desk of six booths, and one of two beside it."""
    async with opened(tmp_path, second=(1, 2)) as house:
        yield await counter_of(house)


async def where(house: House, slot: int = 1) -> tuple[int, int]:
    booth = await house.server.store.booths.at(house.desk.id, slot)
    assert booth is not None
    return booth.now_desk_id, booth.now_slot


async def test_everything_goes_and_the_visitor_goes_on_typing(tmp_path: Path) -> None:
    async with counters(tmp_path) as counter:
        house, siti = counter.house, counter.siti
        assert house.second is not None
        occupant = siti.state.occupant if siti.state else None
        assert isinstance(await counter.offer("  Ahli waris   dua orang "), m.Ack)
        waiting = await counter.tile(counter.andi, 1, lambda tile: tile.offered_to is not None)
        assert waiting.offered_to is not None
        assert waiting.offered_to.officer == "Maya Putri"
        offered = await counter.offered()
        assert (offered.visitor, offered.officer, offered.reason, offered.booth) == (
            "Siti Rahmawati",
            "Andi Pratama",
            "Ahli waris dua orang",
            "Bilik 1",
        )
        before = len(siti.heard)
        assert isinstance(await counter.answer(offered.offer, True), m.Ack)
        assert (await counter.ended()).how == "accepted"
        # In the first empty place of the other desk, and nowhere else.
        tile = await counter.tile(counter.maya, 3, lambda tile: tile.visitor == "Siti Rahmawati")
        assert (tile.occupant, tile.consented, tile.name) == (occupant, True, "Bilik 1")
        assert (await counter.tile(counter.andi, 1, lambda tile: tile.state == "vacant")).name == ""
        assert await where(house) == (house.second.id, 3)
        # The booth's page: same occupancy, no consent asked, told that a colleague goes on.
        await siti.until(lambda: siti.state is not None and siti.state.colleague)
        assert siti.state is not None
        assert (siti.state.occupant, siti.state.visit, siti.state.officer) == (
            occupant,
            "running",
            "Maya Putri",
        )
        told = [each for each in siti.heard[before:] if isinstance(each, m.BoothState)]
        assert all(each.visit == "running" for each in told)
        # What he does next is Maya's to see, drafts from before included.
        assert isinstance(await siti.ask(m.Submit, field="birth_date", value="1989-07-12"), m.Done)
        talker = await with_media(counter.maya, 6)
        await counter.maya.wire.say(m.Focus(3, 3))
        await counter.maya.until(
            lambda: (
                counter.maya.sheet is not None
                and counter.maya.sheet.answers.get("birth_date") == "1989-07-12"
            )
        )
        sheet = counter.maya.sheet
        assert sheet is not None
        assert sheet.drafts == {"nik": "3174"}
        assert sheet.handed_over == "Ahli waris dua orang"
        # The record.
        stored = await house.server.store.visits.load(counter.visit_id)
        assert stored is not None
        handed = [e.change for e in stored.log if isinstance(e.change, c.HandedOver)]
        andi, maya = sorted(await house.server.store.officers.all(), key=lambda each: each.name)
        assert handed == [
            c.HandedOver(house.desk.id, house.second.id, "Ahli waris dua orang", andi.id, maya.id)
        ]
        assert stored.desk_id == house.second.id
        await talker.close()


async def test_the_officer_who_gave_it_away_can_do_nothing_about_it_any_more(
    tmp_path: Path,
) -> None:
    async with counters(tmp_path) as counter:
        await counter.handed_over()
        for said, values in (
            (m.WriteNotes, {"text": "late"}),
            (m.WithdrawHandOver, {}),
            (m.Decide, {"decision": "dec-12345678", "outcome": "rejected", "reason": "fraud"}),
        ):
            answer = await counter.andi.ask(said, slot=1, visit=counter.visit, **values)
            assert isinstance(answer, m.SheetRefused)
            assert answer.code == "another_visit"
        talked = await counter.andi.ask(
            m.Talk, slot=1, occupant=9, revision=counter.andi.desk.revision
        )  # type: ignore[union-attr]
        assert isinstance(talked, m.Refused)
        assert talked.code in {"stale", "no_booth"}


async def test_commands_under_way_when_it_moves_are_refused_by_name(tmp_path: Path) -> None:
    async with counters(tmp_path) as counter:
        assert isinstance(await counter.offer(), m.Ack)
        offered = await counter.offered()
        live = counter.house.server.desks.find(counter.house.desk.id)
        assert live is not None and live.visits is not None
        found = live.visits.place(1).open  # type: ignore[attr-defined]
        async with found.lock:
            accepting = asyncio.create_task(counter.answer(offered.offer, True))
            await asyncio.sleep(0.3)
            notes = asyncio.create_task(
                counter.andi.ask(m.WriteNotes, slot=1, visit=counter.visit, text="late")
            )
            await asyncio.sleep(0.3)
        assert isinstance(await accepting, m.Ack)
        refused = await notes
        assert isinstance(refused, m.SheetRefused)
        assert refused.code == "another_visit"


async def test_declined_and_withdrawn_the_visit_stays(tmp_path: Path) -> None:
    async with counters(tmp_path) as counter:
        house = counter.house
        assert isinstance(await counter.offer(), m.Ack)
        again = await counter.offer()
        assert isinstance(again, m.SheetRefused)
        assert again.code == "offered_already"
        offered = await counter.offered()
        assert isinstance(await counter.answer(offered.offer, False), m.Ack)
        assert (await counter.ended()).how == "declined"
        counter.maya.heard.clear()
        counter.andi.heard.clear()
        assert isinstance(await counter.offer(), m.Ack)
        offered = await counter.offered()
        taken_back = await counter.andi.ask(m.WithdrawHandOver, slot=1, visit=counter.visit)
        assert isinstance(taken_back, m.Ack)
        assert (await counter.ended()).how == "withdrawn"
        late = await counter.answer(offered.offer, True)
        assert isinstance(late, m.SheetRefused)
        assert late.code == "offer_gone"
        await counter.maya.until(lambda: not offers(counter.maya))
        assert await where(house) == (house.desk.id, 1)


async def test_an_offer_ends_with_time_and_with_whom_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counters(tmp_path) as counter:
        monkeypatch.setattr(hand_over_offers, "OFFER_S", 0.5)
        assert isinstance(await counter.offer(), m.Ack)
        assert (await counter.ended()).how == "expired"
        monkeypatch.setattr(hand_over_offers, "OFFER_S", 90.0)
        counter.andi.heard.clear()
        assert isinstance(await counter.offer(), m.Ack)
        assert counter.siti.state is not None and counter.siti.state.occupant is not None
        await counter.siti.wire.say(m.End(counter.siti.state.occupant))
        assert (await counter.ended()).how == "visit_ended"


async def test_a_colleague_who_goes_takes_nothing(tmp_path: Path) -> None:
    async with counters(tmp_path) as counter:
        assert isinstance(await counter.offer(), m.Ack)
        await counter.offered()
        await counter.maya.wire.socket.close()
        assert (await counter.ended()).how == "colleague_left"
        refused = await counter.offer()
        assert isinstance(refused, m.SheetRefused)
        assert refused.code == "no_colleague"


async def test_who_may_be_asked_and_why_not(tmp_path: Path) -> None:
    async with counters(tmp_path) as counter:
        await counter.andi.wire.say(m.AskColleagues(77))
        await counter.andi.until(lambda: bool(last(counter.andi, m.Colleagues)))
        (colleague,) = last(counter.andi, m.Colleagues)[-1].colleagues
        assert counter.house.second is not None
        assert colleague == m.Colleague(
            counter.house.second.id, "Meja 2", "Maya Putri", 0, 2, "yes"
        )
        for values, code in (
            ({"desk": counter.house.desk.id}, "no_colleague"),
            ({"desk": 999}, "no_colleague"),
            ({"reason": "   "}, "no_reason"),
            ({"visit": "visit-12345"}, "another_visit"),
            ({"slot": 2}, "another_visit"),
        ):
            wanted = {
                "slot": 1,
                "visit": counter.visit,
                "desk": counter.house.second.id,
                "reason": "x",
                **values,
            }
            refused = await counter.andi.ask(m.OfferHandOver, **wanted)
            assert isinstance(refused, m.SheetRefused)
            assert refused.code == code


async def test_a_desk_of_six_gives_a_free_booth_for_it_and_both_go_home(tmp_path: Path) -> None:
    async with opened(tmp_path, second=range(1, 7)) as house:
        assert house.second is not None
        counter = await counter_of(house)
        busy = [await house.sit_down(10 + slot) for slot in (1, 2, 3, 4, 5)]
        guest = await house.booth(16)
        await counter.handed_over()
        assert await where(house) == (house.second.id, 6)
        theirs = await house.server.store.booths.at(house.second.id, 6)
        assert theirs is not None
        assert (theirs.now_desk_id, theirs.now_slot) == (house.desk.id, 1)
        tile = await counter.tile(counter.andi, 1, lambda tile: tile.state == "empty")
        assert tile.name == "Bilik 6"
        # Somebody sits down in the guest: the booth that is free later cannot go home yet.
        await guest.wire.say(m.Start(service="jht"))
        await house.agree(guest)
        siti = counter.siti
        assert siti.state is not None and siti.state.occupant is not None
        await siti.wire.say(m.End(siti.state.occupant))
        await counter.tile(counter.maya, 6, lambda tile: tile.state == "wrap_up")
        await counter.maya.ask(m.EndWrapUp, slot=6)
        await counter.tile(counter.maya, 6, lambda tile: tile.state == "empty")
        await asyncio.sleep(1.2)
        assert await where(house) == (house.second.id, 6)
        assert guest.state is not None and guest.state.occupant is not None
        await guest.wire.say(m.End(guest.state.occupant))
        await counter.tile(counter.andi, 1, lambda tile: tile.name == "Bilik 1")
        assert await where(house) == (house.desk.id, 1)
        # With nobody free there is no room.
        sixth = await house.sit_down(16)
        siti = await house.sit_down(1)
        counter.siti, counter.visit_id = siti, await open_visit(house)
        refused = await counter.offer()
        assert isinstance(refused, m.SheetRefused)
        assert refused.code == "no_free_place"
        assert len(busy) == 5 and sixth.state is not None


async def test_a_server_that_was_killed_finds_everybody_where_he_was(tmp_path: Path) -> None:
    async with opened(tmp_path, second=(1, 2)) as house:
        counter = await counter_of(house)
        await counter.handed_over()
    async with opened(tmp_path) as house:
        assert house.second is not None
        assert await where(house) == (house.second.id, 3)
        maya = await house.second_console()
        siti = await house.booth(1)
        await house.agree(siti)
        assert siti.visit is not None
        assert siti.visit.answers == {"name": "Siti Rahmawati"}
        await maya.until(
            lambda: maya.desk is not None and maya.desk.tiles[2].visitor == "Siti Rahmawati"
        )
        assert siti.state is not None and siti.state.occupant is not None
        await siti.wire.say(m.End(siti.state.occupant))
        await maya.until(
            lambda: maya.desk is not None and maya.desk.tiles[2].state in ("empty", "wrap_up")
        )
        await maya.ask(m.EndWrapUp, slot=3)
        async with asyncio.timeout(20):
            while await where(house) != (house.desk.id, 1):  # noqa: ASYNC110 (of the database)
                await asyncio.sleep(0.1)
